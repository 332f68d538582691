//! `assertion/session-duration`: a `SessionDuration` is none that AWS takes, or does not come true.

use super::{ASSERTIONS, CALL, SignIn, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::moment::Moment;
use crate::model::session::DURATION;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/session-duration",
        summary: "a SessionDuration is none that AWS takes, or does not come true",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "SessionDuration is a whole number of seconds, 900 to 43200; without it a console \
                      session lasts 3600. Where an AuthnStatement has SessionNotOnOrAfter, the session \
                      ends at the earlier of the two: a warning. A role whose MaxSessionDuration is less \
                      is no matter for the console; a command-line tool that asks for the sent duration \
                      is refused: a note, where an export has the role.",
        remediation: "Set the app's session duration to between 900 and 43200 seconds, and not beyond \
                      the end that Okta gives the session.",
        references: &[ASSERTIONS, CALL],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(context, &sign_in)).collect())
}

fn of(context: &Context<'_>, sign_in: &SignIn<'_>) -> Option<Finding> {
    let sent = match sign_in.aws.session_duration.as_slice() {
        [] => return None,
        [one] => one,
        [_, second, ..] => {
            let count = sign_in.aws.session_duration.len();
            let message = format!("{count} values of SessionDuration, expected one");
            return Some(sign_in.finding(&RULE.info, &second.at, message));
        }
    };
    let (least, most) = (DURATION.start(), DURATION.end());
    let is_number = !sent.value.is_empty() && sent.value.bytes().all(|byte| byte.is_ascii_digit());
    let Some(seconds) = sent.value.parse::<i64>().ok().filter(|_| is_number) else {
        let message = format!(
            "the session duration {} is no whole number of seconds, AWS takes {least} to {most}",
            Quoted(&sent.value)
        );
        return Some(sign_in.finding(&RULE.info, &sent.at, message));
    };
    if !DURATION.contains(&seconds) {
        let message =
            format!("a session duration of {seconds} seconds, AWS takes {least} to {most}");
        return Some(sign_in.finding(&RULE.info, &sent.at, message));
    }
    ends_before(sign_in, seconds).or_else(|| longer_than_a_role(context, sign_in, seconds))
}

/// A session that ends before its duration is over.
fn ends_before(sign_in: &SignIn<'_>, seconds: i64) -> Option<Finding> {
    let issued = Moment::parse(&sign_in.assertion.issue_instant.as_ref()?.value)?;
    let ends = sign_in.assertion.authn_statements.iter();
    let ends = ends.filter_map(|one| one.session_not_on_or_after.as_ref());
    let ends = ends.filter_map(|end| Some((Moment::parse(&end.value)?, end)));
    let (moment, end) = ends.min_by_key(|(moment, _)| moment.0)?;
    let left = moment.0.saturating_sub(issued.0);
    if left >= seconds {
        return None;
    }
    let message = format!(
        "a session of {seconds} seconds is asked for, and SessionNotOnOrAfter ends it after {left}"
    );
    let sent = sign_in.aws.session_duration.first()?;
    let found = sign_in.finding(&RULE.info, &end.at, message).severity(Severity::Warning);
    Some(found.related(sign_in.label(&sent.at, "what is asked for")))
}

fn longer_than_a_role(
    context: &Context<'_>,
    sign_in: &SignIn<'_>,
    seconds: i64,
) -> Option<Finding> {
    let accounts = &context.federation.accounts;
    let shorter = sign_in.aws.pairs().find_map(|(arn, _)| {
        let role = accounts.get(&arn.account)?.role(&arn.name)?;
        let most = role.max_session_duration.filter(|&most| i64::from(most) < seconds)?;
        Some((arn, role, most))
    });
    let (arn, role, most) = shorter?;
    let message = format!(
        "a session duration of {seconds} seconds, and role {} allows {most} to tools and the API",
        Quoted(&arn.name)
    );
    let sent = sign_in.aws.session_duration.first()?;
    let found = sign_in.finding(&RULE.info, &sent.at, message).severity(Severity::Note);
    let found = found.related(crate::finding::Label::new(role.place, "the role"));
    Some(found.help(format!("where a tool asks for all of it, AWS says {}", Refusal::Duration)))
}
