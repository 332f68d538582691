//! Whether a provider's metadata carries the app's issuer and current certificate.

use super::super::refusal::Refusal;
use super::super::sign_in::{Fact, SignIns};
use super::super::stage::{Answer, Stage, StageReport};
use crate::model::arn::SamlProviderArn;
use crate::model::aws::SamlProvider;
use crate::model::federation::Federation;
use crate::saml::metadata::Metadata;
use crate::text::Place;

const UPLOAD: &str = "upload the app's current metadata to the SAML provider";

/// What the stage `provider` says of a provider that the account has.
pub(super) fn compare(
    federation: &Federation,
    sign_ins: &SignIns<'_>,
    (arn, found): (&SamlProviderArn, &SamlProvider),
) -> StageReport {
    let has = format!("account {} has the SAML provider `{}`", arn.account, arn.name);
    let report = |answer, says: String| {
        StageReport::new(Stage::Provider, answer, format!("{has}{says}")).at(found.place)
    };
    let unknown = |says: &str| report(Answer::Unknown, format!("; {says}"));
    let Some(document) = &found.metadata else {
        return unknown("whether it is the app's is not known: no export carries its metadata");
    };
    let reading = sign_ins.metadata(&document.value);
    let theirs = match &*reading {
        Ok(metadata) => metadata,
        Err(error) => return unknown(&format!("its metadata cannot be read: {error}")),
    };
    let issuer = match &sign_ins.issuer {
        Fact::Is(issuer) | Fact::Likely(issuer, _) => issuer,
        Fact::Unknown(why) => {
            return unknown(&format!("whether its metadata is the app's is not known: {why}"));
        }
        Fact::Absent => return unknown("the app sends no issuer"),
    };
    if !theirs.entity_ids().any(|id| id == issuer) {
        let ids: Vec<String> = theirs.entity_ids().map(|id| format!("`{id}`")).collect();
        let ids = if ids.is_empty() { "no issuer".to_owned() } else { ids.join(", ") };
        let says = format!(", whose metadata is of {ids}, and the app's issuer is `{issuer}`");
        let report = report(Answer::Fails, says).at(document.place).at(own_place(federation));
        return report.refused(Refusal::OtherIssuer).change(UPLOAD);
    }
    let Some(own) = sign_ins.own_metadata() else {
        return unknown(
            "its issuer is the app's, and no export carries the app's current certificate",
        );
    };
    match certificates(theirs, own) {
        Certificates::All => {
            report(Answer::Holds, ", with the app's issuer and certificate".to_owned())
        }
        Certificates::NoneOf { own, theirs } => {
            let says = format!(
                ", whose metadata has the certificate {theirs}, and the app signs with {own}"
            );
            let report = report(Answer::Fails, says).at(document.place).at(own_place(federation));
            report.refused(Refusal::SignatureInvalid).change(UPLOAD)
        }
        Certificates::Some => unknown(
            "its metadata has some of the certificates of the app's, and which of them signs is not known",
        ),
        Certificates::Unread => unknown(
            "its issuer is the app's, and no certificate of both can be read to be compared",
        ),
    }
}

fn own_place(federation: &Federation) -> Place {
    federation.app_metadata.as_ref().map_or(Place::NOWHERE, |document| document.place)
}

/// How many of the app's certificates a provider has.
enum Certificates {
    All,
    Some,
    /// The first of each.
    NoneOf {
        own: String,
        theirs: String,
    },
    Unread,
}

fn certificates(theirs: &Metadata, own: &Metadata) -> Certificates {
    let readable = |metadata: &Metadata| {
        metadata.signing_certificates().map(|(_, one)| one.clone()).collect::<Vec<_>>()
    };
    let (theirs, own) = (readable(theirs), readable(own));
    let (Some(first), Some(other)) = (own.first(), theirs.first()) else {
        return Certificates::Unread;
    };
    let held = own.iter().filter(|one| theirs.iter().any(|other| other.has_key_of(one))).count();
    let named = |one: &crate::saml::certificate::Certificate| {
        format!("`{}` (valid until {})", one.short(), one.not_after)
    };
    match held {
        0 => Certificates::NoneOf { own: named(first), theirs: named(other) },
        held if held == own.len() => Certificates::All,
        _ => Certificates::Some,
    }
}
