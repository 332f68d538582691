//! What is expected, as written.

use std::ops::Range;

use crate::entitlement::stage::Stage;
use crate::text::Place;

/// A text of a file of expectations, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// Its line.
    pub place: Place,
    /// Its bytes in the file, quotes included.
    pub span: Range<usize>,
}

/// Some users, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Which.
    pub what: Select,
    /// Its line.
    pub place: Place,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

/// How users are chosen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Select {
    /// One, by login, mail, `uid`, `sAMAccountName`, DN or Okta id.
    User(String),
    /// Those who can sign in and whose login fits a pattern with `*`.
    Like(String),
    /// Those of a group, direct or through nesting, who can sign in; `*` in its name stands for any text.
    Group(String),
    /// All who can sign in.
    Everybody,
}

/// Which roles an expectation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleChoice {
    /// Those that any of some texts name.
    Named(Vec<Said>),
    /// Those of a tier.
    Tier(Said),
}

/// One expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// What it is called.
    pub name: Option<String>,
    /// The line it begins at.
    pub place: Place,
    /// Its file, counted from zero.
    pub file: usize,
    /// What it is about, and what it wants.
    pub kind: Kind,
}

/// What an expectation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Users: `[[expect]]` with `user`, `users`, `group`, `users_like` or `everybody`.
    OfUsers {
        /// The users.
        who: Vec<Selector>,
        /// Users left out.
        except: Vec<Selector>,
        /// What is wanted of each.
        assertions: Vec<Assertion>,
    },
    /// Roles: `[[expect]]` with `role`, `roles`, `roles_like` or `tier`.
    OfRoles {
        /// The roles.
        roles: RoleChoice,
        /// What is wanted of each.
        assertions: Vec<Assertion>,
    },
    /// `[[forbid]]`: roles that nobody may hold together.
    Forbid {
        /// One role of each is too much.
        together: Vec<Said>,
        /// Whether only roles of one account count together.
        same_account: bool,
        /// Users who may.
        except: Vec<Selector>,
    },
}

/// The words that want something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Whom the expectation is about.
    About,
    /// The picker shows every one of the roles.
    Sees,
    /// The picker shows none of them.
    NotSees,
    /// The picker shows them and no others.
    SeesExactly,
    /// The picker shows them, and AWS lets the user in.
    CanAssume,
    /// The user does not get in: at this stage, with this text.
    Refused,
    /// These users, at least, see the role.
    ReachedBy,
    /// These users and no others see it.
    ReachedByExactly,
    /// No others than these see it.
    ReachedByAtMost,
    /// The same in other words.
    NobodyOutside,
    /// So many users see it.
    Count,
    /// Nobody holds one of each.
    Together,
}

impl Key {
    /// The key in a file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Sees => "sees",
            Self::NotSees => "not_sees",
            Self::SeesExactly => "sees_exactly",
            Self::CanAssume => "can_assume",
            Self::Refused => "refused",
            Self::ReachedBy => "reached_by",
            Self::ReachedByExactly => "reached_by_exactly",
            Self::ReachedByAtMost => "reached_by_at_most",
            Self::NobodyOutside => "nobody_outside",
            Self::Count => "count",
            Self::Together => "together",
        }
    }
}

/// One thing that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The word.
    pub key: Key,
    /// Its line.
    pub place: Place,
    /// Bytes of its value in the file.
    pub span: Range<usize>,
    /// What it wants.
    pub wants: Wants,
}

/// What an assertion wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wants {
    /// Roles.
    Roles(Vec<Said>),
    /// Roles that are refused.
    Refused(Vec<RefusedRole>),
    /// Users.
    Users(Vec<Selector>),
    /// A number of users.
    Count {
        /// At least so many.
        min: usize,
        /// At most so many, where that is said.
        max: Option<usize>,
    },
}

/// A role that a user is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRole {
    /// The role.
    pub role: Said,
    /// The first stage that fails, where that is said.
    pub stage: Option<Stage>,
    /// A text that AWS's answer has, where that is said.
    pub text: Option<String>,
}

impl Expectation {
    /// Its name, or what it is about.
    pub fn title(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        match &self.kind {
            Kind::OfUsers { who, assertions, .. } => {
                format!("{}: {}", selectors(who), keys(assertions))
            }
            Kind::OfRoles { roles, assertions } => {
                let roles = match roles {
                    RoleChoice::Named(said) => texts(said),
                    RoleChoice::Tier(tier) => format!("tier {}", tier.text),
                };
                format!("{roles}: {}", keys(assertions))
            }
            Kind::Forbid { together, .. } => format!("not together: {}", texts(together)),
        }
    }
}

fn keys(assertions: &[Assertion]) -> String {
    let keys: Vec<&str> = assertions.iter().map(|assertion| assertion.key.as_str()).collect();
    keys.join(", ")
}

/// Names that a title lists.
const LISTED: usize = 3;

fn texts(said: &[Said]) -> String {
    listed(said.iter().map(|said| said.text.clone()))
}

fn selectors(who: &[Selector]) -> String {
    listed(who.iter().map(|selector| match &selector.what {
        Select::User(text) | Select::Like(text) => text.clone(),
        Select::Group(text) => format!("group {text}"),
        Select::Everybody => "everybody".to_owned(),
    }))
}

/// A few names, and how many more there are.
pub(super) fn listed(names: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = names.collect();
    let mut shown: Vec<String> = all.iter().take(LISTED).cloned().collect();
    let more = all.len().saturating_sub(LISTED);
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}
