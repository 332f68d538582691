//! The response that Okta would send for a user, as far as the exports and the project's settings tell.

use super::sign_in::{Fact, SignIns};
use crate::model::account::Partition;
use crate::model::app::AttributeStatement;
use crate::model::arn::ArnPair;
use crate::model::directory::UserId;
use crate::model::moment::Moment;
use crate::saml::issue::{ATTRIBUTES, Issue, IssuedAttribute, audience};

/// What Okta sends as `SessionDuration` where nobody set one, in seconds.
const USUAL_DURATION: i64 = 3600;

const NAME_ID_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";

/// A response to be signed, and what was taken for granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// What it says.
    pub issue: Issue,
    /// Values that are only likely, each with the reason: `NameID` is …
    pub assumed: Vec<String>,
}

/// Something that a response needs and no input tells.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissingFact {
    /// `Issuer`.
    #[error("the issuer is not known: {0}")]
    Issuer(&'static str),
    /// `NameID`.
    #[error("the NameID is not known: {0}")]
    NameId(&'static str),
    /// `RoleSessionName`.
    #[error("the session name is not known: {0}")]
    SessionName(&'static str),
    /// An attribute of the app's statements.
    #[error("the value of attribute `{name}` is not known (`{expression}`): {why}")]
    Attribute {
        /// Its name, without the part that all attributes of AWS share.
        name: String,
        /// The expression that gives it.
        expression: String,
        /// Why.
        why: &'static str,
    },
}

/// What a caller says of a response, over what the exports tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted<'w> {
    /// The roles to send, in this order.
    pub pairs: &'w [ArnPair],
    /// Attributes, names and values, that replace those of the app's statements or come after them.
    pub attributes: &'w [(String, String)],
    /// When it is issued.
    pub at: Moment,
    /// Goes into the IDs.
    pub seed: &'w str,
}

/// The response for a user. Okta sends a role once, however many groups lead to it; its order of roles is not
/// documented, and here they stand as the role picker shows them.
pub fn issued(
    sign_ins: &SignIns<'_>,
    user: UserId,
    wanted: &Wanted<'_>,
) -> Result<Issued, MissingFact> {
    let mut notes = Notes::default();
    let partition = wanted.pairs.first().map_or(Partition::Aws, |pair| pair.role.partition);
    let recipient = sign_ins.recipient(partition);
    let recipient = notes.take("Recipient", recipient).unwrap_or_default();
    let partition = Partition::of_sign_in(&recipient).unwrap_or(partition);
    let issuer = notes.take("Issuer", sign_ins.issuer.clone()).map_err(MissingFact::Issuer)?;
    let name_id = notes.take("NameID", sign_ins.name_id(Some(user)));
    let name_id = name_id.map_err(MissingFact::NameId)?;
    let format = sign_ins.name_id_format().value().unwrap_or("unspecified").to_owned();
    let mut attributes = Vec::new();
    if !wanted.pairs.is_empty() {
        attributes.push(IssuedAttribute::roles(wanted.pairs.iter().map(value_of).collect()));
    }
    let session_name = notes.take("RoleSessionName", sign_ins.session_name(Some(user)));
    let session_name = session_name.map_err(MissingFact::SessionName)?;
    attributes.push(IssuedAttribute::aws("RoleSessionName", session_name));
    let app = sign_ins.federation().app.as_ref();
    let duration = app.and_then(|app| app.session_duration.as_ref()).map(|stated| stated.value);
    if duration.is_none() {
        notes.say("SessionDuration", &USUAL_DURATION.to_string(), "what a new app has");
    }
    let duration = duration.unwrap_or(USUAL_DURATION).to_string();
    attributes.push(IssuedAttribute::aws("SessionDuration", duration));
    stated(sign_ins, user, wanted, (&mut attributes, &mut notes))?;
    over(&mut attributes, wanted.attributes);
    let issue = Issue {
        recipient,
        issuer,
        audience: audience(partition).to_owned(),
        name_id,
        name_id_format: if format.contains(':') {
            format
        } else {
            NAME_ID_FORMAT.to_owned() + &format
        },
        at: wanted.at,
        in_response_to: None,
        attributes,
        seed: wanted.seed.to_owned(),
    };
    Ok(Issued { issue, assumed: notes.0 })
}

/// A Role value as Okta writes it: the provider first.
fn value_of(pair: &ArnPair) -> String {
    format!("{},{}", pair.provider, pair.role)
}

/// What is only likely.
#[derive(Debug, Default)]
struct Notes(Vec<String>);

impl Notes {
    fn say(&mut self, what: &str, value: &str, why: &str) {
        self.0.push(format!("{what} is `{}`: {why}", crate::text::Shown(value)));
    }

    /// The value, known or likely, or why there is none.
    fn take(&mut self, what: &str, fact: Fact) -> Result<String, &'static str> {
        match fact {
            Fact::Is(value) => Ok(value),
            Fact::Likely(value, why) => {
                self.say(what, &value, why);
                Ok(value)
            }
            Fact::Absent => Err("it is not sent"),
            Fact::Unknown(why) => Err(why),
        }
    }
}

