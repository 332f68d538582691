//! `rolecall saml issue`.

use std::io::{self, Write as _};

use clap::{Args, ValueEnum};

use super::signer::SignerArgs;
use crate::cli::options::{SignInArgs, SourceArgs};
use crate::cli::{CliError, Exit, clock, lookup, picker, warn};
use crate::entitlement::issued::{MissingFact, Wanted, issued};
use crate::entitlement::picker::RolePicker;
use crate::entitlement::resolve::{Entitlements, Ways, visible};
use crate::entitlement::sign_in::{SignInSettings, SignIns};
use crate::explain::lookup::RoleQuery;
use crate::explain::why::explain;
use crate::model::arn::ArnPair;
use crate::model::directory::UserId;
use crate::model::moment::Moment;
use crate::report::screen::{picker_text, why_text};
use crate::report::wrap::Width;
use crate::saml::issue::{SignWhat, base64, form};
use crate::saml::key::Algorithm;
use crate::saml::sign::SigningOptions;
use crate::text::Shown;

/// Arguments of `saml issue`.
#[derive(Debug, Args)]
pub(super) struct IssueArgs {
    /// The user: login, mail, uid, sAMAccountName, DN or Okta id
    #[arg(long, value_name = "USER")]
    user: String,
    /// Send this role alone: `alias/Role`, `123456789012/Role` or an ARN (repeatable)
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Make it even where Okta would send no role: without one or, with --role, with roles the user does not see
    #[arg(long)]
    force: bool,
    /// `Issuer`, instead of the entity ID of the app's own metadata
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// `NameID`, instead of the user's name in the app
    #[arg(long, value_name = "NAME")]
    name_id: Option<String>,
    /// `RoleSessionName`, instead of the user's name in the app
    #[arg(long, value_name = "NAME")]
    session_name: Option<String>,
    /// An attribute over those of the app, such as `PrincipalTag:Team=Payments`; the same name again adds a value
    #[arg(long = "attribute", value_name = "NAME=VALUE")]
    attributes: Vec<String>,
    /// `InResponseTo`: the ID of the request it answers
    #[arg(long, value_name = "ID")]
    in_response_to: Option<String>,
    /// A text that goes into the IDs, to tell apart responses that say the same
    #[arg(long = "id", value_name = "SEED", default_value = "")]
    seed: String,
    /// What to sign
    #[arg(long, value_enum, default_value_t = What::Both)]
    sign: What,
    /// What to sign with: `rsa-sha256`, `rsa-pss-sha256`, `ecdsa-sha256`, or the same with another hash (default:
    /// what fits the key, with SHA-256)
    #[arg(long, value_name = "NAME")]
    algorithm: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Encoding::Xml)]
    encoding: Encoding,
    /// `RelayState` of the form
    #[arg(long, value_name = "URL", default_value = "")]
    relay_state: String,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    sign_in: SignInArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The assertion and the response around it, as Okta does
    Both,
    /// The assertion
    Assertion,
    /// The response
    Response,
    /// Nothing
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Encoding {
    /// The document
    Xml,
    /// Its base64, as `SAMLResponse` carries it
    Base64,
    /// The body of the form that is posted to AWS
    Form,
}

