//! `[sign_in]`: what sign-ins present to AWS, where it is not what the exports say.

use std::net::IpAddr;

use toml::Spanned;
use toml::de::DeValue;

use super::ConfigError;
use super::tables::SIGN_IN;
use super::toml_reader::Toml;
use crate::entitlement::sign_in::SignInSettings;
use crate::trust::epoch_seconds;

impl Toml<'_> {
    pub(super) fn sign_in(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<SignInSettings, ConfigError> {
        let mut settings = SignInSettings::default();
        for entry in self.entries(&SIGN_IN, value)? {
            let (name, text) = (entry.key.name, entry.text());
            if name == "tags" {
                settings.tags = Some(entry.pairs());
                continue;
            }
            set(&mut settings, name, &text)
                .map_err(|wanted| self.wrong_value(name, &text, entry.value, wanted))?;
        }
        Ok(settings)
    }
}

/// Sets one thing that sign-ins present; what was expected, where the text is none.
pub fn set(settings: &mut SignInSettings, key: &str, text: &str) -> Result<(), &'static str> {
    let own = || Some(text.to_owned());
    if text.is_empty() {
        return Err("a text");
    }
    match key {
        "recipient" => settings.recipient = own(),
        "issuer" => settings.issuer = own(),
        "name_id" => settings.name_id = own(),
        "name_id_format" => settings.name_id_format = own(),
        "session_name" => settings.session_name = own(),
        "source_identity" => settings.source_identity = own(),
        "region" => settings.region = own(),
        "source_ip" => {
            text.parse::<IpAddr>().map_err(|_| "an address such as `203.0.113.7`")?;
            settings.source_ip = own();
        }
        _ => {
            let at = epoch_seconds(text);
            settings.at = Some(at.ok_or("a time such as `2026-11-24T12:00:00Z`")?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn refused(text: &str) -> (usize, String) {
        let error = Config::parse(text).unwrap_err();
        (error.line, error.message)
    }

    #[test]
    fn what_sign_ins_present_is_read() {
        let config = Config::parse(concat!(
            "[sign_in]\nrecipient = \"https://eu-west-1.signin.aws.amazon.com/saml\"\n",
            "source_ip = \"203.0.113.7\"\nat = 2026-11-24T12:00:00Z\n",
            "tags = { team = \"red\" }\nsession_name = \"nora\"\n",
        ))
        .unwrap();
        let sign_in = config.sign_in;
        assert_eq!(sign_in.at, Some(1_795_521_600));
        assert_eq!(sign_in.tags, Some(vec![("team".to_owned(), "red".to_owned())]));
        assert_eq!(sign_in.source_ip.as_deref(), Some("203.0.113.7"));
        assert_eq!(sign_in.session_name.as_deref(), Some("nora"));
        assert_eq!(sign_in.issuer, None);
    }

    #[test]
    fn a_time_or_an_address_that_is_none_names_its_line() {
        for (text, line, message) in [
            (
                "[sign_in]\nat = \"noon\"\n",
                2,
                "`at` is `noon`, expected a time such as `2026-11-24T12:00:00Z`",
            ),
            (
                "[sign_in]\n\nsource_ip = \"office\"\n",
                3,
                "`source_ip` is `office`, expected an address such as `203.0.113.7`",
            ),
            (
                "[sign_in]\ntags = 1\n",
                2,
                "`tags` is an integer, expected a table such as `{ team = \"red\" }`",
            ),
            ("[sign_in]\nissuers = \"x\"\n", 2, "unknown key `issuers`, expected `issuer`"),
            ("sign_in = 1\n", 1, "`sign_in` is an integer, expected a table `[sign_in]`"),
        ] {
            assert_eq!(refused(text), (line, message.to_owned()));
        }
    }
}
