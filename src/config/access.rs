//! `[[forbid]]` and `[[keep_out]]`: what nobody may hold, for rules of `access`.

use toml::Spanned;
use toml::de::DeValue;

use super::ConfigError;
use super::tables::{FORBID, KEEP_OUT};
use super::toml_reader::{Entry, Toml};
use crate::rules::settings::{Forbidden, KeptOut};

/// How many roles of a combination are looked for together.
const TOGETHER: std::ops::RangeInclusive<usize> = 2..=32;

impl Toml<'_> {
    /// `[[forbid]]`: roles that nobody may hold together.
    pub(super) fn forbidden(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<Forbidden>, ConfigError> {
        let tables = self.tables(&FORBID, value)?;
        tables.into_iter().map(|(line, entries)| forbidden(line, &entries)).collect()
    }

    /// `[[keep_out]]`: classes of users that must not reach roles.
    pub(super) fn kept_out(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<KeptOut>, ConfigError> {
        let tables = self.tables(&KEEP_OUT, value)?;
        tables.into_iter().map(|(line, entries)| kept_out(line, &entries)).collect()
    }
}

fn forbidden(line: usize, entries: &[Entry<'_, '_>]) -> Result<Forbidden, ConfigError> {
    let mut forbidden = Forbidden::default();
    for entry in entries {
        match entry.key.name {
            "name" => forbidden.name = entry.text(),
            "together" => forbidden.together = entry.texts(),
            _ => forbidden.same_account = entry.is_on(),
        }
    }
    if !TOGETHER.contains(&forbidden.together.len()) {
        let message = "a `[[forbid]]` needs `together` with two roles or more, at most 32";
        return Err(ConfigError { line, message: message.to_owned() });
    }
    if forbidden.name.is_empty() {
        forbidden.name = forbidden.together.join(" + ");
    }
    Ok(forbidden)
}

fn kept_out(line: usize, entries: &[Entry<'_, '_>]) -> Result<KeptOut, ConfigError> {
    let mut kept_out = KeptOut::default();
    for entry in entries {
        match entry.key.name {
            "name" => kept_out.name = entry.text(),
            "users_like" => kept_out.users_like = entry.texts(),
            "groups" => kept_out.groups = entry.texts(),
            _ => kept_out.roles = entry.texts(),
        }
    }
    let whom: Vec<&str> =
        kept_out.users_like.iter().chain(&kept_out.groups).map(String::as_str).collect();
    if whom.is_empty() {
        let message = "a `[[keep_out]]` of nobody, expected `users_like` or `groups`";
        return Err(ConfigError { line, message: message.to_owned() });
    }
    if kept_out.name.is_empty() {
        kept_out.name = whom.join(", ");
    }
    Ok(kept_out)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn what_nobody_may_hold_is_read_and_a_mistake_names_its_line() {
        let config = Config::parse(concat!(
            "[[forbid]]\ntogether = [\"*/A\", \"*/B\"]\nsame_account = true\n",
            "[[keep_out]]\nname = \"guests\"\nusers_like = [\"*@guest.test\"]\n",
        ))
        .unwrap();
        let settings = config.settings();
        assert_eq!(settings.forbidden[0].name, "*/A + */B");
        assert!(settings.forbidden[0].same_account);
        assert_eq!(settings.kept_out[0].users_like, ["*@guest.test"]);
        for (text, line, message) in [
            ("[[forbid]]\ntogther = []\n", 2, "unknown key `togther`, expected `together`"),
            (
                "[[forbid]]\ntogether = [\"a/B\"]\n",
                1,
                "a `[[forbid]]` needs `together` with two roles or more, at most 32",
            ),
            (
                "\n[[keep_out]]\nroles = [\"a/B\"]\n",
                2,
                "a `[[keep_out]]` of nobody, expected `users_like` or `groups`",
            ),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!((error.line, error.message.as_str()), (line, message), "{text}");
        }
    }
}
