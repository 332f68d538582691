//! One user's picker, one `why`, one `who`, for a person at a terminal.

mod captured;
mod expect;
mod picker;
mod who;
mod why;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::wrap::{Pieces, Width};
use crate::entitlement::admission::Admission;
use crate::entitlement::stage::Answer;

pub use captured::{CapturedMessage, captured_text};
pub(super) use expect::{case_text, expect_text};
pub use picker::{PickerNotes, picker_text};
pub use who::who_text;
pub use why::{needed_text, why_text};

const BOLD: Style = Style::new().bold();

/// Columns that the text beside a table's first columns needs; with fewer it goes below them.
const ROOM: usize = 44;

/// Names that a reason lists, before it counts the rest.
const NAMED: usize = 5;

/// The style of an answer.
fn style(answer: Answer) -> Style {
    let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match answer {
        Answer::Holds => colored(AnsiColor::Green),
        Answer::Unknown => colored(AnsiColor::Yellow),
        Answer::Fails => colored(AnsiColor::Red).bold(),
    }
}

/// The word for what AWS does with a role of a picker.
const fn verdict(answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => "ok",
        Answer::Unknown => "unknown",
        Answer::Fails => "REFUSED",
    }
}

/// Columns of the widest verdict.
const VERDICT: usize = 7;

/// How many admissions have each answer: `2 assumable, 1 refused`.
fn counts<'a>(admissions: impl Iterator<Item = &'a Admission>) -> String {
    let words =
        [(Answer::Holds, "assumable"), (Answer::Fails, "refused"), (Answer::Unknown, "unknown")];
    let answers: Vec<Answer> = admissions.map(|one| one.answer).collect();
    let count = |answer| answers.iter().filter(|&&one| one == answer).count();
    let parts = words.map(|(answer, word)| (count(answer), word));
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    parts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// Writes why AWS refuses, or why that is not known: each reason once, with the names it is for.
fn write_reasons<'a>(
    out: &mut dyn Write,
    all: impl Iterator<Item = (&'a str, &'a Admission)>,
    indent: usize,
    width: Width,
) -> io::Result<()> {
    let mut reasons: Vec<(&Admission, Vec<&str>)> = Vec::new();
    for (name, admission) in all.filter(|(_, admission)| admission.answer != Answer::Holds) {
        match reasons.iter_mut().find(|(known, _)| *known == admission) {
            Some((_, names)) => names.push(name),
            None => reasons.push((admission, vec![name])),
        }
    }
    for (admission, names) in reasons {
        let more = names.len().saturating_sub(NAMED);
        let mut text: Vec<String> =
            names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
        if more > 0 {
            text.push(format!("{more} more"));
        }
        let text = format!("{}: {}", text.join(", "), reason(admission));
        write!(out, "{:indent$}", "")?;
        Pieces::prose(&text).write(out, width, indent, indent + 2)?;
    }
    Ok(())
}

/// Why AWS refuses, or why that is not known, one sentence.
fn reason(admission: &Admission) -> String {
    let stage = admission.stage.map_or("", crate::entitlement::stage::Stage::as_str);
    let says = &admission.says;
    match (admission.answer, admission.refusal) {
        (Answer::Fails, Some(refusal)) => format!("AWS answers {refusal}; {stage}: {says}"),
        (Answer::Fails, None) => format!("AWS refuses; {stage}: {says}"),
        _ => format!("{stage}: {says}"),
    }
}
