//! Whether some fixes are good: their findings are gone, no error is new, and everything is read and checked
//! as before.

use std::collections::BTreeMap;

use super::settle::Seen;
use crate::finding::{Finding, FixHint, Severity};

/// What is wrong with a trial of fixes.
pub(super) struct Verdict {
    /// How many findings would still be there.
    pub(super) still: usize,
    /// What would be worse.
    pub(super) worse: Option<String>,
}

/// How many findings there are of each rule about each subject.
type Counts<'f> = BTreeMap<(&'static str, &'f str), usize>;

impl Verdict {
    pub(super) const fn is_good(&self) -> bool {
        self.still == 0 && self.worse.is_none()
    }

    /// Compares what is found with what would be, with the fixes of some findings.
    pub(super) fn of(before: &Seen, after: &Seen, trial: &[usize]) -> Self {
        let (old, new) = (&before.outcome.findings, &after.outcome.findings);
        let fixed: Vec<&Finding> = trial.iter().filter_map(|index| old.get(*index)).collect();
        let (was, is) = (counted(old.iter()), counted(new.iter()));
        let less = counted(fixed.iter().copied());
        let is_still = |finding: &&&Finding| {
            let (rule, subject) = (finding.rule, finding.subject.as_str());
            let again = renamed(finding)
                .is_some_and(|(_, to)| count(&is, rule, to) > count(&was, rule, to));
            again
                || count(&is, rule, subject) + count(&less, rule, subject)
                    > count(&was, rule, subject)
        };
        let still = fixed.iter().filter(is_still).count();
        Self { still, worse: worse(before, after, &fixed) }
    }
}

fn renamed(finding: &Finding) -> Option<(&str, &str)> {
    match &finding.fix {
        Some(FixHint::RenameGroup { from, to }) => Some((from, to)),
        _ => None,
    }
}

fn count(counts: &Counts<'_>, rule: &'static str, subject: &str) -> usize {
    counts.get(&(rule, subject)).copied().unwrap_or(0)
}

fn counted<'f>(findings: impl Iterator<Item = &'f Finding>) -> Counts<'f> {
    let mut counts = Counts::new();
    for finding in findings {
        *counts.entry((finding.rule, finding.subject.as_str())).or_default() += 1;
    }
    counts
}

/// What is worse than before: less can be read or checked, or an error is new.
fn worse(before: &Seen, after: &Seen, fixed: &[&Finding]) -> Option<String> {
    if after.problems > before.problems {
        return Some("a problem in a file that is read whole now".to_owned());
    }
    let was_checked = |rule: &str| before.outcome.not_checked.iter().all(|not| not.rule != rule);
    if let Some(not) = after.outcome.not_checked.iter().find(|not| was_checked(not.rule)) {
        return Some(format!("`{}`, which could not be checked: {}", not.rule, not.reason));
    }
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let (old, new) = (&before.outcome.findings, &after.outcome.findings);
    let mut known = counted(old.iter().filter(is_error));
    // What was an error about a group is no new one about the group of another name.
    for (from, to) in fixed.iter().filter_map(|finding| renamed(finding)) {
        for finding in old.iter().filter(|one| one.subject == from).filter(is_error) {
            *known.entry((finding.rule, to)).or_default() += 1;
        }
    }
    let now = counted(new.iter().filter(is_error));
    let more = new.iter().filter(is_error).find(|finding| {
        let key = (finding.rule, finding.subject.as_str());
        now.get(&key) > known.get(&key)
    })?;
    Some(format!("`{}`: {}", more.rule, more.message))
}
