//! `rolecall why` and `rolecall who`.

use std::fmt::Write as _;
use std::io::Write;

use clap::{Args, ValueEnum};

use super::captured::{CapturedArgs, named, sign_in, signature};
use super::options::{SignInArgs, SourceArgs};
use super::terminal::width;
use super::{CliError, Exit, clock, lookup};
use crate::entitlement::admission::Admissions;
use crate::entitlement::assertion_gap::Comparison;
use crate::entitlement::captured::{Circumstances, Named};
use crate::entitlement::captures::Captures;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::sign_in::SignInSettings;
use crate::entitlement::stage::{Answer, Stage, StageReport};
use crate::explain::captured::{RoleSides, sides};
use crate::explain::survey::{Missing, missing, that_tell};
use crate::explain::who::who_signs_in;
use crate::explain::why::explain_sign_in;
use crate::finding::Finding;
use crate::model::account::AccountId;
use crate::model::federation::Federation;
use crate::model::moment::Moment;
use crate::report::answer::{who_json, why_json};
use crate::report::captured_json::captured_json;
use crate::report::check_text::suppression_words;
use crate::report::screen::{CapturedMessage, captured_text, needed_text, who_text, why_text};
use crate::rules::settings::Settings;
use crate::rules::{Against, Context, Scope, Suppressed, all, run_against};
use crate::sources::load::Loaded;
use crate::text::Shown;

/// Arguments of `why`.
#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// The user: login, mail, uid, sAMAccountName, name, DN or Okta id; with `--assertion` the one it names
    #[arg(required_unless_present = "assertion")]
    user: Option<String>,
    /// The role: `alias/Role`, `123456789012/Role`, an ARN, or words of it such as `prod/admin`; with `--assertion` every role
    #[arg(required_unless_present = "assertion")]
    role: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sign_in: SignInArgs,
    #[command(flatten)]
    captured: CapturedArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

/// Arguments of `who`.
#[derive(Debug, Args)]
pub(crate) struct WhoArgs {
    /// The role: `alias/Role`, `123456789012/Role`, an ARN, or words of it such as `prod/admin`
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
    if args.captured.assertion.is_some() {
        return run_captured(args);
    }
    let (user, role) = args.names();
    let (user, role) = (user.unwrap_or_default(), role.unwrap_or_default());
    let loaded = args.sources.load_entitled(Some(user))?;
    let mapping = args.sources.mapping_or_guide(&loaded)?;
    let user = lookup::user(&loaded.federation.directory, user)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let query = lookup::known_role(&entitlements, role)?;
    let sign_in = args.sources.sign_in(&args.sign_in)?;
    let admissions = Admissions::new(&entitlements, &sign_in);
    let why = explain_sign_in(&entitlements, &admissions, user, &query);
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => {
            why_text(&mut out, &why, &loaded.federation.sources, width())?;
            // Nobody who does not see the role asks what AWS would do.
            let stops = why.first_failure().is_some_and(|report| report.stage.decides_picker());
            let matters = |report: &&StageReport| !stops || report.stage.decides_picker();
            let unknown: Vec<Stage> =
                why.unknown().filter(matters).map(|report| report.stage).collect();
            needed_text(&mut out, &needed(&loaded, why.account, &unknown))?;
        }
        Format::Json => why_json(&mut out, &why, &loaded.federation.sources)?,
    }
    out.flush()?;
    Ok(if why.first_failure().is_some() { Exit::Findings } else { Exit::Clean })
}

/// Which exports would answer stages that are not known.
fn needed(
    loaded: &Loaded,
    account: Option<AccountId>,
    unknown: &[Stage],
) -> Vec<(Vec<Stage>, Missing)> {
    let formats = loaded.formats.iter().map(|(_, format)| *format).collect();
    let accounts = account.into_iter().collect();
    that_tell(&missing(&loaded.federation, &formats, &accounts), unknown)
}

impl WhyArgs {
    /// User and role as named; one name alone is a role's where it looks like one.
    fn names(&self) -> (Option<&str>, Option<&str>) {
        match (self.user.as_deref(), self.role.as_deref()) {
            (Some(one), None) if one.contains('/') => (None, Some(one)),
            both => both,
        }
    }
}

