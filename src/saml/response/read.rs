//! From the tree to the types; an element counts in its own namespace only.

use std::ops::Range;

use roxmltree::Node;

use super::{
    ASSERTION, Assertion, Attribute, AuthnStatement, Conditions, ConfirmationData, ENCRYPTION,
    Encrypted, Issuer, Message, NameId, PROTOCOL, Response, Root, Split, Status, Subject,
    SubjectConfirmation, Value,
};
use crate::saml::xml::{Spotted, Tree, text_of};

pub(super) fn message(tree: &Tree<'_>) -> Message {
    let root = tree.root();
    let outside: Vec<Node<'_, '_>> =
        root.descendants().filter(|node| node.is_element() && !is_advice(*node)).collect();
    let all = |name| outside.iter().filter(move |node| is(**node, ASSERTION, name));
    Message {
        root: kind(root),
        response: is(root, PROTOCOL, "Response").then(|| response(tree, root)),
        assertions: all("Assertion").map(|node| assertion(tree, *node)).collect(),
        encrypted: all("EncryptedAssertion").map(|node| encrypted(tree, *node)).collect(),
    }
}

fn kind(root: Node<'_, '_>) -> Root {
    if is(root, PROTOCOL, "Response") {
        return Root::Response;
    }
    if is(root, ASSERTION, "Assertion") {
        return Root::Assertion;
    }
    let name = root.tag_name();
    match name.namespace() {
        Some(PROTOCOL | ASSERTION | crate::saml::metadata::NAMESPACE) => {
            Root::Other(name.name().to_owned())
        }
        other => Root::Other(format!("{{{}}}{}", other.unwrap_or_default(), name.name())),
    }
}

/// Whether an element stands within `Advice`, which says nothing that is relied on. The depth of XML is
/// limited, so this looks at few elements.
fn is_advice(node: Node<'_, '_>) -> bool {
    node.ancestors().skip(1).any(|outer| is(outer, ASSERTION, "Advice"))
}

fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element()
        && node.tag_name().name() == name
        && node.tag_name().namespace() == Some(namespace)
}

fn children<'a, 'i>(
    node: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| is(*child, namespace, name))
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    children(node, ASSERTION, name).next()
}

fn response(tree: &Tree<'_>, node: Node<'_, '_>) -> Response {
    let attribute = |name| tree.attribute(node, name);
    Response {
        node: node.id(),
        at: tree.spot(node),
        id: attribute("ID"),
        version: attribute("Version"),
        issue_instant: attribute("IssueInstant"),
        destination: attribute("Destination"),
        in_response_to: attribute("InResponseTo"),
        issuer: issuer(tree, node),
        status: children(node, PROTOCOL, "Status").next().map(|status| self::status(tree, status)),
    }
}

fn status(tree: &Tree<'_>, node: Node<'_, '_>) -> Status {
    let code = children(node, PROTOCOL, "StatusCode").next();
    let inner = code.and_then(|code| children(code, PROTOCOL, "StatusCode").next());
    let value = |code: Option<Node<'_, '_>>| tree.attribute(code?, "Value");
    let message = children(node, PROTOCOL, "StatusMessage").next();
    Status {
        code: value(code),
        inner: value(inner),
        message: message.map(|message| text(tree, message)),
    }
}

fn assertion(tree: &Tree<'_>, node: Node<'_, '_>) -> Assertion {
    let attribute = |name| tree.attribute(node, name);
    let statements = || children(node, ASSERTION, "AttributeStatement");
    let attributes = statements().flat_map(|statement| children(statement, ASSERTION, "Attribute"));
    let sealed =
        statements().flat_map(|statement| children(statement, ASSERTION, "EncryptedAttribute"));
    Assertion {
        node: node.id(),
        at: tree.spot(node),
        id: attribute("ID"),
        version: attribute("Version"),
        issue_instant: attribute("IssueInstant"),
        issuer: issuer(tree, node),
        subject: child(node, "Subject").map(|subject| self::subject(tree, subject)),
        conditions: children(node, ASSERTION, "Conditions")
            .map(|conditions| self::conditions(tree, conditions))
            .collect(),
        authn_statements: children(node, ASSERTION, "AuthnStatement")
            .map(|statement| authn_statement(tree, statement))
            .collect(),
        attributes: attributes.map(|attribute| self::attribute(tree, attribute)).collect(),
        encrypted_attributes: sealed.map(|one| tree.spot(one)).collect(),
    }
}

