//! The answer of `why` as sentences that a ticket takes as they are.

use crate::entitlement::stage::Answer;
use crate::explain::why::Explanation;

/// Why the user does not get the role and what mends it; `None` where nothing fails. Untrusted names are in
/// backticks, not yet neutralised.
pub fn ticket(why: &Explanation) -> Option<String> {
    let failure = why.first_failure()?;
    let (user, role) = (&why.user, &why.role);
    let account = why.account.filter(|id| !role.contains(id.as_str()));
    let account = account.map(|id| format!(" (account {id})")).unwrap_or_default();
    let outcome = if failure.stage.decides_picker() {
        format!("`{user}` does not see `{role}`{account}")
    } else {
        format!("`{user}` sees `{role}`{account}, but AWS refuses it")
    };
    let mut sentences = vec![format!("{outcome}: {}.", failure.says)];
    sentences.extend(why.change.iter().map(|change| format!("To mend it: {change}.")));
    let later = why
        .stages
        .iter()
        .filter(|report| report.answer == Answer::Fails && report.stage > failure.stage);
    for (at, report) in later.enumerate() {
        let word = if at == 0 { "Then still" } else { "And" };
        sentences.push(format!("{word}: {}.", report.says));
    }
    Some(sentences.join(" "))
}
