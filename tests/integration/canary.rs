//! No secret stands in any output: every command, in every format, over exports and captures that are full of
//! them, whole and broken.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rolecall::saml::issue::SignWhat;
use serde_json::json;
use tempfile::TempDir;

use crate::program::{Ran, folder, put, rolecall};
use crate::saml_opened::{encrypted, issued};
use crate::support::fixtures;

/// Stands in every secret that is text; its letters are base64, too.
const CANARY: &str = "CANARY";

/// The time at which the sign-in here is still valid, and one at which it is not.
const TIMES: [&str; 2] = ["2026-11-25T00:01:00Z", "2026-11-26"];

/// A secret in base64: what it says, and that again in base64, has the canary.
fn secret(length: usize) -> String {
    CANARY.chars().cycle().take(length).collect()
}

fn escaped(text: &str) -> String {
    text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

/// What no output may have: the canary, its base64, and pieces of secrets that were not made up.
struct Secrets(Vec<String>);

impl Secrets {
    fn new() -> Self {
        let packed = STANDARD.encode(CANARY);
        Self(vec![CANARY.to_owned(), CANARY.to_lowercase(), packed])
    }

    /// Adds all of a text, in pieces.
    fn add(&mut self, text: &str) {
        let packed: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        self.0.extend(
            packed.chunks(24).filter(|one| one.len() == 24).map(|one| one.iter().collect()),
        );
    }

    /// Where an output has one.
    fn leaks(&self, ran: &Ran, what: &[&str]) -> Option<String> {
        [&ran.out, &ran.errors].into_iter().find_map(|said| {
            let found = self.0.iter().find(|secret| said.contains(*secret))?;
            let line = said.lines().find(|line| line.contains(found)).unwrap_or_default();
            let line: String = line.chars().take(400).collect();
            Some(format!("`rolecall {}` says `{found}`: {line}", what.join(" ")))
        })
    }
}

/// A signed sign-in, the values of its signatures and the message in base64.
fn sign_in(secrets: &mut Secrets) -> String {
    let text = issued(SignWhat::Both);
    for value in text.split("SignatureValue>").skip(1).step_by(2) {
        secrets.add(value.split('<').next().unwrap());
    }
    secrets.add(&STANDARD.encode(&text));
    text
}

fn har(text: &str) -> String {
    let body = format!(
        "password={CANARY}1&SAMLResponse={}&RelayState=https%3A%2F%2Fx.test%2F%3Ftoken%3D{CANARY}&csrf={CANARY}2",
        escaped(&STANDARD.encode(text))
    );
    let headers = json!([{"name": "Cookie", "value": format!("sid={CANARY}3")}, {"name": "Authorization", "value": format!("Bearer {CANARY}4")}]);
    json!({"log": {"version": "1.2", "entries": [
        {"startedDateTime": "2026-11-25T00:00:01Z",
         "request": {"method": "POST", "url": format!("https://user:{CANARY}@signin.aws.amazon.com/saml?sid={CANARY}5"), "headers": headers,
                     "cookies": [{"name": "sid", "value": format!("{CANARY}6")}], "queryString": [{"name": "sid", "value": CANARY}],
                     "postData": {"mimeType": "application/x-www-form-urlencoded", "text": body}},
         "response": {"status": 200, "headers": [{"name": "Set-Cookie", "value": format!("sid={CANARY}7")}],
                      "content": {"mimeType": "text/html", "text": format!("<html><input name=\"token\" value=\"{CANARY}8\"></html>")}}},
        {"request": {"method": "POST", "url": "https://idp.test/login", "headers": headers,
                     "postData": {"text": format!("{{\"password\":\"{CANARY}9\"}}")}}}]}})
    .to_string()
}

/// Captures, each with secrets of its own, written into `captures`.
fn write_captures(root: &Path, secrets: &mut Secrets) {
    let text = sign_in(secrets);
    let packed = STANDARD.encode(&text);
    let sealed = encrypted(&issued(SignWhat::Assertion));
    for value in sealed.split("CipherValue>").skip(1).step_by(2) {
        secrets.add(value.split('<').next().unwrap());
    }
    let signature = text.split("SignatureValue>").nth(1).unwrap().split('<').next().unwrap();
    let form =
        format!("SAMLResponse={}&RelayState={CANARY}relay&password={CANARY}", escaped(&packed));
    let tracer = json!({"requests": [{"method": "POST", "url": format!("https://signin.aws.amazon.com/saml?x={CANARY}"),
        "requestHeaders": [{"name": "Cookie", "value": CANARY}],
        "post": [["SAMLResponse", packed], ["RelayState", CANARY], ["password", CANARY]], "saml": text}]});
    let page = format!(
        "<!DOCTYPE html><html><form method=\"post\" action=\"https://signin.aws.amazon.com/saml\"><input name=\"SAMLResponse\" value=\"{packed}\"><input name=\"RelayState\" value=\"{CANARY}\"><input name=\"csrf\" value=\"{CANARY}\"></form></html>"
    );
    let curl = format!(
        "curl 'https://signin.aws.amazon.com/saml?s={CANARY}' -H 'cookie: sid={CANARY}' --data-raw 'RelayState={CANARY}&SAMLResponse={}&pin={CANARY}'",
        escaped(&packed)
    );
    for (name, content) in [
        ("sign-in.xml", text.clone()),
        ("lines.xml", text.replace("><", ">\n<")),
        ("made-up.xml", text.replace(signature, &secret(344))),
        ("changed.xml", text.replace(">ida.moss", ">eda.moss").replace("role/Admin", "user/Admin")),
        (
            "comment.xml",
            text.replace("SignatureValue>", "SignatureValue><!--x-->")
                .replace(">ida.moss", "><!--x-->ida.moss"),
        ),
        ("sign-in.b64", packed.clone()),
        ("sign-in.txt", form),
        ("sign-in.har", har(&text)),
        ("tracer.json", tracer.to_string()),
        ("page.html", page),
        ("curl.txt", curl),
        ("sealed.xml", sealed.clone()),
        (
            "made-up-sealed.xml",
            sealed.replace("<xenc:CipherValue>", &format!("<xenc:CipherValue>{}", secret(400))),
        ),
        (
            "doctype.xml",
            format!(
                "<!DOCTYPE r [<!ENTITY e \"{CANARY}\"><!ENTITY f SYSTEM \"file:///{CANARY}\">]>\n{text}"
            ),
        ),
    ] {
        put(root, &format!("captures/{name}"), content);
    }
}

/// What is no capture, and nearly one.
fn write_broken(root: &Path) {
    let text = issued(SignWhat::Both);
    let packed = STANDARD.encode(&text);
    let har = har(&text);
    let (head, tail) = packed.split_at(packed.len() / 2);
    for (name, content) in [
        ("request.har", format!("{{\"log\": {{\"entries\": [{{\"request\": \"{CANARY}\"}}]}}}}")),
        ("entries.har", format!("{{\"log\": {{\"entries\": \"{CANARY}\"}}}}")),
        ("log.har", format!("{{\"log\": \"{}\", \"requests\": []}}", secret(60))),
        (
            "body.har",
            format!(
                "{{\"log\": {{\"entries\": [{{\"request\": {{\"postData\": \"SAMLResponse={CANARY}\"}}}}]}}}}"
            ),
        ),
        (
            "params.har",
            format!(
                "{{\"log\": {{\"entries\": [{{\"request\": {{\"postData\": {{\"params\": \"{CANARY}\"}}}}}}]}}}}"
            ),
        ),
        (
            "content.har",
            format!(
                "{{\"log\": {{\"entries\": [{{\"response\": {{\"content\": \"{CANARY}\"}}}}]}}}}"
            ),
        ),
        ("requests.json", format!("{{\"requests\": \"{CANARY}\", \"SAMLResponse\": \"\"}}")),
        ("traced.json", format!("{{\"requests\": [\"{CANARY}\"], \"SAMLResponse\": \"\"}}")),
        ("twice.har", har.replace("\"request\":", "\"request\": {}, \"request\":")),
        ("cut.har", har[..har.len() / 2].to_owned()),
        ("star.txt", format!("SAMLResponse={head}*{CANARY}*{tail}&RelayState={CANARY}")),
        ("star.b64", format!("{head}*{tail}")),
        ("cut.b64", head[..head.len() - 3].to_owned()),
        ("token.txt", secret(600)),
        ("short.txt", CANARY.to_owned()),
        ("cut.xml", text[..text.len() / 2].to_owned()),
        ("unclosed.xml", text.replace("</ds:SignatureValue>", &format!("{CANARY}<"))),
        (
            "attribute.xml",
            text.replace("<ds:SignatureValue>", &format!("<ds:SignatureValue a=\"{CANARY}>")),
        ),
        (
            "entity.xml",
            text.replace("<ds:SignatureValue>", &format!("<ds:SignatureValue>&e;{CANARY}")),
        ),
        (
            "value.xml",
            text.replace("<ds:SignatureValue>", &format!("<ds:SignatureValue>*{CANARY}")),
        ),
    ] {
        put(root, &format!("broken/{name}"), content);
    }
}

/// The demo's exports with keys of AWS and passwords in them, and further exports that are broken around theirs.
fn write_exports(root: &Path) {
    let ran = rolecall(root, &["demo", "--write", "world"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let app = root.join("world/exports/okta/app.json");
    let text = fs::read_to_string(&app).unwrap();
    let keys = format!(
        "\"app\": {{ \"accessKey\": \"AKIA{CANARY}\", \"secretKey\": \"{CANARY}/x\", \"secretKeyEnc\": \"{}\",",
        secret(40)
    );
    let seeded = text.replacen("\"app\": {", &keys, 1);
    assert_ne!(seeded, text);
    fs::write(&app, &seeded).unwrap();
    let ldif = root.join("world/exports/directory.ldif");
    let text = fs::read_to_string(&ldif).unwrap();
    let plain = STANDARD.encode(format!("{{SSHA}}{CANARY}"));
    let passwords = format!(
        "sAMAccountName: nora\nuserPassword:: {plain}\nuserPassword: {CANARY}\nunicodePwd:: {plain}\n"
    );
    let with = text.replacen("sAMAccountName: nora\n", &passwords, 1);
    fs::write(&ldif, if with == text { format!("{text}\n# {CANARY}\n") } else { with }).unwrap();
    let user = "dn: CN=Ann,DC=x\nobjectClass: user\nsAMAccountName: ann\n";
    for (name, content) in [
        ("app-cut.json", seeded.split("groupFilter").next().unwrap().to_owned()),
        (
            "app-number.json",
            seeded.replacen(
                &format!("\"secretKey\": \"{CANARY}/x\""),
                &format!("\"secretKey\": {{\"x\": \"{CANARY}\"}}"),
                1,
            ),
        ),
        (
            "app-name.json",
            seeded.replacen(
                "\"groupFilter\"",
                &format!("\"password\": \"{CANARY}\", \"groupFilter\": 7, \"x\""),
                1,
            ),
        ),
        ("app-broken.json", seeded.replacen("\"secretKeyEnc\":", "\"secretKeyEnc\" ", 1)),
        ("bad.ldif", format!("{user}userPassword:: {CANARY}*{CANARY}\n")),
        ("cut.ldif", format!("{user}userPassword:: {CANARY}x")),
        ("file.ldif", format!("{user}userPassword:< file:///passwords.txt\n")),
        ("line.ldif", format!("{user}userPassword {CANARY}\n")),
        ("folded.ldif", format!("{user}userPassword: a\n {CANARY}\n\n {CANARY}\n")),
        (
            "users.csv",
            format!(
                "user,status,password\nann@x.test,ACTIVE,{CANARY}\nbob@x.test,ACTIVE,{CANARY},x\ncat@x.test,\"ACTIVE,{CANARY}\n"
            ),
        ),
        (
            "users.json",
            format!(
                "[{{\"id\": \"00u1\", \"status\": \"ACTIVE\", \"credentials\": {{\"password\": {{\"value\": \"{CANARY}\"}}}}, \"profile\": {{\"login\": \"a@x.test\", \"password\": \"{CANARY}\" 7}}}}]"
            ),
        ),
        (
            "type.json",
            format!(
                "[{{\"id\": \"00u1\", \"status\": \"ACTIVE\", \"credentials\": \"{CANARY}\", \"profile\": {{\"login\": \"a@x.test\"}}}}]"
            ),
        ),
        (
            "profile.json",
            format!(
                "[{{\"id\": \"00u1\", \"status\": \"ACTIVE\", \"profile\": {{\"login\": \"a@x.test\", \"password\": [\"{CANARY}\"]}}}}]"
            ),
        ),
        ("key.pem", fs::read_to_string(fixtures().join("keys/signing/test.key.pem")).unwrap()),
        ("token", format!("{CANARY}{}", secret(60))),
        (
            "state.tfstate",
            format!(
                "{{\"version\": 4, \"terraform_version\": \"1.9.0\", \"resources\": [{{\"mode\": \"managed\", \"type\": \"okta_app_saml\", \"name\": \"a\", \"instances\": [{{\"attributes\": {{\"name\": 1, \"app_settings_json\": \"{{\\\"secretKey\\\": \\\"{CANARY}\\\", \\\"groupFilter\\\": }}\"}}}}]}}]}}"
            ),
        ),
    ] {
        put(root, &format!("more/{name}"), content);
    }
}

fn assert_all(root: &Path, secrets: &Secrets, commands: &[Vec<&str>]) {
    let mut leaks = Vec::new();
    for command in commands {
        let ran = rolecall(root, command);
        assert!((0..=2).contains(&ran.code), "{command:?}: {ran:?}");
        leaks.extend(secrets.leaks(&ran, command));
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

fn world() -> (TempDir, Secrets) {
    let root = folder();
    let mut secrets = Secrets::new();
    let keys = fixtures().join("keys/signing");
    for name in ["test.key.pem", "test.cert.pem", "stranger.key.pem", "stranger.cert.pem"] {
        let text = fs::read_to_string(keys.join(name)).unwrap();
        if name.contains("key") {
            let lines = text.lines().filter(|line| !line.starts_with("---"));
            secrets.add(&lines.collect::<String>());
        }
        put(root.path(), name, text);
    }
    write_captures(root.path(), &mut secrets);
    write_broken(root.path());
    write_exports(root.path());
    (root, secrets)
}

fn names(folder: &Path, name: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.join(name)).unwrap();
    let mut all: Vec<String> = entries
        .map(|entry| format!("{name}/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    all.sort();
    all
}

#[test]
fn no_command_about_a_captured_sign_in_says_a_secret() {
    let (root, secrets) = world();
    let root = root.path();
    let files = [names(root, "captures"), names(root, "broken")].concat();
    let mut commands: Vec<Vec<&str>> = Vec::new();
    for file in &files {
        let file = file.as_str();
        for format in ["text", "json", "xml"] {
            commands.push(vec!["saml", "decode", file, "--format", format, "--at", TIMES[0]]);
            commands.push(vec![
                "saml",
                "decode",
                file,
                "--format",
                format,
                "--key",
                "test.key.pem",
            ]);
        }
        for format in ["text", "jsonl"] {
            let verify = ["saml", "verify", file, "--format", format];
            commands.push(verify.to_vec());
            commands.push(
                [&verify[..], &["--cert", "test.cert.pem", "--key", "test.key.pem"]].concat(),
            );
        }
        for (format, at) in
            [("text", TIMES[0]), ("json", TIMES[1]), ("jsonl", TIMES[1]), ("text", TIMES[1])]
        {
            let check = ["saml", "check", file, "--format", format, "--at", at];
            commands.push(check.to_vec());
            let with =
                ["--key", "test.key.pem", "--cert", "stranger.cert.pem", "--against", "world"];
            commands.push([&check[..], &with].concat());
        }
        for format in ["text", "json"] {
            let why = [
                "why",
                "--assertion",
                file,
                "-s",
                "world/exports",
                "--format",
                format,
                "--at",
                TIMES[0],
            ];
            commands.push([&why[..], &["--key", "test.key.pem"]].concat());
            let role =
                ["trust", "decide", "--role", "saltmarsh-prod/ReadOnly", "-s", "world/exports"];
            commands.push([&role[..], &["--assertion", file, "--format", format]].concat());
        }
        commands.push(vec!["saml", "redact", file]);
        // A file in the place of a key, a certificate, metadata and a policy.
        commands.push(vec!["saml", "verify", "captures/sign-in.xml", "--cert", file]);
        commands.push(vec!["saml", "verify", "captures/sign-in.xml", "--metadata", file]);
        commands.push(vec!["saml", "verify", "captures/sign-in.xml", "--key", file]);
        commands.push(vec!["trust", "decide", file]);
        commands.push(vec!["trust", "decide", "--cases", file]);
        commands.push(vec!["check", file]);
        commands.push(vec!["check", file, "--format", "json", "--lenient"]);
    }
    commands.extend([
        vec!["saml", "decode", "captures", "broken"],
        vec!["saml", "check", "captures", "broken"],
        vec!["saml", "verify", "captures", "--key", "world/exports/okta/app.json"],
        vec!["saml", "verify", "captures", "--cert", "test.key.pem"],
        vec!["saml", "verify", "test.key.pem"],
        vec!["saml", "decode", "test.key.pem"],
        // Nothing is a secret of what a public TEST key signed; here another did.
        vec!["saml", "mutate", "wrapping/xsw3", "captures/made-up.xml"],
    ]);
    assert_all(root, &secrets, &commands);
    // The test is not blind: what is hidden can be shown.
    let shown = rolecall(
        root,
        &["saml", "decode", "captures/made-up.xml", "--format", "xml", "--show-secrets"],
    );
    assert!(shown.out.contains(&secret(60)), "{shown:?}");
}

/// Commands about a declared grammar of names, and the declaration.
fn about_names(root: &Path) -> Vec<Vec<&'static str>> {
    put(root, "naming.toml", "[naming]\nroles = [\"ReadOnly\"]\n");
    let of_all = ["-s", "world/exports", "-s", "more", "--lenient", "--config", "naming.toml"];
    let commands: [&[&str]; 5] = [
        &["naming", "propose"],
        &["naming", "filter"],
        &["naming", "filter", "--format", "json"],
        &["naming", "check"],
        &["-v", "naming", "check", "--format", "jsonl"],
    ];
    commands.map(|command| [command, &of_all].concat()).to_vec()
}

/// Commands about expectations, and about two sides.
fn of_expectations_and_comparisons() -> Vec<Vec<&'static str>> {
    let mut commands = vec![
        vec!["test", "world"],
        vec!["-v", "test", "world", "--format", "json", "--coverage"],
        vec!["diff", "world/exports", "more", "--lenient", "--users"],
        vec!["diff", "more", "world/exports", "--lenient", "--format", "json"],
        vec!["diff", "world/exports", "more", "--lenient", "--format", "markdown"],
        vec!["what-if", "-s", "world/exports", "--app-filter", "okta", "--format", "json"],
        vec!["schema", "test"],
        vec!["filter", "a", "--against", "a", "-s", "world/exports"],
        vec!["filter", "a", "--against", "b", "-s", "more", "--format", "json"],
    ];
    for format in ["text", "json", "jsonl", "junit", "tap", "github", "markdown"] {
        commands.push(vec!["test", "world", "--coverage", "--format", format]);
    }
    commands
}

/// Runs that write a report in every format to a file of its own.
const WRITING: [(&[&str], &[&str]); 2] = [
    (
        &["test", "world", "--coverage"],
        &["text", "json", "jsonl", "junit", "tap", "github", "markdown"],
    ),
    (
        &["diff", "world/exports", "more", "--lenient", "--users"],
        &["text", "json", "jsonl", "markdown"],
    ),
];

#[test]
fn no_file_that_is_written_beside_a_report_says_a_secret() {
    let (root, secrets) = world();
    let root = root.path();
    for (command, formats) in WRITING {
        let outputs: Vec<String> =
            formats.iter().map(|format| format!("--output={format}=out.{format}")).collect();
        let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
        let ran = rolecall(root, &[command, &outputs].concat());
        assert_eq!(secrets.leaks(&ran, command), None);
        for format in formats {
            let out = fs::read_to_string(root.join(format!("out.{format}"))).unwrap();
            let written = Ran { code: 0, out, errors: String::new() };
            assert_eq!(secrets.leaks(&written, &[command, &[format]].concat()), None);
        }
    }
}

#[test]
fn no_command_about_exports_says_a_secret() {
    let (root, secrets) = world();
    let root = root.path();
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["demo"],
        vec!["init", "more", "--force"],
        vec!["check", "-s", "world/exports", "-s", "more", "-s", "captures", "--lenient"],
        vec!["who", "saltmarsh-prod/ReadOnly", "-s", "world"],
        vec!["trust", "review", "world/exports", "--all"],
        vec!["trust", "review", "world/exports", "--format", "json"],
        vec!["trust", "review", "world/exports", "--format", "markdown", "--with-findings"],
        vec!["trust", "review", "world/exports", "more", "--lenient", "--fix"],
        vec!["-v", "check", "more", "--lenient"],
        vec!["-v", "check", "captures"],
        vec!["-v", "saml", "decode", "captures", "broken"],
        vec!["-v", "saml", "check", "captures", "broken"],
        vec![
            "-v",
            "who",
            "saltmarsh-prod/ReadOnly",
            "-s",
            "world/exports",
            "-s",
            "more",
            "--lenient",
        ],
        vec!["-q", "check", "more", "--lenient"],
        vec!["check", "-s", "world/exports", "-s", "more", "--lenient", "--diff"],
        vec!["schema", "config"],
    ];
    commands.extend(about_names(root));
    for target in ["ldif", "powershell", "awscli", "terraform"] {
        let check =
            ["check", "-s", "world/exports", "-s", "more", "--lenient", "--suggest", target];
        commands.push(check.to_vec());
    }
    commands.extend(of_expectations_and_comparisons());
    for format in ["text", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown"] {
        commands.push(vec!["check", "world/exports", "--format", format]);
        commands.push(vec!["check", "more", "--format", format, "--lenient"]);
        commands.push(vec!["check", "captures", "--format", format, "--at", TIMES[0]]);
    }
    for format in ["text", "json", "csv", "html"] {
        commands.push(vec!["picker", "--all", "--format", format, "-s", "world/exports"]);
        commands.push(vec!["picker", "nora", "--format", format, "-s", "world/exports"]);
    }
    for format in ["text", "json"] {
        commands.push(vec![
            "why",
            "nora",
            "saltmarsh-prod/Deploy",
            "--format",
            format,
            "-s",
            "world/exports",
        ]);
        commands.push(vec![
            "who",
            "saltmarsh-prod/Deploy",
            "--format",
            format,
            "-s",
            "world/exports",
        ]);
        commands.push(vec![
            "trust",
            "decide",
            "--role",
            "saltmarsh-prod/ReadOnly",
            "--format",
            format,
            "-s",
            "world/exports",
        ]);
    }
    let issue = ["saml", "issue", "--user", "nora", "-s", "world/exports", "--at", TIMES[0]];
    commands
        .push([&issue[..], &["--key", "stranger.key.pem", "--cert", "stranger.cert.pem"]].concat());
    commands.push([&issue[..], &["--key", "stranger.key.pem", "--cert", "test.key.pem"]].concat());
    commands.push([&issue[..], &["--key", "more/token", "--cert", "test.cert.pem"]].concat());
    commands
        .push([&issue[..], &["--key", "more/app-cut.json", "--cert", "test.cert.pem"]].concat());
    let more = names(root, "more");
    for file in &more {
        commands.push(vec!["check", file]);
        commands.push(vec!["check", file, "--format", "json", "--lenient"]);
        commands.push(vec!["who", "saltmarsh-prod/ReadOnly", "-s", "world/exports", "-s", file]);
        commands.push(vec!["saml", "decode", file]);
        commands.push(vec!["trust", "decide", file]);
        commands.push(vec!["saml", "verify", "captures/sign-in.xml", "--key", file]);
    }
    assert_all(root, &secrets, &commands);
    // What was written names no secret either.
    let init = rolecall(root, &["init", "world/exports", "--force"]);
    assert_eq!(secrets.leaks(&init, &["init"]), None);
    for file in ["more/rolecall.toml", "world/exports/rolecall.toml"] {
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        assert!(!text.contains(CANARY), "{file}");
    }
}
