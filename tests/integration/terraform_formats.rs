//! Terraform's plans, states and source read as users bring them; each fixture holds the traps of its format.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;
use rolecall::model::declared::{Declared, HOLE, Known};
use rolecall::model::federation::Federation;
use rolecall::sources::code;
use rolecall::sources::input::{Format, Input, SourceOptions, Stream};
use rolecall::sources::load::{Loaded, load};
use rolecall::text::Place;

#[expect(clippy::disallowed_methods, reason = "tests read fixtures")]
fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/terraform").join(name);
    std::fs::read(path).unwrap()
}

fn input(name: &str, bytes: Vec<u8>) -> Input {
    let open = Box::new(move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Stream>));
    let options = SourceOptions::default();
    Input { name: name.to_owned(), open, found: false, options }
}

fn known(value: &Known<String>) -> String {
    match value {
        Known::Value(value) => value.clone(),
        Known::Unknown(reason) => format!("unknown ({reason})"),
    }
}

fn line(federation: &Federation, place: Place) -> u32 {
    federation.sources.resolve(place).map_or(0, |(_, line)| line)
}

fn describe(loaded: &Loaded) -> String {
    let mut text = String::new();
    let federation = &loaded.federation;
    let at = |place| line(federation, place);
    let Declared { roles, providers, apps } = &federation.declared;
    for role in roles {
        let account = role.account.map_or_else(|| "?".to_owned(), |id| id.to_string());
        writeln!(
            text,
            "{}: {} role {} name={} path={} account={account} partition={:?} duration={:?}",
            at(role.place),
            role.by,
            role.address,
            known(&role.name),
            known(&role.path),
            role.partition,
            role.max_session_duration
        )
        .unwrap();
        match &role.trust_policy {
            Known::Value(policy) => {
                let json: serde_json::Value = serde_json::from_str(&policy.json).unwrap();
                let shown = json.to_string().replace(HOLE, "<hole>");
                let (place, audience) = (at(policy.place), policy.json.find("Condition"));
                let condition = audience.map(|found| at(policy.place_of(found)));
                writeln!(text, "  {place}: {shown}, condition at {condition:?}").unwrap();
            }
            Known::Unknown(reason) => writeln!(text, "  policy unknown ({reason})").unwrap(),
        }
        for hole in &role.holes {
            writeln!(text, "  hole: {hole}").unwrap();
        }
    }
    for provider in providers {
        let metadata = match &provider.metadata {
            Known::Value(value) => format!("{}: {}", at(value.place), value.value),
            Known::Unknown(reason) => format!("unknown ({reason})"),
        };
        writeln!(
            text,
            "{}: provider {} name={} account={:?} metadata {metadata}",
            at(provider.place),
            provider.address,
            known(&provider.name),
            provider.account
        )
        .unwrap();
    }
    for app in apps {
        writeln!(text, "{}: app {} {:?}", at(app.place), app.address, app.app.label).unwrap();
        let settings = [&app.app.group_filter, &app.app.role_value_pattern, &app.app.app_filter];
        for setting in settings.into_iter().flatten() {
            writeln!(text, "  {}: {}", at(setting.place), setting.value).unwrap();
        }
        let duration = app.app.session_duration.as_ref().map(|seconds| seconds.value);
        writeln!(text, "  duration {duration:?}, secret at {:?}", app.app.secret.map(at)).unwrap();
    }
    for problem in &loaded.problems {
        writeln!(text, "{}: problem ({:?}) {}", problem.line, problem.loss, problem.message)
            .unwrap();
    }
    text
}

fn check(name: &str, format: Format) {
    let bytes = fixture(name);
    assert_eq!(code::looks_like(&bytes, name), Some(format), "{name}");
    let loaded = load(vec![input(name, bytes)]);
    assert_eq!(loaded.formats.iter().map(|(_, format)| *format).collect::<Vec<_>>(), [format]);
    let text = describe(&loaded);
    assert!(!text.contains("invented-secret-value") && !text.contains("SECRET"), "{text}");
    insta::with_settings!({
        snapshot_path => "../../fixtures/formats/terraform", prepend_module_to_snapshot => false, omit_expression => true
    }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn a_plan_says_what_will_be_and_what_is_not_known_yet() {
    check("plan.json", Format::TerraformPlan);
}

#[test]
fn a_shown_state_says_what_was_and_its_settings_are_joined_with_the_app() {
    check("state.json", Format::TerraformState);
}

#[test]
fn a_stored_state_is_read_instance_by_instance() {
    check("terraform.tfstate", Format::TerraformState);
}

#[test]
fn source_is_evaluated_as_far_as_it_says() {
    check("main.tf", Format::TerraformSource);
}

#[test]
fn the_app_that_code_declares_is_used_where_none_is_exported() {
    let source = || input("main.tf", fixture("main.tf"));
    let filter = |loaded: &Loaded| {
        let app = loaded.federation.app.as_ref();
        app.and_then(|app| app.group_filter.as_ref()).map(|filter| filter.value.clone())
    };
    let alone = load(vec![source()]);
    assert!(filter(&alone).unwrap().starts_with("^aws"));
    let exported = "{\"groupFilter\": \"exported\", \"roleValuePattern\": \"p\"}";
    let both = load(vec![source(), input("app.json", exported.into())]);
    assert_eq!(filter(&both).as_deref(), Some("exported"));
    let other = String::from_utf8(fixture("main.tf")).unwrap().replace("^aws", "^other");
    let two = load(vec![source(), input("b/main.tf", other.into())]);
    assert_eq!(filter(&two), None);
}

/// What reading a file says is wrong with it.
fn problems(name: &str, text: &str) -> Vec<String> {
    let loaded = load(vec![input(name, text.as_bytes().to_vec())]);
    let problems = loaded.problems.iter();
    problems.map(|problem| format!("{}: {}", problem.line, problem.message)).collect()
}

#[test]
fn a_file_that_is_broken_says_where_and_what_was_expected() {
    let plan = "{\"format_version\": \"1.2\",\n\"planned_values\": {\n\"root_module\": // none\n}}";
    assert_eq!(
        problems("plan.json", plan),
        ["3: not well-formed JSON: found `/`, expected a value"]
    );
    let cut = "\u{feff}{\"format_version\": \"1.2\",\n\"planned_values\": {\"root";
    assert_eq!(
        problems("plan.json", cut),
        ["2: not well-formed JSON: a string that never ends, expected `\"`"]
    );
    let old =
        "{\"version\": 3, \"terraform_version\": \"0.11.14\", \"serial\": 1, \"resources\": []}";
    assert_eq!(problems("terraform.tfstate", old), ["1: the state is of version `3`, expected 4"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_bytes_panic_any_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for format in [Format::TerraformPlan, Format::TerraformState, Format::TerraformSource] {
            code::read(format, &bytes, "a/main.tf", &SourceOptions::default());
        }
    }

    #[test]
    fn a_damaged_plan_or_state_never_gives_a_policy_that_is_no_json(
        which in 0_usize..3, at in 0_usize..30_000, with in prop::collection::vec(any::<u8>(), 0..4), cut in 0_usize..40,
    ) {
        let name = ["plan.json", "state.json", "terraform.tfstate"][which];
        let mut bytes = fixture(name);
        let at = at % bytes.len();
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, with);
        let part = code::read(Format::TerraformPlan, &bytes, name, &SourceOptions::default());
        for role in part.declared.roles {
            if let Known::Value(policy) = role.trust_policy {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&policy.json).is_ok());
            }
        }
    }
}
