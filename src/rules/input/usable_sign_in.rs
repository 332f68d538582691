//! `input/usable-sign-in`: a sign-in lies among the exports that anybody can still hand in.

use crate::entitlement::captures::Captured;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::model::moment::Moment;
use crate::rules::{Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/usable-sign-in",
        summary: "a captured sign-in can still be handed in by whoever reads the file",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A captured sign-in is a key: until it ends, whoever can read the file can post it to \
                      AWS and is signed in as the user it names. Okta gives one five minutes; settings of an \
                      app, and clocks, may give more. The time is that of the run, or `--at`.",
        remediation: "Delete the file, or wait until the sign-in has ended. `rolecall saml redact` makes a \
                      copy with the same structure that nobody can hand in.",
        references: &["https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf"],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some(at) = context.settings.at.map(Moment) else { return Vec::new() };
    let found = context.captures.all.iter().filter_map(Captured::said);
    found
        .filter_map(|(captured, said)| {
            let usable =
                said.message.assertions.iter().filter(|one| one.usable_until(at).is_some());
            let last = usable.max_by_key(|one| one.usable_until(at))?;
            let message = format!(
                "whoever has this file can sign in with it until {}",
                last.usable_until(at)?
            );
            let found = Finding::new(&RULE.info, &*captured.name, message);
            let found = found.at(captured.label(&last.end()?.at, ""));
            Some(found.help("delete it, or wait; `rolecall saml redact` makes a copy to share"))
        })
        .collect()
}
