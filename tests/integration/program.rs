//! The program itself, run in a folder.
#![expect(clippy::disallowed_methods, reason = "tests write files")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) errors: String,
}

/// Runs the program in a folder.
pub(crate) fn rolecall(folder: &Path, args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(args)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of its own that looks like a repository's root, so that no configuration above it is found.
pub(crate) fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    folder
}

/// Writes a file below a folder.
pub(crate) fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A small federation: `edges.csv`, `users.csv` and an app whose filter is Okta's own example.
pub(crate) fn small(folder: &Path) {
    put(folder, "in/users.csv", "user,status\nann@x.test,ACTIVE\nbob@x.test,ACTIVE\n");
    put(
        folder,
        "in/edges.csv",
        "group,member,member_type\naws#dev#Admin#123456789012,ann@x.test,user\naws#dev#Ops#123456789012,bob@x.test,user\n",
    );
    put(folder, "in/app.json", APP);
}

/// The app of [`small`].
pub(crate) const APP: &str = r#"{"name": "amazon_aws", "label": "AWS", "settings": {"app": {
  "groupFilter": "^aws\\#\\S+\\#(?{{role}}[\\w\\-]+)\\#(?{{accountid}}\\d+)$",
  "roleValuePattern": "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
  "useGroupMapping": true}}}
"#;
