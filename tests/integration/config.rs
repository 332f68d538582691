//! `rolecall.toml`, as the program finds and uses it.
#![expect(clippy::disallowed_methods, reason = "tests write files")]

use std::fs;

use crate::program::{folder, put, rolecall, small};

const SOURCES: &str = "[[source]]\npath = \"in/*.csv\"\n\n[[source]]\npath = \"in/app.json\"\n";

#[test]
fn sources_named_in_the_configuration_are_read_relative_to_it() {
    let root = folder();
    small(root.path());
    put(root.path(), "rolecall.toml", SOURCES);
    let ran = rolecall(root.path(), &["picker", "ann@x.test", "--format", "jsonl"]);
    assert!(ran.out.contains("arn:aws:iam::123456789012:role/Admin"), "{ran:?}");
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
}

#[test]
fn the_configuration_is_found_in_a_folder_above() {
    let root = folder();
    small(root.path());
    put(root.path(), "rolecall.toml", SOURCES);
    fs::create_dir_all(root.path().join("a/b")).unwrap();
    let ran = rolecall(&root.path().join("a/b"), &["who", "123456789012/Admin"]);
    assert!(ran.out.contains("ann@x.test"), "{ran:?}");
    assert_eq!(ran.code, 0);
}

#[test]
fn the_search_ends_at_the_root_of_the_repository() {
    let root = folder();
    small(root.path());
    put(root.path(), "rolecall.toml", SOURCES);
    fs::create_dir_all(root.path().join("inner/.git")).unwrap();
    let ran = rolecall(&root.path().join("inner"), &["who", "123456789012/Admin"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("no exports given"), "{ran:?}");
}

#[test]
fn a_named_configuration_is_read_from_anywhere_and_has_to_exist() {
    let root = folder();
    small(root.path());
    put(root.path(), "conf/rc.toml", "[[source]]\npath = \"../in\"\n");
    let args = ["who", "123456789012/Admin", "--config", "conf/rc.toml"];
    assert!(rolecall(root.path(), &args).out.contains("ann@x.test"));
    let ran = rolecall(root.path(), &["who", "123456789012/Admin", "--config", "conf/rc.tml"]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.errors, "error: `conf/rc.tml` cannot be read: no such file or directory\n");
}

#[test]
fn the_settings_of_the_app_are_overridden_and_a_flag_outranks_them() {
    let root = folder();
    small(root.path());
    let app = "[app]\ngroup_filter = '^aws\\#\\S+\\#(?{{role}}Adm)in\\#(?{{accountid}}\\d+)$'\n";
    put(root.path(), "rolecall.toml", format!("{SOURCES}\n{app}"));
    let ran = rolecall(root.path(), &["picker", "ann@x.test", "--format", "jsonl"]);
    assert!(ran.out.contains("123456789012:role/Adm\""), "{ran:?}");
    let filter = r"^aws\#\S+\#(?{{role}}\w+)in\#(?{{accountid}}\d{12})$";
    let pattern =
        "arn:aws:iam::${accountid}:role/x/${role},arn:aws:iam::${accountid}:saml-provider/P";
    let flags = ["--group-filter", filter, "--role-value-pattern", pattern];
    let args = [&["picker", "ann@x.test", "--format", "jsonl"][..], &flags].concat();
    let ran = rolecall(root.path(), &args);
    assert!(ran.out.contains("123456789012:role/x/Adm\""), "{ran:?}");
}

#[test]
fn the_match_mode_of_the_configuration_counts_until_a_flag_says_another() {
    let root = folder();
    small(root.path());
    let app = "[app]\nmatch_mode = \"full\"\ngroup_filter = '\\#(?{{role}}\\w+)\\#(?{{accountid}}\\d+)'\n";
    put(root.path(), "rolecall.toml", format!("{SOURCES}\n{app}"));
    let picker = ["picker", "ann@x.test", "--format", "jsonl"];
    assert!(rolecall(root.path(), &picker).out.contains(r#""page":"none""#));
    let args = [&picker[..], &["--match-mode", "find"]].concat();
    assert!(rolecall(root.path(), &args).out.contains("role/Admin"));
}

#[test]
fn sources_given_by_flag_replace_those_of_the_configuration() {
    let root = folder();
    small(root.path());
    put(root.path(), "rolecall.toml", "[[source]]\npath = \"absent\"\n");
    let ran = rolecall(root.path(), &["who", "123456789012/Admin", "--source", "in"]);
    assert!(ran.out.contains("ann@x.test"), "{ran:?}");
}

#[test]
fn what_is_said_about_a_source_reaches_its_reader() {
    let root = folder();
    small(root.path());
    put(root.path(), "in/edges.csv", "Gruppe;Mitglied\naws#dev#Admin#123456789012;ann@x.test\n");
    let config = concat!(
        "[[source]]\npath = \"in/edges.csv\"\nformat = \"edge-csv\"\ndelimiter = \";\"\n",
        "headers = { group = \"Gruppe\", member = \"Mitglied\" }\n",
        "[[source]]\npath = \"in/users.csv\"\n[[source]]\npath = \"in/app.json\"\n",
    );
    put(root.path(), "rolecall.toml", config);
    let ran = rolecall(root.path(), &["who", "123456789012/Admin"]);
    assert!(ran.out.contains("ann@x.test"), "{ran:?}");
    assert_eq!(ran.code, 0);
}

#[test]
fn a_mistake_in_the_configuration_ends_the_run_with_its_line() {
    let root = folder();
    small(root.path());
    for (config, message) in [
        (
            "[[source]]\npath = \"in\"\nformt = \"ldif\"\n",
            "rolecall.toml:3: unknown key `formt`, expected `format`",
        ),
        ("[[source]]\npath = 1\n", "rolecall.toml:2: `path` is an integer, expected a string"),
        (
            "[[source]]\npath = \"out\"\n",
            "rolecall.toml:2: `out` cannot be read: no such file or directory",
        ),
        (
            "[[source]]\npath = \"in/*.ldif\"\n",
            "rolecall.toml:2: nothing fits `in/*.ldif`, expected exports",
        ),
        (
            "\n[[source]]\npath = \"*/users.csv\"\n",
            "rolecall.toml:3: `*/users.csv`, expected a `*` in the last part only",
        ),
        (
            "# nothing yet\n",
            "no exports given, expected `--source FILE-OR-FOLDER`, or `[[source]]` in a rolecall.toml",
        ),
    ] {
        put(root.path(), "rolecall.toml", config);
        let ran = rolecall(root.path(), &["who", "123456789012/Admin"]);
        assert_eq!(ran.errors, format!("error: {message}\n"), "{config}");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    }
}

#[test]
fn a_format_for_a_file_that_is_not_read_is_refused() {
    let root = folder();
    small(root.path());
    let args = ["who", "123456789012/Admin", "-s", "in", "--format-of", "edges.csv=edge-csv"];
    let ran = rolecall(root.path(), &args);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("`--format-of edges.csv=edge-csv` names no source"), "{ran:?}");
}
