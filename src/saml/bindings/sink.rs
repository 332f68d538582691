//! Where messages are gathered: each once, with every place it stands.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::base64::{self, Decoded};
use super::{CaptureError, CaptureProblem, Carried};
use crate::model::moment::Moment;
use crate::saml::capture::{Binding, Capture, root_name};

/// Most messages of one file.
pub const MESSAGES: usize = 10_000;

pub(super) struct Sink {
    name: String,
    found: Vec<Result<Capture, CaptureError>>,
    /// The messages of `found` by their digest.
    known: BTreeMap<[u8; 32], usize>,
    /// Requests of a recording that were looked through.
    pub(super) entries: usize,
    /// Those that carry a `SAMLRequest`.
    pub(super) requests: usize,
    is_full: bool,
}

/// Where a value was found.
pub(super) struct Where {
    /// Within the file, where it holds more.
    pub(super) label: Option<String>,
    pub(super) binding: Binding,
    pub(super) at: Option<Moment>,
}

impl Where {
    pub(super) const fn whole(binding: Binding) -> Self {
        Self { label: None, binding, at: None }
    }
}

impl Sink {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            found: Vec::new(),
            known: BTreeMap::new(),
            entries: 0,
            requests: 0,
            is_full: false,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Takes a value that a form or an address carries.
    pub(super) fn take(&mut self, carried: Carried, place: &Where) {
        if self.is_past_limit() {
            return;
        }
        match base64::decode(&carried.value) {
            Ok(Decoded { text, length }) => {
                let capture = self.capture(text, carried, place);
                self.add(Capture { base64_length: Some(length), ..capture }, place);
            }
            Err(problem) => {
                let name = if carried.is_request { "SAMLRequest" } else { "SAMLResponse" };
                let problem = CaptureProblem::Value { name, problem };
                self.refuse(place.label.as_deref(), None, problem);
            }
        }
    }

    /// Takes a response of a recording; requests are counted only.
    pub(super) fn take_response(&mut self, carried: Carried, place: &Where) {
        if carried.is_request {
            self.requests += 1;
        } else {
            self.take(carried, place);
        }
    }

    /// Takes a response whose text another tool decoded.
    pub(super) fn take_decoded(&mut self, carried: Carried, text: String, place: &Where) {
        if carried.is_request {
            self.requests += 1;
        } else if !self.is_past_limit() {
            let capture = self.capture(text, carried, place);
            self.add(capture, place);
        }
    }

    /// Takes the values of one text, each with a number where there are several.
    pub(super) fn take_all(&mut self, found: Vec<Carried>, binding: Binding) {
        let is_one = found.len() == 1;
        for (at, carried) in found.into_iter().enumerate() {
            let label = (!is_one).then(|| format!("message {}", at + 1));
            let binding = if carried.is_query { Binding::Redirect } else { binding };
            self.take(carried, &Where { label, binding, at: None });
        }
    }

    /// Takes base64 without a form around it.
    pub(super) fn take_alone(&mut self, decoded: Decoded, label: Option<String>) {
        if self.is_past_limit() {
            return;
        }
        let place = Where { label, ..Where::whole(Binding::Base64) };
        let capture = self.capture(decoded.text, Carried::default(), &place);
        self.add(Capture { base64_length: Some(decoded.length), ..capture }, &place);
    }

    /// Takes the file as it is.
    pub(super) fn take_document(&mut self, text: String) {
        let place = Where::whole(Binding::Document);
        let capture = self.capture(text, Carried::default(), &place);
        self.add(capture, &place);
    }

    pub(super) fn refuse(
        &mut self,
        label: Option<&str>,
        line: Option<u32>,
        problem: CaptureProblem,
    ) {
        let name = self.named(label);
        self.found.push(Err(CaptureError { name, line, problem }));
    }

    pub(super) fn finish(self) -> Vec<Result<Capture, CaptureError>> {
        self.found
    }

    fn named(&self, label: Option<&str>) -> String {
        label.map_or_else(|| self.name.clone(), |label| format!("{}, {label}", self.name))
    }

    /// Whether there is no room for one more, which is told once.
    fn is_past_limit(&mut self) -> bool {
        if self.found.len() >= MESSAGES && !self.is_full {
            self.is_full = true;
            self.refuse(None, None, CaptureProblem::TooMany);
        }
        self.is_full
    }

    fn capture(&self, text: String, carried: Carried, place: &Where) -> Capture {
        let is_absolute = |address: &String| address.contains("://");
        Capture {
            name: self.named(place.label.as_deref()),
            also: Vec::new(),
            binding: place.binding,
            is_request: carried.is_request || root_name(&text).is_some_and(is_request),
            relay_state: carried.relay_state.filter(|state| !state.is_empty()),
            posted_to: carried.address.filter(is_absolute),
            captured_at: place.at,
            detached: carried.detached,
            base64_length: None,
            text,
        }
    }

    /// Adds a message, or what is new about one that is known.
    fn add(&mut self, capture: Capture, place: &Where) {
        let digest: [u8; 32] = Sha256::digest(capture.text.as_bytes()).into();
        let next = self.found.len();
        let index = *self.known.entry(digest).or_insert(next);
        let Some(Ok(known)) = self.found.get_mut(index) else {
            self.found.push(Ok(capture));
            return;
        };
        let new = place.label.clone().unwrap_or_else(|| "once more".to_owned());
        if known.binding == Binding::Page && capture.binding != Binding::Page {
            // What was sent says more than what was about to be.
            let label = known.name.strip_prefix(&format!("{}, ", self.name));
            let old = label.unwrap_or(&known.name).to_owned();
            let relay_state = capture.relay_state.or(known.relay_state.take());
            let mut also = std::mem::take(&mut known.also);
            also.push(old);
            *known = Capture { also, relay_state, ..capture };
        } else {
            known.relay_state = known.relay_state.take().or(capture.relay_state);
            known.posted_to = known.posted_to.take().or(capture.posted_to);
            known.detached = known.detached.take().or(capture.detached);
            if !known.also.contains(&new) && known.name != self.name.clone() + ", " + &new {
                known.also.push(new);
            }
        }
    }
}

fn is_request(root: &str) -> bool {
    root.ends_with("Request")
}
