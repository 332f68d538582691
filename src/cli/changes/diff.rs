//! `rolecall diff BEFORE AFTER`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::gate::GateArgs;
use super::output::OutputArgs;
use crate::cli::options::{SignInArgs, SourceArgs};
use crate::cli::{CliError, Exit};
use crate::diff::level::{Levelled, level};
use crate::diff::matching::Matching;
use crate::diff::outcome::{Blind, Diff, diff};
use crate::diff::side::Side;
use crate::diff::two::Two;
use crate::entitlement::admission::Admissions;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::sign_in::SignInSettings;
use crate::mapping::settings::Mapping;
use crate::model::account::Tier;
use crate::model::arn::RoleArn;
use crate::model::federation::Federation;
use crate::report::diff::View;
use crate::rules::settings::Settings;

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// A folder of exports, one with a rolecall.toml, or a rolecall.toml: how it was
    before: PathBuf,
    /// The same: how it is
    after: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    gate: GateArgs,
    #[command(flatten)]
    sign_in: SignInArgs,
    /// Another limit of what is read, such as `record=4MiB` (repeatable)
    #[arg(long = "limit", value_name = "NAME=VALUE")]
    limits: Vec<String>,
    /// Go on where an input could not be read whole
    #[arg(long)]
    lenient: bool,
    /// Threads to use (default: as many as there are processors)
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// Runs the command: exit code 1 where a change fits what was asked to fail on.
pub(crate) fn run(args: &DiffArgs) -> Result<Exit, CliError> {
    let gate = args.gate.gate()?;
    args.output.check()?;
    let (old, new) = (args.side(&args.before, args.threads), args.side(&args.after, None));
    let (mut before, mut after) = (old.load()?, new.load()?);
    let Levelled { matching, blind, unknown } = level(&mut before, &mut after);
    let settings = settings(&[&new, &old])?;
    let sides = [&before.federation.accounts, &after.federation.accounts];
    let tier_of = |role: &RoleArn| {
        let of_sides =
            sides.iter().filter_map(|side| settings.tier(side, role.account, &role.name));
        of_sides.max()
    };
    let mut diff = compared(
        (&before.federation, &old.mapping(&before)?, &old.sign_in(&args.sign_in)?),
        (&after.federation, &new.mapping(&after)?, &new.sign_in(&args.sign_in)?),
        (&matching, blind),
        &tier_of,
    )?;
    diff.unknown.splice(0..0, unknown);
    let (old, new) = (args.before.display().to_string(), args.after.display().to_string());
    let users = args.output.users;
    args.output.write(&View { diff: &diff, before: &old, after: &new, users, filters: None })?;
    gate.require_sight(blind, args.lenient)?;
    let exit = gate.exit(&diff);
    // The process ends here, and the system takes back all memory at once.
    std::mem::forget((before, after));
    Ok(exit)
}

impl DiffArgs {
    /// Where the exports of a side are.
    fn side(&self, path: &Path, threads: Option<usize>) -> SourceArgs {
        let mut side = SourceArgs::at(path, &self.limits, self.lenient);
        side.threads = threads;
        side
    }
}

/// What the first of some configurations says.
pub(in crate::cli) fn settings(sides: &[&SourceArgs]) -> Result<Settings, CliError> {
    for side in sides {
        if let Some(found) = side.configuration()? {
            return Ok(found.config.settings());
        }
    }
    let here = SourceArgs::default();
    let found = here.configuration()?;
    Ok(found.map_or_else(Settings::default, |found| found.config.settings()))
}

/// One side: what was read, the settings, what sign-ins present.
pub(super) type Read<'a> = (&'a Federation, &'a Mapping, &'a SignInSettings);

/// Of which tier a role is.
pub(super) type TierOf<'a> = &'a dyn Fn(&RoleArn) -> Option<Tier>;

/// Resolves both sides and compares them.
fn compared(
    before: Read<'_>,
    after: Read<'_>,
    (matching, blind): (&Matching, Blind),
    tier_of: TierOf<'_>,
) -> Result<Diff, CliError> {
    let old = Entitlements::resolve(before.0, before.1);
    let new = Entitlements::resolve(after.0, after.1);
    resolved((&old, before.2), (&new, after.2), (matching, blind), tier_of)
}

/// Compares two sides that are resolved.
pub(in crate::cli) fn resolved(
    before: (&Entitlements<'_>, &SignInSettings),
    after: (&Entitlements<'_>, &SignInSettings),
    (matching, blind): (&Matching, Blind),
    tier_of: TierOf<'_>,
) -> Result<Diff, CliError> {
    let (old, new) = (Admissions::new(before.0, before.1), Admissions::new(after.0, after.1));
    let side =
        |admissions| Side::new(admissions).map_err(|error| CliError::Message(error.to_string()));
    let two = Two::new(side(&old)?, side(&new)?, matching);
    Ok(diff(&two, blind, tier_of))
}
