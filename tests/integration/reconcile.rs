//! Captured assertions held against the exports: which roles differ and why, what a trust policy decides.

use rolecall::entitlement::admission::Admissions;
use rolecall::entitlement::assertion_gap::{Comparison, Gap, Side};
use rolecall::entitlement::captured::{CapturedSignIn, Named};
use rolecall::entitlement::resolve::Entitlements;
use rolecall::entitlement::sign_in::SignInSettings;
use rolecall::entitlement::stage::{Answer, Stage};
use rolecall::explain::lookup::{UserMatch, find_user};
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::arn::ArnPair;
use rolecall::model::federation::Federation;
use rolecall::saml::aws::SignInAttributes;
use rolecall::saml::response::Message;
use rolecall::saml::xml::{MESSAGE, Tree};
use rolecall::sources::load::load;
use rolecall::trust::Presented;

use crate::support::{fixtures, load_folder, memory};

const DEV: &str = "053918264407";
const PROD: &str = "418203975566";
const LOG: &str = "760154829933";

fn pair(account: &str, provider: &str, role: &str) -> ArnPair {
    let text = format!(
        "arn:aws:iam::{account}:saml-provider/{provider},arn:aws:iam::{account}:role/{role}"
    );
    ArnPair::parse(&text).unwrap()
}

/// The gaps between what a user was sent and what a federation gives them.
fn gaps(federation: &Federation, user: &str, sent: &[ArnPair]) -> Vec<Gap> {
    let mapping = Mapping::new(federation.app.as_ref(), &Overrides::default()).unwrap();
    let entitlements = Entitlements::resolve(federation, &mapping);
    let settings = SignInSettings::default();
    let admissions = Admissions::new(&entitlements, &settings);
    let UserMatch::One(user) = find_user(&federation.directory, user) else { panic!("one user") };
    Comparison::new(&admissions).unwrap().gaps(user, sent)
}

fn demo() -> Federation {
    load_folder(&fixtures().join("federations/demo/exports")).federation
}

type Told<'g> = (Side, Stage, Answer, Option<&'g str>, Vec<&'g str>);

/// Side, stage, answer, group and roles of each gap.
fn told(gaps: &[Gap]) -> Vec<Told<'_>> {
    gaps.iter()
        .map(|gap| {
            let roles = gap.pairs.iter().map(|pair| pair.role.name.as_str()).collect();
            (gap.side, gap.stage, gap.answer, gap.group.as_deref(), roles)
        })
        .collect()
}

#[test]
fn an_assertion_that_says_what_the_exports_say_has_no_gap() {
    let sent = [pair(DEV, "OKTA", "Developer"), pair(PROD, "OKTA", "ReadOnly")];
    assert_eq!(gaps(&demo(), "nora", &sent), []);
}

#[test]
fn a_move_from_one_team_to_another_is_two_gaps_with_the_teams_named() {
    let federation = demo();
    let sent = [
        pair(DEV, "OKTA", "Developer"),
        pair(PROD, "OKTA", "Operator"),
        pair(PROD, "OKTA", "ReadOnly"),
    ];
    let gaps = gaps(&federation, "quinn", &sent);
    assert_eq!(
        told(&gaps),
        [
            (
                Side::Sent,
                Stage::Membership,
                Answer::Fails,
                Some("Platform"),
                vec!["Developer", "Operator", "ReadOnly"]
            ),
            (Side::Predicted, Stage::Membership, Answer::Fails, Some("Audit"), vec!["Auditor"]),
        ]
    );
    assert_eq!(gaps[0].says, "by the exports not in `Platform`, whose members get all of these");
    let at = |gap: &Gap| federation.sources.show(gap.places[0]);
    assert_eq!(
        (at(&gaps[0]), at(&gaps[1])),
        ("okta/groups.json:2".into(), "directory.ldif:108".into())
    );
}

#[test]
fn a_team_is_named_only_where_all_its_roles_were_sent_and_a_team_before_what_it_is_in() {
    let sent = [pair(DEV, "OKTA", "Developer"), pair(PROD, "OKTA", "ReadOnly")];
    let sent = [&sent[..], &[pair(LOG, "OKTA", "Auditor")]].concat();
    let gaps = gaps(&demo(), "quinn", &sent);
    // `Platform` would give `Operator` too, and nobody is in `Engineering` directly.
    assert_eq!(
        told(&gaps),
        [(
            Side::Sent,
            Stage::Membership,
            Answer::Fails,
            Some("Release Engineering"),
            vec!["Developer", "ReadOnly"]
        )]
    );
}

