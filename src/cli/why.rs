//! `rolecall why` and `rolecall who`.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::options::{SignInArgs, SourceArgs};
use super::terminal::width;
use super::{CliError, Exit, lookup};
use crate::entitlement::admission::Admissions;
use crate::entitlement::resolve::Entitlements;
use crate::explain::who::who_signs_in;
use crate::explain::why::explain_sign_in;
use crate::report::answer::{who_json, why_json};
use crate::report::screen::{who_text, why_text};
use crate::text::Shown;

/// Arguments of `why`.
#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// The user: login, mail, uid, sAMAccountName, DN or Okta id
    user: String,
    /// The role: `alias/Role`, `123456789012/Role` or an ARN
    role: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sign_in: SignInArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

/// Arguments of `who`.
#[derive(Debug, Args)]
pub(crate) struct WhoArgs {
    /// The role: `alias/Role`, `123456789012/Role` or an ARN
    role: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sign_in: SignInArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// Runs `why`: exit code 0 where no stage fails, 1 where one does.
pub(crate) fn run_why(args: &WhyArgs) -> Result<Exit, CliError> {
    let query = lookup::role(&args.role)?;
    let loaded = args.sources.load()?;
    let mapping = args.sources.mapping(&loaded)?;
    let user = lookup::user(&loaded.federation.directory, &args.user)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let sign_in = args.sources.sign_in(&args.sign_in)?;
    let admissions = Admissions::new(&entitlements, &sign_in);
    let why = explain_sign_in(&entitlements, &admissions, user, &query);
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => why_text(&mut out, &why, &loaded.federation.sources, width())?,
        Format::Json => why_json(&mut out, &why, &loaded.federation.sources)?,
    }
    out.flush()?;
    Ok(if why.first_failure().is_some() { Exit::Findings } else { Exit::Clean })
}

/// Runs `who`.
pub(crate) fn run_who(args: &WhoArgs) -> Result<Exit, CliError> {
    let query = lookup::role(&args.role)?;
    let loaded = args.sources.load()?;
    let mapping = args.sources.mapping(&loaded)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let sign_in = args.sources.sign_in(&args.sign_in)?;
    let admissions = Admissions::new(&entitlements, &sign_in);
    let holders = who_signs_in(&entitlements, &admissions, &query);
    if holders.targets.is_empty() {
        let near = query.nearest_roles(&entitlements);
        let offer = match near.first() {
            Some(near) => format!("; the nearest in that account: `{}`", Shown(near)),
            None => String::new(),
        };
        super::warn(&format!("no group maps to `{}`{offer}", Shown(&args.role)));
    }
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => who_text(&mut out, &args.role, &holders, &entitlements, width())?,
        Format::Json => who_json(&mut out, &args.role, &holders, &entitlements)?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}
