//! One name tried on a Group Filter and a Role Value Pattern, with everything there is to say about it.

use std::fmt;

use thiserror::Error;

use super::explain::Explainer;
use super::group_filter::{FilterReader, GroupFilter, MatchMode, Reading};
use super::nearest::{Known, Nearest};
use super::role_value::RoleValuePattern;
use super::stop::Stop;
use crate::model::arn::ArnPairError;

/// Tries names, one after another.
pub struct Tester<'f> {
    reader: FilterReader<'f>,
    pattern: &'f RoleValuePattern,
    mode: MatchMode,
    explainer: Explainer<'f>,
    known: Known<'f>,
    value: String,
}

/// What a name gives.
#[derive(Debug)]
pub struct Trial<'t> {
    /// The name.
    pub name: &'t str,
    /// The answer in the match mode asked for.
    pub verdict: Verdict<'t>,
    /// Whether the other match mode would answer otherwise.
    pub mode_dependent: bool,
    /// The nearest name that matches with a twelve-digit account, where this one does not.
    pub nearest: Option<Nearest>,
}

/// The answer for a name.
#[derive(Debug)]
pub enum Verdict<'t> {
    /// The filter matches.
    Match {
        /// What `role` captured.
        role: Option<&'t str>,
        /// What `accountid` captured.
        account_id: Option<&'t str>,
        /// The Role value, or why there is none that AWS reads.
        pair: Result<&'t str, PairProblem>,
    },
    /// The filter does not match; where it stops, if that can be told.
    NoMatch(Option<Stop>),
    /// The filter cannot be decided for this name.
    Undecided(String),
}

/// Why a match gives no provider/role pair.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PairProblem {
    /// The filter has no such capture, or it took no part in the match.
    #[error("nothing is captured as `{0}`")]
    NoCapture(&'static str),
    /// The Role value is no pair.
    #[error(transparent)]
    NotAPair(#[from] ArnPairError),
}

impl fmt::Debug for Tester<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tester").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl<'f> Tester<'f> {
    /// Prepares to try names on a filter and a pattern; `known` helps to find the nearest names.
    pub fn new(
        filter: &'f GroupFilter,
        pattern: &'f RoleValuePattern,
        mode: MatchMode,
        known: Known<'f>,
    ) -> Self {
        let explainer = Explainer::new(filter, mode);
        Self { reader: filter.reader(), pattern, mode, explainer, known, value: String::new() }
    }

    /// Tries a name.
    pub fn try_name<'t>(&'t mut self, name: &'t str) -> Trial<'t> {
        let other = match self.mode {
            MatchMode::Find => MatchMode::Full,
            MatchMode::Full => MatchMode::Find,
        };
        let answer = captured(self.reader.read(name, self.mode));
        let mode_dependent = match (&answer, captured(self.reader.read(name, other))) {
            (Ok(one), Ok(other)) => *one != other,
            _ => false,
        };
        let (verdict, is_whole) = match answer {
            Ok(Some((role, account_id))) => {
                let pair = fill(self.pattern, role, account_id, &mut self.value);
                let is_whole = pair.is_ok();
                (Verdict::Match { role, account_id, pair }, is_whole)
            }
            Ok(None) => (Verdict::NoMatch(self.explainer.stop(name)), false),
            Err(reason) => (Verdict::Undecided(reason), true),
        };
        let nearest = if is_whole { None } else { self.explainer.nearest(name, &self.known) };
        Trial { name, verdict, mode_dependent, nearest }
    }
}

type Captured<'n> = Option<(Option<&'n str>, Option<&'n str>)>;

fn captured(reading: Reading<'_>) -> Result<Captured<'_>, String> {
    match reading {
        Reading::Match(captures) => Ok(Some((captures.role, captures.account_id))),
        Reading::NoMatch => Ok(None),
        Reading::Undecided(reason) => Err(reason.to_string()),
    }
}

fn fill<'t>(
    pattern: &RoleValuePattern,
    role: Option<&str>,
    account_id: Option<&str>,
    value: &'t mut String,
) -> Result<&'t str, PairProblem> {
    let role = role.ok_or(PairProblem::NoCapture("role"))?;
    let account_id = account_id.ok_or(PairProblem::NoCapture("accountid"))?;
    pattern.check(role, account_id)?;
    value.clear();
    pattern.expand(role, account_id, value);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::super::role_value::DEFAULT_ROLE_VALUE_PATTERN;
    use super::*;

    const DEFAULT: &str = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)";

    fn with_trial<T>(filter: &str, mode: MatchMode, name: &str, see: impl Fn(Trial<'_>) -> T) -> T {
        let filter = GroupFilter::parse(filter).unwrap();
        let pattern = RoleValuePattern::parse(DEFAULT_ROLE_VALUE_PATTERN).unwrap();
        let mut tester = Tester::new(&filter, &pattern, mode, Known::default());
        see(tester.try_name(name))
    }

    #[test]
    fn a_match_gives_captures_and_pair() {
        with_trial(DEFAULT, MatchMode::Find, "aws_123456789012_Ops", |trial| {
            let Verdict::Match { role, account_id, pair } = trial.verdict else { panic!() };
            assert_eq!((role, account_id), (Some("Ops"), Some("123456789012")));
            assert!(pair.unwrap().ends_with(":role/Ops"));
            assert!(!trial.mode_dependent);
            assert_eq!(trial.nearest, None);
        });
    }

    #[test]
    fn a_name_that_only_one_mode_matches_is_marked_in_both() {
        for (mode, matched) in [(MatchMode::Find, true), (MatchMode::Full, false)] {
            with_trial(DEFAULT, mode, "aws_123456789012_Ops team", |trial| {
                assert!(trial.mode_dependent);
                assert_eq!(matches!(trial.verdict, Verdict::Match { .. }), matched);
            });
        }
    }

    #[test]
    fn a_lost_zero_matches_without_a_pair_and_has_a_nearest_name() {
        with_trial(DEFAULT, MatchMode::Find, "aws_12345678901_Ops", |trial| {
            let Verdict::Match { pair, .. } = trial.verdict else { panic!() };
            assert_eq!(
                pair.unwrap_err().to_string(),
                "account `12345678901` has 11 digits, an account id has 12"
            );
            assert_eq!(trial.nearest.unwrap().name, "aws_012345678901_Ops");
        });
    }

    #[test]
    fn a_filter_without_the_role_capture_gives_no_pair() {
        with_trial(r"aws_(?{{accountid}}\d+)", MatchMode::Find, "aws_123456789012", |trial| {
            let Verdict::Match { pair, .. } = trial.verdict else { panic!() };
            assert_eq!(pair, Err(PairProblem::NoCapture("role")));
        });
    }
}
