//! The captured sign-in that a command is about.

use std::path::PathBuf;

use clap::Args;

use super::check::report_unread;
use super::saml::check::inputs;
use super::saml::keys::{KeyArgs, OpenArgs, trusted};
use super::{CliError, warn};
use crate::entitlement::captured::{CapturedSignIn, Named};
use crate::entitlement::captures::{Captured, Captures, Said, Trusted};
use crate::entitlement::stage::Answer;
use crate::model::directory::Directory;
use crate::model::federation::Federation;
use crate::model::moment::Moment;
use crate::report::trust_decision::Believed;
use crate::saml::verify::{KeyOrigin, Verdict};
use crate::text::Shown;

/// The captured sign-in.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Captured sign-in")]
pub(crate) struct CapturedArgs {
    /// A captured sign-in as `saml check` reads it (XML, base64, form, HAR): what it carries counts, and not
    /// what the exports say; of several the last
    #[arg(long, value_name = "FILE")]
    pub(crate) assertion: Option<PathBuf>,
    #[command(flatten)]
    keys: KeyArgs,
    #[command(flatten)]
    opens: OpenArgs,
}

impl CapturedArgs {
    /// Reads and verifies the sign-in; its lines become lines of the run.
    pub(crate) fn read(
        &self,
        federation: &mut Federation,
        now: Moment,
    ) -> Result<Option<Captures>, CliError> {
        let Some(path) = &self.assertion else { return Ok(None) };
        let trusted = trusted(&self.keys, Trusted::of(federation))?;
        let mut captures = Captures::against(&trusted);
        captures.at = Some(now);
        captures.opens = self.opens.private_key()?;
        for input in inputs(std::slice::from_ref(path))? {
            let failed = captures.read(&input, &trusted, &mut federation.sources);
            report_unread(&failed, &input);
        }
        let shown = path.display().to_string();
        let count = captures.all.len();
        let Some(last) = captures.all.pop() else {
            let shown = Shown(&shown);
            return Err(CliError::Message(format!(
                "`{shown}` has no sign-in, expected a SAML response"
            )));
        };
        if count > 1 {
            let name = Shown(&last.name);
            warn(&format!("{count} sign-ins in `{}`: the last is taken, `{name}`", Shown(&shown)));
        }
        captures.all = vec![last];
        Ok(Some(captures))
    }
}

/// A sign-in that was handed in.
pub(crate) struct HandedIn(Captures);

impl CapturedArgs {
    /// Reads the sign-in for a question in which time has no part.
    pub(crate) fn hand_in(
        &self,
        federation: &mut Federation,
    ) -> Result<Option<HandedIn>, CliError> {
        Ok(self.read(federation, Moment(0))?.map(HandedIn))
    }
}

impl HandedIn {
    /// What it says.
    pub(crate) fn sign_in(&self) -> Result<CapturedSignIn<'_>, CliError> {
        match self.0.all.first() {
            Some(captured) => sign_in(captured),
            None => Err(CliError::Message("no sign-in was handed in".to_owned())),
        }
    }

    /// Whether it is believed.
    pub(crate) fn believed(&self) -> Believed<'_> {
        match self.0.all.first() {
            Some(captured) => {
                let (answer, says) = signature(&self.0, captured);
                Believed { name: &captured.name, answer, says }
            }
            None => Believed { name: "", answer: Answer::Unknown, says: String::new() },
        }
    }
}

/// The one assertion of a message that may be read, or why there is none.
pub(crate) fn sign_in(captured: &Captured) -> Result<CapturedSignIn<'_>, CliError> {
    let refuse = |why: &str| {
        CliError::Message(format!(
            "`{}` has no assertion to read: {}",
            Shown(&captured.name),
            Shown(why)
        ))
    };
    let said = captured.read.as_ref().map_err(|error| refuse(&error.to_string()))?;
    if let (Some(assertion), Some(aws)) = (said.assertion(), &said.aws) {
        return Ok(CapturedSignIn { assertion, aws, text: &captured.text });
    }
    let first = said.verification.reasons.first();
    let why = first.map_or_else(|| sealed(said), |reason| reason.problem.to_string());
    Err(refuse(&why))
}

/// Why an encrypted assertion is not read.
fn sealed(said: &Said) -> String {
    match &said.sealed {
        Some(why) => format!("it is encrypted, and the given key does not open it: {why}"),
        None => "it is encrypted, and no key was given; expected `--key`".to_owned(),
    }
}

/// Whether the signatures of a message are believed, and why.
pub(crate) fn signature(captures: &Captures, message: &Captured) -> (Answer, String) {
    let Ok(said) = &message.read else {
        return (Answer::Fails, "it cannot be read".to_owned());
    };
    let verification = &said.verification;
    let first = || match verification.reasons.first() {
        Some(reason) => reason.problem.to_string(),
        None => "no signature of it is believed".to_owned(),
    };
    match verification.verdict {
        Verdict::Accept => {
            let known = verification.signed.iter().find_map(|signed| match &signed.key {
                KeyOrigin::Known(label) => Some(format!("`{}` signed by a key of {label}", signed.element)),
                KeyOrigin::Embedded => None,
            });
            (Answer::Holds, known.unwrap_or_else(|| "signed by a known key".to_owned()))
        }
        Verdict::AcceptEmbeddedKeyOnly if captures.keys == 0 => (
            Answer::Unknown,
            "the key that it carries signed it; no key of the identity provider is known, give `--cert` or `--metadata`"
                .to_owned(),
        ),
        Verdict::NeedsDecryption => {
            (Answer::Unknown, format!("its assertion: {}", sealed(said)))
        }
        Verdict::AcceptEmbeddedKeyOnly => (
            Answer::Fails,
            "only the key that it carries signed it, and none of the known ones".to_owned(),
        ),
        Verdict::Unsigned | Verdict::Reject => (Answer::Fails, first()),
    }
}

/// How a sign-in names its user, in a sentence.
pub(crate) fn named(sign_in: &CapturedSignIn<'_>, found: &Named, directory: &Directory) -> String {
    match found {
        Named::One(user) => {
            let login = directory.login(*user);
            match sign_in.name_id() {
                Some(name) if name.value == login => format!("`{login}`, by `NameID`"),
                Some(name) => format!("`{login}`, by `NameID` `{}`", name.value),
                None => format!("`{login}`, by `RoleSessionName`"),
            }
        }
        Named::Several(name, logins) => {
            let logins: Vec<String> = logins.iter().map(|login| format!("`{login}`")).collect();
            format!("`{name}` is what the exports call several users: {}", logins.join(", "))
        }
        Named::Nobody(name, near) => match near.first() {
            Some(near) => format!("no export states `{name}`; the nearest: `{near}`"),
            None => format!("no export states `{name}`"),
        },
        Named::Nothing => "the sign-in names nobody".to_owned(),
    }
}