/// Runs `why` about a captured sign-in: exit code 1 where AWS does not take it, where it lacks the role or has
/// other roles than the exports give, or where AWS refuses.
fn run_captured(args: &WhyArgs) -> Result<Exit, CliError> {
    let (user, role) = args.names();
    let query = role.map(lookup::role).transpose()?;
    let mut loaded = args.sources.load()?;
    let mapping = args.sources.mapping(&loaded)?;
    let mut sign_ins = args.sources.sign_in(&args.sign_in)?;
    let now = Moment(match sign_ins.at {
        Some(at) => at,
        None => clock::at(None)?.0,
    });
    sign_ins.at = Some(now.0);
    let captures = args.captured.read(&mut loaded.federation, now)?.unwrap_or_default();
    let Some(handed) = captures.all.first() else { return Ok(Exit::CouldNotRun) };
    let sign_in = sign_in(handed)?;
    let federation = &loaded.federation;
    let found = match user {
        Some(user) => Named::One(lookup::user(&federation.directory, user)?),
        None => sign_in.user(&federation.directory),
    };
    let user = match found {
        Named::One(user) => Some(user),
        _ => None,
    };
    let entitlements = Entitlements::resolve(federation, &mapping);
    let admissions = Admissions::new(&entitlements, &sign_ins);
    let comparison =
        Comparison::new(&admissions).map_err(|error| CliError::Message(error.to_string()))?;
    let circumstances = Circumstances { at: Some(now.0), source_ip: sign_ins.source_ip.as_deref() };
    let sides = sides(&comparison, &sign_in, (user, query.as_ref()), &circumstances);
    let findings = findings(args, (federation, &entitlements), &captures, &sign_ins)?;
    let message = CapturedMessage {
        name: &handed.name,
        signature: signature(&captures, handed),
        findings: &findings,
        user: user.map(|user| federation.directory.login(user)),
        named: &named(&sign_in, &found, &federation.directory),
    };
    let one = query.is_some();
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => {
            captured_text(&mut out, &message, &sides, (&federation.sources, one), width())?;
        }
        Format::Json => captured_json(&mut out, &message, &sides, &federation.sources)?,
    }
    out.flush()?;
    let refused =
        |role: &RoleSides| role.decides().is_some_and(|report| report.answer == Answer::Fails);
    let fails = message.taken() == Answer::Fails
        || sides
            .roles
            .iter()
            .any(|role| refused(role) || if one { role.sent.is_none() } else { !role.agrees() });
    Ok(if fails { Exit::Findings } else { Exit::Clean })
}

/// What the rules about sign-ins find in the message alone, the worst first.
fn findings(
    args: &WhyArgs,
    (federation, entitlements): (&Federation, &Entitlements<'_>),
    captures: &Captures,
    sign_ins: &SignInSettings,
) -> Result<Vec<Finding>, CliError> {
    let configuration = args.sources.configuration()?;
    let settings = configuration.map_or_else(Settings::default, |found| found.config.settings());
    let mut settings = Settings { at: sign_ins.at, sign_in: sign_ins.clone(), ..settings };
    args.sources.place_waivers(&mut settings, &federation.sources);
    let context = Context::new(federation, Ok(entitlements), &settings)
        .with_captures(captures, Scope::Captures);
    let of_messages = all().filter(|rule| {
        ["assertion/", "signature/"].iter().any(|group| rule.info.id.starts_with(group))
    });
    let (outcome, _) = run_against(of_messages, &context, Against::Nothing);
    // Nothing that is waived here is less true to AWS: it stays, with its waiver.
    let waived = outcome.suppressed.into_iter().map(|Suppressed { mut finding, by }| {
        // A string takes everything.
        let _ = write!(finding.message, "; {}", suppression_words(&by, str::to_owned));
        finding
    });
    Ok(outcome.findings.into_iter().chain(waived).collect())
}

/// Runs `who`.
pub(crate) fn run_who(args: &WhoArgs) -> Result<Exit, CliError> {
    let loaded = args.sources.load()?;
    let mapping = args.sources.mapping_or_guide(&loaded)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let query = lookup::known_role(&entitlements, &args.role)?;
    let sign_in = args.sources.sign_in(&args.sign_in)?;
    let admissions = Admissions::new(&entitlements, &sign_in);
    let holders = who_signs_in(&entitlements, &admissions, &query);
    let members_stated = loaded.federation.directory.members_stated();
    if mapping.assumed && members_stated {
        super::warn("no export has the app's Group Filter: names are read by that of Okta's guide");
    }
    if holders.targets.is_empty() && members_stated {
        let near = query.nearest_roles(&entitlements);
        let offer = match near.first() {
            Some(near) => format!("; the nearest in that account: `{}`", Shown(near)),
            None => String::new(),
        };
        super::warn(&format!("no group maps to `{}`{offer}", Shown(&args.role)));
    }
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => {
            who_text(&mut out, &query.text, &holders, &entitlements, width())?;
            if !members_stated {
                let unknown = [Stage::Membership, Stage::Filter];
                writeln!(out, "  whom its trust policy lets in: `rolecall trust review --admin`")?;
                needed_text(&mut out, &needed(&loaded, None, &unknown))?;
            }
        }
        Format::Json => who_json(&mut out, &query.text, &holders, &entitlements)?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}
