//! `drift`: exports that disagree.

mod alias_renamed;
mod assertion_gap;
mod iac_app;
mod iac_deployed;
mod import_gap;
mod member_gap;
mod missing_group;
mod missing_role;
mod uncovered_account;

use super::{CannotCheck, Context, Rule};

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &alias_renamed::RULE,
    &assertion_gap::RULE,
    &iac_app::RULE,
    &iac_deployed::RULE,
    &import_gap::RULE,
    &member_gap::RULE,
    &missing_group::RULE,
    &missing_role::RULE,
    &uncovered_account::RULE,
];

/// Says why, where no export lists the roles of any account.
fn need_roles(context: &Context<'_>) -> Result<(), CannotCheck> {
    let listed = context.federation.accounts.iter().any(|(_, account)| account.roles_complete);
    if listed {
        return Ok(());
    }
    Err(CannotCheck("no export lists the roles of an account".to_owned()))
}

/// A number with its word: `1 account`, `2 accounts`.
fn number(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
