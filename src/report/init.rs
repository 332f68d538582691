//! A commented `rolecall.toml` for a folder of exports, and what is missing in it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::explain::survey::{Entry, Missing, Reason};
use crate::model::app::OktaApp;
use crate::sources::input::Format;
use crate::text::{Shown, Sourced};

/// What a configuration is written from.
#[derive(Debug)]
pub struct Survey<'s> {
    /// The sources.
    pub entries: &'s [Entry],
    /// Files that are no exports known here.
    pub passed_over: &'s [String],
    /// The app's settings, where an export has them.
    pub app: Option<&'s OktaApp>,
    /// What no export tells.
    pub missing: &'s [Missing],
}

/// Writes the configuration.
pub fn write_config(out: &mut dyn Write, survey: &Survey<'_>) -> io::Result<()> {
    writeln!(out, "# The exports that `rolecall` reads, written by `rolecall init`.")?;
    writeln!(out, "# Paths are relative to this file; `*` in the last part stands for any text.")?;
    writeln!(
        out,
        "# Editors that know `#:schema` complete it: `rolecall schema config > rolecall.schema.json`, and then\n\
         # #:schema ./rolecall.schema.json\n"
    )?;
    for entry in survey.entries {
        write_entry(out, entry)?;
    }
    write_passed_over(out, survey.passed_over)?;
    write_app(out, survey.app)?;
    if !survey.missing.is_empty() {
        writeln!(out, "\n# Missing:")?;
    }
    for missing in survey.missing {
        writeln!(out, "#")?;
        for line in lines_of(missing) {
            writeln!(out, "#   {line}")?;
        }
    }
    Ok(())
}

/// Writes what is missing, for a person.
pub fn write_missing(out: &mut dyn Write, missing: &[Missing]) -> io::Result<()> {
    if !missing.is_empty() {
        writeln!(out, "Missing, and a command that would export it:")?;
    }
    for missing in missing {
        writeln!(out)?;
        for line in lines_of(missing) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

fn lines_of(missing: &Missing) -> impl Iterator<Item = String> {
    let needed = if missing.reason == Reason::Needed { " (needed)" } else { "" };
    let head = format!("{}{needed}: {}", missing.what, missing.question);
    let commands = missing.commands.iter().map(|command| format!("  {command}"));
    std::iter::once(head).chain(commands.collect::<Vec<_>>())
}

fn write_entry(out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
    writeln!(out, "# {}", formats(&entry.formats))?;
    if let Some(problem) = &entry.problem {
        writeln!(out, "# To be mended: {}", Shown(problem))?;
    }
    writeln!(out, "[[source]]\npath = {}", quoted(&entry.path))?;
    if let Some((format, 1)) =
        entry.formats.first_key_value().map(|(format, count)| (*format, *count))
        && entry.formats.len() == 1
    {
        writeln!(out, "# format = {}", quoted(format.as_str()))?;
    }
    if let Some(encoding) = entry.encoding {
        writeln!(out, "encoding = {}", quoted(encoding))?;
    }
    if entry.formats.keys().all(|format| format.is_code()) {
        writeln!(out, "# account = \"123456789012\"\n# parameters = {{ Stage = \"prod\" }}")?;
    } else if entry.problem.is_some() {
        writeln!(out, "# account = \"123456789012\"\n# provider = \"NAME\"\n# group = \"NAME\"")?;
    }
    writeln!(out)
}

fn formats(formats: &BTreeMap<Format, usize>) -> String {
    let named = formats.iter().map(|(format, count)| match count {
        1 => format.as_str().to_owned(),
        count => format!("{count} × {}", format.as_str()),
    });
    named.collect::<Vec<_>>().join(", ")
}

fn write_passed_over(out: &mut dyn Write, files: &[String]) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    writeln!(out, "# No export known here, passed over:")?;
    for file in files {
        writeln!(out, "#   {}", Shown(file))?;
    }
    writeln!(out)
}

fn write_app(out: &mut dyn Write, app: Option<&OktaApp>) -> io::Result<()> {
    let text = |setting: fn(&OktaApp) -> &Option<Sourced<String>>| {
        app.and_then(|app| setting(app).as_ref()).map(|setting| setting.value.as_str())
    };
    let filter = text(|app| &app.group_filter);
    let settings = [
        ("group_filter", filter),
        ("role_value_pattern", text(|app| &app.role_value_pattern)),
        ("app_filter", text(|app| &app.app_filter)),
    ];
    let exported = if filter.is_some() { "the app's export" } else { "an export of the Okta app" };
    writeln!(out, "# What is set here outranks {exported}.")?;
    writeln!(out, "[app]")?;
    for (key, value) in settings {
        writeln!(out, "# {key} = {}", quoted(value.unwrap_or("")))?;
    }
    writeln!(out, "# Okta does not document whether the filter has to match the whole name:")?;
    writeln!(out, "# match_mode = \"find\"")
}

/// A TOML string on one line.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| !c.is_control() && c != '\'';
    if text.contains(['\\', '"'])
        && text.chars().all(plain)
        && !text.chars().any(crate::text::is_hidden)
    {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if crate::text::is_hidden(c) => {
                quoted.extend(format!("\\U{:08X}", u32::from(c)).chars());
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_so_that_toml_reads_it_back() {
        for text in ["a.csv", "a\"b", "it's \\ \"x\"", "tab\there\n", "^aws\\#\\S+$", "\u{202e}"] {
            let line = format!("x = {}", quoted(text));
            let read: toml::Table = toml::from_str(&line).unwrap();
            assert_eq!(read.get("x").and_then(toml::Value::as_str), Some(text), "{line}");
            assert_eq!(line.lines().count(), 1);
        }
    }
}
