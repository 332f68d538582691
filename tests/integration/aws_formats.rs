//! AWS's exports read as users bring them; each fixture holds the traps of its format.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use rolecall::model::aws::Accounts;
use rolecall::sources::aws::{AwsPart, account_in_name, adopt, looks_like, provider_in_name, read};
use rolecall::sources::input::{Format, SourceOptions};
use rolecall::text::Place;

#[expect(clippy::disallowed_methods, reason = "tests read fixtures")]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fixture(name: &str) -> Vec<u8> {
    bytes_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/aws").join(name))
}

fn part(name: &str) -> AwsPart {
    let bytes = fixture(name);
    let format = looks_like(&bytes, name).unwrap();
    read(format, &bytes, name, &SourceOptions::default())
}

fn describe(part: &AwsPart) -> String {
    let mut text = String::new();
    describe_accounts(&part.accounts, &mut text);
    for one in &part.unnamed {
        writeln!(text, "{}: unnamed metadata in {}", one.metadata.place.0, one.account).unwrap();
    }
    for problem in &part.problems {
        writeln!(text, "{}: problem ({:?}) {}", problem.line, problem.loss, problem.error).unwrap();
    }
    text
}

fn describe_accounts(accounts: &Accounts, text: &mut String) {
    for (id, account) in accounts.iter() {
        writeln!(text, "account {id} partition={:?}", account.partition).unwrap();
        for (what, value) in
            [("alias", &account.alias), ("name", &account.name), ("status", &account.status)]
        {
            if let Some(value) = value {
                writeln!(text, "  {}: {what} {}", value.place.0, value.value).unwrap();
            }
        }
        if account.no_alias {
            writeln!(text, "  no alias").unwrap();
        }
        writeln!(text, "  roles complete={}", account.roles_complete).unwrap();
        for role in &account.roles {
            writeln!(
                text,
                "  {}: role {}{} {:?}",
                role.place.0, role.path, role.name, role.max_session_duration
            )
            .unwrap();
            if let Some(policy) = &role.trust_policy {
                writeln!(text, "    {}: {}", policy.place.0, policy.json).unwrap();
            }
        }
        writeln!(text, "  providers complete={}", account.providers_complete).unwrap();
        for provider in &account.providers {
            let metadata =
                provider.metadata.as_ref().map(|document| (document.place.0, document.value.len()));
            writeln!(
                text,
                "  {}: provider {} {:?} {metadata:?}",
                provider.place.0, provider.name, provider.valid_until
            )
            .unwrap();
        }
    }
}

#[test]
fn every_format_is_recognised_and_read_with_its_traps() {
    for (name, format) in [
        ("authorization-details.json", Format::AuthorizationDetails),
        ("roles-pages.json", Format::ListRoles),
        ("roles-incomplete.json", Format::ListRoles),
        ("get-role.json", Format::GetRole),
        ("saml-providers.json", Format::ListSamlProviders),
        ("012345678901-saml-provider-OKTA.json", Format::GetSamlProvider),
        ("012345678901-aliases.json", Format::ListAccountAliases),
        ("012345678902-aliases.json", Format::ListAccountAliases),
        ("accounts.json", Format::ListAccounts),
        ("config-snapshot.json", Format::ConfigSnapshot),
        ("config-history.json", Format::ConfigSnapshot),
        ("config-query.json", Format::ConfigSnapshot),
    ] {
        let bytes = fixture(name);
        assert_eq!(looks_like(&bytes, name), Some(format), "{name}");
        let text = describe(&part(name));
        insta::with_settings!({
            snapshot_path => "../../fixtures/formats/aws", prepend_module_to_snapshot => false, omit_expression => true
        }, { insta::assert_snapshot!(name, text) });
    }
}

#[test]
fn the_account_comes_from_arns_then_options_then_the_file_name() {
    let aliases = fixture("012345678901-aliases.json");
    let mut options = SourceOptions::default();
    let accounts = |name: &str, options: &SourceOptions| {
        let part = read(Format::ListAccountAliases, &aliases, name, options);
        (
            part.accounts.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>(),
            part.problems.len(),
        )
    };
    assert_eq!(accounts("a/123456789012.json", &options), (vec!["123456789012".into()], 0));
    assert_eq!(accounts("aliases-20261124.json", &options), (vec![], 1));
    options.account = account_in_name("210987654321");
    assert_eq!(accounts("a/aliases.json", &options), (vec!["210987654321".into()], 0));
    let part = read(
        Format::GetRole,
        &fixture("get-role.json"),
        "210987654321.json",
        &SourceOptions::default(),
    );
    assert_eq!(part.accounts.iter().next().unwrap().0.as_str(), "012345678901");
    assert_eq!(
        part.problems.first().unwrap().error.to_string(),
        "the file name says account 210987654321, expected account 012345678901 as the ARNs of this file say"
    );
}

#[test]
fn file_names_give_accounts_and_providers_only_in_their_exact_form() {
    assert_eq!(account_in_name("x/123456789012-roles.json").unwrap().as_str(), "123456789012");
    assert_eq!(account_in_name("1234567890123.json"), None);
    assert_eq!(provider_in_name("123456789012-saml-provider-OKTA.json"), Some("OKTA"));
    assert_eq!(provider_in_name("123456789012-saml-providers.json"), None);
}