/// Adds what the app's attribute statements and the project's settings send.
fn stated(
    sign_ins: &SignIns<'_>,
    user: UserId,
    wanted: &Wanted<'_>,
    (attributes, notes): (&mut Vec<IssuedAttribute>, &mut Notes),
) -> Result<(), MissingFact> {
    let settings = sign_ins.settings();
    let statements = sign_ins.statements(user);
    if statements.is_none() {
        notes.0.push(
            "no export carries the app's attribute statements: none are sent but those given"
                .into(),
        );
    }
    for (statement, values) in statements.unwrap_or_default() {
        let name = short(&statement.name);
        let is_given = (settings.tags.is_some() && name.starts_with("PrincipalTag:"))
            || (settings.source_identity.is_some() && name == "SourceIdentity")
            || wanted.attributes.iter().any(|(given, _)| short(given) == name);
        if !is_given {
            attributes.push(sent(statement, values, notes)?);
        }
    }
    for (key, value) in settings.tags.iter().flatten() {
        attributes.push(IssuedAttribute::aws(&format!("PrincipalTag:{key}"), value.clone()));
    }
    if let Some(identity) = &settings.source_identity {
        attributes.push(IssuedAttribute::aws("SourceIdentity", identity.clone()));
    }
    Ok(())
}

/// What one attribute statement sends.
fn sent(
    statement: &AttributeStatement,
    values: Vec<Fact>,
    notes: &mut Notes,
) -> Result<IssuedAttribute, MissingFact> {
    let name = short(&statement.name);
    let missing = |expression: &str, why| MissingFact::Attribute {
        name: name.to_owned(),
        expression: expression.to_owned(),
        why,
    };
    if values.is_empty() {
        return Err(missing("", "groups give its values, and the export does not say which"));
    }
    let mut found = Vec::new();
    for (value, expression) in values.into_iter().zip(&statement.values) {
        let is_literal = name == "TransitiveTagKeys" && matches!(value, Fact::Unknown(_));
        if is_literal {
            // Keys are texts, quoted or not.
            found.push(expression.clone());
        } else {
            let value = notes.take(name, value);
            found.push(value.map_err(|why| missing(expression, why))?);
        }
    }
    let format = if statement.name.starts_with(ATTRIBUTES) { "basic" } else { "unspecified" };
    Ok(IssuedAttribute { name: statement.name.clone(), format, values: found })
}

/// Puts given attributes in the place of those of the same name, or behind all others. A name given more than
/// once has all its values.
fn over(attributes: &mut Vec<IssuedAttribute>, given: &[(String, String)]) {
    for (at, (name, value)) in given.iter().enumerate() {
        let full = full(name);
        let is_first = !given.iter().take(at).any(|(earlier, _)| self::full(earlier) == full);
        match attributes.iter_mut().find(|one| one.name == full) {
            Some(one) if is_first => one.values = vec![value.clone()],
            Some(one) => one.values.push(value.clone()),
            None => {
                let format = if full.starts_with(ATTRIBUTES) { "basic" } else { "unspecified" };
                attributes.push(IssuedAttribute {
                    name: full,
                    format,
                    values: vec![value.clone()],
                });
            }
        }
    }
}

/// The name of an attribute without what all attributes of AWS share.
fn short(name: &str) -> &str {
    name.strip_prefix(ATTRIBUTES).unwrap_or(name)
}

/// The whole name of an attribute: one without a scheme is one of AWS.
fn full(name: &str) -> String {
    let is_whole = name.contains("://") || name.starts_with("urn:");
    if is_whole { name.to_owned() } else { format!("{ATTRIBUTES}{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_attributes_replace_or_follow_and_several_values_stay_together() {
        let mut attributes = vec![IssuedAttribute::aws("SessionDuration", "3600".into())];
        let given = [("SessionDuration", "900"), ("urn:x", "1"), ("urn:x", "2")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        over(&mut attributes, &given);
        let seen: Vec<(&str, &[String])> =
            attributes.iter().map(|one| (short(&one.name), one.values.as_slice())).collect();
        assert_eq!(
            seen,
            [
                ("SessionDuration", ["900".to_owned()].as_slice()),
                ("urn:x", ["1".to_owned(), "2".to_owned()].as_slice())
            ]
        );
    }
}
