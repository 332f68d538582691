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

#[cfg(test)]
mod tests {
    use crate::config::{Config, page};

    #[test]
    fn a_mistake_names_the_line_of_its_key_or_of_its_value() {
        for (text, line, message) in [
            (
                "[naming]\nroles = [\"Admin\"]\ntemplate = \"aws#{alais}#{role}#{accountid}\"\n",
                3,
                "`template` is `aws#{alais}#{role}#{accountid}`: it has no placeholder `{alais}`, expected `{alias}`",
            ),
            (
                "[naming]\nroles = [\n  \"Admin\",\n  \"Team/Admin\",\n]\n",
                4,
                "`roles` has `Team/Admin`, expected letters, digits and `_+=,.@-` alone, as a role cannot hold `/`",
            ),
            ("\n[naming]\nowners = []\n", 3, "`owners` is empty, expected an owner or no such key"),
            ("[naming]\naccounts = \"all\"\n", 2, "`accounts` is `all`, expected `any` or `known`"),
            ("[naming]\nalais = []\n", 2, "unknown key `alais`, expected `alias`"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!((error.line, error.message.as_str()), (line, message), "{text}");
        }
    }

    #[test]
    fn the_example_of_the_page_is_a_grammar() {
        let page = page::page();
        let (_, after) = page.split_once("```toml\n[naming]\n").unwrap();
        let (table, _) = after.split_once("```").unwrap();
        let config = Config::parse(&format!("[naming]\n{table}")).unwrap();
        assert!(config.naming.check().is_ok());
    }
}
