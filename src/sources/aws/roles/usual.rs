//! A page of roles the way AWS's own programs write it, read without a parser.

use super::{Page, RawRole};
use crate::sources::json::{Plain, borrowed, once};

/// Reads pages in their usual form.
pub(super) struct UsualPages<'a> {
    text: &'a [u8],
    /// How deep a page may be nested.
    levels: usize,
    /// The policy read last, and how deep it could nest: most roles of an account have the same.
    policy: (&'a [u8], usize),
}

impl<'a> UsualPages<'a> {
    /// Of a text, nested at most `levels` deep.
    pub(super) const fn new(text: &'a [u8], levels: usize) -> Self {
        Self { text, levels, policy: (&[], 0) }
    }

    /// The page that begins at an offset, and the offset behind it; `None` where it is of another form.
    pub(super) fn read(&mut self, at: usize) -> Option<(Page<RawRole<'a>>, usize)> {
        let mut page = Page::default();
        let (mut truncated, mut marker, mut token) = (None, None, None);
        let mut text = Plain::new(self.text, at, usize::MAX);
        let inner = self.levels.checked_sub(1)?;
        text.object(self.levels, |text, key| match key {
            b"RoleDetailList" => once(&mut page.details, self.roles(text, inner)?),
            b"Roles" => once(&mut page.roles, self.roles(text, inner)?),
            b"Role" => once(&mut page.role, self.role(text, inner)?),
            b"IsTruncated" => once(&mut truncated, text.truth()?),
            b"Marker" => once(&mut marker, text.string()?),
            b"NextToken" => once(&mut token, text.string()?),
            _ => text.skip(inner),
        })?;
        page.is_truncated = truncated;
        page.marker = marker.map(|_| serde::de::IgnoredAny);
        page.next_token = token.map(|_| serde::de::IgnoredAny);
        Some((page, text.at()))
    }

