//! Sign-ins that were captured: what each message says, what its signatures prove, and whose keys are
//! believed.

use std::io::Cursor;

use crate::finding::Label;
use crate::model::account::Partition;
use crate::model::federation::Federation;
use crate::model::moment::Moment;
use crate::saml::aws::SignInAttributes;
use crate::saml::bindings::{CaptureError, captures};
use crate::saml::capture::Binding;
use crate::saml::decrypt::DecryptError;
use crate::saml::detached::{DetachedProblem, DetachedProof};
use crate::saml::library::Library;
use crate::saml::metadata::Metadata;
use crate::saml::opened::opened_and_verified;
use crate::saml::private_key::PrivateKey;
use crate::saml::response::{Assertion, Message};
use crate::saml::verify::{KnownKeys, Verification, verify};
use crate::saml::xml::{self, Spot, Tree, XmlError};
use crate::sources::input::{Format, Input, SourceOptions, Stream};
use crate::text::{Place, Shown, SourceId, SourceMap};

/// Longest text that is underlined, in characters.
const MARK: usize = 160;

/// What is believed of the identity provider: its keys and what it calls itself.
#[derive(Debug, Clone, Default)]
pub struct Trusted {
    /// The keys.
    pub keys: KnownKeys,
    /// Entity ids, each with the name of the document that has it.
    pub issuers: Vec<(String, String)>,
}

impl Trusted {
    /// What the federation's metadata documents say: the app's own, and those of SAML providers.
    ///
    /// Only the app's own tells what the issuer has to be; a provider's is held against the message's own
    /// Role values.
    pub fn of(federation: &Federation) -> Self {
        let library = Library::default();
        let mut trusted = Self::default();
        if let Some(own) = &federation.app_metadata
            && let Ok(metadata) = library.read(&own.value).as_ref()
        {
            trusted.add_keys("the app's own metadata", metadata);
            trusted.add_issuers("the app's own metadata", metadata);
        }
        for (id, account) in federation.accounts.iter() {
            for provider in &account.providers {
                let Some(document) = &provider.metadata else { continue };
                if let Ok(metadata) = library.read(&document.value).as_ref() {
                    let label = format!("SAML provider `{}` of account `{id}`", provider.name);
                    trusted.add_keys(&label, metadata);
                }
            }
        }
        trusted
    }

    /// Takes up the issuers of a document with this name.
    pub fn add_issuers(&mut self, label: &str, metadata: &Metadata) {
        self.issuers.extend(metadata.entity_ids().map(|id| (label.to_owned(), id.to_owned())));
    }

    fn add_keys(&mut self, label: &str, metadata: &Metadata) {
        for (_, certificate) in metadata.signing_certificates() {
            // A key of a kind that signs nothing here is a matter of the rules about providers.
            let _ = self.keys.add_certificate(label, certificate);
        }
    }
}

/// How a message was captured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Where it was posted.
    pub posted_to: Option<String>,
    /// Its length in base64, where it was captured so.
    pub base64_length: Option<usize>,
    /// Whether an address carried it (HTTP-Redirect).
    pub is_redirect: bool,
    /// What the signature beside it in that address proves, where there is one.
    pub detached: Option<Result<DetachedProof, DetachedProblem>>,
    /// The file that carries it, where lines of the message are not lines of the file.
    pub carrier: Option<String>,
}

/// A message that was captured.
#[derive(Debug)]
pub struct Captured {
    /// Its name: the file and, where that holds several, the entry.
    pub name: String,
    /// Its XML, to the byte.
    pub text: String,
    /// How it was captured.
    pub origin: Origin,
    /// The source that its lines are of.
    pub source: SourceId,
    /// The place of its first line.
    top: Place,
    /// What it says, or why it is not read.
    pub read: Result<Said, XmlError>,
}

/// What a message says.
#[derive(Debug)]
pub struct Said {
    /// Everything that is typed.
    pub message: Message,
    /// What its signatures prove.
    pub verification: Verification,
    /// What AWS reads in the one assertion that may be read.
    pub aws: Option<SignInAttributes>,
    /// Why the given key does not open its encrypted assertion, where one was given.
    pub sealed: Option<DecryptError>,
}

