//! The layers: which part of the program may know which.

#![expect(clippy::disallowed_methods, reason = "tests read files")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The lines of the house from the ground up; a room uses rooms of lines below its own.
const LINES: &[&[&str]] = &[
    &["text"],
    &["finding"],
    &["model"],
    &["sources"],
    &["mapping", "saml", "trust"],
    &["entitlement"],
    &["rules", "explain", "expect", "diff"],
    &["report"],
    &["config"],
    &["cli"],
];

/// Rooms that meet only in `model`, though one stands below the other.
const APART: &[(&str, &str)] = &[("mapping", "sources"), ("saml", "sources"), ("trust", "sources")];

/// A room that one file uses, and where.
#[derive(Debug, PartialEq, Eq)]
struct Use {
    line: usize,
    room: String,
}

fn level(room: &str) -> Option<usize> {
    LINES.iter().position(|line| line.contains(&room))
}

/// What is wrong with a room using another, if anything.
fn objection(room: &str, used: &str) -> Option<String> {
    let (Some(own), Some(below)) = (level(room), level(used)) else {
        return Some(format!("`{room}` or `{used}` stands in no line of the house"));
    };
    if room == used {
        None
    } else if own == below {
        Some(format!("`{room}` and `{used}` stand in one line, expected not to know each other"))
    } else if own < below {
        Some(format!("`{room}` uses `{used}`, which stands above it"))
    } else if APART.contains(&(room, used)) {
        Some(format!("`{room}` uses `{used}`, expected to meet it only in `model`"))
    } else {
        None
    }
}

/// Every room that a file names through `crate::` or enough `super::`, comments left out.
fn uses(text: &str, depth: usize) -> Vec<Use> {
    let path = Regex::new(r"\bcrate::(?:(\w+)|\{)|((?:\bsuper::)+)(?:(\w+)|\{)").unwrap();
    let nested = Regex::new(r"^mod \w+ \{").unwrap();
    let listed = Regex::new(r"(?:^|[{,])\s*(\w+)").unwrap();
    let used = |number: usize, room: &str| Use { line: number + 1, room: room.to_owned() };
    let lines: Vec<&str> = text.lines().collect();
    let mut depth = depth;
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        depth += usize::from(nested.is_match(line));
        for part in path.captures_iter(line) {
            let supers = part.get(2).map(|chain| chain.as_str().matches("super").count());
            let name = part.get(1).or(part.get(3)).map(|name| name.as_str().to_owned());
            let from_root = supers.is_none_or(|supers| supers >= depth);
            if !from_root || name.as_deref() == Some("super") {
                continue;
            }
            let Some(name) = name else {
                // `crate::{a::x, b}`: the names at the top of the list, which may go over several lines.
                let (_, rest) = line.split_at(part.get(0).unwrap().end() - 1);
                let list: Vec<&str> =
                    std::iter::once(rest).chain(lines.iter().skip(number + 1).copied()).collect();
                let list = top_of_list(&list.join("\n"));
                found.extend(listed.captures_iter(&list).map(|name| used(number, &name[1])));
                continue;
            };
            found.push(used(number, &name));
        }
    }
    found
}

/// A list in braces without what stands in braces inside it.
fn top_of_list(text: &str) -> String {
    let mut depth = 0_usize;
    let mut top = String::new();
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 {
            top.push(c);
        }
    }
    top
}

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&root(), &mut files);
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules a file is: `src/a/b.rs` and `src/a/b/mod.rs` are `a`, `b`.
fn modules(file: &Path) -> Vec<String> {
    let within = file.strip_prefix(root()).unwrap().with_extension("");
    let mut parts: Vec<String> =
        within.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.pop_if(|last| last == "mod");
    parts
}

#[test]
fn every_room_uses_only_rooms_below_it() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in sources() {
        let modules = modules(&file);
        if modules == ["lib"] || modules == ["main"] {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for used in uses(&text, modules.len()) {
            seen += 1;
            if let Some(objection) = objection(&modules[0], &used.room) {
                let file = file.strip_prefix(root()).unwrap().display().to_string();
                wrong.push(format!("src/{file}:{}: {objection}", used.line));
            }
        }
    }
    assert!(seen > 100, "only {seen} paths were read: the test is blind");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_of_the_library_stands_in_one_line() {
    let text = fs::read_to_string(root().join("lib.rs")).unwrap();
    let module = Regex::new(r"(?m)^(?:pub )?mod (\w+);").unwrap();
    let mut declared: Vec<&str> =
        module.captures_iter(&text).map(|name| name.get(1).unwrap().as_str()).collect();
    declared.sort_unstable();
    let mut rooms: Vec<&str> = LINES.iter().copied().flatten().copied().collect();
    rooms.sort_unstable();
    assert_eq!(declared, rooms);
}

#[test]
fn a_room_that_reaches_up_sideways_or_past_the_model_is_objected_to() {
    assert!(objection("model", "sources").is_some());
    assert!(objection("rules", "explain").is_some());
    assert!(objection("trust", "mapping").is_some());
    assert!(objection("mapping", "sources").is_some());
    assert!(objection("mapping", "nowhere").is_some());
    assert_eq!(objection("mapping", "mapping"), None);
    assert_eq!(objection("report", "trust"), None);
}

#[test]
fn paths_are_read_in_every_form() {
    let rooms =
        |text: &str, depth| uses(text, depth).into_iter().map(|used| used.room).collect::<Vec<_>>();
    assert_eq!(
        rooms("use crate::model::app;\nlet x = crate::text::Shown(a);", 2),
        ["model", "text"]
    );
    assert_eq!(rooms("use crate::{\n    model::{a, b},\n    text,\n};", 2), ["model", "text"]);
    assert_eq!(rooms("use super::super::text::Place;", 2), ["text"]);
    assert_eq!(rooms("use super::{a, b};", 1), ["a", "b"]);
    assert_eq!(rooms("use super::text::Place;\npub(in super::super) fn f()", 2), [""; 0]);
    assert_eq!(rooms("mod tests {\n    use super::*;\n    use super::super::text;", 1), ["text"]);
    assert_eq!(rooms("// crate::cli\n/// [`crate::cli`]", 1), [""; 0]);
}

/// What everybody holds takes all threads, and so is worked out before the rules are asked side by side: for
/// the rules of `access` alone.
#[test]
fn no_rule_outside_of_access_asks_what_everybody_holds() {
    let asks = |path: &PathBuf| fs::read_to_string(path).unwrap().contains("context.holdings()");
    let asking: Vec<PathBuf> = sources().into_iter().filter(asks).collect();
    assert!(asking.len() > 3, "{asking:?}");
    let of_access = root().join("rules/access");
    let elsewhere: Vec<_> = asking.iter().filter(|path| !path.starts_with(&of_access)).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}
