//! The request of `rolecall trust decide`, from flags.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use crate::cli::CliError;
use crate::entitlement::presented::PresentedSignIn;
use crate::model::account::Partition;
use crate::text::Shown;
use crate::trust::{Outline, Presented, Request, TrustPolicy, epoch_seconds};

/// What a sign-in presents; what is not given here or derived is not presented.
#[derive(Debug, Args)]
#[command(next_help_heading = "Request")]
pub(super) struct RequestArgs {
    /// Who asks: the ARN of the SAML provider [default: the one the policy or the role's pair names]
    #[arg(long, value_name = "ARN")]
    principal: Option<String>,
    /// An action asked for (repeatable) [default: those a sign-in with these tags and source identity needs]
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<String>,
    /// A condition key and its value, over what is derived; a key given several times has several values
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// A condition key that is not presented, though it would be derived (repeatable)
    #[arg(long, value_name = "KEY")]
    without: Vec<String>,
    /// `Recipient` of the assertion, which is `saml:aud` [default: the sign-in endpoint]
    #[arg(long, value_name = "URL")]
    recipient: Option<String>,
    /// `Issuer` of the assertion: `saml:iss`
    #[arg(long, value_name = "ENTITY-ID")]
    issuer: Option<String>,
    /// The `NameID`: `saml:sub`
    #[arg(long, value_name = "TEXT")]
    name_id: Option<String>,
    /// The format of the `NameID`: `saml:sub_type`
    #[arg(long, value_name = "URN")]
    name_id_format: Option<String>,
    /// `RoleSessionName`
    #[arg(long, value_name = "NAME")]
    session_name: Option<String>,
    /// A session tag (repeatable)
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    tags: Vec<String>,
    /// The key of a transitive tag (repeatable)
    #[arg(long = "transitive-tag", value_name = "KEY")]
    transitive_tag_keys: Vec<String>,
    /// `SourceIdentity`
    #[arg(long, value_name = "NAME")]
    source_identity: Option<String>,
    /// Where the browser is: `aws:SourceIp`
    #[arg(long, value_name = "ADDRESS")]
    source_ip: Option<String>,
    /// The time of the request, as a date or seconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

/// What is known of a sign-in, where the flags say nothing.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// ARNs of the providers that may ask.
    pub(super) providers: Vec<String>,
    /// What exports or a captured assertion tell.
    pub(super) presents: PresentedSignIn,
}

/// Condition keys that have several values, even one.
const MULTIVALUED: &[&str] = &["aws:tagkeys", "sts:transitivetagkeys"];

impl RequestArgs {
    /// The request; `known` fills in what no flag says.
    pub(super) fn request(&self, known: &Known) -> Result<Request, CliError> {
        let provider = self.provider(&known.providers)?;
        let mut request = self.presents(&known.presents, &provider)?.request(&provider);
        let (moment, seconds) = self.moment(known.presents.epoch_seconds)?;
        request.context.set("aws:CurrentTime", Presented::One(moment));
        request.context.set("aws:EpochTime", Presented::One(seconds.to_string()));
        self.outrank(&mut request)?;
        if self.actions.is_empty() {
            return Ok(request);
        }
        Ok(Request::new(&provider, &self.actions, request.context))
    }

    /// What is known, with what the flags say over it.
    fn presents(
        &self,
        known: &PresentedSignIn,
        provider: &str,
    ) -> Result<PresentedSignIn, CliError> {
        let tags = self.tags.iter().map(|tag| pair("tag", tag)).collect::<Result<Vec<_>, _>>()?;
        let over = |flag: &Option<String>, known: &Option<String>| flag.clone().or(known.clone());
        let one = |text: String| Presented::One(text);
        let endpoint = || partition_of(provider).sign_in().to_owned();
        Ok(PresentedSignIn {
            recipient: Some(over(&self.recipient, &known.recipient).unwrap_or_else(endpoint)),
            issuer: over(&self.issuer, &known.issuer),
            name_id: over(&self.name_id, &known.name_id),
            name_id_format: over(&self.name_id_format, &known.name_id_format),
            session_name: over(&self.session_name, &known.session_name),
            source_identity: self
                .source_identity
                .clone()
                .map(one)
                .or(known.source_identity.clone()),
            tags: if tags.is_empty() {
                known.tags.clone()
            } else {
                tags.into_iter().map(|(key, value)| (key, one(value))).collect()
            },
            transitive_tag_keys: if self.transitive_tag_keys.is_empty() {
                known.transitive_tag_keys.clone()
            } else {
                self.transitive_tag_keys.clone()
            },
            source_ip: over(&self.source_ip, &known.source_ip),
            ..known.clone()
        })
    }

    /// Sets and removes the keys that flags name.
    fn outrank(&self, request: &mut Request) -> Result<(), CliError> {
        let mut given: Vec<(String, Vec<String>)> = Vec::new();
        for text in &self.context {
            let (key, value) = pair("context", text)?;
            match given.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(&key)) {
                Some((_, values)) => values.push(value),
                None => given.push((key, vec![value])),
            }
        }
        for (key, values) in given {
            let many = MULTIVALUED.contains(&key.to_lowercase().as_str());
            let value = match <[String; 1]>::try_from(values) {
                Ok([value]) if !many => Presented::One(value),
                Ok([value]) => Presented::Many(vec![value]),
                Err(values) => Presented::Many(values),
            };
            request.context.set(&key, value);
        }
        for key in &self.without {
            request.context.remove(key);
        }
        Ok(())
    }

    fn provider(&self, known: &[String]) -> Result<String, CliError> {
        let problem = match (&self.principal, known) {
            (Some(principal), _) => return Ok(principal.clone()),
            (None, [one]) => return Ok(one.clone()),
            (None, []) => "nothing names the SAML provider that asks".to_owned(),
            (None, several) => {
                format!("{} SAML providers may ask", several.len())
            }
        };
        Err(CliError::Message(format!("{problem}, expected `--principal ARN`")))
    }

    /// The time as written, or the one known, or that of the run, and in seconds since 1970.
    fn moment(&self, known: Option<i64>) -> Result<(String, i64), CliError> {
        if let (None, Some(seconds)) = (&self.at, known) {
            return Ok((seconds.to_string(), seconds));
        }
        let Some(at) = &self.at else {
            #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
            return Ok((seconds.to_string(), seconds));
        };
        if let Some(seconds) = epoch_seconds(at) {
            return Ok((at.clone(), seconds));
        }
        let shown = Shown(at);
        Err(CliError::Message(format!(
            "`--at {shown}`, expected a time such as `2026-03-05T08:30:00Z`, or seconds since 1970"
        )))
    }
}

/// The SAML providers that a policy's statements allow, each once.
pub(super) fn providers_of(policy: &TrustPolicy) -> Vec<String> {
    let outlines: Vec<Outline<'_>> =
        policy.statements.iter().map(crate::trust::Statement::outline).collect();
    let mut found: Vec<String> = outlines
        .iter()
        .flat_map(|outline| &outline.parties)
        .filter(|party| party.is_saml_provider())
        .map(|party| party.name.to_owned())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The partition of an ARN; the commercial one where it names none.
pub(super) fn partition_of(arn: &str) -> Partition {
    arn.split(':').nth(1).and_then(Partition::parse).unwrap_or(Partition::Aws)
}

fn pair(flag: &str, text: &str) -> Result<(String, String), CliError> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => {
            let shown = Shown(text);
            Err(CliError::Message(format!("`--{flag} {shown}`, expected KEY=VALUE")))
        }
    }
}
