//! The review of all roles' trust, as text, JSON and Markdown.

mod json;
mod markdown;
mod text;

pub use json::review_json;
pub use markdown::review_markdown;
pub use text::review_text;

use std::collections::{BTreeMap, BTreeSet};

use crate::explain::trust_review::{Origin, Review, Reviewed, Trust, TrustCondition, Trusted};
use crate::finding::{Finding, Severity};
use crate::rules::SuppressedCounts;
use crate::text::SourceMap;

/// What a report of a review shows.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The review.
    pub review: &'a Review<'a>,
    /// What rules found about a role, by its index in [`Review::roles`].
    pub findings: &'a BTreeMap<usize, Vec<&'a Finding>>,
    /// How many findings are waived or in the baseline, and left out.
    pub suppressed: SuppressedCounts,
    /// The files.
    pub sources: &'a SourceMap,
    /// Whether every role is shown, not only every trust.
    pub all: bool,
}

/// Roles that a trust is shown with by name.
const EXAMPLES: usize = 3;

/// What many roles come to.
#[derive(Debug, Default)]
struct Sum {
    roles: usize,
    accounts: usize,
    admin: usize,
    deployed: usize,
    /// Roles by `MaxSessionDuration`; `None` where no export carries it.
    sessions: BTreeMap<Option<u32>, usize>,
    /// Fewest and most users and other groups that reach one of the roles.
    reached: Option<[(usize, usize); 2]>,
    /// Findings by severity, the worst first, and rule.
    findings: BTreeMap<(std::cmp::Reverse<Severity>, &'static str), usize>,
}

impl<'a> View<'a> {
    fn sum(&self, numbers: impl Iterator<Item = usize>) -> Sum {
        let mut sum = Sum::default();
        let mut accounts = BTreeSet::new();
        for number in numbers {
            let Some(role) = self.review.roles.get(number) else { continue };
            sum.roles += 1;
            sum.admin += usize::from(role.admin);
            sum.deployed += usize::from(role.origin == Origin::Deployed);
            accounts.extend(role.account);
            *sum.sessions.entry(role.max_session_duration).or_default() += 1;
            if let Some(reach) = role.reach {
                let now = [reach.users, reach.management_groups];
                let range = sum.reached.get_or_insert(now.map(|count| (count, count)));
                for (range, count) in range.iter_mut().zip(now) {
                    *range = (range.0.min(count), range.1.max(count));
                }
            }
            for finding in self.findings.get(&number).into_iter().flatten() {
                let key = (std::cmp::Reverse(finding.severity), finding.rule);
                *sum.findings.entry(key).or_default() += 1;
            }
        }
        sum.accounts = accounts.len();
        sum
    }

    /// What rules find about the roles of a trust: of each rule the first finding, the worst first.
    fn reasons(&self, trust: &Trust) -> Vec<&'a Finding> {
        let mut found: Vec<&'a Finding> = Vec::new();
        for finding in trust.roles.iter().filter_map(|role| self.findings.get(role)).flatten() {
            if found.iter().all(|known| known.rule != finding.rule) {
                found.push(finding);
            }
        }
        found.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.rule));
        found
    }

    /// The roles that are in no trust: unreadable ones, and those of which nothing is known.
    fn without_trust(&self, unreadable: bool) -> impl Iterator<Item = (&'a Reviewed<'a>, &'a str)> {
        self.review.roles.iter().filter_map(move |role| match &role.trusted {
            Trusted::Unreadable(why) if unreadable => Some((role, why.as_str())),
            Trusted::Unknown(why) if !unreadable => Some((role, why.as_str())),
            _ => None,
        })
    }
}

