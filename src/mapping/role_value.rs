//! Okta's Role Value Pattern: a template that turns a role and an account id into one SAML Role value.

use thiserror::Error;

use crate::model::account::AccountId;
use crate::model::arn::{ArnPair, ArnPairError, is_role_name};

/// The pattern of a new app (`OKTA` stands for the provider's name).
pub const DEFAULT_ROLE_VALUE_PATTERN: &str =
    "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}";

/// Longest pattern that is read, in bytes.
pub const ROLE_VALUE_PATTERN_LIMIT: usize = 4096;

/// A Role Value Pattern, cut into its pieces once.
///
/// Okta substitutes text, so any template is one; [`problems`](Self::problems) tells what keeps it from
/// giving what AWS reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleValuePattern {
    text: String,
    pieces: Vec<Piece>,
    /// Longest role that surely gives a pair; `None` where every value has to be read to know.
    sure: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    AccountId,
    Role,
}

/// Why a text is not taken as a Role Value Pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct RoleValueError {
    /// Byte offset in the pattern.
    pub offset: usize,
    /// What was found, and what was expected.
    pub message: String,
}

/// What keeps a pattern from giving a Role value that AWS reads.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RoleValueProblem {
    /// `${accountid}` stands nowhere.
    #[error("no `${{accountid}}`: every role group would map into one account")]
    NoAccountId,
    /// `${role}` stands nowhere.
    #[error("no `${{role}}`: every role group of an account would map to one role")]
    NoRole,
    /// A `${…}` that Okta does not fill in.
    #[error("`{text}` at byte {offset} is not filled in, expected `${{accountid}}` or `${{role}}`")]
    UnknownPlaceholder {
        /// Byte offset in the pattern.
        offset: usize,
        /// The placeholder as written.
        text: String,
    },
    /// Filled in with a legal role and account it is still not a provider ARN and a role ARN.
    #[error("not one provider ARN and one role ARN: {0}")]
    NotAPair(ArnPairError),
}

