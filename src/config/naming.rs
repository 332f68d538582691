//! `[naming]`: what the names of role groups are made of.

use toml::Spanned;
use toml::de::DeValue;

use super::ConfigError;
use super::tables::NAMING;
use super::toml_reader::Toml;
use crate::mapping::grammar::Declaration;

impl Toml<'_> {
    /// What is declared; it is a grammar, or the first mistake is an error.
    pub(super) fn naming(self, value: &Spanned<DeValue<'_>>) -> Result<Declaration, ConfigError> {
        let mut naming = Declaration::default();
        let entries = self.entries(&NAMING, value)?;
        for entry in &entries {
            match entry.key.name {
                "template" => naming.template = Some(entry.text()),
                "alias" => naming.alias = Some(entry.text()),
                "role" => naming.role = Some(entry.text()),
                "aliases" => naming.aliases = Some(entry.texts()),
                "roles" => naming.roles = Some(entry.texts()),
                "environments" => naming.environments = Some(entry.texts()),
                "owners" => naming.owners = Some(entry.texts()),
                _ => naming.known_accounts = entry.text() == "known",
            }
        }
        let Err(wrong) = naming.check() else { return Ok(naming) };
        let entry = entries.iter().find(|entry| entry.key.name == wrong.key);
        let span = entry.map_or(value.span(), |entry| {
            let array = entry.value.get_ref().as_array();
            let one = array.zip(wrong.at).and_then(|(array, at)| array.get(at));
            one.map_or(entry.value.span(), Spanned::span)
        });
        Err(self.error(span, &wrong.message))
    }
}
