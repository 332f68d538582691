//! The stage `session`: duration, session name, source identity and tags within AWS's limits.

use std::collections::BTreeSet;

use super::super::refusal::Refusal;
use super::super::resolve::Entitlements;
use super::super::sign_in::{Fact, SignIns};
use super::super::stage::{Answer, Stage, StageReport};
use crate::model::aws::Role;
use crate::model::directory::UserId;
use crate::model::session::{
    DURATION, TAG_KEY, TAG_VALUE, TAGS, USUAL_DURATION, is_of_tags, is_session_name,
    is_source_identity,
};
use crate::text::Place;

/// Why a session would not begin.
struct Stop {
    says: String,
    place: Place,
    refusal: Option<Refusal>,
    change: String,
}

/// What is found out, the failures before what is not known.
#[derive(Default)]
struct Found {
    stops: Vec<Stop>,
    unknown: Vec<String>,
}

pub(super) fn session(
    entitlements: &Entitlements<'_>,
    sign_ins: &SignIns<'_>,
    role: Option<&Role>,
    user: Option<UserId>,
) -> StageReport {
    let mut found = Found::default();
    let name = sign_ins.session_name(user);
    found.text(&name, "session name", Refusal::SessionName, is_session_name);
    let identity = sign_ins.source_identity(user);
    found.text(&identity, "source identity", Refusal::SourceIdentity, is_source_identity);
    tags(&sign_ins.sent(user).tags, &mut found);
    let seconds = duration(entitlements, &mut found);
    if let Some(stop) = found.stops.into_iter().next() {
        let report = StageReport::new(Stage::Session, Answer::Fails, stop.says)
            .at(stop.place)
            .change(stop.change);
        return match stop.refusal {
            Some(refusal) => report.refused(refusal),
            None => report,
        };
    }
    if !found.unknown.is_empty() {
        return StageReport::new(Stage::Session, Answer::Unknown, found.unknown.join("; "));
    }
    let shorter =
        role.and_then(|role| role.max_session_duration).filter(|&max| i64::from(max) < seconds);
    let note = match shorter {
        Some(max) => format!(
            "; the role's `MaxSessionDuration` of {max} seconds bounds API and CLI sessions, not the console's"
        ),
        None => String::new(),
    };
    let of = match &name {
        Fact::Is(name) | Fact::Likely(name, _) => format!(", as `{name}`"),
        Fact::Absent | Fact::Unknown(_) => String::new(),
    };
    let says = format!("a console session of {seconds} seconds{of}{note}");
    StageReport::new(Stage::Session, Answer::Holds, says)
}

/// The app's session duration in seconds.
fn duration(entitlements: &Entitlements<'_>, found: &mut Found) -> i64 {
    let app = entitlements.federation.app.as_ref();
    let Some(stated) = app.and_then(|app| app.session_duration.as_ref()) else {
        return USUAL_DURATION;
    };
    if !DURATION.contains(&stated.value) {
        found.stops.push(Stop {
            says: format!(
                "the app asks for a session of {} seconds, AWS takes {} to {}",
                stated.value,
                DURATION.start(),
                DURATION.end()
            ),
            place: stated.place,
            refusal: None,
            change: format!(
                "set the app's session duration to {} to {} seconds",
                DURATION.start(),
                DURATION.end()
            ),
        });
    }
    stated.value
}

impl Found {
    /// Holds a text that is sent against what AWS takes.
    fn text(&mut self, fact: &Fact, what: &str, refusal: Refusal, takes: fn(&str) -> bool) {
        match fact {
            Fact::Is(text) if !takes(text) => self.stops.push(Stop {
                says: format!("`{text}` is no {what} that AWS takes"),
                place: Place::NOWHERE,
                refusal: Some(refusal),
                change: format!("have Okta send a {what} of 2 to 64 of `a-zA-Z_0-9+=,.@-`"),
            }),
            Fact::Likely(text, why) if !takes(text) => {
                self.unknown.push(format!(
                    "`{text}` is no {what} that AWS takes, and {why}, would be sent"
                ));
            }
            // That no source identity is sent, nobody need know.
            Fact::Unknown(why) if refusal == Refusal::SessionName => {
                self.unknown.push(format!("the {what} is not known: {why}"));
            }
            Fact::Is(_) | Fact::Likely(..) | Fact::Absent | Fact::Unknown(_) => {}
        }
    }

    fn stop(&mut self, says: String) {
        let change = "change the app's attribute statements".to_owned();
        self.stops.push(Stop { says, place: Place::NOWHERE, refusal: None, change });
    }
}

fn tags(tags: &[(String, Fact)], found: &mut Found) {
    if tags.len() > TAGS {
        found.stop(format!("the app sends {} session tags, AWS takes {TAGS}", tags.len()));
    }
    let mut seen = BTreeSet::new();
    for (key, value) in tags {
        if !(1..=TAG_KEY).contains(&key.chars().count()) || !key.chars().all(is_of_tags) {
            found.stop(format!("`{key}` is no key of a session tag that AWS takes"));
        }
        if key.to_lowercase().starts_with("aws:") {
            found.stop(format!("the session tag `{key}` begins with `aws:`, which AWS reserves"));
        }
        if !seen.insert(key.to_lowercase()) {
            found.stop(format!(
                "the session tag `{key}` is sent twice, case does not tell two apart"
            ));
        }
        let fits = |text: &str| text.chars().count() <= TAG_VALUE && text.chars().all(is_of_tags);
        match value {
            Fact::Is(text) if !fits(text) => {
                found.stop(format!("`{text}` is no value of a session tag that AWS takes"));
            }
            Fact::Likely(text, why) if !fits(text) => found.unknown.push(format!(
                "`{text}` is no value of a session tag that AWS takes, and {why}, would be sent"
            )),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_held_against_number_length_and_letters() {
        let say = |all: &[(&str, &str)]| {
            let mut found = Found::default();
            let all: Vec<(String, Fact)> =
                all.iter().map(|(k, v)| ((*k).to_owned(), Fact::Is((*v).to_owned()))).collect();
            tags(&all, &mut found);
            found.stops.into_iter().map(|stop| stop.says).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(say(&[("team", "red"), ("cost centre", "Zürich 7")]), "");
        assert!(say(&[("team", "red"), ("Team", "blue")]).contains("sent twice"));
        assert!(say(&[("aws:x", "red")]).contains("reserves"));
        assert!(say(&[("team", "a*b")]).contains("no value"));
        assert!(say(&[("", "red")]).contains("no key"));
        let many: Vec<String> = (0..51).map(|n| format!("k{n}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|key| (&**key, "v")).collect();
        assert!(say(&many).contains("51 session tags"));
    }
}