#[test]
fn details_and_single_roles_of_one_account_become_one_role() {
    let mut accounts = part("authorization-details.json").accounts;
    let conflicts = accounts.merge(part("get-role.json").accounts);
    let account = accounts.iter().next().unwrap().1;
    let role = account.role("Admin").unwrap();
    assert_eq!(role.max_session_duration, Some(7200));
    let [conflict] = conflicts.as_slice() else { panic!("{conflicts:?}") };
    assert_eq!(
        conflict.to_string(),
        "account 012345678901: another trust policy of role `Admin` stands in an export read before, expected the same; the one before counts"
    );
}

#[test]
fn an_unnamed_metadata_document_goes_to_the_only_provider() {
    let document = fixture("012345678901-saml-provider-OKTA.json");
    let unnamed = || {
        read(Format::GetSamlProvider, &document, "012345678901.json", &SourceOptions::default())
            .unnamed
    };
    assert_eq!(unnamed().len(), 1);
    let list = |arns: &str| {
        let text = format!("{{\"SAMLProviderList\":[{arns}]}}");
        read(Format::ListSamlProviders, text.as_bytes(), "x", &SourceOptions::default()).accounts
    };
    let (one, two) = (
        "{\"Arn\":\"arn:aws:iam::012345678901:saml-provider/A\"}",
        "{\"Arn\":\"arn:aws:iam::012345678901:saml-provider/B\"}",
    );
    let mut accounts = list(one);
    assert_eq!(adopt(&mut accounts, unnamed()), []);
    assert!(accounts.iter().next().unwrap().1.provider("A").unwrap().metadata.is_some());
    let mut accounts = list(&format!("{one},{two}"));
    assert_eq!(adopt(&mut accounts, unnamed()).len(), 1);
}

#[test]
fn a_truncated_or_empty_dump_is_an_error_and_lists_nothing_as_complete() {
    let whole = fixture("authorization-details.json");
    for end in 0..whole.len() - 3 {
        let cut = whole.get(..end).unwrap();
        let part = read(Format::AuthorizationDetails, cut, "x.json", &SourceOptions::default());
        assert!(part.accounts.is_empty(), "cut at {end}");
        assert!(!part.problems.is_empty(), "cut at {end}");
    }
}

#[test]
fn lists_of_pages_and_pages_after_each_other_are_one_listing() {
    let page = |name: &str, more: bool| {
        format!(
            "{{\"Roles\":[{{\"RoleName\":\"{name}\",\"Arn\":\"arn:aws:iam::012345678901:role/{name}\"}}],\"IsTruncated\":{more}}}"
        )
    };
    let (a, b) = (page("A", true), page("B", false));
    for text in [format!("{a}{b}"), format!("[{a},\n{b}]"), format!("{a}\n{b}\n")] {
        let part = read(Format::ListRoles, text.as_bytes(), "x", &SourceOptions::default());
        let account = part.accounts.iter().next().unwrap().1;
        assert_eq!((account.roles.len(), account.roles_complete), (2, true), "{text}");
        assert!(part.problems.is_empty(), "{:?}", part.problems);
    }
}

#[test]
fn lines_of_a_file_become_places_of_the_run() {
    let mut part = part("get-role.json");
    part.place(|line| Place(line + 1000));
    let role = part.accounts.iter().next().unwrap().1.role("Admin").unwrap().clone();
    assert_eq!((role.place, role.trust_policy.unwrap().place), (Place(1002), Place(1004)));
}

#[test]
fn exports_of_the_real_cli_are_read_without_a_problem() {
    #[expect(clippy::disallowed_methods, reason = "names the data to test against")]
    let Ok(shared) = std::env::var("ROLECALL_SHARED") else {
        eprintln!("skipped: ROLECALL_SHARED is not set");
        return;
    };
    let folder = Path::new(&shared).join("real-exports/aws");
    let mut accounts = Accounts::default();
    for what in
        ["aliases", "authorization-details", "roles", "saml-provider-OKTA", "saml-providers"]
    {
        let name = format!("123456789012-{what}.json");
        let bytes = bytes_of(&folder.join(&name));
        let part =
            read(looks_like(&bytes, &name).unwrap(), &bytes, &name, &SourceOptions::default());
        assert!(part.problems.is_empty(), "{name}: {:?}", part.problems);
        assert_eq!(accounts.merge(part.accounts), []);
    }
    let (id, account) = accounts.iter().next().unwrap();
    assert_eq!((accounts.len(), id.as_str()), (1, "123456789012"));
    assert_eq!(account.alias.as_ref().unwrap().value, "acme-prod");
    assert!(account.roles_complete && account.providers_complete);
    let names: Vec<&str> = account.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names, ["Admin", "Auditor", "Billing", "NetOps", "ReadOnly", "Support"]);
    assert_eq!(account.role("NetOps").unwrap().path, "/teams/net/");
    assert_eq!(account.role("Admin").unwrap().max_session_duration, Some(43_200));
    assert!(account.roles.iter().all(|role| role.trust_policy.is_some()));
    assert!(account.provider("OKTA").unwrap().metadata.is_some());
}

const ALL: [&str; 5] = [
    "authorization-details.json",
    "roles-pages.json",
    "saml-providers.json",
    "accounts.json",
    "get-role.json",
];

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        exercise(&bytes);
    }

    #[test]
    fn no_damaged_fixture_panics(
        name in prop::sample::select(ALL.to_vec()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut bytes = fixture(name);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            *bytes.get_mut(at).unwrap() = byte;
        }
        exercise(&bytes);
    }
}

fn exercise(bytes: &[u8]) {
    looks_like(bytes, "x");
    for &format in Format::ALL {
        describe(&read(format, bytes, "123456789012.json", &SourceOptions::default()));
    }
}
