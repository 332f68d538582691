//! `config`: the project's own configuration.

mod expired_waiver;
mod expiring_waiver;
mod unmatched_waiver;

use super::settings::Waiver;
use super::{CannotCheck, Context, Rule, WaiverUse};
use crate::finding::{Finding, Label, Quoted, RuleInfo};

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] =
    &[&expired_waiver::RULE, &expiring_waiver::RULE, &unmatched_waiver::RULE];

/// What they stand on.
const STATIC_ANALYSIS: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html";

/// The waivers, each with what the run says of it.
fn waivers<'c>(
    context: &'c Context<'_>,
) -> Result<impl Iterator<Item = (&'c Waiver, &'c WaiverUse)>, CannotCheck> {
    match context.waiver_uses.get() {
        Some(uses) => Ok(context.settings.waivers.iter().zip(uses)),
        None => Err(CannotCheck("no other rule was asked yet".to_owned())),
    }
}

/// A finding about a waiver, at its subject.
fn about(info: &RuleInfo, waiver: &Waiver, message: String) -> Finding {
    let subject = format!("{} {}", waiver.rule, waiver.subject);
    let at = Label::new(waiver.place, "").mark(&*waiver.subject);
    Finding::new(info, subject, message).at(at)
}

/// ``the waiver of `naming/too-long` for `aws#old#*` ``, with no space behind.
fn named(waiver: &Waiver) -> String {
    format!("the waiver of {} for {}", Quoted(&waiver.rule), Quoted(&waiver.subject))
}
