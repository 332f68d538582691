//! `drift/assertion-gap`: a captured sign-in that is not what the exports say Okta sends.

use crate::entitlement::admission::Admissions;
use crate::entitlement::assertion_gap::{Comparison, Gap, Side, older_export};
use crate::entitlement::captured::{CapturedSignIn, Difference, Named};
use crate::entitlement::captures::Captured;
use crate::entitlement::lookup::called;
use crate::entitlement::stage::Answer;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::model::directory::UserId;
use crate::model::federation::Federation;
use crate::model::moment::Moment;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/assertion-gap",
        summary: "a captured sign-in is not what the exports say Okta sends",
        severity: Severity::Error,
        on: true,
        follows: &["assertion/joined-values", "assertion/no-role"],
        options: &[],
        since: "0.1.0",
        explanation: "A sign-in that was captured is held against the exports: the roles it carries against those that \
                      its user's groups give, and its issuer, names, duration and tags against the app's settings. A \
                      role on one side only means that the exports are old, that Okta has not imported a change yet, or \
                      that Okta reads names or groups in another way than the exports tell; the finding names the \
                      stage that explains it. Roles with one cause, such as a membership that moved, are one finding. \
                      What an export is missing for is a note, and no error.",
        remediation: "Export again what is older than the sign-in. Where they still differ, mend the stage that the \
                      finding names: `rolecall why USER ROLE --assertion FILE` shows the whole chain.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-configure-aws-app.htm",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
        ],
    },
    check,
};

/// Roles that a message lists.
const LISTED: usize = 8;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let directory = &context.federation.directory;
    // Without exports there is nothing that a sign-in could be held against, and nobody asked to.
    if context.captures.all.is_empty() || context.federation.exports.is_empty() {
        return Ok(Vec::new());
    }
    if directory.user_count() == 0 {
        return Err(CannotCheck("no export states any user".to_owned()));
    }
    let entitlements = context.entitlements()?;
    let admissions = Admissions::new(entitlements, &context.settings.sign_in);
    let comparison =
        Comparison::new(&admissions).map_err(|error| CannotCheck(error.to_string()))?;
    let captured = context.captures.all.iter();
    Ok(captured.flat_map(|captured| held(&comparison, captured)).collect())
}

/// One message, and what is known of it.
struct Held<'c> {
    captured: &'c Captured,
    sign_in: CapturedSignIn<'c>,
    federation: &'c Federation,
    user: String,
    issued: Option<Moment>,
}

fn held(comparison: &Comparison<'_>, captured: &Captured) -> Vec<Finding> {
    let Ok(said) = &captured.read else { return Vec::new() };
    let (Some(assertion), Some(aws)) = (said.assertion(), said.aws.as_ref()) else {
        return Vec::new();
    };
    let sign_in = CapturedSignIn { assertion, aws, text: &captured.text };
    let federation = comparison.entitlements().federation;
    let user = match sign_in.user(&federation.directory) {
        Named::One(user) => user,
        named => return nobody(captured, &sign_in, &named).into_iter().collect(),
    };
    let issued = assertion.issue_instant.as_ref().and_then(|text| Moment::parse(&text.value));
    let login = federation.directory.login(user).to_owned();
    let held = Held { captured, sign_in, federation, user: login, issued };
    let gaps = comparison.gaps(user, &sign_in.pairs());
    let mut findings: Vec<Finding> = gaps.iter().map(|gap| held.gap(gap)).collect();
    findings.extend(held.differences(comparison, user));
    findings
}

/// The finding that nobody of the exports is named.
fn nobody(captured: &Captured, sign_in: &CapturedSignIn<'_>, named: &Named) -> Option<Finding> {
    let message = match named {
        Named::Nobody(name, near) => {
            let offer = match near.first() {
                Some(near) => format!("; the nearest: {}", Quoted(near)),
                None => String::new(),
            };
            format!("the sign-in is of {}, whom no export states{offer}", Quoted(name))
        }
        Named::Several(name, logins) => format!(
            "the sign-in is of {}, as the exports call several users: {}",
            Quoted(name),
            listed(logins.iter().map(|login| Quoted(login).to_string()))
        ),
        Named::One(_) | Named::Nothing => return None,
    };
    let place = sign_in.name_id().or(sign_in.session_name())?;
    let found = Finding::new(&RULE.info, format!("{} user", captured.name), message)
        .severity(Severity::Warning)
        .at(captured.label(&place.at, ""));
    Some(found.help("export the users that are assigned to the app, so that roles can be compared"))
}

