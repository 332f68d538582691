//! `mapping/filter-beyond-convention`: the Group Filter and the declared grammar of names differ.

use std::collections::BTreeSet;

use super::{GUIDE, about_filter, count, some_of};
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::analysis::Witness;
use crate::mapping::analysis::compare::{Verdict, compare_grammar, narrowed};
use crate::mapping::grammar::{GrammarReader, NamingGrammar};
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

/// Roles for which a name is looked for.
const ROLES: usize = 3;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/filter-beyond-convention",
        summary: "the Group Filter takes other names than the declared convention",
        severity: Severity::Note,
        on: true,
        follows: super::BROKEN_FILTER,
        options: &[],
        since: "0.1.0",
        explanation: "A project that declares its names in `[naming]` has said which groups are role groups; what Okta \
                      makes of names is for the Group Filter to say. The two are held against each other over every \
                      name there could be, by automata. A warning shows a name of the convention that the filter does \
                      not match, or reads another role or account from: such a group gives nobody what it says; it is \
                      an error where there is such a group. A note shows a name outside of the convention that the filter maps to a role of yours: whoever may \
                      create groups can hand that role out under a name that nobody looks for. Nothing is reported where \
                      nothing is declared.",
        remediation: "`rolecall naming filter` prints the Group Filter that takes just the names of the convention, with \
                      a proof; `rolecall what-if --group-filter` says who would gain and lose with it.",
        references: &[GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let Some(grammar) = context.grammar()? else { return Ok(Vec::new()) };
    let entitlements = context.group_mapping()?;
    let mapping = entitlements.mapping;
    let compared = compare_grammar(grammar, (&mapping.filter, mapping.mode));
    if let Verdict::Undecided(why) = compared.verdict {
        return Err(CannotCheck(why.to_string()));
    }
    let mut findings = Vec::new();
    let missed = compared.names.iter().find_map(|read| Some((read.old.as_ref()?, &read.new)));
    if let Some((old, new)) = missed {
        findings.push(missing(entitlements, grammar, old, new.as_ref()));
    }
    if compared.names.iter().any(|read| read.old.is_none()) {
        findings.extend(beyond(context, entitlements, grammar));
    }
    Ok(findings)
}

/// A name of the convention that the filter does not read as it is meant; one of a group, if any has such.
fn missing(
    entitlements: &Entitlements<'_>,
    grammar: &NamingGrammar,
    meant: &Witness,
    read: Option<&Witness>,
) -> Finding {
    let mut reader = GrammarReader::new(grammar);
    let federation = entitlements.federation;
    let directory = &federation.directory;
    let groups = directory.groups().map(|(group, _)| group).filter(|&group| {
        entitlements.role_groups.of(group).is_none()
            && reader.read(directory.group_name(group)).is_some()
    });
    let groups: Vec<GroupId> = groups.collect();
    let name = groups.first().map_or(&*meant.name, |&group| directory.group_name(group));
    let message = match read.filter(|_| groups.is_empty()) {
        None => format!(
            "the Group Filter does not match {}, a name of the declared convention",
            Quoted(name)
        ),
        Some(read) => format!(
            "the Group Filter reads the role {} of account {} from {}, and the declared convention {} of {}",
            Quoted(&read.role),
            Quoted(&read.account),
            Quoted(name),
            Quoted(&meant.role),
            Quoted(&meant.account)
        ),
    };
    let mut finding = about_filter(&RULE.info, entitlements, None, message)
        .severity(if groups.is_empty() { Severity::Warning } else { Severity::Error });
    // Whatever else is said of these names, it is the filter that is to be mended.
    for &group in &groups {
        finding = finding.also(directory.group_name(group));
    }
    if let Some(&first) = groups.first() {
        let names = some_of(groups.iter().map(|&group| directory.group_name(group)));
        let label = Label::new(place_of(federation, first), "a group with such a name");
        finding = finding
            .related(label.mark(directory.group_name(first)))
            .help(format!("nobody gets a role by {}: {names}", count(groups.len(), "such group")));
    }
    finding.help("`rolecall naming filter` prints one that takes the names of the convention")
}

/// A name outside of the convention that the filter maps to a role that is there.
fn beyond(
    context: &Context<'_>,
    entitlements: &Entitlements<'_>,
    grammar: &NamingGrammar,
) -> Option<Finding> {
    let mapping = entitlements.mapping;
    let directory = &entitlements.federation.directory;
    let taken: BTreeSet<&str> =
        directory.groups().map(|(id, _)| directory.group_name(id)).collect();
    let found = roles(context, entitlements).into_iter().find_map(|(role, account)| {
        let narrowed = narrowed(&mapping.filter, role, account)?;
        let compared = compare_grammar(grammar, (&narrowed, mapping.mode));
        let mut others = compared.names.into_iter().filter(|read| read.old.is_none());
        others.find_map(|read| read.new.filter(|found| !taken.contains(&*found.name)))
    })?;
    let message = format!(
        "the Group Filter takes {} too, which is no name of the declared convention, for the role {} of account {}",
        Quoted(&found.name),
        Quoted(&found.role),
        Quoted(&found.account)
    );
    Some(about_filter(&RULE.info, entitlements, None, message).help(
        "`rolecall naming filter` prints one that takes the names of the convention and no others",
    ))
}

/// Some roles that groups map to, those of the admin tier first.
fn roles<'e>(context: &Context<'_>, entitlements: &'e Entitlements<'_>) -> Vec<(&'e str, &'e str)> {
    let accounts = &entitlements.federation.accounts;
    let mapped = entitlements.role_groups.mapped.iter().filter(|mapped| mapped.pair.is_ok());
    let roles: BTreeSet<(&str, &str)> =
        mapped.map(|mapped| (&*mapped.role, &*mapped.account)).collect();
    let is_admin = |&&(role, account): &&(&str, &str)| {
        context.settings.is_admin(accounts, AccountId::parse(account).ok(), role)
    };
    let (admin, other): (Vec<_>, Vec<_>) = roles.iter().partition(is_admin);
    admin.into_iter().chain(other).take(ROLES).copied().collect()
}