impl Said {
    /// What a message says, of which this is proven.
    fn new(tree: &Tree<'_>, verification: Verification) -> Self {
        let message = Message::read(tree);
        let assertion = verification.assertion.and_then(|node| message.assertion(node));
        let aws = assertion.map(SignInAttributes::read);
        Self { message, verification, aws, sealed: None }
    }

    /// The one assertion that may be read, where there is one: believed or not.
    pub fn assertion(&self) -> Option<&Assertion> {
        self.message.assertion(self.verification.assertion?)
    }
}

impl Captured {
    /// What it says, where it could be read.
    pub fn said(&self) -> Option<(&Self, &Said)> {
        Some((self, self.read.as_ref().ok()?))
    }

    /// Length of the message in base64: as captured, or as it would be sent.
    pub fn base64_length(&self) -> usize {
        match self.origin.base64_length {
            Some(length) => length,
            None => base64_length(&self.text),
        }
    }

    /// Whether it carries a key beside a signature.
    pub fn carries_key(&self) -> bool {
        ["X509Certificate", "KeyValue"].iter().any(|name| self.text.contains(name))
    }

    /// A place in it, with what stands there to be underlined.
    pub fn label(&self, at: &Spot, message: impl Into<String>) -> Label {
        let raw = self.text.get(at.bytes.clone()).unwrap_or_default();
        let start = at.bytes.start + (raw.len() - raw.trim_start().len());
        let words = raw.trim().lines().next().unwrap_or_default().trim_end();
        let words: String = words.chars().take(MARK).collect();
        let before = self.text.get(..start).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count();
        let line_start = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1);
        // Readers leave the mark at the beginning of a file out.
        let mark = if line == 0 && self.text.starts_with('\u{feff}') { 3 } else { 0 };
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        Label::new(Place(self.top.0.saturating_add(line)), message)
            .mark(words)
            .from((start - line_start).saturating_sub(mark))
    }

    /// The message as a whole: its first element.
    pub fn top(&self, message: impl Into<String>) -> Label {
        let found = self.text.find('<').unwrap_or_default();
        let rest = self.text.get(found..).unwrap_or_default();
        let element = match rest.strip_prefix("<?") {
            Some(declared) => {
                let ends = declared.find('<').map_or(0, |at| at + 2);
                found + ends
            }
            None => found,
        };
        let end = self.text.get(element..).and_then(|rest| rest.find('>'));
        let bytes = element..end.map_or(element, |end| element + end + 1);
        self.label(&Spot { line: 1, bytes }, message)
    }
}

/// Length of a text in base64.
fn base64_length(text: &str) -> usize {
    text.len().div_ceil(3) * 4
}

/// A message with its assertion in the clear, and what it says.
type Whole = (String, Result<Said, XmlError>);

/// What of a file could not be read as a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {says}", Shown(.place))]
pub struct Unread {
    /// The file, and the entry or line within it.
    pub place: String,
    /// Why not.
    pub says: String,
    /// Whether something was lost by it.
    pub is_loss: bool,
    /// Whether the file is something else altogether.
    pub is_foreign: bool,
}

impl Unread {
    fn lost(place: &str, says: String) -> Self {
        Self { place: place.to_owned(), says, is_loss: true, is_foreign: false }
    }

    fn of(error: &CaptureError) -> Self {
        let place = match error.line {
            Some(line) => format!("{}:{line}", error.name),
            None => error.name.clone(),
        };
        let is_foreign = error.problem.is_foreign();
        Self { is_foreign, ..Self::lost(&place, error.problem.to_string()) }
    }
}

/// Everything that was captured, and what it is held against.
#[derive(Debug, Default)]
pub struct Captures {
    /// The messages, in the order read.
    pub all: Vec<Captured>,
    /// How many keys of the identity provider are known.
    pub keys: usize,
    /// Entity ids of the identity provider, each with the name of the document that has it.
    pub issuers: Vec<(String, String)>,
    /// The partition that the messages have to be for, where that was said.
    pub partition: Option<Partition>,
    /// The moment at which they are redeemed; without one, windows are held against each message's own
    /// time.
    pub at: Option<Moment>,
    /// What opens encrypted assertions.
    pub opens: Option<PrivateKey>,
}

impl Captures {
    /// Nothing captured.
    pub const NONE: Self = Self {
        all: Vec::new(),
        keys: 0,
        issuers: Vec::new(),
        partition: None,
        at: None,
        opens: None,
    };

