//! Workflow commands of GitHub Actions, which make annotations of a report, and lines of its log.
//!
//! GitHub shows ten annotations of each level a step: what is over it stands in the log, and a last notice
//! says so.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::checked::Spot;
use crate::finding::Severity;
use crate::text::Shown;

/// Annotations of one level that GitHub shows of a step.
const SHOWN: usize = 10;

/// Most characters of an annotation.
const LENGTH: usize = 4_000;

/// Annotations that GitHub shows still, by level.
pub(super) struct Room {
    errors: usize,
    warnings: usize,
    notes: usize,
    left_out: usize,
}

impl Room {
    /// Room for annotations of such levels.
    pub(super) fn for_all(levels: &(impl Iterator<Item = Severity> + Clone)) -> Self {
        let of = |severity| levels.clone().filter(|&one| one == severity).count();
        let too_many = [Severity::Error, Severity::Warning, Severity::Note].map(of);
        let too_many = too_many.iter().any(|&count| count > SHOWN);
        // The last notice is one of them.
        let notes = if too_many { SHOWN - 1 } else { SHOWN };
        Self { errors: SHOWN, warnings: SHOWN, notes, left_out: 0 }
    }

    /// Says how many there was no room for, `noun` each.
    pub(super) fn write_rest(&self, out: &mut dyn Write, noun: &str) -> io::Result<()> {
        let (end, are) = match self.left_out {
            0 => return Ok(()),
            1 => ("", "is"),
            _ => ("s", "are"),
        };
        let says = format!("{} more {noun}{end} {are} in the log of this step", self.left_out);
        writeln!(out, "::notice title=rolecall::{}", Data(&says))
    }

    /// Takes one, if there is any.
    fn take(&mut self, severity: Severity) -> bool {
        let room = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Note => &mut self.notes,
        };
        let is_room = *room > 0;
        *room = room.saturating_sub(1);
        self.left_out += usize::from(!is_room);
        is_room
    }
}

/// What an annotation is about.
pub(super) struct Annotation<'a> {
    pub(super) title: &'a str,
    pub(super) spot: Option<&'a Spot<'a>>,
}

impl Annotation<'_> {
    /// Writes the annotation, or a line of the log where there is no room for it.
    pub(super) fn write(
        &self,
        out: &mut dyn Write,
        severity: Severity,
        message: &str,
        room: &mut Room,
    ) -> io::Result<()> {
        if !room.take(severity) {
            let place = self.spot.map_or_else(String::new, |spot| format!(" ({spot})"));
            let first = message.split('\n').next().unwrap_or_default();
            let line = format!("{severity}[{}]: {first}{place}", self.title);
            return writeln!(out, "{}", Shown(&line));
        }
        let command = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        write!(out, "::{command} ")?;
        if let Some(spot) = self.spot {
            write!(out, "file={},", Property(&spot.file))?;
            if let Some(line) = spot.line {
                write!(out, "line={line},")?;
            }
            if let Some(columns) = &spot.columns {
                // The last column, not the one behind it.
                let last = columns.end.saturating_sub(1).max(columns.start);
                write!(out, "col={},endColumn={last},", columns.start)?;
            }
        }
        writeln!(out, "title={}::{}", Property(self.title), Data(message))
    }
}

/// The text of a command; of what is hidden only line ends are kept, and those escaped.
struct Data<'a>(&'a str);

/// A property of a command.
struct Property<'a>(&'a str);

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = self.0.char_indices().nth(LENGTH).map(|(at, _)| at);
        let text = cut.and_then(|at| self.0.get(..at)).unwrap_or(self.0);
        for (number, line) in text.split('\n').enumerate() {
            let end = if number == 0 { "" } else { "%0A" };
            write!(f, "{end}{}", Shown(line).to_string().replace('%', "%25"))?;
        }
        f.write_str(if cut.is_some() { "…" } else { "" })
    }
}

impl fmt::Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in Shown(self.0).to_string().chars() {
            match c {
                '%' => f.write_str("%25")?,
                ':' => f.write_str("%3A")?,
                ',' => f.write_str("%2C")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_properties_are_escaped_as_github_reads_them() {
        let hostile = "a%0A::error::b\r\n::stop,x:y";
        assert_eq!(Data(hostile).to_string(), "a%250A::error::b\\u{d}%0A\\u{3a}:stop,x:y");
        assert_eq!(
            Property(hostile).to_string(),
            "a%250A%3A%3Aerror%3A%3Ab\\u{d}\\u{a}%3A%3Astop%2Cx%3Ay"
        );
    }

    #[test]
    fn a_long_text_is_cut_behind_a_whole_character() {
        let shown = Data(&"é".repeat(LENGTH + 1)).to_string();
        assert_eq!(shown.chars().count(), LENGTH + 1);
        assert!(shown.ends_with("é…"));
    }
}
