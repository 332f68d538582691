//! What a sign-in presents to AWS, as far as the exports and the project's settings tell.
//!
//! A key that AWS would see but no input gives is *unknown*, not absent, and what is only Okta's default
//! is *likely*: neither ever makes a refusal.

pub(super) mod attributes;

use std::collections::BTreeMap;

use super::presented::PresentedSignIn;
use super::resolve::Entitlements;
use crate::model::account::Partition;
use crate::model::app::AttributeStatement;
use crate::model::arn::ArnPair;
use crate::model::directory::{NameKind, UserId};
use crate::model::federation::Federation;
use crate::saml::library::{Library, Reading};
use crate::saml::metadata::Metadata;
use crate::text::Sourced;
use crate::trust::{Context, Presented, Request, TrustPolicy, name_qualifier};
use attributes::{SAML_KEYS, SINGLE, SPELT_VARIOUSLY};

/// What a project says about its sign-ins; each outranks what the exports give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignInSettings {
    /// `Recipient`, which is `saml:aud`.
    pub recipient: Option<String>,
    /// `Issuer`.
    pub issuer: Option<String>,
    /// `NameID`, which is `saml:sub`.
    pub name_id: Option<String>,
    /// `Format` of the `NameID`.
    pub name_id_format: Option<String>,
    /// `RoleSessionName`.
    pub session_name: Option<String>,
    /// `SourceIdentity`.
    pub source_identity: Option<String>,
    /// `PrincipalTag` attributes, key and value.
    pub tags: Option<Vec<(String, String)>>,
    /// Address the user signs in from.
    pub source_ip: Option<String>,
    /// Region of the sign-in endpoint.
    pub region: Option<String>,
    /// The moment, in seconds since 1970.
    pub at: Option<i64>,
}

/// What is known of one thing that a sign-in presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It is this.
    Is(String),
    /// It is this where a default of Okta's holds; the text says which.
    Likely(String, &'static str),
    /// It is not sent.
    Absent,
    /// Some input is missing that would tell; the text says which.
    Unknown(&'static str),
}

impl Fact {
    /// The value, known or likely.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Is(value) | Self::Likely(value, _) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// The value as a request presents it.
    fn presented(&self, trust: Trusting) -> Option<Presented> {
        match (self, trust) {
            (Self::Is(value), _) | (Self::Likely(value, _), Trusting::Defaults) => {
                Some(Presented::One(value.clone()))
            }
            (Self::Absent, _) => None,
            (Self::Unknown(_) | Self::Likely(..), _) => Some(Presented::Unknown),
        }
    }
}

/// Whether a default counts as what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trusting {
    /// It does.
    Defaults,
    /// What is only likely is not known.
    Nothing,
}

const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";
const NO_STATEMENTS: &str = "no export carries the app's attribute statements";
const NO_ISSUER: &str = "no export carries the app's own metadata (its issuer)";
const DEFAULT_USER_NAME: &str = "the login, as Okta's default user name of the app";
const DEFAULT_FORMAT: &str = "the name id format that Okta sends by default";
const DEFAULT_ENDPOINT: &str = "the partition's sign-in endpoint";

/// Keys of the request itself that no export tells.
pub(super) const OF_THE_REQUEST: &[&str] =
    &["aws:sourcevpc", "aws:sourcevpce", "aws:useragent", "aws:vpcsourceip"];

/// What every sign-in through the app presents, and what depends on the user.
#[derive(Debug)]
pub struct SignIns<'e> {
    entitlements: &'e Entitlements<'e>,
    settings: &'e SignInSettings,
    /// `Issuer` of the app.
    pub issuer: Fact,
    statements: Option<&'e [Sourced<AttributeStatement>]>,
    /// Metadata read so far.
    library: Library,
    own: Option<Reading>,
}

/// The tags and identity that one sign-in carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// Session tags, by key.
    pub tags: Vec<(String, Fact)>,
    /// `TransitiveTagKeys`.
    pub transitive: Vec<String>,
    /// Whether a source identity is sent.
    pub has_source_identity: bool,
}