    fn roles(&mut self, text: &mut Plain<'a>, levels: usize) -> Option<Vec<RawRole<'a>>> {
        let mut roles = Vec::new();
        text.array(levels, |text, inner| {
            roles.push(self.role(text, inner)?);
            Some(())
        })?;
        Some(roles)
    }

    fn role(&mut self, text: &mut Plain<'a>, levels: usize) -> Option<RawRole<'a>> {
        let inner = levels.checked_sub(1)?;
        let (mut path, mut name, mut arn, mut policy, mut duration) =
            (None, None, None, None, None);
        text.object(levels, |text, key| match key {
            b"Path" => once(&mut path, text.string()?),
            b"RoleName" => once(&mut name, text.string()?),
            b"Arn" => once(&mut arn, text.string()?),
            b"AssumeRolePolicyDocument" => once(&mut policy, self.policy(text, inner)?),
            b"MaxSessionDuration" => once(&mut duration, text.whole_number()?),
            _ => text.skip(inner),
        })?;
        Some(RawRole {
            path: path.and_then(borrowed),
            role_name: name.and_then(borrowed),
            arn: arn.and_then(borrowed),
            assume_role_policy_document: policy,
            max_session_duration: duration,
        })
    }

    fn policy(&mut self, text: &mut Plain<'a>, levels: usize) -> Option<&'a str> {
        let (last, its_levels) = self.policy;
        let same = if its_levels == levels { text.same(last) } else { None };
        let policy = match same {
            Some(policy) => policy,
            None => text.value(levels)?,
        };
        // An object ends where its text ends.
        if policy.starts_with(b"{") {
            self.policy = (policy, levels);
        }
        std::str::from_utf8(policy).ok().filter(|policy| policy.starts_with(['{', '"']))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::{read, read_usual};
    use crate::sources::aws::AwsPart;
    use crate::sources::input::{Format, SourceOptions};
    use crate::sources::json::first_too_deep;

    const LEVELS: usize = 9;

    fn usual(text: &str) -> Option<AwsPart> {
        let options = SourceOptions::default();
        read_usual(Format::AuthorizationDetails, text.as_bytes(), "x.json", &options, LEVELS)
    }

    fn parsed(text: &str) -> AwsPart {
        read(Format::AuthorizationDetails, text.as_bytes(), "x.json", &SourceOptions::default())
    }

    fn said(part: &AwsPart) -> Vec<(u32, String)> {
        part.problems.iter().map(|problem| (problem.line, problem.error.to_string())).collect()
    }

    fn accounts(part: &AwsPart) -> Vec<String> {
        part.accounts.iter().map(|(id, account)| format!("{id} {account:?}")).collect()
    }

    #[test]
    fn roles_that_are_written_with_one_policy_share_it_each_with_its_own_lines() {
        let role = |name: &str, action: &str| {
            format!(
                "{{\"Arn\": \"arn:aws:iam::123456789012:role/{name}\", \"AssumeRolePolicyDocument\": {{\n  \
                 \"Statement\": {{\n    \"Action\": \"{action}\"}}}},\n \"Description\": \"f\u{fc}r \\\"alle\\\"\"}}"
            )
        };
        let (one, two, other) = (role("A", "sts:*"), role("B", "sts:*"), role("C", "*"));
        let text =
            format!("{{\"RoleDetailList\": [\n{one},\n{other},\n{two}\n], \"Tags\": [1.5e3]}}");
        // Numbers with a fraction are left to serde.
        assert!(usual(&text).is_none());
        let text = text.replace("1.5e3", "15, null, true, {}");
        let part = usual(&text).unwrap();
        assert_eq!((accounts(&part), said(&part)), (accounts(&parsed(&text)), Vec::new()));
        let (_, account) = part.accounts.iter().next().unwrap();
        let policy = |name: &str| account.role(name).unwrap().trust_policy.as_ref().unwrap();
        let line_of = |name: &str| policy(name).place_of(policy(name).json.find("sts").unwrap()).0;
        assert!(std::sync::Arc::ptr_eq(&policy("A").json, &policy("B").json));
        assert_eq!((line_of("A"), line_of("B")), (4, 12));
    }

    fn role() -> impl Strategy<Value = String> {
        let member = prop::sample::select(vec![
            "\"RoleName\": \"Ops\"",
            "\"RoleName\": \"Other\"",
            "\"Arn\": \"arn:aws:iam::123456789012:role/Ops\"",
            "\"Arn\": \"arn:aws:iam::123456789012:role/team/Ops\"",
            "\"Arn\": \"arn:aws:iam::210987654321:role/Other\"",
            "\"Arn\": null",
            "\"Arn\": \"\\u0061rn\"",
            "\"Path\": \"/\"",
            "\"AssumeRolePolicyDocument\": {\"Statement\": []}",
            "\"AssumeRolePolicyDocument\": {\n\"Statement\": [{}]\n}",
            "\"AssumeRolePolicyDocument\": {\"A\": [[[[[]]]]]}",
            "\"AssumeRolePolicyDocument\": \"%7B%22Statement%22%3A[]%7D\"",
            "\"AssumeRolePolicyDocument\": null",
            "\"AssumeRolePolicyDocument\": [1]",
            "\"MaxSessionDuration\": 3600",
            "\"MaxSessionDuration\": 99999999999999999999",
            "\"Tags\": [{\"a\": \"b\\n\"}, -1, 1.5, \"\u{e9}\"]",
            "\"Tags\": \"a\\x\"",
            "\"Tags\": [",
        ]);
        let members = prop::collection::vec(member, 0..5);
        members.prop_map(|members| format!("{{{}}}", members.join(",\n")))
    }

    fn page() -> impl Strategy<Value = String> {
        let more = prop::sample::select(vec![
            "",
            ", \"IsTruncated\": true",
            ", \"IsTruncated\": false, \"Marker\": \"x\"",
            ", \"NextToken\": \"x\"",
            ", \"NextToken\": null",
            ", \"Role\": {}",
            ", \"RoleDetailList\": []",
        ]);
        let roles = prop::collection::vec(role(), 0..4);
        (roles, more).prop_map(|(roles, more)| {
            format!("{{\"RoleDetailList\": [{}]{more}}}", roles.join(",\n"))
        })
    }

    proptest! {
        #[test]
        fn what_is_read_as_usual_is_what_a_parser_reads(
            pages in prop::collection::vec(page(), 0..3),
            between in prop::sample::select(vec!["", "\n", ",", "["]),
        ) {
            let text = pages.join(between);
            if let Some(part) = usual(&text) {
                prop_assert_eq!(first_too_deep(text.as_bytes(), LEVELS), None);
                let parsed = parsed(&text);
                prop_assert_eq!(said(&part), said(&parsed));
                prop_assert_eq!(accounts(&part), accounts(&parsed));
            }
        }
    }
}
