//! Role trust policies: read once, then decided for any sign-in, with the reason.
//!
//! The whole language of role trust policies as IAM evaluates it. What IAM would refuse to store is a
//! [`Fault`] and fails closed: it never makes an allow. Nothing here knows where a policy came from.
//!
//! ```
//! use rolecall::trust::{Context, Decision, Presented, Request, TrustPolicy};
//!
//! let policy = TrustPolicy::parse(
//!     r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML",
//!     "Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/OKTA"},
//!     "Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}}"#,
//! )?;
//! let context: Context =
//!     [("saml:aud", Presented::One("urn:amazon:webservices".to_owned()))].into_iter().collect();
//! let provider = "arn:aws:iam::123456789012:saml-provider/OKTA";
//! let request = Request::new(provider, &["sts:AssumeRoleWithSAML"], context);
//! let decision = policy.decide(&request);
//! assert!(matches!(decision, Decision::ImplicitDeny { .. }));
//! assert_eq!(
//!     decision.to_string(),
//!     "no statement allows `sts:AssumeRoleWithSAML`; statement 1: `StringEquals` wants `SAML:aud` \
//!      `https://signin.aws.amazon.com/saml`, presented `urn:amazon:webservices`",
//! );
//! # Ok::<(), rolecall::trust::PolicyError>(())
//! ```

mod action;
mod audience;
mod condition;
mod decide;
mod decision;
mod equivalence;
mod glance;
mod glob;
mod inspect;
mod json;
mod keys;
mod mentioned;
mod operator;
mod outline;
mod pattern;
mod policy;
mod principal;
mod print;
mod read;
mod request;
mod sign_in;
mod value;

pub use audience::{Audience, AudienceHow, AudienceTest, Wrong, audience_tests};
pub use condition::{Condition, Wanted};
pub use decision::{Decision, Refusal, Unmet};
pub use equivalence::Difference;
pub use glance::{Glance, SIGN_IN, glance};
pub use glob::{Glob, Token};
pub use inspect::{Federated, Named};
pub use keys::{
    Values, is_always_presented, is_sent, needs_caller, saml_key, saml_keys, values_of,
};
pub use mentioned::{Mentioned, providers_mentioned};
pub use operator::{Family, OPERATORS, Operator, SetOperator};
pub use outline::{Outline, Party};
pub use policy::{Effect, Fault, FaultKind, PolicyError, Statement, TrustPolicy};
pub use principal::PrincipalKind;
pub use request::{Context, Presented, Request};
pub use sign_in::{SignIn, name_qualifier};
pub use value::epoch_seconds;