/// A role as `why` takes it, or as code or its file names it.
fn label(role: &Reviewed<'_>) -> String {
    let name = role.name.unwrap_or("(a name not known before deployment)");
    match (role.origin, role.alias, role.account) {
        (Origin::File(file), ..) => file.to_owned(),
        (Origin::Deployed, Some(alias), _) => format!("{alias}/{name}"),
        (Origin::Deployed, None, Some(account)) => format!("{account}/{name}"),
        (Origin::Deployed, None, None) => name.to_owned(),
        (Origin::Declared(_, address), ..) => address.to_owned(),
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `12 roles, 3 of the admin tier, in 4 accounts`.
fn head(sum: &Sum) -> String {
    let mut parts = vec![plural(sum.roles, "role", "roles")];
    if sum.admin > 0 {
        parts.push(format!("{} of the admin tier", sum.admin));
    }
    if sum.accounts > 0 {
        parts.push(format!("in {}", plural(sum.accounts, "account", "accounts")));
    }
    let elsewhere = sum.roles - sum.deployed;
    if elsewhere > 0 && sum.deployed > 0 {
        parts.push(format!("{elsewhere} of them not deployed but in code or a file"));
    }
    parts.join(", ")
}

/// `3600 s`, `3600 s (4 roles), 43200 s (1 role)`; empty where nothing is known.
fn sessions(sum: &Sum) -> String {
    let word = |duration: Option<u32>| match duration {
        Some(seconds) => format!("{seconds} s"),
        None => "not known".to_owned(),
    };
    if sum.sessions.keys().all(Option::is_none) {
        return String::new();
    }
    if let Some((only, _)) = sum.sessions.first_key_value().filter(|_| sum.sessions.len() == 1) {
        return word(*only);
    }
    let parts = sum.sessions.iter();
    let parts =
        parts.map(|(one, count)| format!("{} ({})", word(*one), plural(*count, "role", "roles")));
    parts.collect::<Vec<_>>().join(", ")
}

/// `12 users, 3 groups`, or ranges of them.
fn reached(sum: &Sum) -> Option<String> {
    let range = |(least, most): (usize, usize), one: &str, many: &str| {
        if least == most { plural(most, one, many) } else { format!("{least} to {most} {many}") }
    };
    let [users, groups] = sum.reached?;
    let users = range(users, "user", "users");
    Some(format!("{users} through {}", range(groups, "management group", "management groups")))
}

/// `2 trust/no-audience (warning)`, worst first.
fn findings(sum: &Sum) -> Vec<String> {
    let each = sum.findings.iter();
    each.map(|((severity, rule), count)| format!("{count} {rule} ({})", severity.0)).collect()
}

/// What a condition wants, in one clause.
fn clause(condition: &TrustCondition) -> (String, String) {
    let head = format!("{} {}", condition.operator, condition.key);
    let values: Vec<String> = condition.values.iter().map(|value| format!("`{value}`")).collect();
    let values = if values.is_empty() { "nothing".to_owned() } else { values.join(" or ") };
    (head, values)
}

/// A principal in words: kind and name.
fn party((kind, name): (&str, &str)) -> (&'static str, String) {
    match (kind, name) {
        ("AWS", "*") => ("everybody", "*".to_owned()),
        ("Federated", name) if name.contains(":saml-provider/") => {
            ("SAML provider", name.to_owned())
        }
        ("Federated", name) if name.contains(":oidc-provider/") => {
            ("OIDC provider", name.to_owned())
        }
        ("Federated", name) => ("web identity", name.to_owned()),
        ("AWS", name) => ("AWS", name.to_owned()),
        ("Service", name) => ("service", name.to_owned()),
        (kind, name) => ("other", format!("{kind}: {name}")),
    }
}

/// The first roles of a trust by name, and how many more there are.
fn examples(view: &View<'_>, trust: &Trust) -> (Vec<String>, usize) {
    let roles = trust.roles.iter().filter_map(|&number| view.review.roles.get(number));
    let names: Vec<String> = roles.take(EXAMPLES).map(label).collect();
    let more = trust.roles.len() - names.len();
    (names, more)
}
