//! `assertion/outside-window`: a sign-in is not valid at the time it is handed in.

use super::{CORE, SignIn, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::moment::Moment;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::xml::Spotted;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/outside-window",
        summary: "a sign-in is not valid at the time it is handed in",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Conditions and SubjectConfirmationData say from when (NotBefore) and until when \
                      (NotOnOrAfter) an assertion holds; Okta gives it five minutes to either side. AWS \
                      takes one within five minutes of its IssueInstant, too, which was seen and is not \
                      documented: a warning. `rolecall saml check` asks about the time of `--at`, or now: \
                      what was captured is late as a rule, and `--at` takes the time of the sign-in. \
                      `rolecall check`, which meets captures among exports, asks about each message's own \
                      time of issue.",
        remediation: "Sign in again; where that does not help, compare the clocks. A capture that is \
                      still valid lets anybody in who has the file.",
        references: &[CORE, TROUBLE],
    },
    check,
};

/// How long AWS takes a message after its issue, in seconds.
const REDEEMED_WITHIN: i64 = 300;

/// A time that the message states, and what it is called.
type Stated<'s> = (&'static str, &'s Spotted<String>);

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(context, &sign_in)).collect())
}

fn of(context: &Context<'_>, sign_in: &SignIn<'_>) -> Option<Finding> {
    let (from, until) = stated(sign_in);
    let issued = issued(sign_in);
    let all = from.iter().chain(&until).chain(&issued);
    if let Some((what, time)) = all.clone().find(|(_, time)| Moment::parse(&time.value).is_none()) {
        let message = format!("the {what} {} is no time", Quoted(&time.value));
        return Some(sign_in.finding(&RULE.info, &time.at, message));
    }
    empty(sign_in, &from, &until).or_else(|| {
        let own = issued.iter().filter_map(|(_, time)| Moment::parse(&time.value)).max();
        let at = context.captures.at.or(own)?;
        outside(sign_in, (&from, &until), at).or_else(|| late(sign_in, &issued, at))
    })
}

/// When the message and its assertion were issued.
fn issued<'s>(sign_in: &SignIn<'s>) -> Vec<Stated<'s>> {
    let of_response = sign_in.said.message.response.as_ref();
    let of_response = of_response.and_then(|response| response.issue_instant.as_ref());
    let all = [of_response, sign_in.assertion.issue_instant.as_ref()];
    all.into_iter().flatten().map(|time| ("IssueInstant", time)).collect()
}

/// Every `NotBefore`, and every `NotOnOrAfter`.
fn stated<'s>(sign_in: &SignIn<'s>) -> (Vec<Stated<'s>>, Vec<Stated<'s>>) {
    let conditions = &sign_in.assertion.conditions;
    let confirmed = sign_in.assertion.subject.iter().flat_map(|subject| &subject.confirmations);
    let data: Vec<_> = confirmed.filter_map(|one| one.data.as_ref()).collect();
    let from = conditions.iter().filter_map(|one| one.not_before.as_ref());
    let from = from.chain(data.iter().filter_map(|one| one.not_before.as_ref()));
    let until = conditions.iter().filter_map(|one| one.not_on_or_after.as_ref());
    let until = until.chain(data.iter().filter_map(|one| one.not_on_or_after.as_ref()));
    (
        from.map(|time| ("NotBefore", time)).collect(),
        until.map(|time| ("NotOnOrAfter", time)).collect(),
    )
}

/// The latest beginning and the earliest end, where no time is between.
fn empty(sign_in: &SignIn<'_>, from: &[Stated<'_>], until: &[Stated<'_>]) -> Option<Finding> {
    let moment = |stated: &&Stated<'_>| Moment::parse(&stated.1.value).map(|moment| moment.0);
    let (_, from) = from.iter().max_by_key(|stated| moment(stated))?;
    let (_, until) = until.iter().min_by_key(|stated| moment(stated))?;
    if Moment::parse(&from.value) < Moment::parse(&until.value) {
        return None;
    }
    let message = format!(
        "the sign-in is never valid: NotBefore is {}, NotOnOrAfter {}",
        Quoted(&from.value),
        Quoted(&until.value)
    );
    let found = sign_in.finding(&RULE.info, &until.at, message);
    Some(found.related(sign_in.label(&from.at, "it begins here")))
}

fn outside(
    sign_in: &SignIn<'_>,
    (from, until): (&[Stated<'_>], &[Stated<'_>]),
    at: Moment,
) -> Option<Finding> {
    let moment = |stated: &Stated<'_>| Moment::parse(&stated.1.value);
    let ended = until.iter().filter(|stated| moment(stated) <= Some(at));
    if let Some((what, time)) = ended.min_by_key(|stated| moment(stated)) {
        let over = at.0 - Moment::parse(&time.value)?.0;
        let since = if over == 0 { "just".to_owned() } else { span(over) };
        let message =
            format!("at {at} the sign-in is {since} over: {what} is {}", Quoted(&time.value));
        let found = sign_in.finding(&RULE.info, &time.at, message);
        return Some(found.help(answer(Refusal::TooLate)));
    }
    let (what, time) = from.iter().find(|stated| moment(stated) > Some(at))?;
    let early = Moment::parse(&time.value)?.0 - at.0;
    let message = format!(
        "at {at} the sign-in is not valid yet, for {}: {what} is {}",
        span(early),
        Quoted(&time.value)
    );
    let found = sign_in.finding(&RULE.info, &time.at, message);
    Some(
        found.help("the clock of the identity provider is ahead, or the time asked about is wrong"),
    )
}

/// Within its window, but not soon enough.
fn late(sign_in: &SignIn<'_>, issued: &[Stated<'_>], at: Moment) -> Option<Finding> {
    let (_, time) = issued.iter().min_by_key(|(_, time)| Moment::parse(&time.value))?;
    let age = at.0 - Moment::parse(&time.value)?.0;
    if age <= REDEEMED_WITHIN {
        return None;
    }
    let message = format!("at {at} the sign-in is {} old, AWS takes it for 5 minutes", span(age));
    let found = sign_in.finding(&RULE.info, &time.at, message).severity(Severity::Warning);
    Some(found.help(answer(Refusal::TooLate)))
}

/// A span of time in the largest unit that it fills.
fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_the_largest_unit_that_it_fills() {
        let told = [1, 119, 300, 7_199, 7_200, 200_000].map(span);
        let wanted = ["1 second", "119 seconds", "5 minutes", "119 minutes", "2 hours", "2 days"];
        assert_eq!(told, wanted);
    }
}