#[test]
fn one_role_too_many_is_explained_by_the_first_stage_that_fails() {
    let federation = demo();
    let base = [pair(DEV, "OKTA", "Developer"), pair(PROD, "OKTA", "ReadOnly")];
    let with = |role: ArnPair| gaps(&federation, "nora", &[&base[..], &[role]].concat());
    let operator = with(pair(PROD, "OKTA", "Operator"));
    let group = Some("aws#saltmarsh-prod#Operator#418203975566");
    assert_eq!(
        told(&operator),
        [(Side::Sent, Stage::Membership, Answer::Fails, group, vec!["Operator"])]
    );
    let deploy = with(pair(PROD, "OKTA", "Deploy"));
    assert_eq!((deploy[0].stage, deploy[0].answer), (Stage::Filter, Answer::Fails));
    assert!(deploy[0].says.contains("expected a digit"), "{}", deploy[0].says);
    let nothing = with(pair(PROD, "OKTA", "Billing"));
    assert_eq!(nothing[0].says, "no group of the exports maps to it");
}

#[test]
fn the_same_role_with_another_provider_or_case_is_one_gap_and_not_two() {
    let sent = [pair(DEV, "OKTA-NEW", "Developer"), pair(PROD, "OKTA-NEW", "ReadOnly")];
    let found = gaps(&demo(), "nora", &sent);
    assert_eq!(
        told(&found),
        [(Side::Otherwise, Stage::Pair, Answer::Fails, None, vec!["Developer", "ReadOnly"])]
    );
    assert_eq!(
        found[0].says,
        "sent with the provider `OKTA-NEW`, the Role Value Pattern gives `OKTA`"
    );
    let sent = [pair(DEV, "OKTA", "Developer"), pair(PROD, "OKTA", "Readonly")];
    let found = gaps(&demo(), "nora", &sent);
    assert_eq!(found.len(), 1);
    assert!(found[0].says.contains("the exports give `arn:aws:iam::418203975566:role/ReadOnly`"));
    // Both providers: the pair that nothing gives is told, the other is no gap.
    let sent = [
        pair(DEV, "OKTA", "Developer"),
        pair(PROD, "OKTA", "ReadOnly"),
        pair(PROD, "OKTA-NEW", "ReadOnly"),
    ];
    let found = gaps(&demo(), "nora", &sent);
    assert_eq!(told(&found), [(Side::Sent, Stage::Pair, Answer::Fails, None, vec!["ReadOnly"])]);
}

#[test]
fn who_is_disabled_in_the_exports_and_signed_in_all_the_same_is_one_gap() {
    let sent = [pair(DEV, "OKTA", "Developer"), pair(PROD, "OKTA", "ReadOnly")];
    let found = gaps(&demo(), "rosa", &sent);
    assert_eq!(
        found.iter().map(|gap| (gap.side, gap.stage, gap.pairs.len())).collect::<Vec<_>>(),
        [(Side::Sent, Stage::Account, 2)]
    );
}

#[test]
fn what_an_export_is_missing_for_is_not_known_and_never_wrong() {
    let app = r#"{"name": "amazon_aws", "settings": {"app": {
      "groupFilter": "^aws\\#\\S+\\#(?{{role}}[\\w\\-]+)\\#(?{{accountid}}\\d+)$",
      "roleValuePattern": "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
      "appFilter": "active_directory", "useGroupMapping": true}}}"#;
    let edges = "group,member,member_type\naws#dev#Admin#123456789012,ann@x.test,user\n";
    let loaded = load(vec![memory("app.json", app.into()), memory("edges.csv", edges.into())]);
    let found = gaps(&loaded.federation, "ann@x.test", &[]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].side, found[0].answer), (Side::Predicted, Answer::Unknown));
    // Signing in proves account and assignment, and not where the group comes from.
    let sent = [pair("123456789012", "OKTA", "Ops")];
    let found = gaps(&loaded.federation, "ann@x.test", &sent);
    let answers: Vec<_> = found.iter().map(|gap| (gap.side, gap.stage, gap.answer)).collect();
    assert_eq!(
        answers,
        [
            (Side::Sent, Stage::Membership, Answer::Fails),
            (Side::Predicted, Stage::Import, Answer::Unknown),
        ]
    );
}

/// An assertion with attributes of AWS, for somebody.
fn assertion(name_id: &str, attributes: &[(&str, &[&str])]) -> String {
    let attributes = attributes.iter().map(|(name, values)| {
        let values = values
            .iter()
            .map(|value| format!("<saml2:AttributeValue>{value}</saml2:AttributeValue>"));
        let values: Vec<String> = values.collect();
        format!("<saml2:Attribute Name=\"{name}\">{}</saml2:Attribute>\n", values.concat())
    });
    let attributes = attributes.collect::<Vec<String>>().concat();
    format!(
        r#"<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="id1" Version="2.0" IssueInstant="2026-11-24T09:00:00.000Z">
<saml2:Issuer>http://www.okta.com/exksaltmarsh00aws0001</saml2:Issuer>
<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{name_id}</saml2:NameID>
<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData NotOnOrAfter="2026-11-24T09:05:00.000Z" Recipient="https://signin.aws.amazon.com/saml"/></saml2:SubjectConfirmation></saml2:Subject>
<saml2:AttributeStatement>
{attributes}</saml2:AttributeStatement></saml2:Assertion>"#
    )
}

