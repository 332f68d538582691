//! `provider/expired-certificate`: a certificate or a document that does not hold, or not for long.

use std::collections::BTreeMap;

use crate::finding::{Finding, Quoted, RuleInfo, RuleOption, Severity};
use crate::model::moment::Moment;
use crate::rules::documents::{Document, Provider, documents};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::certificate::Certificate;
use crate::saml::metadata::{KeyCertificate, ValidUntil};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/expired-certificate",
        summary: "a certificate of the metadata, or the metadata itself, does not hold now or not for long",
        severity: Severity::Warning,
        on: true,
        follows: &["provider/stale-certificate"],
        options: &[RuleOption {
            name: "warn_days",
            default: 30,
            meaning: "days before its end at which a certificate or document is mentioned",
        }],
        since: "0.1.0",
        explanation: "AWS documents neither that it checks the days of a certificate nor that it checks \
                      `validUntil`, so this is never an error; that an expired one is accepted is not \
                      documented either. What ends soon is a note, and so is an expired certificate \
                      beside one that holds: such ones are left from a rotation. Of a provider whose \
                      metadata was not exported the `ValidUntil` that IAM lists is looked at. The time is that of \
                      the run, or what `--at` says.",
        remediation: "Make a new certificate in the Okta app, update every account's provider with the \
                      app's new metadata, and activate the certificate only then.",
        references: &[
            super::CREATE,
            "https://help.okta.com/en-us/content/topics/apps/manage-signing-certificates.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let all = documents(context);
    let stated = undocumented(context);
    // Without any document the days that lists of providers state are all there is.
    let all = if stated.is_empty() { all? } else { all.unwrap_or_default() };
    let now = context.settings.at.map(Moment).ok_or_else(|| {
        CannotCheck("the time of the run is not known, expected `--at`".to_owned())
    })?;
    let soon = now.plus_days(context.settings.number(&RULE.info, "warn_days"));
    let mut found = Vec::new();
    for document in &all {
        let Some(metadata) = document.metadata() else { continue };
        let certificates: Vec<_> = metadata.signing_certificates().collect();
        let holds = |one: &Certificate| one.not_before <= now && now <= one.not_after;
        let another = certificates.iter().any(|(_, one)| holds(one));
        for (at, certificate) in &certificates {
            found.extend(of_certificate(document, (at, certificate), (now, soon), another));
        }
        for until in metadata.entities.iter().filter_map(|entity| entity.valid_until.as_ref()) {
            found.extend(of_document(document, until, (now, soon)));
        }
    }
    found.extend(stated.values().filter_map(|all| of_list(all, now)));
    Ok(found)
}

/// Providers without a document of which a list states until when they hold, by name and day.
fn undocumented<'c>(context: &Context<'c>) -> BTreeMap<(&'c str, Moment), Vec<Provider<'c>>> {
    let mut found: BTreeMap<(&str, Moment), Vec<Provider<'_>>> = BTreeMap::new();
    for one in Provider::all(context).filter(|one| one.stated.metadata.is_none()) {
        let until = one.stated.valid_until.as_deref().and_then(Moment::parse);
        if let Some(until) = until {
            found.entry((&one.stated.name, until)).or_default().push(one);
        }
    }
    found
}

fn of_list(all: &[Provider<'_>], now: Moment) -> Option<Finding> {
    let first = all.first()?;
    let until = first.stated.valid_until.as_deref().and_then(Moment::parse)?;
    if until >= now {
        return None;
    }
    let ids = some_of(all.iter().map(|one| one.id.as_str()));
    let accounts = match all.len() {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    };
    let message = format!(
        "the SAML provider {} held until {until} in {accounts}, {} ago: {ids}",
        Quoted(&first.stated.name),
        days_in_words(now.days_since(until)),
    );
    Some(Finding::new(&RULE.info, first.arn(), message).at(first.label("")))
}

fn of_certificate(
    document: &Document<'_>,
    (at, certificate): (&KeyCertificate, &Certificate),
    (now, soon): (Moment, Moment),
    another: bool,
) -> Option<Finding> {
    let Certificate { not_before, not_after, subject, .. } = certificate;
    let subject = Quoted(subject);
    let whose = document.whose();
    let (severity, what) = if *not_after < now {
        let days = now.days_since(*not_after);
        let what = format!("expired on {not_after}, {} ago", days_in_words(days));
        (if another { Severity::Note } else { Severity::Warning }, what)
    } else if *not_before > now {
        let severity = if another { Severity::Note } else { Severity::Warning };
        (severity, format!("holds only from {not_before} on"))
    } else if *not_after <= soon {
        let days = not_after.days_since(now);
        (Severity::Note, format!("expires on {not_after}, in {}", days_in_words(days)))
    } else {
        return None;
    };
    let message = format!("{whose}: the signing certificate {subject} {what}");
    let finding = document.finding(&RULE.info, &at.at, message).severity(severity);
    Some(if another && severity == Severity::Note && *not_after < now {
        finding.help("another signing certificate of the document holds: take this one out")
    } else {
        finding.help(format!("it is the one of SHA-256 `{}…`", certificate.short()))
    })
}

fn of_document(
    document: &Document<'_>,
    until: &ValidUntil,
    (now, soon): (Moment, Moment),
) -> Option<Finding> {
    let whose = document.whose();
    let Some(moment) = until.moment else {
        let message = format!(
            "{whose} has `validUntil` {}, expected a date and time such as `2030-01-01T00:00:00Z`",
            Quoted(&until.written)
        );
        return Some(document.finding(&RULE.info, &until.at, message));
    };
    let (severity, message) = if moment < now {
        let days = days_in_words(now.days_since(moment));
        (Severity::Warning, format!("{whose} held until {moment}, {days} ago"))
    } else if moment <= soon {
        let days = days_in_words(moment.days_since(now));
        (Severity::Note, format!("{whose} holds until {moment}, {days} more"))
    } else {
        return None;
    };
    Some(document.finding(&RULE.info, &until.at, message).severity(severity))
}

fn days_in_words(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
