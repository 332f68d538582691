//! One value at its place: a setting of the app's bare JSON, or a literal on a line of code.

use std::ops::Range;

use super::spelling::{hcl, json, scalar, yaml_plain, yaml_single};
use super::{Edit, OwnFile, Refusal, is_utf8, line_of, start};
use crate::finding::FixHint;
use crate::sources::excerpt::spelling::Spelling;
use crate::sources::input::Format;
use crate::sources::json::object::members;

/// The edit that gives a value its other form.
pub(super) fn find(file: &OwnFile<'_>, line: u32, hint: &FixHint) -> Result<Edit, Refusal> {
    if !is_utf8(file) {
        return Err(Refusal::Encoding);
    }
    let (from, to) = hint.values();
    let (span, written) = match (file.format, hint) {
        (Format::OktaApp, FixHint::SetSetting { setting, .. }) => {
            setting_of(file.bytes, setting, from, to)?
        }
        (Format::CloudFormation | Format::TerraformSource, _) => {
            on_line(file.bytes, line, syntax(file), (from, to))?
        }
        _ => return Err(Refusal::NotThere),
    };
    let line = line_of(file.bytes, span.start);
    Ok(Edit { span, line, written: written.into_bytes(), wishes: Vec::new() })
}

/// The value of a setting that stands at the top of its file; deeper ones are the API's.
fn setting_of(
    bytes: &[u8],
    setting: &str,
    from: &str,
    to: &str,
) -> Result<(Range<usize>, String), Refusal> {
    let rest = bytes.get(start(bytes)..).unwrap_or_default();
    let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let all = members(bytes, start(bytes) + space);
    let mut named = all.iter().filter(|member| member.key == setting);
    let member = named.next().ok_or(Refusal::Export)?;
    if named.next().is_some() {
        return Err(Refusal::Twice);
    }
    let inner = member.value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let (at, raw, written) = match inner {
        Some(inner) if Spelling::JsonString.read(inner) == from => {
            (member.value_at + 1, inner, json(to).ok_or(Refusal::Spelling)?)
        }
        None if member.value == from.as_bytes() => {
            (member.value_at, member.value, scalar(to).ok_or(Refusal::Spelling)?)
        }
        _ => return Err(Refusal::NotThere),
    };
    Ok((at..at + raw.len(), written))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Json,
    Yaml,
    Hcl,
}

fn syntax(file: &OwnFile<'_>) -> Syntax {
    let text = file.bytes.get(start(file.bytes)..).unwrap_or_default().trim_ascii_start();
    match file.format {
        _ if text.starts_with(b"{") => Syntax::Json,
        Format::CloudFormation => Syntax::Yaml,
        _ => Syntax::Hcl,
    }
}

/// A way to write a value: what stands around it, and how it is spelled.
struct Form {
    quote: &'static str,
    spell: fn(&str) -> Option<String>,
}

const DOUBLE: Form = Form { quote: "\"", spell: json };
const TEMPLATE: Form = Form { quote: "\"", spell: hcl };
const SINGLE: Form = Form { quote: "'", spell: yaml_single };
const PLAIN: Form = Form { quote: "", spell: yaml_plain };
const SCALAR: Form = Form { quote: "", spell: scalar };

const fn forms(syntax: Syntax) -> &'static [Form] {
    match syntax {
        Syntax::Json => &[DOUBLE, SCALAR],
        Syntax::Yaml => &[DOUBLE, SINGLE, PLAIN],
        Syntax::Hcl => &[TEMPLATE, SCALAR],
    }
}

/// The one literal of a line that is a value.
fn on_line(
    bytes: &[u8],
    line: u32,
    syntax: Syntax,
    (from, to): (&str, &str),
) -> Result<(Range<usize>, String), Refusal> {
    let (text, offset) = nth_line(bytes, line).ok_or(Refusal::NotThere)?;
    let mut found = None;
    for form in forms(syntax) {
        let Some(old) = (form.spell)(from) else { continue };
        let whole = format!("{0}{old}{0}", form.quote);
        for at in memchr::memmem::find_iter(text, whole.as_bytes()) {
            let end = at + whole.len();
            if form.quote.is_empty() && !stands_alone(text, at..end) {
                continue;
            }
            if found.is_some() {
                return Err(Refusal::Twice);
            }
            let start = offset + at + form.quote.len();
            found = Some((start..start + old.len(), form));
        }
    }
    let (span, form) = found.ok_or(Refusal::NotThere)?;
    Ok((span, (form.spell)(to).ok_or(Refusal::Spelling)?))
}

/// Whether what stands around some bytes of a line is no part of a longer word.
fn stands_alone(line: &[u8], span: Range<usize>) -> bool {
    let before = span.start.checked_sub(1).and_then(|at| line.get(at));
    let after = line.get(span.end);
    before.is_none_or(|byte| b" \t[(,:=".contains(byte))
        && after.is_none_or(|byte| b" \t\r])},".contains(byte))
}

/// The text of a line without its end, and where it begins.
fn nth_line(bytes: &[u8], line: u32) -> Option<(&[u8], usize)> {
    let mut at = 0;
    for _ in 1..line {
        at += memchr::memchr(b'\n', bytes.get(at..)?)? + 1;
    }
    let rest = bytes.get(at..)?;
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    Some((rest.get(..end)?, at))
}
