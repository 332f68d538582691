//! A document that is being changed: elements are found in its tree, and its text is edited.

use std::ops::Range;

use roxmltree::Node;

use crate::saml::issue::IssueError;
use crate::saml::metadata::NAMESPACE;
use crate::saml::private_key::PrivateKey;
use crate::saml::redact::TestKeys;
use crate::saml::response::{ASSERTION, PROTOCOL};
use crate::saml::sign::{
    self, SigningError, SigningOptions, attribute, signatures, with_content, with_value,
};
use crate::saml::signature::DSIG;
use crate::saml::test_key::{Signer, SignerError};
use crate::saml::xml::{METADATA, Tree, XmlError};

/// What comes of a change.
pub(super) type Done = Result<(), MutateError>;

/// What comes of a change that others may follow.
type More<'d, 'k> = Result<&'d mut Draft<'k>, MutateError>;

/// Why a document cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MutateError {
    /// Not XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Signing failed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The example cannot be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// A TEST key cannot be read.
    #[error(transparent)]
    Key(#[from] SignerError),
    /// Nothing there to change.
    #[error("no {0} in the message, expected one: this kind changes it")]
    Missing(String),
}

/// Where to change something.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    /// The first element with this local name.
    First(&'a str),
    /// The first with this local name whose parent has that one.
    Child(&'a str, &'a str),
    /// The first value of the attribute whose name ends so.
    Value(&'a str),
    /// The attribute whose name ends so.
    Attribute(&'a str),
}

/// The first value of the attribute of AWS with this name.
pub(super) const fn value(name: &str) -> At<'_> {
    At::Value(name)
}

impl<'a> From<&'a str> for At<'a> {
    fn from(name: &'a str) -> Self {
        Self::First(name)
    }
}

/// Parent and element.
impl<'a> From<(&'a str, &'a str)> for At<'a> {
    fn from((parent, name): (&'a str, &'a str)) -> Self {
        Self::Child(parent, name)
    }
}

impl At<'_> {
    fn find<'n>(self, tree: &'n Tree<'_>) -> Result<Node<'n, 'n>, MutateError> {
        let named = |node: &Node<'_, '_>, name: &str| {
            let known = [ASSERTION, PROTOCOL, DSIG, NAMESPACE];
            let of = node.tag_name();
            of.name() == name && of.namespace().is_some_and(|one| known.contains(&one))
        };
        let of_name = |node: &Node<'_, '_>, end: &str| {
            named(node, "Attribute")
                && node.attribute("Name").is_some_and(|name| name.rsplit('/').next() == Some(end))
        };
        let mut all = tree.root().descendants();
        let found = match self {
            Self::First(name) => all.find(|node| named(node, name)),
            Self::Child(parent, name) => all.find(|node| {
                named(node, name) && node.parent_element().is_some_and(|one| named(&one, parent))
            }),
            Self::Attribute(end) => all.find(|node| of_name(node, end)),
            Self::Value(end) => {
                let attribute = all.find(|node| of_name(node, end));
                attribute.and_then(|node| node.first_element_child())
            }
        };
        found.ok_or_else(|| MutateError::Missing(self.words()))
    }

    fn words(self) -> String {
        match self {
            Self::First(name) => format!("`{name}`"),
            Self::Child(parent, name) => format!("`{name}` within `{parent}`"),
            Self::Value(name) | Self::Attribute(name) => format!("attribute `{name}`"),
        }
    }
}

/// A document that is being changed.
#[derive(Debug, Clone)]
pub(super) struct Draft<'k> {
    /// What it says so far.
    pub(super) text: String,
    /// The keys to sign with; the known one is whose signatures are believed.
    pub(super) keys: &'k TestKeys,
    /// The elements that were signed, innermost first.
    signed: Vec<String>,
    /// What it was packed into.
    packed: Option<Vec<u8>>,
}

impl<'k> Draft<'k> {
    pub(super) fn of(text: &str, keys: &'k TestKeys) -> Result<Self, MutateError> {
        let tree = Tree::parse(text, METADATA)?;
        let parent = |node: Node<'_, '_>| Some(node.parent()?.tag_name().name().to_owned());
        let mut signed: Vec<String> = signatures(&tree).filter_map(parent).collect();
        signed.reverse();
        Ok(Self { text: text.to_owned(), keys, signed, packed: None })
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.packed.unwrap_or_else(|| self.text.into_bytes())
    }

    /// Carried in this form.
    #[expect(clippy::unnecessary_wraps, reason = "the last step of a kind")]
    pub(super) fn pack(&mut self, bytes: impl Into<Vec<u8>>) -> Done {
        self.packed = Some(bytes.into());
        Ok(())
    }