    /// No messages yet, to be held against these keys and issuers.
    pub fn against(trusted: &Trusted) -> Self {
        Self { keys: trusted.keys.len(), issuers: trusted.issuers.clone(), ..Self::default() }
    }

    /// Reads and verifies a message; its lines become lines of the run. One that could be opened is that of
    /// which the assertion stands in the clear.
    pub fn add(
        &mut self,
        (name, text): (String, String),
        origin: Origin,
        trusted: &Trusted,
        sources: &mut SourceMap,
    ) {
        let (name, text, origin, read) = match self.opened(&text, trusted) {
            Some(Ok((whole, said))) => {
                let base64_length = origin.base64_length.or(Some(base64_length(&text)));
                let origin = Origin { base64_length, ..origin };
                (format!("{name}, opened"), whole, origin, said)
            }
            sealed => {
                let sealed = sealed.and_then(Result::err);
                let read = Tree::parse(&text, xml::MESSAGE).map(|tree| {
                    let verification = verify(&tree, &trusted.keys);
                    Said { sealed, ..Said::new(&tree, verification) }
                });
                (name, text, origin, read)
            }
        };
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1;
        let source = sources.append(name.clone(), u32::try_from(lines).unwrap_or(u32::MAX));
        let top = sources.place(source, 1);
        self.all.push(Captured { name, text, origin, source, top, read });
    }

    /// A message of which the given key opened the assertion, or why it does not; none where there is
    /// nothing to open or no key.
    fn opened(&self, text: &str, trusted: &Trusted) -> Option<Result<Whole, DecryptError>> {
        let key = self.opens.as_ref()?;
        let tree = Tree::parse(text, xml::MESSAGE).ok()?;
        let outer = verify(&tree, &trusted.keys);
        match opened_and_verified(text, &tree, (&outer, &trusted.keys), key) {
            Err(DecryptError::NotEncrypted) => None,
            Err(sealed) => Some(Err(sealed)),
            Ok((whole, verification)) => {
                let said = Tree::parse(&whole.text, xml::MESSAGE)
                    .map(|tree| Said::new(&tree, verification));
                Some(Ok((whole.text, said)))
            }
        }
    }

    /// Reads every message of a file; what could not be read, or is no sign-in.
    pub fn read(
        &mut self,
        input: &Input,
        trusted: &Trusted,
        sources: &mut SourceMap,
    ) -> Vec<Unread> {
        let opened = match (input.open)() {
            Ok(opened) => opened,
            Err(error) => {
                let says = format!("cannot be read: {error}");
                return vec![Unread::lost(&input.name, says)];
            }
        };
        let mut unread = Vec::new();
        for found in captures(&input.name, opened) {
            match found {
                Ok(capture) if capture.is_metadata() => {
                    let says = "is metadata, expected a sign-in".to_owned();
                    unread.push(Unread { is_loss: false, ..Unread::lost(&capture.name, says) });
                }
                // A sign-in through Okta begins without one, and it says nothing of who signs in.
                Ok(capture) if capture.is_request => {}
                Ok(capture) => {
                    let is_file = capture.binding == Binding::Document;
                    let origin = Origin {
                        posted_to: capture.posted_to,
                        base64_length: capture.base64_length,
                        is_redirect: capture.binding == Binding::Redirect,
                        detached: capture.detached.map(|one| one.verify(&trusted.keys)),
                        carrier: (!is_file).then(|| input.name.clone()),
                    };
                    self.add((capture.name, capture.text), origin, trusted, sources);
                }
                Err(error) => unread.push(Unread::of(&error)),
            }
        }
        unread
    }

    /// The messages as inputs, so that lines of them can be shown.
    pub fn inputs(&self) -> (Vec<Input>, Vec<(SourceId, Format)>) {
        let inputs = self.all.iter().map(|one| {
            let text = one.text.clone();
            let open = Box::new(move || {
                Ok(Box::new(Cursor::new(text.clone().into_bytes())) as Box<dyn Stream>)
            });
            let options =
                SourceOptions { encoding: Some("utf-8".to_owned()), ..SourceOptions::default() };
            Input { name: one.name.clone(), open, found: false, options }
        });
        let formats = self.all.iter().map(|one| (one.source, Format::SamlCapture));
        (inputs.collect(), formats.collect())
    }
}