impl<'e> SignIns<'e> {
    /// Gathers what belongs to the app.
    pub fn new(entitlements: &'e Entitlements<'e>, settings: &'e SignInSettings) -> Self {
        let app = entitlements.federation.app.as_ref();
        let library = Library::default();
        let own = entitlements.federation.app_metadata.as_ref();
        let own = own.map(|document| library.read(&document.value));
        let stated: Vec<&str> = own
            .iter()
            .filter_map(|own| own.as_ref().as_ref().ok())
            .flat_map(Metadata::entity_ids)
            .collect();
        let issuer = match (&settings.issuer, stated.as_slice()) {
            (Some(issuer), _) => Fact::Is(issuer.clone()),
            (None, [one]) => Fact::Is((*one).to_owned()),
            (None, []) if own.is_some() => {
                Fact::Unknown("the app's own metadata names no issuer, or cannot be read")
            }
            (None, []) => Fact::Unknown(NO_ISSUER),
            (None, _) => Fact::Unknown("the app's own metadata has several entities"),
        };
        let statements = app.and_then(|app| app.attribute_statements.as_deref());
        Self { entitlements, settings, issuer, statements, library, own }
    }

    /// The federation.
    pub const fn federation(&self) -> &'e Federation {
        self.entitlements.federation
    }

    /// The app's own metadata, where it was exported and can be read.
    pub fn own_metadata(&self) -> Option<&Metadata> {
        self.own.as_deref().and_then(|own| own.as_ref().ok())
    }

    /// What a provider's metadata says; a text is parsed once.
    pub fn metadata(&self, text: &str) -> Reading {
        self.library.read(text)
    }

    /// `Recipient`: where Okta posts the response.
    pub fn recipient(&self, partition: Partition) -> Fact {
        if let Some(recipient) = &self.settings.recipient {
            return Fact::Is(recipient.clone());
        }
        let app = self.entitlements.federation.app.as_ref();
        let stated = app.and_then(|app| app.override_acs_url.as_ref());
        match stated.map(|url| url.value.trim()).filter(|url| !url.is_empty()) {
            Some(url) => Fact::Is(url.to_owned()),
            None if app.is_some() && partition == Partition::Aws => {
                Fact::Is(partition.sign_in().to_owned())
            }
            None => Fact::Likely(partition.sign_in().to_owned(), DEFAULT_ENDPOINT),
        }
    }

    /// The user's name in the app, which Okta sends as `NameID` and `RoleSessionName`.
    pub fn user_name(&self, user: Option<UserId>) -> Fact {
        let federation = self.entitlements.federation;
        let Some(user) = user else { return Fact::Unknown("it differs from user to user") };
        if let Some(name) = federation.directory.assignments().user_name(user) {
            return Fact::Is(federation.directory.text(name).to_owned());
        }
        let template = federation.app.as_ref().and_then(|app| app.user_name_template.as_ref());
        match template.map(|template| template.value.trim()) {
            None | Some("" | "${source.login}" | "${user.login}" | "${source.userName}") => {
                let login = federation.directory.login(user).to_owned();
                Fact::Likely(login, DEFAULT_USER_NAME)
            }
            Some(_) => Fact::Unknown(
                "no export says what the app's user name template makes of the user (app users do)",
            ),
        }
    }

    /// `RoleSessionName`.
    pub fn session_name(&self, user: Option<UserId>) -> Fact {
        match &self.settings.session_name {
            Some(name) => Fact::Is(name.clone()),
            None => self.user_name(user),
        }
    }

    /// `NameID`.
    pub fn name_id(&self, user: Option<UserId>) -> Fact {
        match &self.settings.name_id {
            Some(name) => Fact::Is(name.clone()),
            None => self.user_name(user),
        }
    }

    /// `SessionDuration` in seconds, where the app's settings say it.
    pub fn session_duration(&self) -> Option<i64> {
        let app = self.entitlements.federation.app.as_ref()?;
        app.session_duration.as_ref().map(|seconds| seconds.value)
    }

    /// Whether settings or exports tell every session tag that is sent.
    pub const fn tells_tags(&self) -> bool {
        !self.tags_are_unknown()
    }

    /// `Format` of the `NameID`, without the prefix of SAML 2.0.
    pub fn name_id_format(&self) -> Fact {
        match &self.settings.name_id_format {
            Some(format) => Fact::Is(short_format(format).to_owned()),
            None => Fact::Likely("unspecified".to_owned(), DEFAULT_FORMAT),
        }
    }

    /// The app's statement of an AWS attribute.
    fn statement(&self, name: &str) -> Option<&'e AttributeStatement> {
        let wanted = |one: &&Sourced<AttributeStatement>| {
            one.value.name.strip_prefix(ATTRIBUTES) == Some(name)
        };
        self.statements?.iter().find(wanted).map(|one| &one.value)
    }

    /// `SourceIdentity`.
    pub fn source_identity(&self, user: Option<UserId>) -> Fact {
        if let Some(identity) = &self.settings.source_identity {
            return Fact::Is(identity.clone());
        }
        match self.statement("SourceIdentity") {
            Some(statement) => self.only_value(statement, user),
            None if self.statements.is_some() => Fact::Absent,
            None => Fact::Unknown(NO_STATEMENTS),
        }
    }

    /// What the app's attribute statements send of a user, in their order; `None` where no export carries
    /// them.
    pub fn statements(&self, user: UserId) -> Option<Vec<(&'e AttributeStatement, Vec<Fact>)>> {
        let of = |one: &'e Sourced<AttributeStatement>| {
            let values = one.value.values.iter().map(|value| self.expression(value, Some(user)));
            (&one.value, values.collect())
        };
        Some(self.statements?.iter().map(of).collect())
    }

    /// What the project says about its sign-ins.
    pub const fn settings(&self) -> &'e SignInSettings {
        self.settings
    }

    /// What an attribute statement with one value gives for a user.
    fn only_value(&self, statement: &AttributeStatement, user: Option<UserId>) -> Fact {
        match statement.values.as_slice() {
            [one] => self.expression(one, user),
            _ => Fact::Unknown("the app's attribute statement has several values, or none"),
        }
    }

    /// What an expression of Okta's gives: a text in quotes, or the profile fields that exports have.
    fn expression(&self, text: &str, user: Option<UserId>) -> Fact {
        let text = text.trim();
        let literal = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        if let Some(literal) = literal.filter(|literal| !literal.contains('"')) {
            return Fact::Is(literal.to_owned());
        }
        let directory = &self.entitlements.federation.directory;
        let field = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
        match (field, user) {
            ("appuser.userName", _) => self.user_name(user),
            ("user.login", Some(user)) => {
                Fact::Likely(directory.login(user).to_owned(), "the login that the exports give")
            }
            ("user.email", Some(user)) => {
                let mails =
                    directory.names_of_user(user).filter(|(kind, _)| *kind == NameKind::Mail);
                match mails.map(|(_, mail)| mail).next() {
                    Some(mail) => {
                        Fact::Likely(mail.to_owned(), "the mail address that the exports give")
                    }
                    None => Fact::Unknown("no export carries the user's mail address"),
                }
            }
            _ => Fact::Unknown(
                "no export carries the profile field of the app's attribute statement",
            ),
        }
    }

    /// Tags and source identity that a user's sign-in carries, as far as the app's statements are known.
    pub fn sent(&self, user: Option<UserId>) -> Sent {
        let tags = match (&self.settings.tags, self.statements) {
            (Some(tags), _) => {
                tags.iter().map(|(key, value)| (key.clone(), Fact::Is(value.clone()))).collect()
            }
            (None, Some(statements)) => statements
                .iter()
                .filter_map(|one| {
                    let name = one.value.name.strip_prefix(ATTRIBUTES)?;
                    let key = name.strip_prefix("PrincipalTag:")?;
                    Some((key.to_owned(), self.only_value(&one.value, user)))
                })
                .collect(),
            (None, None) => Vec::new(),
        };
        let transitive = match self.statement("TransitiveTagKeys") {
            Some(statement) => statement.values.clone(),
            None => Vec::new(),
        };
        let has_source_identity =
            !matches!(self.source_identity(user), Fact::Absent | Fact::Unknown(NO_STATEMENTS));
        Sent { tags, transitive, has_source_identity }
    }

    /// The request that a user's sign-in makes of a pair, with all that a policy reads; what is not known is
    /// [`Presented::Unknown`].
    pub fn request(
        &self,
        pair: &ArnPair,
        user: Option<UserId>,
        policy: &TrustPolicy,
        trusting: Trusting,
    ) -> Request {
        let sent = self.sent(user);
        let mut context = Context::default();
        for key in policy.keys() {
            if let Some(value) = self.presented(key, (pair, user, &sent), trusting) {
                context.set(key, value);
            }
        }
        let mut actions = vec!["sts:AssumeRoleWithSAML"];
        if !sent.tags.is_empty() {
            actions.push("sts:TagSession");
        }
        if sent.has_source_identity {
            actions.push("sts:SetSourceIdentity");
        }
        Request::new(&pair.provider.to_string(), &actions, context)
    }

    /// All that a sign-in through the app presents in a partition, a user's or anybody's, for a policy that
    /// is asked once: what is not known is left out, but for what is sent with a value that is not known.
    pub fn presents(&self, partition: Partition, user: Option<UserId>) -> PresentedSignIn {
        let known = |fact: Fact| fact.value().map(str::to_owned);
        let certain = |fact: Fact| match fact {
            Fact::Is(value) => Some(value),
            Fact::Likely(..) | Fact::Absent | Fact::Unknown(_) => None,
        };
        let sent = self.sent(user);
        let as_sent = |fact: &Fact| fact.presented(Trusting::Defaults);
        let identity = self.source_identity(user);
        PresentedSignIn {
            recipient: known(self.recipient(partition)),
            issuer: certain(self.issuer.clone()),
            name_id: known(self.name_id(user)),
            name_id_format: self.settings.name_id_format.clone(),
            session_name: known(self.session_name(user)),
            source_identity: as_sent(&identity).filter(|_| sent.has_source_identity),
            tags: sent
                .tags
                .iter()
                .filter_map(|(key, fact)| Some((key.clone(), as_sent(fact)?)))
                .collect(),
            transitive_tag_keys: sent.transitive,
            attributes: self.attributes(user),
            source_ip: self.settings.source_ip.clone(),
            region: self.settings.region.clone(),
            epoch_seconds: self.settings.at,
        }
    }

    /// Condition keys that the app's attribute statements give, as far as those are known.
    fn attributes(&self, user: Option<UserId>) -> Vec<(String, Presented)> {
        if self.statements.is_none() {
            return Vec::new();
        }
        let keys = SAML_KEYS.iter().map(|(_, key)| *key);
        keys.filter_map(|key| Some((key.to_owned(), self.attribute(key, user)?))).collect()
    }

    /// What a key, in lower case, holds; `None` where the sign-in does not have it.
    fn presented(
        &self,
        key: &str,
        (pair, user, sent): (&ArnPair, Option<UserId>, &Sent),
        trusting: Trusting,
    ) -> Option<Presented> {
        if let Some(tag) = key.strip_prefix("aws:requesttag/") {
            let found = sent.tags.iter().rev().find(|(own, _)| own.to_lowercase() == tag);
            return match found {
                Some((_, fact)) => fact.presented(trusting),
                None => self.tags_are_unknown().then_some(Presented::Unknown),
            };
        }
        match key {
            "aws:tagkeys" if self.tags_are_unknown() => Some(Presented::Unknown),
            "aws:tagkeys" => some_of(sent.tags.iter().map(|(key, _)| key.clone()).collect()),
            "sts:transitivetagkeys" if self.statements.is_none() => Some(Presented::Unknown),
            "sts:transitivetagkeys" => some_of(sent.transitive.clone()),
            _ if key.starts_with("aws:principaltag/") => Some(Presented::Unknown),
            _ => match self.fact(key, pair, user) {
                Some(fact) => fact.presented(trusting),
                None => self.attribute(key, user),
            },
        }
    }

    /// What a single-valued key of the sign-in holds; `None` for a key of another kind.
    pub fn fact(&self, key: &str, pair: &ArnPair, user: Option<UserId>) -> Option<Fact> {
        let given = |setting: &Option<String>, why| match setting {
            Some(value) => Fact::Is(value.clone()),
            None => Fact::Unknown(why),
        };
        let provider = &pair.provider;
        let account = provider.account.as_str();
        Some(match key {
            "saml:aud" => self.recipient(pair.role.partition),
            "saml:iss" => self.issuer.clone(),
            "saml:sub" => self.name_id(user),
            "saml:sub_type" => self.name_id_format(),
            "saml:doc" => Fact::Is(format!("{account}/{}", provider.name)),
            "saml:namequalifier" => match &self.issuer {
                Fact::Is(issuer) => Fact::Is(name_qualifier(issuer, account, &provider.name)),
                _ => Fact::Unknown(NO_ISSUER),
            },
            "sts:rolesessionname" => self.session_name(user),
            "sts:sourceidentity" => self.source_identity(user),
            "aws:sourceip" => given(&self.settings.source_ip, "`--source-ip` was not given"),
            "aws:requestedregion" => {
                given(&self.settings.region, "`region` of `[sign_in]` was not given")
            }
            "aws:currenttime" | "aws:epochtime" => match self.settings.at {
                Some(at) => Fact::Is(at.to_string()),
                None => Fact::Unknown("`--at` was not given"),
            },
            "aws:securetransport" => Fact::Is("true".to_owned()),
            _ if OF_THE_REQUEST.contains(&key) => {
                Fact::Unknown("it belongs to the request, which no export tells")
            }
            _ => return None,
        })
    }

    /// What a `saml:` key holds that an attribute statement of the app feeds.
    fn attribute(&self, key: &str, user: Option<UserId>) -> Option<Presented> {
        if SPELT_VARIOUSLY.contains(&key) {
            let none = self.statements.is_some_and(<[_]>::is_empty);
            return (!none).then_some(Presented::Unknown);
        }
        let (name, _) = SAML_KEYS.iter().find(|(_, own)| *own == key)?;
        let Some(statements) = self.statements else { return Some(Presented::Unknown) };
        let statement = &statements.iter().find(|one| one.value.name == *name)?.value;
        let values = statement.values.iter().map(|value| self.expression(value, user));
        let values: Option<Vec<String>> =
            values.map(|fact| fact.value().map(str::to_owned)).collect();
        match values {
            Some(values) if SINGLE.contains(&key) => values.into_iter().next().map(Presented::One),
            Some(values) => Some(Presented::Many(values)),
            None => Some(Presented::Unknown),
        }
    }

    const fn tags_are_unknown(&self) -> bool {
        self.settings.tags.is_none() && self.statements.is_none()
    }

    /// Why keys that a decision needs are not known: a clause for each reason, with its keys.
    pub fn why_unknown(&self, keys: &[String], pair: &ArnPair, user: Option<UserId>) -> String {
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for key in keys {
            let reason = match self.fact(&key.to_lowercase(), pair, user) {
                Some(Fact::Unknown(why) | Fact::Likely(_, why)) => why,
                _ if self.statements.is_none() => NO_STATEMENTS,
                _ => "no export tells its value",
            };
            by_reason.entry(reason).or_default().push(key);
        }
        let clauses = by_reason.into_iter().map(|(reason, keys)| {
            let keys: Vec<String> = keys.into_iter().map(|key| format!("`{key}`")).collect();
            format!("{}: {reason}", keys.join(", "))
        });
        clauses.collect::<Vec<String>>().join("; ")
    }

    /// What a decision took for granted: the defaults that a policy reads.
    pub fn assumed(
        &self,
        policy: &TrustPolicy,
        pair: &ArnPair,
        user: Option<UserId>,
    ) -> Vec<&'static str> {
        let mut assumed: Vec<&'static str> = policy
            .keys()
            .filter_map(|key| match self.fact(key, pair, user) {
                Some(Fact::Likely(_, why)) => Some(why),
                _ => None,
            })
            .collect();
        assumed.sort_unstable();
        assumed.dedup();
        assumed
    }
}

/// A multivalued key, which is absent without a value.
fn some_of(values: Vec<String>) -> Option<Presented> {
    (!values.is_empty()).then_some(Presented::Many(values))
}

/// A name id format as `saml:sub_type` has it: without the prefix of SAML 2.0.
fn short_format(format: &str) -> &str {
    format.strip_prefix("urn:oasis:names:tc:SAML:2.0:nameid-format:").unwrap_or(format)
}
