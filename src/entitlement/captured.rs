//! What a captured assertion presents to a trust policy, whom it names, and where it is not what the exports
//! say that Okta sends.

use super::admission::{Admissions, trust};
use super::lookup::{UserMatch, find_user};
use super::presented::PresentedSignIn;
use super::refusal::Refusal;
use super::sign_in::attributes::{SAML_KEYS, SINGLE, VARIOUS};
use super::sign_in::{Fact, OF_THE_REQUEST, SignIns};
use super::stage::{Answer, Stage, StageReport};
use crate::model::account::Partition;
use crate::model::arn::ArnPair;
use crate::model::directory::{Directory, UserId};
use crate::model::federation::Federation;
use crate::saml::aws::SignInAttributes;
use crate::saml::metadata::Metadata;
use crate::saml::response::{Assertion, BEARER, ConfirmationData};
use crate::saml::verify::{KnownKeys, Verdict, verify};
use crate::saml::xml::{self, Spot, Spotted, Tree};
use crate::text::Place;
use crate::trust::{Decision, Presented};

/// One assertion and what AWS reads in it. Whether it may be believed is for its verification to say.
#[derive(Debug, Clone, Copy)]
pub struct CapturedSignIn<'a> {
    /// The assertion.
    pub assertion: &'a Assertion,
    /// Its attributes that AWS acts on.
    pub aws: &'a SignInAttributes,
    /// The message that it stands in, to the byte.
    pub text: &'a str,
}

/// What is known of the request that carried a message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances<'a> {
    /// The moment, in seconds since 1970.
    pub at: Option<i64>,
    /// Where the browser is.
    pub source_ip: Option<&'a str>,
}

/// A thing that the assertion carries otherwise than the exports tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is: `Issuer`, `RoleSessionName`, ``session tag `team` ``.
    pub what: String,
    /// What was sent and where; `None` where nothing was.
    pub sent: Option<Spotted<String>>,
    /// What the exports tell; `None` where it should not be sent.
    pub expected: Option<String>,
    /// Why the exports' answer is likely only; `None` where it is certain.
    pub likely: Option<&'static str>,
}

/// Whom an assertion names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// One user of the exports.
    One(UserId),
    /// Several users are called so; their logins.
    Several(String, Vec<String>),
    /// Nobody is called so; the nearest logins.
    Nobody(String, Vec<String>),
    /// It names nobody.
    Nothing,
}

