//! `rolecall naming filter`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::{grammar, loaded};
use crate::cli::changes::diff::{resolved, settings};
use crate::cli::options::{SignInArgs, SourceArgs};
use crate::cli::voice::{Voice, voice};
use crate::cli::{CliError, Exit, warn};
use crate::diff::matching::Matching;
use crate::diff::outcome::{Blind, Kind};
use crate::entitlement::resolve::Entitlements;
use crate::explain::naming::{Present, Proof};
use crate::mapping::grammar::NamingGrammar;
use crate::mapping::group_filter::GroupFilter;
use crate::mapping::settings::{Mapping, MappingError};
use crate::model::arn::RoleArn;
use crate::report::naming::{Affected, ProofView, proof_json, proof_text};
use crate::report::wrap::Width;
use crate::sources::load::Loaded;

/// Arguments of `naming filter`.
#[derive(Debug, Args)]
pub(super) struct FilterArgs {
    /// How to print: text is the filter alone, and the proof on standard error; `-q` leaves that out
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sources: SourceArgs,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The filter alone on standard output, for a pipe or another command
    Text,
    /// Filter and proof as one JSON object
    Json,
}

/// Runs the command: exit code 1 where the proof does not hold.
pub(super) fn run(args: &FilterArgs) -> Result<Exit, CliError> {
    let loaded = loaded(&args.sources)?;
    let grammar = grammar(&args.sources, &loaded.federation)?;
    let text = grammar.filter().unwrap_or_default();
    let filter = GroupFilter::parse(&text).map_err(|error| {
        CliError::Message(format!("the Group Filter of this grammar cannot be read back: {error}"))
    })?;
    let present = match args.sources.try_mapping(&loaded) {
        Ok(mapping) => Some(mapping),
        Err(MappingError::NoFilter) => None,
        Err(error) => {
            warn(&format!("the app's own settings cannot be read: {error}"));
            None
        }
    };
    let mode = present.as_ref().map(|mapping| mapping.mode).unwrap_or_default();
    let proof = Proof::new(&grammar, &filter, mode, &loaded.federation.directory);
    let against = present.as_ref().map(|mapping| against(args, &loaded, mapping, &grammar));
    let against = against.transpose()?;
    let view = ProofView {
        template: grammar.template(),
        proof: &proof,
        present: against.as_ref().map(|(present, affected)| (present, *affected)),
    };
    let mut out = io::stdout().lock();
    match args.format {
        Format::Json => proof_json(&mut out, &view)?,
        Format::Text => {
            writeln!(out, "{text}")?;
            out.flush()?;
            if voice() > Voice::Quiet {
                proof_text(&mut anstream::stderr().lock(), &view, Width::NONE)?;
            }
        }
    }
    out.flush()?;
    Ok(if proof.holds() { Exit::Clean } else { Exit::Findings })
}

/// The app's filter of today, and how many users another one would concern.
fn against(
    args: &FilterArgs,
    loaded: &Loaded,
    mapping: &Mapping,
    grammar: &NamingGrammar,
) -> Result<(Present, Affected), CliError> {
    let federation = &loaded.federation;
    let present = Present::new(grammar, &mapping.filter, mapping.mode, &federation.directory);
    if !present.changes() || !mapping.maps_groups() {
        return Ok((present, Affected::default()));
    }
    let mut sources = args.sources.clone();
    sources.group_filter = grammar.filter();
    let new = sources.mapping(loaded)?;
    let sign_in = args.sources.sign_in(&SignInArgs::default())?;
    let settings = settings(&[&args.sources])?;
    let accounts = &federation.accounts;
    let tier_of = |role: &RoleArn| settings.tier(accounts, role.account, &role.name);
    let (before, after) =
        (Entitlements::resolve(federation, mapping), Entitlements::resolve(federation, &new));
    let matching = Matching::same(&federation.directory);
    let sides = ((&before, &sign_in), (&after, &sign_in));
    let diff = resolved(sides.0, sides.1, (&matching, Blind::default()), &tier_of)?;
    let users = |kind: Kind| {
        let rows = diff.rows().filter(|row| row.kind == kind);
        rows.flat_map(|row| &row.users).collect::<BTreeSet<_>>().len()
    };
    Ok((present, Affected { lose: users(Kind::Lost), gain: users(Kind::Gained) }))
}
