//! `[[forbid]]` and `[[keep_out]]`: what nobody may hold, for rules of `access`.

use toml::Spanned;
use toml::de::DeValue;

use super::{ConfigError, Toml, in_order};
use crate::rules::settings::{Forbidden, KeptOut};

const FORBID_KEYS: [&str; 3] = ["name", "together", "same_account"];
const KEEP_OUT_KEYS: [&str; 4] = ["name", "users_like", "groups", "roles"];

impl Toml<'_> {
    /// `[[forbid]]`: roles that nobody may hold together.
    pub(super) fn forbidden(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<Forbidden>, ConfigError> {
        let Some(array) = value.get_ref().as_array() else {
            return Err(self.wrong_type("forbid", value, "tables `[[forbid]]`"));
        };
        array.iter().map(|value| self.one_forbidden(value)).collect()
    }

    fn one_forbidden(self, value: &Spanned<DeValue<'_>>) -> Result<Forbidden, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong_type("forbid", value, "a table `[[forbid]]`"));
        };
        let mut forbidden = Forbidden::default();
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            match name {
                "name" => forbidden.name = self.string(name, value)?,
                "together" => forbidden.together = self.patterns(name, value)?,
                "same_account" => match value.get_ref().as_bool() {
                    Some(set) => forbidden.same_account = set,
                    None => return Err(self.wrong_type(name, value, "`true` or `false`")),
                },
                other => return Err(self.unknown(other, key.span(), &FORBID_KEYS)),
            }
        }
        if !(2..=32).contains(&forbidden.together.len()) {
            let message = "a `[[forbid]]` needs `together` with two roles or more, at most 32";
            return Err(self.error(value.span(), message));
        }
        if forbidden.name.is_empty() {
            forbidden.name = forbidden.together.join(" + ");
        }
        Ok(forbidden)
    }

    /// `[[keep_out]]`: classes of users that must not reach roles.
    pub(super) fn kept_out(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<KeptOut>, ConfigError> {
        let Some(array) = value.get_ref().as_array() else {
            return Err(self.wrong_type("keep_out", value, "tables `[[keep_out]]`"));
        };
        array.iter().map(|value| self.one_kept_out(value)).collect()
    }

    fn one_kept_out(self, value: &Spanned<DeValue<'_>>) -> Result<KeptOut, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong_type("keep_out", value, "a table `[[keep_out]]`"));
        };
        let mut kept_out = KeptOut::default();
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            match name {
                "name" => kept_out.name = self.string(name, value)?,
                "users_like" => kept_out.users_like = self.patterns(name, value)?,
                "groups" => kept_out.groups = self.patterns(name, value)?,
                "roles" => kept_out.roles = self.patterns(name, value)?,
                other => return Err(self.unknown(other, key.span(), &KEEP_OUT_KEYS)),
            }
        }
        let whom: Vec<&str> =
            kept_out.users_like.iter().chain(&kept_out.groups).map(String::as_str).collect();
        if whom.is_empty() {
            let message = "a `[[keep_out]]` of nobody, expected `users_like` or `groups`";
            return Err(self.error(value.span(), message));
        }
        if kept_out.name.is_empty() {
            kept_out.name = whom.join(", ");
        }
        Ok(kept_out)
    }
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
