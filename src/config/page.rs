//! The page about `rolecall.toml`, made from the tables that the reader follows.

use std::fmt::{self, Write as _};

use super::keys::{Key, Shape};
use super::profile::{PROFILES, Profile};
use super::tables::{ROOT, tables};
use crate::rules::settings::Level;

const HEAD: &str = "\
# `rolecall.toml`

Where the exports are, what outranks the app's settings, and what the project declares. The file is looked for in the working
folder and above it, up to the repository's root; `--config FILE` names one. A key that is not known, or a value that is none, ends
the run with exit code 2, its line and what was expected.

This page is generated from the tables that the reader follows: `UPDATE_DOCS=1 cargo test` rewrites it, and a test fails when it is
out of date. `rolecall schema config` prints the same as a JSON Schema ([rolecall.schema.json](rolecall.schema.json)), for editors
that know `#:schema ./rolecall.schema.json` in the first line of a TOML file.
";

const RULES: &str = "\
## `[rules]`

Levels and numbers of rules, by id or by group; the id outranks the group. A level is `\"off\"`, `\"on\"` (with the severities that the
rule computes), `\"note\"`, `\"warning\"` or `\"error\"`. A group that is turned on leaves those of its rules off that are off by default. The
numbers of a rule stand on its page ([rules.md](rules.md), `rolecall rules ID`).

```toml
[rules]
naming = \"warning\"
\"naming/too-long\" = { level = \"error\", max_length = 100 }
```
";

const BASELINE: &str = "\
## Baselines

`rolecall check --write-baseline known.jsonl` names every finding that is not waived in a file, and `--baseline known.jsonl` suppresses
them from then on. A finding is known by its fingerprint: rule and subject, whatever lines, files and words it has. The file is
JSON Lines, sorted, and holds rule ids and fingerprints alone. It is written only where every input could be read whole, and is
said to be too long where findings of rules that were checked are gone. Waivers come first: what is waived is not in a baseline.
";

/// The whole page.
pub fn page() -> String {
    let mut page = String::new();
    // A text takes whatever is written to it.
    let _ = write_page(&mut page);
    page
}

fn write_page(page: &mut String) -> fmt::Result {
    write!(page, "{HEAD}\n## Keys before every table\n\n")?;
    let plain: Vec<&Key> = ROOT.keys.iter().filter(|key| !key.example.is_empty()).collect();
    keys(page, &plain)?;
    example(page, "", &plain)?;
    profiles(page)?;
    for (key, table) in tables() {
        if key.name == "tiers" {
            write!(page, "\n{RULES}")?;
        }
        write!(page, "\n## `{}`\n\n{}\n\n", table.head, table.meaning)?;
        let all: Vec<&Key> = table.keys.iter().collect();
        keys(page, &all)?;
        example(page, &format!("{}\n", table.head), &all)?;
    }
    write!(page, "\n{BASELINE}")
}

fn keys(page: &mut String, keys: &[&Key]) -> fmt::Result {
    writeln!(page, "| key | takes | where it is not there | meaning |\n|---|---|---|---|")?;
    keys.iter().try_for_each(|key| {
        let default = if key.required { "an error" } else { key.default };
        writeln!(page, "| `{}` | {} | {default} | {} |", key.name, takes(key), key.meaning)
    })
}

fn example(page: &mut String, head: &str, keys: &[&Key]) -> fmt::Result {
    write!(page, "\n```toml\n{head}")?;
    keys.iter().try_for_each(|key| {
        // Of two keys that say the same, one can stand there.
        let instead = if key.meaning.contains("; instead of") { "# " } else { "" };
        writeln!(page, "{instead}{} = {}", key.name, key.example)
    })?;
    writeln!(page, "```")
}

fn takes(key: &Key) -> String {
    let listed = |words: Vec<&str>| {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        words.join(", ")
    };
    match key.shape {
        Shape::Text | Shape::Name => "a text".to_owned(),
        Shape::Word(words) => listed(words()),
        Shape::Words(words) => format!("{}, or an array of them", listed(words())),
        Shape::Rule => "a rule or a group of rules".to_owned(),
        Shape::Character => "one ASCII character".to_owned(),
        Shape::AccountId => "12 digits as a text".to_owned(),
        Shape::Alias => "3 to 63 of `a-z`, `0-9` and `-`".to_owned(),
        Shape::Encoding => "the name of an encoding".to_owned(),
        Shape::Day => "a day".to_owned(),
        Shape::Moment => "a time".to_owned(),
        Shape::Address => "an IP address".to_owned(),
        Shape::Switch => "`true` or `false`".to_owned(),
        Shape::Texts => "an array of texts".to_owned(),
        Shape::Pairs => "a table of texts".to_owned(),
        Shape::Size => "bytes, or a text with `KiB`, `MiB` or `GiB`".to_owned(),
        Shape::Levels => "a number".to_owned(),
        Shape::Rules | Shape::Table(_) | Shape::Tables(_) => "a table".to_owned(),
    }
}

fn profiles(page: &mut String) -> fmt::Result {
    writeln!(page, "\n## Profiles")?;
    for profile in PROFILES {
        write!(page, "\n**`{}`.** {}\n\n```toml\n", profile.name, profile.meaning)?;
        if let Some(partition) = profile.partition {
            writeln!(page, "partition = \"{partition}\"")?;
        }
        if !profile.regions.is_empty() {
            writeln!(page, "[trust]\nregions = {:?}", profile.regions)?;
        }
        rules(page, profile)?;
        writeln!(page, "```")?;
    }
    Ok(())
}

/// What a profile says of rules: levels, with numbers beside them, and then numbers alone.
fn rules(page: &mut String, profile: &Profile) -> fmt::Result {
    if !profile.levels.is_empty() || !profile.options.is_empty() {
        writeln!(page, "[rules]")?;
    }
    for (rule, level) in profile.levels {
        let (numbers, word) = (numbers(rule, profile.options), word(*level));
        if numbers.is_empty() {
            writeln!(page, "\"{rule}\" = \"{word}\"")?;
        } else {
            let numbers = numbers.join(", ");
            writeln!(page, "\"{rule}\" = {{ level = \"{word}\", {numbers} }}")?;
        }
    }
    let mut alone: Vec<&str> = profile.options.iter().map(|(rule, ..)| *rule).collect();
    alone.dedup();
    alone.retain(|rule| profile.level(rule).is_none());
    alone.into_iter().try_for_each(|rule| {
        let numbers = numbers(rule, profile.options).join(", ");
        writeln!(page, "\"{rule}\" = {{ {numbers} }}")
    })
}

fn numbers(rule: &str, options: &[(&str, &str, i64)]) -> Vec<String> {
    let own = options.iter().filter(|(of, ..)| *of == rule);
    own.map(|(_, option, number)| format!("{option} = {number}")).collect()
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Off => "off",
        Level::On => "on",
        Level::Severity(severity) => severity.as_str(),
    }
}
