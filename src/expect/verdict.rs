//! What comes of expectations.

use super::coverage::Coverage;
use super::expectation::Key;
use crate::entitlement::why::Explanation;
use crate::text::Place;

/// Whether an expectation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It does.
    Passed,
    /// An input is missing that would tell.
    Undecided,
    /// It does not.
    Failed,
    /// It names something that the exports do not have.
    Invalid,
}

impl Verdict {
    /// The verdict as a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Undecided => "undecided",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
        }
    }

    /// Every verdict, the worst first.
    pub const ALL: [Self; 4] = [Self::Invalid, Self::Failed, Self::Undecided, Self::Passed];
}

/// One expectation, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name, or what it is about; not yet neutralised, as all texts here.
    pub title: String,
    /// The line it begins at.
    pub place: Place,
    /// Its file, counted from zero.
    pub file: usize,
    /// The worst verdict of what it wants.
    pub verdict: Verdict,
    /// What does not hold, the worst first of each assertion.
    pub misses: Vec<Miss>,
    /// How many more misses there are.
    pub more: usize,
}

/// One thing that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The assertion.
    pub key: Key,
    /// Its own place.
    pub place: Place,
    /// Failed, undecided or invalid.
    pub verdict: Verdict,
    /// What was wanted.
    pub wanted: String,
    /// What is.
    pub got: String,
    /// The login of the user it is about.
    pub user: Option<String>,
    /// The role it is about.
    pub role: Option<String>,
    /// Whether the user sees what they must not: what ends that are the facts.
    pub is_too_much: bool,
    /// The chain of stages, as `why` tells it, where it was asked for.
    pub why: Option<Explanation>,
    /// The fewest facts that explain it.
    pub facts: Vec<Fact>,
    /// The smallest change that would mend it.
    pub change: Option<String>,
}

/// A fact and the lines that state it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The fact.
    pub says: String,
    /// The lines.
    pub places: Vec<Place>,
}

/// All expectations, judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The expectations, as they stand in their files.
    pub cases: Vec<Case>,
    /// What they say something about.
    pub coverage: Coverage,
}

impl Outcome {
    /// How many expectations have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases.iter().filter(|case| case.verdict == verdict).count()
    }

    /// Whether any expectation does not hold; what is undecided counts unless it is allowed.
    pub fn fails(&self, allow_undecided: bool) -> bool {
        let least = if allow_undecided { Verdict::Failed } else { Verdict::Undecided };
        self.cases.iter().any(|case| case.verdict >= least)
    }
}
