//! The reference: who sees what, from the plain lists, by sets and maps alone.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{Filter, Pattern, World};

/// Role and account of a name, without a regular expression.
pub(super) fn captures(filter: Filter, name: &str) -> Option<(String, String)> {
    match filter {
        Filter::Guide => {
            let mut parts = name.rsplitn(3, '#');
            let (account, role, rest) = (parts.next()?, parts.next()?, parts.next()?);
            let alias = rest.strip_prefix("aws#")?;
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let fits = !alias.is_empty()
                && !alias.contains([' ', '\t', '\n', '\u{b}', '\u{c}', '\r'])
                && !role.is_empty()
                && role.chars().all(word)
                && !account.is_empty()
                && account.chars().all(|c| c.is_ascii_digit());
            fits.then(|| (role.to_owned(), account.to_owned()))
        }
        Filter::Underscores => name.match_indices("aws_").find_map(|(at, _)| {
            let rest = &name[at + 4..];
            let account: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let role = rest[account.len()..].strip_prefix('_')?;
            let legal = |c: &char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(*c);
            let role: String = role.chars().take_while(legal).collect();
            (!account.is_empty() && !role.is_empty()).then_some((role, account))
        }),
    }
}

/// Role ARN and provider ARN of a role and an account, where AWS reads them.
pub(super) fn pair(pattern: Pattern, role: &str, account: &str) -> Option<(String, String)> {
    if account.len() != 12 || role.len() > 64 {
        return None;
    }
    let (partition, path, provider) = match pattern {
        Pattern::Default => ("aws", "", "OKTA"),
        Pattern::WithPath => ("aws", "team/", "Okta-SSO"),
        Pattern::China => ("aws-cn", "", "OKTA"),
    };
    Some((
        format!("arn:{partition}:iam::{account}:role/{path}{role}"),
        format!("arn:{partition}:iam::{account}:saml-provider/{provider}"),
    ))
}

impl World {
    /// The role and provider ARNs a group's name maps to.
    pub(super) fn maps_to(&self, group: usize) -> Option<(String, String)> {
        let (role, account) = captures(self.app.filter, &self.groups[group].name)?;
        pair(self.app.pattern, &role, &account)
    }

    /// The same where the App Filter does not keep the group out.
    pub(super) fn grants(&self, group: usize) -> Option<String> {
        let wanted: Vec<&str> = self
            .app
            .sources
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .collect();
        let source = self.groups[group].source;
        let admitted = wanted.is_empty() || source.is_none_or(|source| wanted.contains(&source));
        admitted.then(|| self.maps_to(group)).flatten().map(|(role, _)| role)
    }

    /// Groups that a group's members are in as well, by one step.
    fn outer(&self, group: usize) -> BTreeSet<usize> {
        self.nested
            .iter()
            .filter(|&&(outer, inner)| inner == group && self.groups[outer].source != Some("okta"))
            .map(|&(outer, _)| outer)
            .collect()
    }

    /// The group and all that its members are in through it.
    pub(super) fn reach(&self, group: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([group]);
        loop {
            let more: BTreeSet<usize> = found.iter().flat_map(|&group| self.outer(group)).collect();
            let before = found.len();
            found.extend(more);
            if found.len() == before {
                return found;
            }
        }
    }

    /// Groups a user is in directly.
    pub(super) fn direct(&self, user: usize) -> BTreeSet<usize> {
        self.members.iter().filter(|edge| edge.1 == user).map(|edge| edge.0).collect()
    }

    /// Whether a user can sign in and, as far as is known, has the app.
    fn has_app(&self, user: usize) -> bool {
        let through_group = self.assigned_groups.as_ref().is_some_and(|assigned| {
            let direct = self.direct(user);
            direct.iter().any(|&group| self.reach(group).iter().any(|at| assigned.contains(at)))
        });
        let listed = self.assigned_users.as_ref().is_none_or(|users| users.contains(&user));
        self.users[user].active && (through_group || listed)
    }

    /// Role ARNs a user sees, each with the number of direct groups that lead there.
    pub(super) fn sees(&self, user: usize) -> BTreeMap<String, u32> {
        let mut seen = BTreeMap::new();
        if !self.has_app(user) {
            return seen;
        }
        for group in self.direct(user) {
            let roles: BTreeSet<String> =
                self.reach(group).iter().filter_map(|&group| self.grants(group)).collect();
            for role in roles {
                *seen.entry(role).or_default() += 1;
            }
        }
        seen
    }

    /// Role ARNs a user sees, each with the number of chains of groups that lead there.
    pub(super) fn chains(&self, user: usize) -> BTreeMap<String, u32> {
        let mut seen = BTreeMap::new();
        if self.has_app(user) {
            for group in self.direct(user) {
                self.walk(group, &mut Vec::new(), &mut seen);
            }
        }
        seen
    }

    fn walk(&self, group: usize, above: &mut Vec<usize>, seen: &mut BTreeMap<String, u32>) {
        if above.contains(&group) {
            return;
        }
        if let Some(role) = self.grants(group) {
            *seen.entry(role).or_default() += 1;
        }
        above.push(group);
        for outer in self.outer(group) {
            self.walk(outer, above, seen);
        }
        above.pop();
    }

    /// How many groups stand on the shortest chain from a user to a role.
    pub(super) fn shortest(&self, user: usize, role: &str) -> Option<usize> {
        let mut frontier = self.direct(user);
        let mut seen = frontier.clone();
        for length in 1.. {
            if frontier.iter().any(|&group| self.grants(group).as_deref() == Some(role)) {
                return Some(length);
            }
            frontier = frontier.iter().flat_map(|&group| self.outer(group)).collect();
            frontier.retain(|&group| seen.insert(group));
            if frontier.is_empty() {
                return None;
            }
        }
        None
    }

    /// The pickers of everybody who sees anything, by login without its case.
    pub(super) fn pickers(&self) -> BTreeMap<String, BTreeMap<String, u32>> {
        self.by_login(|user| self.sees(user))
    }

    pub(super) fn by_login(
        &self,
        of: impl Fn(usize) -> BTreeMap<String, u32>,
    ) -> BTreeMap<String, BTreeMap<String, u32>> {
        (0..self.users.len())
            .map(|user| (self.users[user].login.to_lowercase(), of(user)))
            .filter(|(_, roles)| !roles.is_empty())
            .collect()
    }

    /// Memberships as Okta has them: nobody in Okta is in a group through another.
    pub(super) fn flat(&self) -> Vec<(usize, usize)> {
        let all: BTreeSet<(usize, usize)> = self
            .members
            .iter()
            .flat_map(|&(group, user)| self.reach(group).into_iter().map(move |at| (at, user)))
            .collect();
        all.into_iter().collect()
    }
}
