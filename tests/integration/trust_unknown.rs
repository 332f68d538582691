//! Decisions where condition keys are not known: what is decided is so whatever they hold.

use proptest::prelude::*;
use rolecall::trust::{Decision, Presented};
use serde_json::json;

use crate::trust::{ACTION, policy, sign_in, statement, statements};

/// The keys that policies here read.
const KEYS: [&str; 4] = ["saml:sub", "saml:aud", "aws:TagKeys", "x:missing"];

/// What a key may be in a request.
fn completions() -> Vec<Option<Presented>> {
    let one = |text: &str| Some(Presented::One(text.to_owned()));
    let many = |all: &[&str]| Some(Presented::Many(all.iter().map(|&s| s.to_owned()).collect()));
    let ones = ["nora", "here", "a", "true", "7", ""].map(one);
    std::iter::once(None)
        .chain(ones)
        .chain([many(&[]), many(&["a", "b"]), many(&["here"])])
        .collect()
}

proptest! {
    #[test]
    fn what_is_decided_is_so_for_every_completion_of_the_unknown_keys(
        all in prop::collection::vec(statements(), 1..4),
        unknown in prop::sample::subsequence(KEYS.to_vec(), 1..3),
        actions in prop::sample::subsequence(vec![ACTION, "sts:TagSession"], 1..3),
    ) {
        let policy = policy(&all);
        let mut request = rolecall::trust::Request::new(&sign_in().principal, &actions, sign_in().context);
        for key in &unknown {
            request.context.set(key, Presented::Unknown);
        }
        let decided = policy.decide(&request);
        if let Decision::Undecided { keys, open, .. } = &decided {
            prop_assert!(!keys.is_empty() && !open.is_empty(), "{decided:?}");
            prop_assert!(keys.iter().all(|key| unknown.contains(&key.as_str())), "{decided:?}");
        }
        let second = unknown.get(1).copied();
        for first in completions() {
            for other in if second.is_some() { completions() } else { vec![None] } {
                for (key, value) in unknown.iter().zip([&first, &other]) {
                    match value {
                        Some(value) => request.context.set(key, value.clone()),
                        None => request.context.remove(key),
                    }
                }
                let found = policy.decide(&request);
                let agrees = match &decided {
                    Decision::Allow { .. } => matches!(found, Decision::Allow { .. }),
                    Decision::ExplicitDeny { .. } => matches!(found, Decision::ExplicitDeny { .. }),
                    Decision::ImplicitDeny { .. } => !matches!(found, Decision::Allow { .. }),
                    Decision::Undecided { .. } => !matches!(found, Decision::Undecided { .. }),
                };
                prop_assert!(agrees, "{first:?} {other:?}: {decided} but {found}");
            }
        }
    }
}

#[test]
fn a_decision_that_needs_an_unknown_key_names_it_and_what_is_wanted() {
    let from_office = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let policy = policy(&[statement("Allow", ACTION, &from_office)]);
    let mut request = sign_in();
    request.context.set("AWS:SourceIP", Presented::Unknown);
    let decision = policy.decide(&request);
    assert_eq!(decision.as_str(), "undecided");
    assert_eq!(
        decision.to_string(),
        "whether statement 1 allows `sts:AssumeRoleWithSAML` depends on `aws:SourceIp`: `IpAddress` wants \
         `aws:SourceIp` `203.0.113.0/24`, which is not known"
    );
    request.context.set("aws:SourceIp", Presented::One("203.0.113.9".to_owned()));
    assert!(!request.context.has_unknown());
    assert_eq!(policy.decide(&request).as_str(), "allow");
}

#[test]
fn an_unknown_key_does_not_hide_what_is_refused_anyway() {
    let two = json!({"StringEquals": {"saml:aud": "there"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let policy = policy(&[statement("Allow", ACTION, &two)]);
    let mut request = sign_in();
    request.context.set("aws:SourceIp", Presented::Unknown);
    assert_eq!(
        policy.decide(&request).to_string(),
        "no statement allows `sts:AssumeRoleWithSAML`; statement 1: `StringEquals` wants `saml:aud` `there`, \
         presented `here`"
    );
}

#[test]
fn a_deny_that_an_unknown_key_may_meet_is_the_statement_named() {
    let outside = json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let all = [statement("Allow", ACTION, &json!({})), statement("Deny", ACTION, &outside)];
    let mut request = sign_in();
    request.context.set("aws:SourceIp", Presented::Unknown);
    let decision = policy(&all).decide(&request);
    let Decision::Undecided { statement, keys, .. } = &decision else { panic!("{decision}") };
    assert_eq!((*statement, keys.as_slice()), (1, ["aws:SourceIp".to_owned()].as_slice()));
}
