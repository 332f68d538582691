//! A message whose encrypted assertion was opened: one document again, the assertion where it stood, and
//! what is proven of it in that document's places.

use std::ops::Range;

use roxmltree::{Node, NodeId};

use super::decrypt::{DecryptError, Opened, decrypt, encrypted_assertion, open};
use super::private_key::PrivateKey;
use super::verify::{KnownKeys, Problem, Reason, Signed, Verdict, Verification};
use super::xml::{MESSAGE, Spot, Tree};

/// A message with its assertion in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPlace {
    /// The document.
    pub text: String,
    /// Where the encrypted assertion stood in the message as it was sent.
    stood: Range<usize>,
    /// Bytes before the assertion in what was encrypted: a mark, an XML declaration.
    skipped: usize,
    /// Bytes of the assertion.
    length: usize,
}

/// Opens the one encrypted assertion of a message and puts it where it stood.
pub fn opened(text: &str, tree: &Tree<'_>, key: &PrivateKey) -> Result<InPlace, DecryptError> {
    InPlace::of(text, tree, &decrypt(tree, key)?)
}

/// The same, and what signatures around the assertion and in it prove.
pub fn opened_and_verified(
    text: &str,
    tree: &Tree<'_>,
    (outer, keys): (&Verification, &KnownKeys),
    key: &PrivateKey,
) -> Result<(InPlace, Verification), DecryptError> {
    let found = open(tree, outer, key, keys)?;
    let place = InPlace::of(text, tree, &found.text)?;
    let verification = match Tree::parse(&place.text, MESSAGE) {
        Ok(whole) => place.verification(&whole, (tree, outer), &found),
        Err(error) => Verification::refused(&error),
    };
    Ok((place, verification))
}

impl InPlace {
    fn of(text: &str, tree: &Tree<'_>, assertion: &str) -> Result<Self, DecryptError> {
        let stood = encrypted_assertion(tree).ok_or(DecryptError::NotEncrypted)?.range();
        let unmarked = assertion.trim_start_matches('\u{feff}').trim_start();
        let bare = match unmarked.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
            Some((_, bare)) => bare.trim_start(),
            None => unmarked,
        };
        let before = text.get(..stood.start).unwrap_or_default();
        let after = text.get(stood.end..).unwrap_or_default();
        Ok(Self {
            text: format!("{before}{bare}{after}"),
            stood,
            skipped: assertion.len() - bare.len(),
            length: bare.len(),
        })
    }

    /// A byte of the message as it was sent.
    fn outside(&self, byte: usize) -> usize {
        if byte >= self.stood.end {
            byte - self.stood.end + self.stood.start + self.length
        } else {
            byte.min(self.stood.start)
        }
    }

    /// A byte of what was encrypted.
    const fn inside(&self, byte: usize) -> usize {
        self.stood.start + byte.saturating_sub(self.skipped)
    }

    fn verification(
        &self,
        whole: &Tree<'_>,
        (tree, outer): (&Tree<'_>, &Verification),
        found: &Opened,
    ) -> Verification {
        let inner = Tree::parse(&found.text, MESSAGE).ok();
        let from_outside = Moved { whole, from: Some(tree), byte: |byte| self.outside(byte) };
        let from_inside = Moved { whole, from: inner.as_ref(), byte: |byte| self.inside(byte) };
        let is_vouched_for = outer.verdict != Verdict::NeedsDecryption;
        let mut all = from_outside.verification(outer, |_| true);
        // What a signature around it proves needs none of its own.
        let inner = from_inside.verification(&found.inner, |problem| {
            !(is_vouched_for && *problem == Problem::Unsigned)
        });
        all.verdict = found.verdict;
        all.reasons.extend(inner.reasons);
        all.signed.extend(inner.signed);
        all.signatures.extend(inner.signatures);
        all.assertion = inner.assertion;
        all
    }
}

/// What was found in a part, in the places of the whole.
struct Moved<'m, 't, B> {
    whole: &'m Tree<'t>,
    from: Option<&'m Tree<'t>>,
    byte: B,
}

impl<B: Fn(usize) -> usize> Moved<'_, '_, B> {
    fn verification(&self, part: &Verification, counts: impl Fn(&Problem) -> bool) -> Verification {
        let reasons = part.reasons.iter().filter(|reason| counts(&reason.problem));
        let signatures = part.signatures.iter().map(|one| {
            let mut moved = one.clone();
            moved.node = self.node(one.node).unwrap_or(self.whole.root().id());
            moved.at = self.spot(&one.at);
            moved.problems = one.problems.iter().map(|reason| self.reason(reason)).collect();
            moved
        });
        let signed = part.signed.iter().filter_map(|one| {
            Some(Signed { node: self.node(one.node)?, at: self.spot(&one.at), ..one.clone() })
        });
        Verification {
            verdict: part.verdict,
            signed: signed.collect(),
            reasons: reasons.map(|reason| self.reason(reason)).collect(),
            signatures: signatures.collect(),
            assertion: part.assertion.and_then(|node| self.node(node)),
        }
    }

    fn reason(&self, reason: &Reason) -> Reason {
        Reason { problem: reason.problem.clone(), at: self.spot(&reason.at) }
    }

    fn spot(&self, at: &Spot) -> Spot {
        let start = (self.byte)(at.bytes.start);
        self.whole.spot_of(start..start + at.bytes.len())
    }

    fn node(&self, id: NodeId) -> Option<NodeId> {
        let start = self.from?.root().document().get_node(id)?.range().start;
        let start = (self.byte)(start);
        let mut elements = self.whole.root().descendants().filter(Node::is_element);
        elements.find(|node| node.range().start == start).map(|node| node.id())
    }
}