impl RoleValuePattern {
    /// Reads a pattern; only one longer than [`ROLE_VALUE_PATTERN_LIMIT`] is refused.
    pub fn parse(text: &str) -> Result<Self, RoleValueError> {
        if text.len() > ROLE_VALUE_PATTERN_LIMIT {
            return Err(RoleValueError {
                offset: ROLE_VALUE_PATTERN_LIMIT,
                message: format!(
                    "{} bytes, expected at most {ROLE_VALUE_PATTERN_LIMIT}",
                    text.len()
                ),
            });
        }
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        loop {
            let (placeholder, after) = if let Some(after) = rest.strip_prefix("${accountid}") {
                (Piece::AccountId, after)
            } else if let Some(after) = rest.strip_prefix("${role}") {
                (Piece::Role, after)
            } else {
                let mut chars = rest.chars();
                let Some(c) = chars.next() else { break };
                literal.push(c);
                rest = chars.as_str();
                continue;
            };
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(placeholder);
            rest = after;
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let mut pattern = Self { text: text.to_owned(), pieces, sure: None };
        pattern.sure = pattern.longest_sure_role();
        Ok(pattern)
    }

    /// With the normal shape and `${role}` once, within the role's ARN, any legal role name gives a pair
    /// so long as the literal text around it leaves room.
    fn longest_sure_role(&self) -> Option<usize> {
        let roles = self.pieces.iter().filter(|piece| **piece == Piece::Role).count();
        if roles != 1 || !self.problems().is_empty() {
            return None;
        }
        let probe = self.pair("R", "123456789012").ok()?;
        if probe.provider != self.pair("Q", "123456789012").ok()?.provider {
            return None;
        }
        64_usize.checked_sub(probe.role.name.len() + probe.role.path.len())
    }

    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Appends the Role value of a role and an account id to `out`.
    pub fn expand(&self, role: &str, account_id: &str, out: &mut String) {
        for piece in &self.pieces {
            out.push_str(match piece {
                Piece::Literal(text) => text,
                Piece::AccountId => account_id,
                Piece::Role => role,
            });
        }
    }

    /// The provider/role pair of a role and an account id, or why AWS would not read one.
    pub fn pair(&self, role: &str, account_id: &str) -> Result<ArnPair, ArnPairError> {
        let mut value = String::with_capacity(self.text.len() + role.len() + account_id.len());
        self.expand(role, account_id, &mut value);
        ArnPair::parse(&value)
    }

    /// Whether [`pair`](Self::pair) gives a pair, without building it where that is sure.
    pub fn check(&self, role: &str, account_id: &str) -> Result<(), ArnPairError> {
        let sure = self.sure.is_some_and(|longest| role.len() <= longest)
            && is_role_name(role)
            && AccountId::parse(account_id).is_ok();
        if sure { Ok(()) } else { self.pair(role, account_id).map(drop) }
    }

    /// Everything that keeps the pattern from giving a pair AWS reads; empty for the normal shape.
    pub fn problems(&self) -> Vec<RoleValueProblem> {
        let mut problems = Vec::new();
        if !self.pieces.contains(&Piece::AccountId) {
            problems.push(RoleValueProblem::NoAccountId);
        }
        if !self.pieces.contains(&Piece::Role) {
            problems.push(RoleValueProblem::NoRole);
        }
        problems.extend(self.unknown_placeholders());
        // A literal account id in one of the two ARNs agrees with at most one of two probes.
        let probes = ["123456789012", "210987654321"].map(|account| self.pair("Role", account));
        if let Some(error) = probes.into_iter().find_map(Result::err) {
            problems.push(RoleValueProblem::NotAPair(error));
        }
        problems
    }

    fn unknown_placeholders(&self) -> impl Iterator<Item = RoleValueProblem> {
        self.text.match_indices("${").filter_map(|(offset, _)| {
            let (_, from) = self.text.split_at_checked(offset)?;
            if from.starts_with("${accountid}") || from.starts_with("${role}") {
                return None;
            }
            let text = from.split_inclusive('}').next().unwrap_or(from).to_owned();
            Some(RoleValueProblem::UnknownPlaceholder { offset, text })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_pattern_gives_provider_and_role() {
        let pattern = RoleValuePattern::parse(DEFAULT_ROLE_VALUE_PATTERN).unwrap();
        let mut value = String::new();
        pattern.expand("Tier1_Support", "828416469395", &mut value);
        assert_eq!(
            value,
            "arn:aws:iam::828416469395:saml-provider/OKTA,arn:aws:iam::828416469395:role/Tier1_Support"
        );
        assert_eq!(pattern.problems(), []);
        let pair = pattern.pair("Tier1_Support", "828416469395").unwrap();
        assert_eq!(pair.role.name, "Tier1_Support");
    }

    #[test]
    fn the_role_may_come_first_and_have_a_path() {
        let pattern = RoleValuePattern::parse(
            "arn:aws-cn:iam::${accountid}:role/team/${role},arn:aws-cn:iam::${accountid}:saml-provider/X",
        )
        .unwrap();
        assert_eq!(pattern.problems(), []);
        assert_eq!(pattern.pair("Ops", "123456789012").unwrap().role.path, "/team/");
    }

    #[test]
    fn eleven_digits_are_told_apart_from_a_bad_pattern() {
        let pattern = RoleValuePattern::parse(DEFAULT_ROLE_VALUE_PATTERN).unwrap();
        let error = pattern.pair("Ops", "12345678901").unwrap_err();
        assert_eq!(error.to_string(), "account `12345678901` has 11 digits, an account id has 12");
    }

    #[test]
    fn a_placeholder_nobody_fills_in_is_named_with_its_place() {
        let pattern = RoleValuePattern::parse(
            "arn:aws:iam::${accountId}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
        )
        .unwrap();
        let unknown =
            RoleValueProblem::UnknownPlaceholder { offset: 13, text: "${accountId}".to_owned() };
        assert!(pattern.problems().contains(&unknown), "{:?}", pattern.problems());
    }

    #[test]
    fn an_account_written_out_is_no_pair_for_any_other_account() {
        let pattern = RoleValuePattern::parse(
            "arn:aws:iam::123456789012:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
        )
        .unwrap();
        let problems = pattern.problems();
        assert!(
            matches!(
                problems.as_slice(),
                [RoleValueProblem::NotAPair(ArnPairError::AccountsDiffer { .. })]
            ),
            "{problems:?}"
        );
    }

    #[test]
    fn two_provider_arns_are_accepted_as_text_and_reported() {
        let pattern = RoleValuePattern::parse(
            "arn:aws:iam::${accountid}:saml-provider/A,arn:aws:iam::${accountid}:saml-provider/B",
        )
        .unwrap();
        assert_eq!(
            pattern.problems(),
            [RoleValueProblem::NoRole, RoleValueProblem::NotAPair(ArnPairError::TwoProviders)]
        );
    }

    #[test]
    fn a_pattern_over_the_limit_is_refused_with_its_length() {
        let error = RoleValuePattern::parse(&"x".repeat(4097)).unwrap_err();
        assert_eq!(error.to_string(), "4097 bytes, expected at most 4096");
    }

    proptest::proptest! {
        #[test]
        fn checking_agrees_with_building_the_pair(
            template in 0_usize..6,
            role in "[A-Za-z.,:/ é]{0,6}|[a-z]{55,70}",
            account in "[0-9]{11,13}|[0-9]{12}",
        ) {
            let template = [
                DEFAULT_ROLE_VALUE_PATTERN,
                "arn:aws:iam::${accountid}:role/team/x-${role}-y,arn:aws:iam::${accountid}:saml-provider/P",
                "arn:aws:iam::${accountid}:role/${role}/z,arn:aws:iam::${accountid}:saml-provider/P",
                "arn:aws:iam::${accountid}:role/Z,arn:aws:iam::${accountid}:saml-provider/${role}",
                "arn:aws:iam::${accountid}:role/${accountid}-${role},arn:aws:iam::${accountid}:saml-provider/P",
                "arn:aws:iam::${accountid}:role/${role}${role},arn:aws:iam::${accountid}:saml-provider/P",
            ][template];
            let pattern = RoleValuePattern::parse(template).unwrap();
            proptest::prop_assert_eq!(
                pattern.check(&role, &account),
                pattern.pair(&role, &account).map(drop)
            );
        }

        #[test]
        fn expanding_is_plain_substitution(template in "([a-z:/,]|\\$\\{(role|accountid|x)\\}|\\$|\\{){0,12}") {
            let pattern = RoleValuePattern::parse(&template).unwrap();
            let mut value = String::new();
            pattern.expand("R", "1", &mut value);
            proptest::prop_assert_eq!(
                value,
                template.replace("${accountid}", "1").replace("${role}", "R")
            );
        }
    }
}
