//! `mapping/session-duration`: the session duration is outside what AWS takes, or longer than a mapped role allows.

use std::ops::RangeInclusive;

use super::{ASSERTIONS, app, some_of, with_setting};
use crate::entitlement::exported_roles::ExportedRoles;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::model::aws;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/session-duration",
        summary: "the session duration is outside what AWS takes, or longer than a mapped role \
                      allows",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Okta sends the session duration as the SessionDuration attribute. AWS takes \
                      900 to 43200 seconds and refuses the whole response otherwise. A role's own \
                      maximum (3600 unless it is raised) applies to `AssumeRoleWithSAML` by command \
                      line and API: a longer request fails with `Requested DurationSeconds exceeds \
                      MaxSessionDuration set for this role.`; AWS documents that it does not apply \
                      to the console. `get-account-authorization-details` \
                      does not carry the maximum, `list-roles` does.",
        remediation: "Choose a duration that every mapped role allows, or raise the maximum of the \
                      roles named.",
        references: &[
            ASSERTIONS,
            "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html",
        ],
    },
    check,
};

/// Seconds that AWS takes in the attribute `SessionDuration`.
const TAKEN: RangeInclusive<i64> = 900..=43_200;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let Some(setting) = &app(context)?.session_duration else { return Ok(Vec::new()) };
    let seconds = setting.value;
    let found = |message: String| {
        Finding::new(&RULE.info, "sessionDuration", message).at(Label::new(setting.place, ""))
    };
    if !TAKEN.contains(&seconds) {
        let message = format!("the session duration is {seconds} seconds, expected 900 to 43200");
        let near = if seconds < 900 { 900 } else { 43_200 };
        let found = found(message).help(format!("set it to {near} or what is between"));
        let (from, to) = (seconds.to_string(), near.to_string());
        return Ok(vec![with_setting(found, "sessionDuration", setting.place, (&from, &to))]);
    }
    let Ok(exported) = context.exported_roles() else { return Ok(Vec::new()) };
    let shorter = shorter_roles(exported, seconds);
    let Some(&(most, role)) = shorter.first() else { return Ok(Vec::new()) };
    let roles = match shorter.len() {
        1 => "a mapped role allows".to_owned(),
        many => format!("{many} mapped roles allow"),
    };
    let message = format!(
        "the session duration of {seconds} seconds is longer than {roles}: {}",
        some_of(shorter.iter().map(|(_, role)| role.name.as_str()))
    );
    Ok(vec![
        found(message)
            .severity(Severity::Warning)
            .related(Label::new(role.place, format!("the shortest: {most} seconds")))
            .help(format!("set it to {most}, or raise the roles' maximum session duration")),
    ])
}

/// Roles that some group maps to and whose maximum is shorter, the shortest first.
fn shorter_roles<'f>(exported: &ExportedRoles<'f>, seconds: i64) -> Vec<(i64, &'f aws::Role)> {
    let roles = exported.all().iter().flatten();
    let mut shorter: Vec<(i64, &aws::Role)> = roles
        .filter_map(|role| Some((i64::from(role.max_session_duration?), *role)))
        .filter(|&(most, _)| most < seconds)
        .collect();
    shorter.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    shorter
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::app::OktaApp;
    use crate::rules::mapping::tests::{guide, messages};
    use crate::text::{Place, Sourced};

    #[test]
    fn the_limits_themselves_are_fine() {
        let found = |seconds| {
            let session_duration = Some(Sourced { value: seconds, place: Place(1) });
            messages(&RULE, OktaApp { session_duration, ..guide() }).len()
        };
        assert_eq!([899, 900, 43_200, 43_201].map(found), [1, 0, 0, 1]);
    }
}