    /// An element as it stands.
    pub(super) fn outer<'a>(&self, at: impl Into<At<'a>>) -> Result<String, MutateError> {
        let tree = Tree::parse(&self.text, METADATA)?;
        let range = at.into().find(&tree)?.range();
        Ok(self.text.get(range).unwrap_or_default().to_owned())
    }

    /// All text within an element.
    pub(super) fn inner<'a>(&self, at: impl Into<At<'a>>) -> Result<String, MutateError> {
        let tree = Tree::parse(&self.text, METADATA)?;
        Ok(crate::saml::xml::text_of(at.into().find(&tree)?))
    }

    /// An attribute's value.
    pub(super) fn stated<'a>(
        &self,
        at: impl Into<At<'a>>,
        name: &str,
    ) -> Result<String, MutateError> {
        let tree = Tree::parse(&self.text, METADATA)?;
        let found = at.into().find(&tree)?.attribute(name).map(str::to_owned);
        found.ok_or_else(|| MutateError::Missing(format!("`{name}`")))
    }

    fn splice<'a>(
        &mut self,
        at: impl Into<At<'a>>,
        place: impl FnOnce(Range<usize>) -> Range<usize>,
        markup: &str,
    ) -> More<'_, 'k> {
        let tree = Tree::parse(&self.text, METADATA)?;
        let range = place(at.into().find(&tree)?.range());
        self.text.replace_range(range, markup);
        Ok(self)
    }

    /// Something in the place of an element.
    pub(super) fn replace<'a>(&mut self, at: impl Into<At<'a>>, markup: &str) -> More<'_, 'k> {
        self.splice(at, |range| range, markup)
    }

    /// Something in front of an element.
    pub(super) fn before<'a>(&mut self, at: impl Into<At<'a>>, markup: &str) -> More<'_, 'k> {
        self.splice(at, |range| range.start..range.start, markup)
    }

    /// Something behind an element.
    pub(super) fn after<'a>(&mut self, at: impl Into<At<'a>>, markup: &str) -> More<'_, 'k> {
        self.splice(at, |range| range.end..range.end, markup)
    }

    /// Without an element.
    pub(super) fn remove<'a>(&mut self, at: impl Into<At<'a>>) -> More<'_, 'k> {
        self.replace(at, "")
    }

    /// Another content of an element.
    pub(super) fn content<'a>(&mut self, at: impl Into<At<'a>>, markup: &str) -> More<'_, 'k> {
        let tree = Tree::parse(&self.text, METADATA)?;
        self.text = with_content(&self.text, at.into().find(&tree)?, markup);
        Ok(self)
    }

    /// Something as the last content of an element.
    pub(super) fn end<'a>(&mut self, at: impl Into<At<'a>>, markup: &str) -> More<'_, 'k> {
        let at = at.into();
        let outer = self.outer(at)?;
        self.replace(at, &within(&outer, markup))
    }

    /// An attribute of an element, added where it has none of that name.
    pub(super) fn attribute<'a>(
        &mut self,
        at: impl Into<At<'a>>,
        name: &str,
        new: &str,
    ) -> More<'_, 'k> {
        let tree = Tree::parse(&self.text, METADATA)?;
        let node = at.into().find(&tree)?;
        let own = node.attributes().find(|one| one.namespace().is_none() && one.name() == name);
        let (range, markup) = own.map_or_else(
            || {
                let at = self.tag_end(node);
                (at..at, format!(" {name}=\"{}\"", attribute(new)))
            },
            |one| (one.range_value(), attribute(new)),
        );
        self.text.replace_range(range, &markup);
        Ok(self)
    }

    /// Without an attribute of an element.
    pub(super) fn without<'a>(&mut self, at: impl Into<At<'a>>, name: &str) -> More<'_, 'k> {
        let tree = Tree::parse(&self.text, METADATA)?;
        let node = at.into().find(&tree)?;
        let own = node.attributes().find(|one| one.namespace().is_none() && one.name() == name);
        let own = own.ok_or_else(|| MutateError::Missing(format!("`{name}`")))?;
        let range = own.range();
        self.text.replace_range(range, "");
        Ok(self)
    }

    /// Something put into an element's start tag as it is, behind its name.
    pub(super) fn tag<'a>(&mut self, at: impl Into<At<'a>>, markup: &str) -> More<'_, 'k> {
        let tree = Tree::parse(&self.text, METADATA)?;
        let at = self.tag_end(at.into().find(&tree)?);
        self.text.insert_str(at, markup);
        Ok(self)
    }

    /// Where the name in a start tag ends.
    fn tag_end(&self, node: Node<'_, '_>) -> usize {
        let start = node.range().start;
        let tag = self.text.get(start..).unwrap_or_default();
        let end = |c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/');
        start + tag.find(end).unwrap_or(tag.len())
    }

    /// A piece of the text as it stands, everywhere, for another.
    pub(super) fn swap(&mut self, from: &str, to: &str) -> More<'_, 'k> {
        if !self.text.contains(from) {
            return Err(MutateError::Missing(format!("`{from}`")));
        }
        self.text = self.text.replace(from, to);
        Ok(self)
    }

    /// Without any signature.
    pub(super) fn unsign(&mut self) -> More<'_, 'k> {
        while self.outer("Signature").is_ok() {
            self.remove("Signature")?;
        }
        Ok(self)
    }

    /// As Okta signs, with the known key.
    pub(super) fn okta(&self) -> SigningOptions<'k> {
        as_okta(&self.keys.known)
    }

    /// Signed anew: what was signed, as Okta signs.
    pub(super) fn sign(&mut self) -> Done {
        self.sign_with(&self.okta())
    }

    /// Signed anew: what was signed, by these options.
    pub(super) fn sign_with(&mut self, options: &SigningOptions<'_>) -> Done {
        self.unsign()?;
        for name in self.signed.clone() {
            self.sign_one(&name, options)?;
        }
        Ok(())
    }

    /// One element signed, besides what is signed already.
    pub(super) fn sign_one(&mut self, name: &str, options: &SigningOptions<'_>) -> Done {
        let tree = Tree::parse(&self.text, METADATA)?;
        let target = At::First(name).find(&tree)?.id();
        self.text = sign::sign(&tree, target, options)?;
        Ok(())
    }

    /// Signed anew: these elements alone.
    pub(super) fn sign_only(&mut self, names: &[&str]) -> Done {
        self.signed = names.iter().map(|&name| name.to_owned()).collect();
        self.sign()
    }

    /// The value of the response's signature made anew, whatever digest stands there.
    pub(super) fn value_anew(&mut self, parent: &str, key: &PrivateKey) -> Done {
        let tree = Tree::parse(&self.text, METADATA)?;
        let own = At::Child(parent, "Signature").find(&tree)?;
        let number = signatures(&tree).take_while(|node| *node != own).count();
        self.text = with_value(&self.text, number, key, None)?;
        Ok(())
    }

    /// The response's signature made anew with the known key, around an assertion that keeps its own.
    pub(super) fn sign_response(&mut self) -> Done {
        if self.outer(("Response", "Signature")).is_ok() {
            self.remove(("Response", "Signature"))?;
        }
        self.sign_one("Response", &self.okta())
    }

    /// The response's signature made anew around whatever stands in it now, with its own key information.
    pub(super) fn resigned_response(&mut self, signer: &Signer) -> Done {
        self.text = sign::complete(&self.text, 1, &signer.key, None)?;
        self.text = sign::complete(&self.text, 0, &signer.key, None)?;
        Ok(())
    }

    /// A comment or the like put into the middle of an element's text.
    pub(super) fn split<'a>(&mut self, at: impl Into<At<'a>>, markup: &str) -> More<'_, 'k> {
        let at = at.into();
        let text = self.inner(at)?;
        let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
        let (one, other) = text.split_at(middle);
        let markup = [&sign::content(one), markup, &sign::content(other)].concat();
        self.content(at, &markup)
    }

    /// The assertion becomes another's: another ID, user and role. It keeps its signature, which is none of it
    /// any more.
    pub(super) fn forge(&mut self) -> More<'_, 'k> {
        let id = format!("{}0", self.stated("Assertion", "ID")?);
        self.attribute("Assertion", "ID", &id)?;
        self.content("NameID", "mallory@heron.example")?;
        let role = self.inner(value("Role"))?;
        let (start, _) = role.rsplit_once('/').unwrap_or((&role, ""));
        self.content(value("Role"), &sign::content(&format!("{start}/Admin")))
    }

    /// Such an assertion without a signature.
    pub(super) fn forged(&self) -> Result<String, MutateError> {
        let mut copy = self.clone();
        if copy.outer(("Assertion", "Signature")).is_ok() {
            copy.remove(("Assertion", "Signature"))?;
        }
        copy.forge()?.outer("Assertion")
    }

    /// Without the signature of the response, which the attacks on that of the assertion cannot keep.
    pub(super) fn loosened(&mut self) -> More<'_, 'k> {
        self.outer(("Assertion", "Signature"))?;
        let is_signed = self.outer(("Response", "Signature")).is_ok();
        if is_signed { self.remove(("Response", "Signature")) } else { Ok(self) }
    }
}

/// As Okta signs, with this key.
pub(super) fn as_okta(signer: &Signer) -> SigningOptions<'_> {
    SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der))
}

/// An element with something as its last content.
pub(super) fn within(outer: &str, markup: &str) -> String {
    match outer.rsplit_once("</") {
        Some((head, tail)) => [head, markup, "</", tail].concat(),
        None => outer.to_owned(),
    }
}

/// `Extensions` of a response, with something in it.
pub(super) fn extensions(markup: &str) -> String {
    format!("<saml2p:Extensions xmlns:saml2p=\"{PROTOCOL}\">{markup}</saml2p:Extensions>")
}

/// `Advice` of an assertion, with something in it.
pub(super) fn advice(markup: &str) -> String {
    format!("<saml2:Advice xmlns:saml2=\"{ASSERTION}\">{markup}</saml2:Advice>")
}

/// `Object` of a signature, with something in it.
pub(super) fn object(markup: &str) -> String {
    format!("<ds:Object xmlns:ds=\"{DSIG}\">{markup}</ds:Object>")
}