impl<'a> CapturedSignIn<'a> {
    /// The text of the `NameID` and where it stands.
    pub fn name_id(&self) -> Option<&'a Spotted<String>> {
        Some(&self.assertion.subject.as_ref()?.name_id.as_ref()?.value.text)
    }

    /// `RoleSessionName`, where there is exactly one.
    pub fn session_name(&self) -> Option<&'a Spotted<String>> {
        only(&self.aws.session_name)
    }

    /// The data of the bearer confirmation, of several the first.
    fn confirmation(&self) -> Option<&'a ConfirmationData> {
        let confirmations = &self.assertion.subject.as_ref()?.confirmations;
        let is_bearer = |method: &Option<Spotted<String>>| {
            method.as_ref().is_some_and(|method| method.value == BEARER)
        };
        let bearer = confirmations.iter().find(|one| is_bearer(&one.method));
        bearer.or(confirmations.first())?.data.as_ref()
    }

    /// `Recipient` and where it stands.
    pub fn recipient(&self) -> Option<&'a Spotted<String>> {
        self.confirmation()?.recipient.as_ref()
    }

    /// `Issuer` and where it stands.
    pub fn issuer(&self) -> Option<&'a Spotted<String>> {
        self.assertion.issuer.as_ref().map(|issuer| &issuer.value)
    }

    /// The pairs of its `Role` values, each once, in the order sent.
    pub fn pairs(&self) -> Vec<ArnPair> {
        let mut pairs: Vec<ArnPair> = Vec::new();
        for pair in self.aws.roles.iter().filter_map(|role| role.pair.as_ref().ok()) {
            if !pairs.contains(pair) {
                pairs.push(pair.clone());
            }
        }
        pairs
    }

    /// Where the value of a pair stands.
    pub fn place_of(&self, pair: &ArnPair) -> Option<&'a Spot> {
        let is = |found: &ArnPair| found == pair;
        let role = self.aws.roles.iter().find(|role| role.pair.as_ref().is_ok_and(is))?;
        Some(&role.text.at)
    }

    /// The partition that it is for: that of its roles, else that of its endpoint.
    pub fn partition(&self) -> Option<Partition> {
        let of_roles = self.aws.pairs().map(|(role, _)| role.partition).next();
        of_roles.or_else(|| Partition::of_sign_in(&self.recipient()?.value))
    }

    /// All that it presents to a trust policy: attributes by the table of IAM's guide. Keys of the request
    /// that carried it are not known from it.
    pub fn presents(&self) -> PresentedSignIn {
        let value = |found: Option<&Spotted<String>>| found.map(|found| found.value.clone());
        let name_id = self.assertion.subject.as_ref().and_then(|one| one.name_id.as_ref());
        let tags = self.aws.tags.iter();
        let unknown = OF_THE_REQUEST.iter().chain(&["aws:sourceip", "aws:requestedregion"]);
        let unknown = unknown.map(|key| ((*key).to_owned(), Presented::Unknown));
        PresentedSignIn {
            recipient: value(self.recipient()),
            issuer: value(self.issuer()),
            name_id: value(self.name_id()),
            name_id_format: value(name_id.and_then(|name| name.format.as_ref())),
            session_name: value(self.session_name()),
            source_identity: value(self.aws.source_identity.first()).map(Presented::One),
            tags: tags
                .map(|(key, value)| (key.value.clone(), Presented::One(value.value.clone())))
                .collect(),
            transitive_tag_keys: self.aws.transitive.iter().map(|key| key.value.clone()).collect(),
            attributes: self.attributes().into_iter().chain(unknown).collect(),
            ..PresentedSignIn::default()
        }
    }

    /// The condition keys that further attributes give.
    fn attributes(&self) -> Vec<(String, Presented)> {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for attribute in &self.assertion.attributes {
            let tables = SAML_KEYS.iter().chain(VARIOUS);
            let keys = tables.filter(|(name, _)| *name == attribute.name.value);
            for (_, key) in keys {
                let values = attribute.values.iter().map(|value| value.text.value.clone());
                match found.iter_mut().find(|(known, _)| known == key) {
                    Some((_, known)) => known.extend(values),
                    None => found.push(((*key).to_owned(), values.collect())),
                }
            }
        }
        let is_list =
            |key: &str| SAML_KEYS.iter().any(|(_, known)| *known == key) && !SINGLE.contains(&key);
        let as_presented = |(key, values): (String, Vec<String>)| {
            let value = match <[String; 1]>::try_from(values) {
                // Of keys that AWS's pages call both, one value is one.
                Ok([one]) if !is_list(&key) => Presented::One(one),
                Ok([one]) => Presented::Many(vec![one]),
                Err(values) if values.is_empty() => return None,
                Err(values) => Presented::Many(values),
            };
            Some((key, value))
        };
        found.into_iter().filter_map(as_presented).collect()
    }

    /// The user of the exports that it names: by what the app calls them, else by `NameID`, else by
    /// `RoleSessionName`.
    pub fn user(&self, directory: &Directory) -> Named {
        let names = [self.name_id(), self.session_name()];
        let names: Vec<&str> = names
            .into_iter()
            .flatten()
            .map(|name| name.value.trim())
            .filter(|name| !name.is_empty())
            .collect();
        let stated = directory.assignments();
        for name in &names {
            let mut called =
                stated.user_names.iter().filter(|(_, own)| directory.text(*own) == *name);
            if let (Some(&(user, _)), None) = (called.next(), called.next()) {
                return Named::One(user);
            }
        }
        let mut told = Named::Nothing;
        for name in names {
            match (find_user(directory, name), &told) {
                (UserMatch::One(user), _) => return Named::One(user),
                (UserMatch::Several(logins), Named::Nothing | Named::Nobody(..)) => {
                    told = Named::Several(name.to_owned(), logins);
                }
                (UserMatch::None(near), Named::Nothing) => {
                    told = Named::Nobody(name.to_owned(), near);
                }
                _ => {}
            }
        }
        told
    }

    /// Whether keys of a provider's metadata sign it; `None` where the metadata has no key for that.
    pub fn is_signed_by(&self, metadata: &Metadata) -> Option<bool> {
        let mut keys = KnownKeys::default();
        for (_, certificate) in metadata.signing_certificates() {
            // A key of a kind that signs nothing here signs nothing.
            let _ = keys.add_certificate("", certificate);
        }
        if keys.is_empty() {
            return None;
        }
        let tree = Tree::parse(self.text, xml::MESSAGE).ok()?;
        Some(verify(&tree, &keys).verdict == Verdict::Accept)
    }

    /// The stage `provider` for this very message: its issuer and its signature, held against the metadata of
    /// the pair's provider.
    pub fn provider(&self, admissions: &Admissions<'_>, pair: &ArnPair) -> StageReport {
        let of_app = admissions.of_pair(pair).provider;
        let (id, name) = (pair.provider.account, &pair.provider.name);
        let account = admissions.entitlements.federation.accounts.get(&id);
        let found = account.and_then(|account| account.provider(name));
        let Some(document) = found.and_then(|found| found.metadata.as_ref()) else {
            return of_app;
        };
        let reading = admissions.sign_ins.metadata(&document.value);
        let Ok(metadata) = &*reading else { return of_app };
        let report = |answer, says: String| {
            let says = format!("account {id} has the SAML provider `{name}`, {says}");
            StageReport::new(Stage::Provider, answer, says).at(document.place)
        };
        let issuer = self.issuer().map(|issuer| issuer.value.as_str()).unwrap_or_default();
        if !metadata.entity_ids().any(|own| own == issuer) {
            let ids: Vec<String> = metadata.entity_ids().map(|own| format!("`{own}`")).collect();
            let says = format!("which is of {}, and the message is of `{issuer}`", ids.join(", "));
            return report(Answer::Fails, says).refused(Refusal::OtherIssuer);
        }
        match self.is_signed_by(metadata) {
            Some(true) => report(Answer::Holds, "whose issuer and key the message has".to_owned()),
            Some(false) => report(Answer::Fails, "and no key of it signed the message".to_owned())
                .refused(Refusal::SignatureInvalid),
            None => report(Answer::Unknown, "and no key of it can be read".to_owned()),
        }
    }

    /// What the trust policy of a pair's role decides about this very message; nothing of the user's record
    /// counts.
    pub fn trust(
        &self,
        federation: &Federation,
        pair: &ArnPair,
        circumstances: &Circumstances<'_>,
    ) -> StageReport {
        let account = federation.accounts.get(&pair.role.account);
        let role = account.and_then(|account| account.role(&pair.role.name));
        let policy = match trust::policy_of(pair, role, federation) {
            Ok(policy) => policy,
            Err(report) => return *report,
        };
        let mut presents = self.presents();
        presents.epoch_seconds = circumstances.at;
        presents.source_ip = circumstances.source_ip.map(str::to_owned);
        let decision = policy.decide(&presents.request(&pair.provider.to_string()));
        let place = role.and_then(|role| role.trust_policy.as_ref()).map(|policy| policy.place);
        let report = |answer| {
            StageReport::new(Stage::Trust, answer, decision.to_string())
                .at(place.unwrap_or(Place::NOWHERE))
        };
        match &decision {
            Decision::Allow { .. } => report(Answer::Holds),
            Decision::Undecided { .. } => report(Answer::Unknown),
            Decision::ExplicitDeny { .. } | Decision::ImplicitDeny { .. } => {
                report(Answer::Fails).refused(Refusal::NotTrusted)
            }
        }
    }

    /// Where it is not what the exports say that Okta sends for a user; what they do not tell is no
    /// difference.
    pub fn differences(&self, sign_ins: &SignIns<'_>, user: UserId) -> Vec<Difference> {
        let user = Some(user);
        let partition = self.partition().unwrap_or(Partition::Aws);
        let mut found = Differences::default();
        found.compare("Issuer", self.issuer(), &sign_ins.issuer);
        found.compare("Recipient", self.recipient(), &sign_ins.recipient(partition));
        found.compare("NameID", self.name_id(), &sign_ins.name_id(user));
        found.compare("RoleSessionName", self.session_name(), &sign_ins.session_name(user));
        if let Some(seconds) = sign_ins.session_duration() {
            let sent = only(&self.aws.session_duration);
            found.compare("SessionDuration", sent, &Fact::Is(seconds.to_string()));
        }
        let identity = self.aws.source_identity.first();
        found.compare("SourceIdentity", identity, &sign_ins.source_identity(user));
        let expected = sign_ins.sent(user);
        for (key, fact) in &expected.tags {
            let own = |(sent, _): &&(Spotted<String>, Spotted<String>)| {
                sent.value.eq_ignore_ascii_case(key)
            };
            let sent = self.aws.tags.iter().find(own).map(|(_, value)| value);
            found.compare(&format!("session tag `{key}`"), sent, fact);
        }
        if sign_ins.tells_tags() {
            for (key, value) in &self.aws.tags {
                let is = |(known, _): &(String, Fact)| known.eq_ignore_ascii_case(&key.value);
                if !expected.tags.iter().any(is) {
                    found.compare(
                        &format!("session tag `{}`", key.value),
                        Some(value),
                        &Fact::Absent,
                    );
                }
            }
        }
        found.0
    }
}

/// The one of a list.
fn only(values: &[Spotted<String>]) -> Option<&Spotted<String>> {
    match values {
        [one] => Some(one),
        _ => None,
    }
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    /// Holds what was sent against what is known of it.
    fn compare(&mut self, what: &str, sent: Option<&Spotted<String>>, fact: &Fact) {
        let text = sent.map(|sent| sent.value.as_str());
        let (expected, likely) = match fact {
            Fact::Unknown(_) => return,
            Fact::Absent => (None, None),
            Fact::Is(value) => (Some(value), None),
            Fact::Likely(value, why) => (Some(value), Some(*why)),
        };
        if text == expected.map(String::as_str) {
            return;
        }
        self.0.push(Difference {
            what: what.to_owned(),
            sent: sent.cloned(),
            expected: expected.cloned(),
            likely,
        });
    }
}
