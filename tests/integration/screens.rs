//! Screens for people, laid out in a width.

use rolecall::entitlement::picker::RolePicker;
use rolecall::entitlement::resolve::{Entitlements, Ways, visible};
use rolecall::explain::lookup::{RoleQuery, UserMatch, find_user};
use rolecall::explain::missing::missing_roles;
use rolecall::explain::who::who;
use rolecall::explain::why::explain;
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::report::screen::{PickerNotes, picker_text, who_text, why_text};
use rolecall::report::wrap::Width;

use crate::support::{fixtures, load_folder};

/// What a report writes about the demo's federation, its styles taken off.
fn screen(write: impl FnOnce(&Entitlements<'_>, &mut Vec<u8>)) -> String {
    let loaded = load_folder(&fixtures().join("federations/demo"));
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
    let mut out = Vec::new();
    write(&Entitlements::resolve(&loaded.federation, &mapping), &mut out);
    anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
}

fn at(columns: usize) -> Width {
    Width(Some(columns))
}

fn why(width: Width) -> String {
    screen(|entitlements, out| {
        let UserMatch::One(nora) = find_user(&entitlements.federation.directory, "nora") else {
            panic!("nora is one user")
        };
        let why = explain(entitlements, nora, &RoleQuery::parse("saltmarsh-prod/Deploy").unwrap());
        why_text(out, &why, &entitlements.federation.sources, width).unwrap();
    })
}

#[test]
fn why_hangs_what_a_stage_says_under_its_text() {
    let screen = why(at(80));
    assert!(
        screen.contains(
            "  ok     membership  in `Release Engineering`
                     → `aws#saltmarsh-prod#Deploy#4182O3975566`
                       at exports/directory.ldif:88
"
        ) && screen.contains(
            "  FAILS  filter      the Group Filter does not match
                     `aws#saltmarsh-prod#Deploy#4182O3975566`: found `O` at byte
                     30, expected a digit
                       at exports/okta/app.json:17
"
        ) && screen.contains(
            "  to mend it: rename `aws#saltmarsh-prod#Deploy#4182O3975566` to
    `aws#saltmarsh-prod#Deploy#418203975566`
"
        ),
        "{screen}"
    );
}

#[test]
fn a_width_changes_nothing_but_where_lines_break() {
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let plain = why(Width::NONE);
    for columns in [40, 60, 80, 100, 120] {
        let screen = why(at(columns));
        assert_eq!(words(&screen), words(&plain));
        let names: &[&str] = &["at exports/", "`", "→ `", "arn:"];
        for line in screen.lines().filter(|line| line.chars().count() > columns) {
            assert!(
                names.iter().any(|name| line.trim_start().starts_with(name)),
                "{columns}: {line}"
            );
        }
    }
}

#[test]
fn who_puts_the_path_below_the_login_on_a_narrow_screen() {
    let screen = screen(|entitlements, out| {
        let holders = who(entitlements, &RoleQuery::parse("saltmarsh-prod/ReadOnly").unwrap());
        who_text(out, "saltmarsh-prod/ReadOnly", &holders, entitlements, at(60)).unwrap();
    });
    assert!(
        screen.starts_with(
            "3 users see saltmarsh-prod/ReadOnly: 3 assumable
  ok       nora@saltmarsh.test
    Release Engineering → Engineering
      → aws#saltmarsh-prod#ReadOnly#418203975566
"
        ),
        "{screen}"
    );
}

#[test]
fn picker_puts_arns_below_names_on_a_narrow_screen() {
    let screen = screen(|entitlements, out| {
        let UserMatch::One(nora) = find_user(&entitlements.federation.directory, "nora") else {
            panic!("nora is one user")
        };
        let grants = entitlements.grants(visible, Ways::DirectGroups).unwrap();
        let direct = entitlements.direct_groups(nora);
        let picker = RolePicker::of(entitlements, nora, &direct, &grants);
        let about =
            PickerNotes { user: "nora".into(), reaches_aws: true, ..PickerNotes::default() };
        picker_text(out, &picker, &about, at(50)).unwrap();
        let near = missing_roles(entitlements, nora, &direct);
        let told: Vec<&str> = near.iter().map(|missing| missing.role.as_str()).collect();
        assert_eq!(told, ["saltmarsh-prod/Deploy"]);
    });
    assert!(
        screen.contains(
            "
  Account: saltmarsh-prod (418203975566)
    ReadOnly
      arn:aws:iam::418203975566:role/ReadOnly
"
        ),
        "{screen}"
    );
}