impl Held<'_> {
    /// The finding of roles with one cause.
    fn gap(&self, gap: &Gap) -> Finding {
        let names = gap.pairs.iter().map(|pair| called(self.federation, &pair.role));
        let roles = format!(
            "{} {}",
            plural(gap.pairs.len()),
            listed(names.map(|name| Quoted(&name).to_string()))
        );
        let user = Quoted(&self.user).to_string();
        let side = match (gap.side, gap.answer) {
            (Side::Sent, Answer::Unknown) => {
                format!(
                    "the sign-in has {roles}, and whether the exports give that to {user} is not known"
                )
            }
            (Side::Sent, _) => {
                format!("the sign-in has {roles}, which the exports do not give {user}")
            }
            (Side::Predicted, Answer::Unknown) => {
                format!(
                    "the sign-in lacks {roles}, and whether Okta should send that for {user} is not known"
                )
            }
            (Side::Predicted, _) => {
                format!("the sign-in lacks {roles}, which the exports give {user}")
            }
            (Side::Otherwise, _) => {
                format!("the sign-in has {roles} otherwise than the exports give {user}")
            }
        };
        let message = format!("{side}; {}: {}", gap.stage, gap.says);
        let first = gap.pairs.first();
        let subject = format!(
            "{} {:?} {}",
            self.captured.name,
            gap.side,
            first.map(|pair| pair.role.to_string()).unwrap_or_default()
        );
        let severity =
            if gap.answer == Answer::Unknown { Severity::Note } else { RULE.info.severity };
        let mut found = Finding::new(&RULE.info, subject, message)
            .severity(severity)
            .stems_from(&*self.captured.name)
            .at(self.place(gap));
        for &place in gap.places.iter().take(LISTED) {
            found =
                found.related(Label::new(place, format!("what the {} stage rests on", gap.stage)));
        }
        self.help(found, gap)
    }

    /// Where the message has the roles, or would have them.
    fn place(&self, gap: &Gap) -> Label {
        let sent = gap.pairs.iter().find_map(|pair| self.sign_in.place_of(pair));
        let attribute = || self.sign_in.aws.roles.first().map(|role| &role.text.at);
        let own = match gap.side {
            Side::Sent | Side::Otherwise => sent,
            Side::Predicted => attribute(),
        };
        match own {
            Some(at) => self
                .captured
                .label(at, if gap.side == Side::Predicted { "the roles sent" } else { "" }),
            None => self.captured.top(""),
        }
    }

    fn help(&self, found: Finding, gap: &Gap) -> Finding {
        let older =
            gap.places.iter().find_map(|&place| older_export(self.federation, place, self.issued?));
        if let Some(older) = older {
            return found.help(format!("{older}: export again before anything else"));
        }
        match (gap.answer, gap.side) {
            (Answer::Unknown, _) => found.help("add the export that is missing"),
            (_, Side::Sent) => match &gap.change {
                Some(change) => {
                    found.help(format!("export again; for the exports to give it: {change}"))
                }
                None => found.help("export again, and ask who changed it"),
            },
            (_, Side::Predicted) => {
                found.help("export again, and see whether Okta has imported the membership")
            }
            (_, Side::Otherwise) => {
                found.help("hold the app's Role Value Pattern in Okta against the one exported")
            }
        }
    }

    /// Findings of values that are not what the app's settings and the user's record give.
    fn differences(&self, comparison: &Comparison<'_>, user: UserId) -> Vec<Finding> {
        let sign_ins = &comparison.admissions().sign_ins;
        let differences = self.sign_in.differences(sign_ins, user);
        differences.iter().filter(|one| is_ours(one)).map(|one| self.difference(one)).collect()
    }

    fn difference(&self, one: &Difference) -> Finding {
        let sent = match &one.sent {
            Some(sent) => format!("is {}", Quoted(&sent.value)),
            None => "is not sent".to_owned(),
        };
        let expected = match &one.expected {
            Some(expected) => format!("the exports give {}", Quoted(expected)),
            None => "the exports give none".to_owned(),
        };
        let likely = match one.likely {
            Some(why) => format!(" ({why})"),
            None => String::new(),
        };
        let what =
            if one.what.contains('`') { one.what.clone() } else { format!("`{}`", one.what) };
        let message = format!("{what} of the sign-in {sent}, {expected}{likely}");
        let severity = if one.likely.is_some() { Severity::Note } else { RULE.info.severity };
        let label = match &one.sent {
            Some(sent) => self.captured.label(&sent.at, ""),
            None => self.captured.top(""),
        };
        Finding::new(&RULE.info, format!("{} {}", self.captured.name, one.what), message)
            .severity(severity)
            .stems_from(&*self.captured.name)
            .at(label)
            .help("hold the app's settings and attribute statements in Okta against those exported")
    }
}

/// Whether no rule about assertions tells a difference: those hold the issuer against the app's, tell what is
/// missing, and which endpoints there are.
fn is_ours(one: &Difference) -> bool {
    match (&*one.what, &one.sent) {
        ("Issuer", _) | ("NameID" | "RoleSessionName" | "Recipient", None) => false,
        ("Recipient", Some(sent)) => Partition::of_sign_in(&sent.value).is_some(),
        ("SessionDuration", None) => one.expected.as_deref() != Some("3600"),
        _ => true,
    }
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "the role" } else { "the roles" }
}

fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(LISTED);
    let mut shown: Vec<String> = names.take(LISTED).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}
