//! What one sign-in presents to a trust policy, whoever tells it: exports, flags or a captured assertion.

use crate::trust::{Presented, Request, SignIn};

/// What one sign-in presents; what is `None` is not presented.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PresentedSignIn {
    /// `Recipient`, which is `saml:aud`.
    pub recipient: Option<String>,
    /// `Issuer`.
    pub issuer: Option<String>,
    /// `NameID`, which is `saml:sub`.
    pub name_id: Option<String>,
    /// `Format` of the `NameID`, as a whole.
    pub name_id_format: Option<String>,
    /// `RoleSessionName`.
    pub session_name: Option<String>,
    /// `SourceIdentity`, which may be sent with a value that nobody knows.
    pub source_identity: Option<Presented>,
    /// `PrincipalTag` attributes by key; a value may be one that nobody knows.
    pub tags: Vec<(String, Presented)>,
    /// `TransitiveTagKeys`.
    pub transitive_tag_keys: Vec<String>,
    /// Further condition keys, such as `saml:edupersonaffiliation` that an attribute gives; they never
    /// outrank what is above.
    pub attributes: Vec<(String, Presented)>,
    /// Where the browser is: `aws:SourceIp`.
    pub source_ip: Option<String>,
    /// Region of the endpoint: `aws:RequestedRegion`.
    pub region: Option<String>,
    /// The moment, in seconds since 1970.
    pub epoch_seconds: Option<i64>,
}

impl PresentedSignIn {
    /// The request that `AssumeRoleWithSAML` makes with a SAML provider of this ARN: with tags also
    /// `TagSession`, with a source identity also `SetSourceIdentity`.
    pub fn request(&self, provider: &str) -> Request {
        let text = |value: &Presented| match value {
            Presented::One(text) => text.clone(),
            Presented::Many(_) | Presented::Unknown => String::new(),
        };
        let tags: Vec<(String, String)> =
            self.tags.iter().map(|(key, value)| (key.clone(), text(value))).collect();
        let source_identity = self.source_identity.as_ref().map(text);
        let sign_in = SignIn {
            provider,
            recipient: self.recipient.as_deref().unwrap_or_default(),
            issuer: self.issuer.as_deref(),
            name_id: self.name_id.as_deref(),
            name_id_format: self.name_id_format.as_deref(),
            session_name: self.session_name.as_deref(),
            source_identity: source_identity.as_deref(),
            tags: &tags,
            transitive_tag_keys: &self.transitive_tag_keys,
            epoch_seconds: self.epoch_seconds,
            source_ip: self.source_ip.as_deref(),
        };
        let mut request = sign_in.request();
        let context = &mut request.context;
        if self.recipient.is_none() {
            context.remove("saml:aud");
        }
        if let Some(region) = &self.region {
            context.set("aws:RequestedRegion", Presented::One(region.clone()));
        }
        if self.source_identity == Some(Presented::Unknown) {
            context.set("sts:SourceIdentity", Presented::Unknown);
        }
        for (key, value) in &self.tags {
            context.set(&format!("aws:RequestTag/{key}"), value.clone());
        }
        for (key, value) in &self.attributes {
            if context.value(key).is_none() {
                context.set(key, value.clone());
            }
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/OKTA";

    #[test]
    fn what_is_sent_with_a_value_that_nobody_knows_is_asked_for_and_not_known() {
        let sign_in = PresentedSignIn {
            source_identity: Some(Presented::Unknown),
            tags: vec![
                ("team".to_owned(), Presented::One("red".to_owned())),
                ("cost".to_owned(), Presented::Unknown),
            ],
            ..PresentedSignIn::default()
        };
        let request = sign_in.request(PROVIDER);
        let actions: Vec<&str> = request.action_names().collect();
        assert_eq!(actions, ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]);
        let value = |key| request.context.value(key).cloned();
        assert_eq!(value("aws:RequestTag/team"), Some(Presented::One("red".to_owned())));
        assert_eq!(value("aws:RequestTag/cost"), Some(Presented::Unknown));
        assert_eq!(value("sts:SourceIdentity"), Some(Presented::Unknown));
        assert_eq!(
            value("aws:TagKeys"),
            Some(Presented::Many(vec!["team".to_owned(), "cost".to_owned()]))
        );
    }

    #[test]
    fn what_is_not_sent_is_no_key_and_no_action() {
        let request = PresentedSignIn::default().request(PROVIDER);
        assert_eq!(request.action_names().collect::<Vec<_>>(), ["sts:AssumeRoleWithSAML"]);
        for key in ["saml:aud", "saml:sub", "saml:iss", "sts:SourceIdentity", "aws:TagKeys"] {
            assert_eq!(request.context.value(key), None, "{key}");
        }
    }
}