/// Asks about the one assertion of a text.
fn read<T>(text: &str, ask: impl FnOnce(CapturedSignIn<'_>) -> T) -> T {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let message = Message::read(&tree);
    let assertion = &message.assertions[0];
    ask(CapturedSignIn { assertion, aws: &SignInAttributes::read(assertion), text })
}

#[test]
fn an_assertion_presents_its_own_values_to_a_trust_policy() {
    let text = assertion(
        "nora@saltmarsh.test",
        &[
            ("https://aws.amazon.com/SAML/Attributes/RoleSessionName", &["nora"]),
            ("https://aws.amazon.com/SAML/Attributes/SourceIdentity", &["nora-f"]),
            ("https://aws.amazon.com/SAML/Attributes/PrincipalTag:team", &["tide"]),
            ("https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys", &["team"]),
            ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", &["staff"]),
            ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", &["nora@saltmarsh.test"]),
            ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", &["Finch"]),
        ],
    );
    let provider = "arn:aws:iam::418203975566:saml-provider/OKTA";
    let request = read(&text, |one| one.presents().request(provider));
    let actions: Vec<&str> = request.action_names().collect();
    assert_eq!(actions, ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]);
    let one = |text: &str| Some(Presented::One(text.to_owned()));
    let many = |text: &str| Some(Presented::Many(vec![text.to_owned()]));
    for (key, expected) in [
        ("saml:aud", one("https://signin.aws.amazon.com/saml")),
        ("saml:iss", one("http://www.okta.com/exksaltmarsh00aws0001")),
        ("saml:sub", one("nora@saltmarsh.test")),
        ("saml:sub_type", one("persistent")),
        ("saml:doc", one("418203975566/OKTA")),
        ("saml:namequalifier", one("15K8DT7LNcFHggJmukaJQWrbGmY=")),
        ("sts:RoleSessionName", one("nora")),
        ("sts:SourceIdentity", one("nora-f")),
        ("aws:RequestTag/team", one("tide")),
        ("aws:TagKeys", many("team")),
        ("sts:TransitiveTagKeys", many("team")),
        ("saml:edupersonaffiliation", many("staff")),
        ("saml:edupersonprincipalname", one("nora@saltmarsh.test")),
        ("saml:surname", one("Finch")),
        ("saml:givenname", None),
        ("aws:SourceIp", Some(Presented::Unknown)),
    ] {
        assert_eq!(request.context.value(key).cloned(), expected, "{key}");
    }
}

#[test]
fn the_user_is_found_by_any_name_that_the_exports_give_them() {
    let federation = demo();
    let session = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
    let named = |name_id: &str, name: &str| {
        read(&assertion(name_id, &[(session, &[name])]), |one| one.user(&federation.directory))
    };
    let UserMatch::One(nora) = find_user(&federation.directory, "nora@saltmarsh.test") else {
        panic!("nora is one user")
    };
    for (name_id, name) in
        [("nora@saltmarsh.test", "x"), ("NORA", "x"), ("00u1", "nora"), ("Nora Finch", "x")]
    {
        assert_eq!(named(name_id, name), Named::One(nora), "{name_id} {name}");
    }
    let Named::Nobody(name, near) = named("norra@saltmarsh.test", "") else { panic!("nobody") };
    assert_eq!((&*name, &*near[0]), ("norra@saltmarsh.test", "nora@saltmarsh.test"));
    assert_eq!(named("", ""), Named::Nothing);
}

#[test]
fn values_that_differ_from_what_the_exports_tell_are_told_and_what_they_leave_open_is_not() {
    let federation = demo();
    let mapping = Mapping::new(federation.app.as_ref(), &Overrides::default()).unwrap();
    let entitlements = Entitlements::resolve(&federation, &mapping);
    let settings = SignInSettings::default();
    let admissions = Admissions::new(&entitlements, &settings);
    let UserMatch::One(nora) = find_user(&federation.directory, "nora") else { panic!("one user") };
    let differences = |text: &str| {
        read(text, |one| {
            let found = one.differences(&admissions.sign_ins, nora);
            found.into_iter().map(|one| (one.what, one.likely.is_some())).collect::<Vec<_>>()
        })
    };
    let aws = |name: &str| format!("https://aws.amazon.com/SAML/Attributes/{name}");
    let text = assertion(
        "nora@saltmarsh.test",
        &[
            (&aws("RoleSessionName"), &["nora@saltmarsh.test"]),
            (&aws("SessionDuration"), &["3600"]),
            (&aws("PrincipalTag:team"), &["tide"]),
        ],
    );
    assert_eq!(differences(&text), []);
    let text = text.replace("3600", "7200").replace("okta.com/exk", "okta.com/other");
    let text =
        text.replace(">nora@saltmarsh.test</saml2:AttributeValue>", ">nora</saml2:AttributeValue>");
    assert_eq!(
        differences(&text),
        [
            ("Issuer".to_owned(), false),
            ("RoleSessionName".to_owned(), true),
            ("SessionDuration".to_owned(), false),
        ]
    );
}