fn encrypted(tree: &Tree<'_>, node: Node<'_, '_>) -> Encrypted {
    let method = |holder| {
        let holder = node.descendants().find(|inner| is(*inner, ENCRYPTION, holder))?;
        let method = children(holder, ENCRYPTION, "EncryptionMethod").next()?;
        tree.attribute(method, "Algorithm")
    };
    Encrypted {
        node: node.id(),
        at: tree.spot(node),
        algorithm: method("EncryptedData"),
        key_algorithm: method("EncryptedKey"),
    }
}

fn issuer(tree: &Tree<'_>, node: Node<'_, '_>) -> Option<Issuer> {
    let issuer = child(node, "Issuer")?;
    Some(Issuer { value: text(tree, issuer), format: tree.attribute(issuer, "Format") })
}

fn subject(tree: &Tree<'_>, node: Node<'_, '_>) -> Subject {
    Subject {
        at: tree.spot(node),
        name_id: child(node, "NameID").map(|name_id| NameId {
            value: value(tree, name_id),
            format: tree.attribute(name_id, "Format"),
            name_qualifier: tree.attribute(name_id, "NameQualifier"),
            sp_name_qualifier: tree.attribute(name_id, "SPNameQualifier"),
        }),
        encrypted_id: child(node, "EncryptedID").is_some(),
        confirmations: children(node, ASSERTION, "SubjectConfirmation")
            .map(|confirmation| SubjectConfirmation {
                at: tree.spot(confirmation),
                method: tree.attribute(confirmation, "Method"),
                data: child(confirmation, "SubjectConfirmationData")
                    .map(|data| confirmation_data(tree, data)),
            })
            .collect(),
    }
}

fn confirmation_data(tree: &Tree<'_>, node: Node<'_, '_>) -> ConfirmationData {
    let attribute = |name| tree.attribute(node, name);
    ConfirmationData {
        at: tree.spot(node),
        recipient: attribute("Recipient"),
        not_before: attribute("NotBefore"),
        not_on_or_after: attribute("NotOnOrAfter"),
        in_response_to: attribute("InResponseTo"),
        address: attribute("Address"),
    }
}

fn conditions(tree: &Tree<'_>, node: Node<'_, '_>) -> Conditions {
    let audiences = |restriction| {
        children(restriction, ASSERTION, "Audience").map(|audience| text(tree, audience)).collect()
    };
    Conditions {
        at: tree.spot(node),
        not_before: tree.attribute(node, "NotBefore"),
        not_on_or_after: tree.attribute(node, "NotOnOrAfter"),
        restrictions: children(node, ASSERTION, "AudienceRestriction").map(audiences).collect(),
    }
}

fn authn_statement(tree: &Tree<'_>, node: Node<'_, '_>) -> AuthnStatement {
    let context = child(node, "AuthnContext");
    let class = context.and_then(|context| child(context, "AuthnContextClassRef"));
    AuthnStatement {
        at: tree.spot(node),
        authn_instant: tree.attribute(node, "AuthnInstant"),
        session_index: tree.attribute(node, "SessionIndex"),
        session_not_on_or_after: tree.attribute(node, "SessionNotOnOrAfter"),
        context_class: class.map(|class| text(tree, class)),
    }
}

fn attribute(tree: &Tree<'_>, node: Node<'_, '_>) -> Attribute {
    let at = tree.spot(node);
    let unnamed = || Spotted { value: String::new(), at: at.clone() };
    Attribute {
        name: tree.attribute(node, "Name").unwrap_or_else(unnamed),
        name_format: tree.attribute(node, "NameFormat"),
        friendly_name: tree.attribute(node, "FriendlyName"),
        values: children(node, ASSERTION, "AttributeValue").map(|one| value(tree, one)).collect(),
        at,
    }
}

fn value(tree: &Tree<'_>, node: Node<'_, '_>) -> Value {
    let inside = inside(node);
    let written = node.document().input_text().get(inside).unwrap_or_default();
    Value { text: text(tree, node), split: Split::of(written) }
}

fn text(tree: &Tree<'_>, node: Node<'_, '_>) -> Spotted<String> {
    Spotted { value: text_of(node), at: tree.spot_of(inside(node)) }
}

/// The bytes between an element's tags; for an empty-element tag none, at its end.
fn inside(node: Node<'_, '_>) -> Range<usize> {
    let whole = node.range();
    let written = node.document().input_text().get(whole.clone()).unwrap_or_default();
    let mut quote = None;
    let opened = written.bytes().position(|byte| match (quote, byte) {
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (None, b'>') => true,
        (Some(open), byte) if open == byte => {
            quote = None;
            false
        }
        _ => false,
    });
    let (Some(opened), Some(closed)) = (opened, written.rfind("</")) else {
        return whole.end..whole.end;
    };
    let start = whole.start + opened + 1;
    start..(whole.start + closed).max(start)
}
