//! `provider`: IAM SAML providers and their metadata, held against what the app sends and says of itself.

mod diverging_metadata;
mod encryption_unmet;
mod expired_certificate;
mod invalid_metadata;
mod issuer_mismatch;
mod missing;
mod name_case;
mod no_signing_key;
mod shared_entity_id;
mod stale_certificate;
mod too_many_keys;
mod unused;
mod weak_key;

use super::Rule;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &diverging_metadata::RULE,
    &encryption_unmet::RULE,
    &expired_certificate::RULE,
    &invalid_metadata::RULE,
    &issuer_mismatch::RULE,
    &missing::RULE,
    &name_case::RULE,
    &no_signing_key::RULE,
    &shared_entity_id::RULE,
    &stale_certificate::RULE,
    &too_many_keys::RULE,
    &unused::RULE,
    &weak_key::RULE,
];

/// AWS's page on making a SAML provider.
const CREATE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html";
/// AWS's page on what goes wrong with SAML.
const TROUBLE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html";
/// AWS's limits.
const QUOTAS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
/// The standard.
const METADATA: &str = "https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf";
