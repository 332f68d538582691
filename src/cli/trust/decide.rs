//! `rolecall trust decide`: one policy or role and one request, or a file of cases.

use std::io::Write;
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use super::request::{Known, RequestArgs, partition_of, providers_of};
use super::{cases, read_text};
use crate::cli::captured::{CapturedArgs, HandedIn};
use crate::cli::options::{SignInArgs, SourceArgs};
use crate::cli::terminal::width;
use crate::cli::{CliError, Exit, lookup, warn};
use crate::entitlement::captured::CapturedSignIn;
use crate::entitlement::presented::PresentedSignIn;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::sign_in::SignIns;
use crate::explain::lookup::RoleQuery;
use crate::model::account::Partition;
use crate::model::arn::ArnPair;
use crate::model::aws::{Account, Role};
use crate::model::federation::Federation;
use crate::report::trust_decision::{Asked, Document, decision_json, decision_text};
use crate::sources::policy_text::policy_text;
use crate::text::Shown;
use crate::trust::{Presented, Request, TrustPolicy};

/// Arguments of `trust decide`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["policy", "role", "cases"]).required(true))]
pub(super) struct DecideArgs {
    /// A file with a trust policy: the document, a JSON string of it, percent-encoded, or the answer of
    /// `aws iam get-role`; `-` reads standard input
    #[arg(value_name = "POLICY")]
    policy: Option<PathBuf>,
    /// A role of the exports: `alias/Role`, `123456789012/Role` or an ARN
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Cases as JSON Lines: `id`, `trust_policy` and `request` with `principal`, `actions` and `context`;
    /// `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "expect", "format", "principal", "assertion"])]
    cases: Option<PathBuf>,
    /// The user who signs in, whose login Okta sends as `NameID` and `RoleSessionName` where nothing else is set
    #[arg(long, value_name = "USER", requires = "role", conflicts_with = "assertion")]
    user: Option<String>,
    /// The decision that is expected: the exit code is 1 for another
    #[arg(long, value_enum)]
    expect: Option<Expected>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    captured: CapturedArgs,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Expected {
    /// Let in
    Allow,
    /// Kept out by a statement that denies
    Deny,
    /// Kept out, as no statement allows
    ImplicitDeny,
}

impl Expected {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::ImplicitDeny => "implicit-deny",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// Runs the command: 0 for any decision or the one expected, 1 for another, 2 where nothing can be decided.
pub(super) fn run(args: &DecideArgs) -> Result<Exit, CliError> {
    if let Some(path) = &args.cases {
        return cases::run(path);
    }
    if let Some(path) = &args.policy {
        let (name, text) = read_text(path)?;
        let refuse = |why: &str| CliError::Message(format!("{}: {}", Shown(&name), Shown(why)));
        let found = policy_text(&text).map_err(|error| refuse(&error.to_string()))?;
        let document = Document::in_file(&name, &text, &found);
        let policy =
            TrustPolicy::parse(&found.json).map_err(|error| refuse(&document.error(&error)))?;
        let handed = args.captured.hand_in(&mut Federation::default())?;
        let sign_in = handed.as_ref().map(HandedIn::sign_in).transpose()?;
        let known = Known {
            providers: asking(sign_in.as_ref(), providers_of(&policy)),
            presents: sign_in.map(|sign_in| sign_in.presents()).unwrap_or_default(),
        };
        return answer(args, &policy, &document, (&known, handed.as_ref()));
    }
    decide_role(args, args.role.as_deref().unwrap_or_default())
}

/// Takes policy and pair from the exports.
fn decide_role(args: &DecideArgs, name: &str) -> Result<Exit, CliError> {
    let query = lookup::role(name)?;
    let mut loaded = args.sources.load()?;
    let handed = args.captured.hand_in(&mut loaded.federation)?;
    let sign_in = handed.as_ref().map(HandedIn::sign_in).transpose()?;
    let federation = &loaded.federation;
    let mapping = args.sources.try_mapping(&loaded).ok();
    let entitlements = mapping.as_ref().map(|mapping| Entitlements::resolve(federation, mapping));
    let (account, role) = find(federation, &query, entitlements.as_ref())?;
    let Some(document) = &role.trust_policy else {
        let shown = Shown(name);
        return Err(CliError::Message(format!("no export carries the trust policy of `{shown}`")));
    };
    let place = Document::exported(document, &federation.sources);
    let policy = TrustPolicy::parse(&document.json)
        .map_err(|error| CliError::Message(place.error(&error)))?;
    let user = match &args.user {
        Some(user) => Some(lookup::user(&federation.directory, user)?),
        None => None,
    };
    let settings = args.sources.sign_in(&SignInArgs::default())?;
    let mut providers = providers(&query, entitlements.as_ref(), account, &policy);
    if let Some(sign_in) = &sign_in {
        let id = query.account_in(federation);
        let pairs = sign_in.pairs();
        let is = |pair: &&ArnPair| Some(pair.role.account) == id && pair.role.name == role.name;
        match pairs.iter().find(is) {
            Some(pair) => providers = vec![pair.provider.to_string()],
            None => warn(&format!("the sign-in does not have the role `{}`", Shown(name))),
        }
    }
    let partition = providers.first().map_or(Partition::Aws, |arn| partition_of(arn));
    let presents = match (&sign_in, &entitlements) {
        (Some(sign_in), _) => sign_in.presents(),
        (None, Some(known)) => SignIns::new(known, &settings).presents(partition, user),
        // Without a Group Filter nothing else is known of the app's sign-ins.
        (None, None) => PresentedSignIn {
            name_id: user.map(|user| federation.directory.login(user).to_owned()),
            session_name: user.map(|user| federation.directory.login(user).to_owned()),
            ..PresentedSignIn::default()
        },
    };
    let known = Known { providers, presents };
    answer(args, &policy, &place, (&known, handed.as_ref()))
}

/// Of the providers that a policy names those that the sign-in names too, where there are any.
fn asking(sign_in: Option<&CapturedSignIn<'_>>, named: Vec<String>) -> Vec<String> {
    let sent = sign_in.map(CapturedSignIn::pairs).unwrap_or_default();
    let is_sent = |arn: &&String| sent.iter().any(|pair| pair.provider.to_string() == **arn);
    let asking: Vec<String> = named.iter().filter(is_sent).cloned().collect();
    if asking.is_empty() { named } else { asking }
}

/// The error, with what IAM would refuse of the policy where that may be why nobody is named.
fn because(error: CliError, policy: &TrustPolicy, known: &Known) -> CliError {
    match policy.faults.first() {
        Some(fault) if known.providers.is_empty() => CliError::Message(format!(
            "{error}; IAM would refuse to store this policy: {}",
            Shown(&fault.message)
        )),
        _ => error,
    }
}

/// The role that a person names, in the exports of its account.
fn find<'f>(
    federation: &'f Federation,
    query: &RoleQuery,
    entitlements: Option<&Entitlements<'f>>,
) -> Result<(&'f Account, &'f Role), CliError> {
    let text = Shown(&query.text);
    let account = query
        .account_in(federation)
        .or_else(|| entitlements.and_then(|entitlements| query.account_id(entitlements)))
        .and_then(|id| federation.accounts.get(&id))
        .ok_or_else(|| CliError::Message(format!("no export is of the account of `{text}`")))?;
    let same_path = |role: &&Role| query.arn.as_ref().is_none_or(|arn| arn.path == role.path);
    if let Some(role) = account.role(&query.name).filter(same_path) {
        return Ok((account, role));
    }
    let names = account.roles.iter().map(|role| role.name.as_str());
    let near = crate::entitlement::near::nearest(&query.name, names, 1);
    let offer = match near.first() {
        Some(near) => format!("; the nearest in that account: `{}`", Shown(near)),
        None => String::new(),
    };
    Err(CliError::Message(format!("no export has the role `{text}`{offer}")))
}

/// Who asks: the providers that role groups send with the role, else the one that is there, else those that
/// the policy names.
fn providers(
    query: &RoleQuery,
    entitlements: Option<&Entitlements<'_>>,
    account: &Account,
    policy: &TrustPolicy,
) -> Vec<String> {
    let mut sent: Vec<String> = entitlements
        .into_iter()
        .flat_map(|entitlements| {
            let targets = query.targets(entitlements);
            targets.into_iter().filter_map(|id| entitlements.target(id)?.pair.as_ref().ok())
        })
        .map(|pair| pair.provider.to_string())
        .collect();
    sent.sort();
    sent.dedup();
    if !sent.is_empty() {
        return sent;
    }
    let named = providers_of(policy);
    let is_there = |arn: &&String| {
        account.providers.iter().any(|one| arn.ends_with(&format!(":saml-provider/{}", one.name)))
    };
    let there: Vec<String> = named.iter().filter(is_there).cloned().collect();
    if there.len() == 1 { there } else { named }
}

/// Leaves out keys that nobody knows and the policy does not read.
fn leave_out(request: &mut Request, policy: &TrustPolicy) {
    let unknown = request.context.iter().filter(|(_, value)| **value == Presented::Unknown);
    let idle: Vec<String> = unknown
        .map(|(key, _)| key.to_owned())
        .filter(|key| !policy.keys().any(|read| read == *key))
        .collect();
    for key in idle {
        request.context.remove(&key);
    }
}

fn answer(
    args: &DecideArgs,
    policy: &TrustPolicy,
    document: &Document<'_>,
    (known, handed): (&Known, Option<&HandedIn>),
) -> Result<Exit, CliError> {
    let mut request = args.request.request(known).map_err(|error| because(error, policy, known))?;
    leave_out(&mut request, policy);
    let decision = policy.decide(&request);
    let expected = args.expect.map(Expected::as_str);
    let message = handed.map(HandedIn::believed);
    let message = message.as_ref();
    let asked =
        Asked { message, document, request: &request, policy, decision: &decision, expected };
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => decision_text(&mut out, &asked, width())?,
        Format::Json => decision_json(&mut out, &asked)?,
    }
    out.flush()?;
    let as_expected = expected.is_none_or(|expected| expected == decision.as_str());
    Ok(if as_expected { Exit::Clean } else { Exit::Findings })
}
