//! Which of AWS's formats a file is in.

use memchr::memmem;

use crate::sources::input::Format;
use crate::sources::json::object::outline;

/// The AWS format that the beginning of a file is in, by the keys of its first object.
pub fn looks_like(head: &[u8], name: &str) -> Option<Format> {
    let _ = name;
    outline(head, 1).iter().find_map(|(key, value)| {
        Some(match (key.as_str(), value.first()) {
            ("UserDetailList" | "GroupDetailList" | "RoleDetailList", _) => {
                Format::AuthorizationDetails
            }
            ("Roles", Some(b'[')) => Format::ListRoles,
            ("Role", Some(b'{')) => Format::GetRole,
            ("SAMLProviderList", _) => Format::ListSamlProviders,
            ("SAMLMetadataDocument", _) => Format::GetSamlProvider,
            ("AccountAliases", _) => Format::ListAccountAliases,
            ("Accounts", Some(b'[')) => Format::ListAccounts,
            (
                "configurationItems" | "baseConfigurationItems" | "BaseConfigurationItems",
                Some(b'['),
            )
            | ("configurationItem" | "ConfigurationItem", Some(b'{')) => Format::ConfigSnapshot,
            ("Results", Some(b'[')) if memmem::find(head, b"AWS::IAM::").is_some() => {
                Format::ConfigSnapshot
            }
            _ => return None,
        })
    })
}
