//! Decisions, and why.

use std::fmt;

use super::policy::{Effect, Fault};
use super::principal::Listed;
use super::request::Presented;
use crate::text::Shown;

/// What a trust policy answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Every action is allowed.
    Allow {
        /// The first action asked for.
        action: String,
        /// The statement that allows it, counted from 0.
        statement: usize,
        /// Its name.
        sid: Option<String>,
    },
    /// A statement denies an action.
    ExplicitDeny {
        /// The action.
        action: String,
        /// The statement that denies it, counted from 0.
        statement: usize,
        /// Its name.
        sid: Option<String>,
    },
    /// No statement allows an action, or the policy cannot be relied on.
    ImplicitDeny {
        /// The action; empty where none was asked for.
        action: String,
        /// Why each statement does not, the nearest to allowing first.
        refusals: Vec<Refusal>,
        /// What IAM would refuse, where only that stands in the way: about the policy, or a Deny.
        fault: Option<Fault>,
    },
    /// It depends on keys that are not known.
    Undecided {
        /// The action.
        action: String,
        /// The statement that reads them, counted from 0.
        statement: usize,
        /// Its name.
        sid: Option<String>,
        /// Whether it would allow or deny.
        effect: Effect,
        /// The keys, as the statement writes its own; those of variables in lower case.
        keys: Vec<String>,
        /// Its conditions that read them.
        open: Vec<Unmet>,
    },
}

/// Why one statement does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The statement, counted from 0.
    pub statement: usize,
    /// Its name.
    pub sid: Option<String>,
    /// Byte offset of the statement.
    pub at: usize,
    /// Every part that is not met; never empty.
    pub unmet: Vec<Unmet>,
}

/// A part of a statement that a request does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// Another action.
    Action {
        /// `NotAction`.
        negated: bool,
        /// The statement's actions.
        wanted: Vec<String>,
        /// The action asked for.
        presented: String,
    },
    /// Another principal.
    Principal {
        /// `NotPrincipal`.
        negated: bool,
        /// The statement's principals.
        wanted: Vec<String>,
        /// Who asks.
        presented: String,
    },
    /// A condition.
    Condition {
        /// The operator as written.
        operator: String,
        /// Whether the operator is a negated one.
        negated: bool,
        /// Whether the key has several values and the operator is for one.
        needs_set: bool,
        /// The key as written.
        key: String,
        /// The values wanted.
        wanted: Vec<String>,
        /// The value presented; `None` where the request does not have the key.
        presented: Option<Presented>,
        /// Byte offset of the key.
        at: usize,
    },
    /// IAM would refuse to store it.
    Refused(String),
}

impl Decision {
    /// The word for it: `allow`, `deny`, `implicit-deny` or `undecided`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Allow { .. } => "allow",
            Self::ExplicitDeny { .. } => "deny",
            Self::ImplicitDeny { .. } => "implicit-deny",
            Self::Undecided { .. } => "undecided",
        }
    }
}

/// Why, in one sentence.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow { action, statement, sid } => {
                write!(f, "{} allows `{}`", Name(*statement, sid), Quoted(action))
            }
            Self::ExplicitDeny { action, statement, sid } => {
                write!(f, "{} denies `{}`", Name(*statement, sid), Quoted(action))
            }
            Self::ImplicitDeny { action, .. } if action.is_empty() => {
                f.write_str("no action was asked for")
            }
            Self::ImplicitDeny { fault: Some(fault), .. } => {
                write!(f, "IAM would refuse the policy: {}", fault.message)
            }
            Self::ImplicitDeny { action, refusals, .. } => {
                write!(f, "no statement allows `{}`", Quoted(action))?;
                match refusals.first() {
                    Some(nearest) => write!(f, "; {nearest}"),
                    None => Ok(()),
                }
            }
            Self::Undecided { action, statement, sid, effect, keys, open } => {
                let may = match effect {
                    Effect::Allow => "allows",
                    Effect::Deny => "denies",
                };
                let (name, and) = (Name(*statement, sid), Joined(keys, " and "));
                write!(f, "whether {name} {may} `{}` depends on {and}", Quoted(action))?;
                for (number, unmet) in open.iter().enumerate() {
                    write!(f, "{} {unmet}", if number == 0 { ":" } else { ";" })?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Name(self.statement, &self.sid))?;
        for (number, unmet) in self.unmet.iter().enumerate() {
            write!(f, "{} {unmet}", if number == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action { negated, wanted, presented } => {
                let element = if *negated { "NotAction" } else { "Action" };
                write!(f, "`{element}` is {}, presented `{}`", Values(wanted), Quoted(presented))
            }
            Self::Principal { negated, wanted, presented } => {
                let element = if *negated { "NotPrincipal" } else { "Principal" };
                write!(f, "`{element}` is {}, presented `{}`", Values(wanted), Quoted(presented))
            }
            Self::Condition { operator, negated, needs_set, key, wanted, presented, .. } => {
                let not = if *negated { "not " } else { "" };
                let (operator, key, wanted) = (Quoted(operator), Quoted(key), Values(wanted));
                write!(f, "`{operator}` wants `{key}` {not}{wanted}, ")?;
                match presented {
                    Some(Presented::Unknown) => return f.write_str("which is not known"),
                    _ => f.write_str("presented ")?,
                }
                match presented {
                    None => f.write_str("no such key"),
                    Some(Presented::One(value)) => write!(f, "`{}`", Quoted(value)),
                    Some(Presented::Many(values)) => write!(f, "the set of {}", Values(values)),
                    Some(Presented::Unknown) => Ok(()),
                }?;
                if *needs_set {
                    f.write_str(", which needs `ForAllValues:` or `ForAnyValue:`")?;
                }
                Ok(())
            }
            Self::Refused(message) => write!(f, "IAM would refuse it: {message}"),
        }
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("*"),
            Self::One(kind, name) => write!(f, "{}: {name}", kind.as_str()),
            Self::Malformed(kind, name) => write!(f, "{kind}: {name}"),
        }
    }
}

/// A statement as a sentence names it.
struct Name<'a>(usize, &'a Option<String>);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {}", self.0 + 1)?;
        match self.1 {
            Some(sid) if !sid.is_empty() => write!(f, " (`{}`)", Quoted(sid)),
            _ => Ok(()),
        }
    }
}

/// Values in backticks, `or` before the last; a few of many.
struct Values<'a>(&'a [String]);

impl fmt::Display for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Joined(self.0, " or ").fmt(f)
    }
}

/// Values in backticks, a word before the last; a few of many.
struct Joined<'a>(&'a [String], &'static str);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        let last = self.0.len() - 1;
        for (number, value) in self.0.iter().enumerate().take(SHOWN) {
            let before = match number {
                0 => "",
                _ if number == last => self.1,
                _ => ", ",
            };
            write!(f, "{before}`{}`", Quoted(value))?;
        }
        match self.0.len().checked_sub(SHOWN) {
            Some(more) if more > 0 => write!(f, "{}{more} more", self.1),
            _ => Ok(()),
        }
    }
}

/// A text of the input, safe to show and not longer than a sentence bears.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 200;
        match self.0.char_indices().nth(LONGEST).and_then(|(at, _)| self.0.get(..at)) {
            Some(beginning) => write!(f, "{}…", Shown(beginning)),
            None => write!(f, "{}", Shown(self.0)),
        }
    }
}