/// Runs `saml issue`: exit code 1 where Okta would send no role, or not the one asked for.
pub(super) fn run(args: &IssueArgs) -> Result<Exit, CliError> {
    let loaded = args.sources.load()?;
    let mapping = args.sources.mapping(&loaded)?;
    let user = lookup::user(&loaded.federation.directory, &args.user)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let settings = args.settings()?;
    let Some(pairs) = args.pairs(&entitlements, user)? else { return Ok(Exit::Findings) };
    let sign_ins = SignIns::new(&entitlements, &settings);
    let attributes = args.attributes()?;
    let at = settings.at.map_or_else(|| clock::at(None), |at| Ok(Moment(at)))?;
    let wanted = Wanted { pairs: &pairs, attributes: &attributes, at, seed: &args.seed };
    let mut made = issued(&sign_ins, user, &wanted).map_err(|error| missing(&error))?;
    made.issue.in_response_to.clone_from(&args.in_response_to);
    made.assumed.iter().for_each(|note| warn(note));
    several_partitions(&pairs);
    let text = if args.sign == What::None {
        made.issue.unsigned()
    } else {
        let signer = args.signer.signer()?;
        let mut options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
        if let Some(name) = &args.algorithm {
            options.algorithm = algorithm(name)?;
        }
        made.issue.signed(args.sign.into(), &options)
    };
    let text = text.map_err(|error| CliError::Message(error.to_string()))?;
    let mut out = io::stdout().lock();
    match args.encoding {
        Encoding::Xml => writeln!(out, "{text}")?,
        Encoding::Base64 => writeln!(out, "{}", base64(&text))?,
        Encoding::Form => writeln!(out, "{}", form(&text, &args.relay_state))?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}

impl From<What> for SignWhat {
    fn from(what: What) -> Self {
        match what {
            What::Both => Self::Both,
            What::Assertion => Self::Assertion,
            What::Response => Self::Response,
            What::None => Self::Nothing,
        }
    }
}

impl IssueArgs {
    /// What sign-ins present, flags over settings over exports.
    fn settings(&self) -> Result<SignInSettings, CliError> {
        let mut settings = self.sources.sign_in(&self.sign_in)?;
        for (given, setting) in [
            (&self.issuer, &mut settings.issuer),
            (&self.name_id, &mut settings.name_id),
            (&self.session_name, &mut settings.session_name),
        ] {
            if given.is_some() {
                setting.clone_from(given);
            }
        }
        Ok(settings)
    }

    fn attributes(&self) -> Result<Vec<(String, String)>, CliError> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => {
                let shown = Shown(text);
                Err(CliError::Message(format!("`--attribute {shown}`, expected NAME=VALUE")))
            }
        };
        self.attributes.iter().map(pair).collect()
    }

    /// The roles to send, or `None` where there are none and the reason was told.
    fn pairs(
        &self,
        entitlements: &Entitlements<'_>,
        user: UserId,
    ) -> Result<Option<Vec<ArnPair>>, CliError> {
        let grants = entitlements
            .grants(visible, Ways::DirectGroups)
            .map_err(|error| CliError::Message(error.to_string()))?;
        let direct = entitlements.direct_groups(user);
        let shown = RolePicker::of(entitlements, user, &direct, &grants);
        let mut pairs: Vec<ArnPair> = shown.entries().map(|entry| entry.pair.clone()).collect();
        if self.roles.is_empty() {
            if pairs.is_empty() && !self.force {
                let about = picker::about_empty(entitlements, user, &direct);
                picker_text(&mut anstream::stderr(), &shown, &about, Width::NONE)?;
                return Ok(None);
            }
            return Ok(Some(pairs));
        }
        let mut wanted = Vec::new();
        for name in &self.roles {
            let query = lookup::role(name)?;
            let before = wanted.len();
            wanted.extend(pairs.iter().filter(|pair| query.is(entitlements, &pair.role)).cloned());
            if wanted.len() > before {
                continue;
            }
            if !self.force {
                let why = explain(entitlements, user, &query);
                let sources = &entitlements.federation.sources;
                why_text(&mut anstream::stderr(), &why, sources, Width::NONE)?;
                return Ok(None);
            }
            wanted.extend(forced(entitlements, &query)?);
        }
        pairs.retain(|pair| wanted.contains(pair));
        // What is forced comes behind what the picker shows.
        for pair in wanted {
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        Ok(Some(pairs))
    }
}

/// The pairs of a role that the user does not see.
fn forced(entitlements: &Entitlements<'_>, query: &RoleQuery) -> Result<Vec<ArnPair>, CliError> {
    let found: Vec<ArnPair> = query
        .targets(entitlements)
        .into_iter()
        .filter_map(|id| entitlements.target(id)?.pair.clone().ok())
        .collect();
    if found.is_empty() {
        let shown = Shown(&query.text);
        return Err(CliError::Message(format!(
            "no group maps to `{shown}`, so its provider is not known; expected a role that a group maps to"
        )));
    }
    Ok(found)
}

fn several_partitions(pairs: &[ArnPair]) {
    let mut partitions: Vec<&str> = pairs.iter().map(|pair| pair.role.partition.as_str()).collect();
    partitions.sort_unstable();
    partitions.dedup();
    if partitions.len() > 1 {
        warn(&format!(
            "roles of several partitions ({}) in one response, which no sign-in endpoint takes",
            partitions.join(", ")
        ));
    }
}

/// What is missing, with the flag that gives it.
fn missing(error: &MissingFact) -> CliError {
    let flag = match error {
        MissingFact::Issuer(_) => "`--issuer URL`".to_owned(),
        MissingFact::NameId(_) => "`--name-id NAME`".to_owned(),
        MissingFact::SessionName(_) => "`--session-name NAME`".to_owned(),
        MissingFact::Attribute { name, .. } => format!("`--attribute {}=VALUE`", Shown(name)),
    };
    CliError::Message(format!("{}; give it with {flag}", Shown(&error.to_string())))
}

fn algorithm(name: &str) -> Result<Algorithm, CliError> {
    Algorithm::parse(name).ok_or_else(|| {
        let known: Vec<String> = Algorithm::all().map(Algorithm::name).collect();
        CliError::Message(format!(
            "algorithm `{}`, expected one of {}",
            Shown(name),
            known.join(", ")
        ))
    })
}
