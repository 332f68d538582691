//! One source line as it is shown: nothing in it acts on the terminal, and it is as wide as there is room.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

use crate::sources::excerpt::{Excerpt, Field};
use crate::text::{Shown, is_hidden};

/// Columns of a tab: a line is shown by itself, so tab stops mean nothing.
const TAB: &str = "    ";

/// Least columns of a line, however narrow the terminal.
const NARROWEST: usize = 24;

/// Least columns shown before a mark that is too long itself.
const LEAD: usize = 8;

/// A line ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The text.
    pub(super) text: String,
    /// Bytes of it to underline.
    pub(super) mark: Range<usize>,
    cut: bool,
}

impl Line {
    /// Cuts the line of an excerpt around its mark so that line number and text fit the width, and so does
    /// a label behind what underlines the mark.
    pub(super) fn new(excerpt: &Excerpt, label: &str, width: usize) -> Self {
        let gutter = excerpt.line.to_string().len() + 4;
        let room = width.saturating_sub(gutter).max(NARROWEST);
        let label = match Shown(label).columns() {
            0 => 0,
            columns => (columns + 1).min(room / 2),
        };
        Self::plain(excerpt, label, room).unwrap_or_else(|| Self::of_cells(excerpt, label, room))
    }

    /// A line that fits and in which every byte is a character of one column, shown as it is: most are.
    fn plain(excerpt: &Excerpt, label: usize, room: usize) -> Option<Self> {
        let Excerpt { text, mark, cut_before, cut_after, .. } = excerpt;
        let is_plain =
            text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains("##[");
        let behind = text.len().checked_sub(mark.end)? + usize::from(*cut_after);
        let needed = usize::from(*cut_before) + mark.end + behind.max(label);
        if !is_plain || needed > room {
            return None;
        }
        let (before, after) =
            (if *cut_before { "…" } else { "" }, if *cut_after { "…" } else { "" });
        Some(Self {
            text: [before, text, after].concat(),
            mark: before.len() + mark.start..before.len() + mark.end,
            cut: *cut_before || *cut_after,
        })
    }

    /// Any other line; `label` is the columns that it takes behind the mark.
    fn of_cells(excerpt: &Excerpt, label: usize, room: usize) -> Self {
        let text = |range: Range<usize>| excerpt.text.get(range).unwrap_or_default();
        let piece = |range: Range<usize>| cells(text(0..range.start), text(range));
        let Range { start, end } = excerpt.mark;
        let (mut head, mut mark, tail) =
            (piece(0..start), piece(start..end), piece(end..excerpt.text.len()));
        // What has no column of its own is underlined with the character it stands on.
        while mark.first().is_some_and(|cell| columns_of(cell) == 0) {
            let Some(cell) = head.pop() else { break };
            mark.insert(0, cell);
        }
        let (before, after) = (excerpt.cut_before, excerpt.cut_after);
        let marked = usize::from(before) + columns(&head) + columns(&mark);
        let needed = marked + (columns(&tail) + usize::from(after)).max(label);
        if needed <= room {
            return Self::joined((before, after), &head, &mark, &tail);
        }
        let left = room.saturating_sub(2);
        let own = left.saturating_sub(label);
        let mark_room = columns(&mark).min(own.saturating_sub(columns(&head).min(LEAD)));
        let (mark, mark_cut) = first(mark, mark_room);
        let beside = left.saturating_sub(columns(&mark));
        let after_room = if mark_cut { 0 } else { beside / 2 };
        let (tail_columns, head_columns) = (columns(&tail), columns(&head));
        // What one side does not need, the other has.
        let after_room = after_room.max(beside.saturating_sub(head_columns)).min(tail_columns);
        let (tail, tail_cut) = if mark_cut { (Vec::new(), true) } else { first(tail, after_room) };
        let head_room =
            beside.saturating_sub(columns(&tail)).min(own.saturating_sub(columns(&mark)));
        let (head, head_cut) = last(head, head_room);
        Self::joined((before || head_cut, after || tail_cut), &head, &mark, &tail)
    }

    /// Whether the whole line is shown.
    pub(super) const fn is_whole(&self) -> bool {
        !self.cut
    }

    fn joined(
        (before, after): (bool, bool),
        head: &[String],
        mark: &[String],
        tail: &[String],
    ) -> Self {
        let mut text = if before { "…".to_owned() } else { String::new() };
        text.extend(head.iter().map(String::as_str));
        let start = text.len();
        text.extend(mark.iter().map(String::as_str));
        let end = text.len();
        text.extend(tail.iter().map(String::as_str));
        if after {
            text.push('…');
        }
        Self { text, mark: start..end, cut: before || after }
    }
}

/// The characters behind some text as they are shown; `##[`, which is a command in the log of a build, with
/// its bracket escaped.
fn cells(before: &str, text: &str) -> Vec<String> {
    let mut hashes = before.chars().rev().take_while(|&c| c == '#').count();
    text.chars()
        .map(|c| {
            let is_command = c == '[' && hashes >= 2;
            hashes = if c == '#' { hashes + 1 } else { 0 };
            match c {
                '\t' => TAB.to_owned(),
                '[' if is_command => "\\u{5b}".to_owned(),
                c if is_hidden(c) => Shown(c.encode_utf8(&mut [0; 4])).to_string(),
                c => c.to_string(),
            }
        })
        .collect()
}

fn columns(cells: &[String]) -> usize {
    cells.iter().map(|cell| columns_of(cell)).sum()
}

/// Columns of a text of which nothing is hidden.
fn columns_of(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(1)).sum()
}

/// As many of the first characters as fit, and whether any is left.
fn first(mut cells: Vec<String>, room: usize) -> (Vec<String>, bool) {
    let count = cells.len();
    let mut used = 0;
    let fits = |cell: &&String| {
        used += columns_of(cell);
        used <= room
    };
    let kept = cells.iter().take_while(fits).count();
    cells.truncate(kept);
    (cells, kept < count)
}

/// As many of the last characters as fit, and whether any is left.
fn last(mut cells: Vec<String>, room: usize) -> (Vec<String>, bool) {
    cells.reverse();
    let (mut cells, cut) = first(cells, room);
    cells.reverse();
    (cells, cut)
}

/// A text without its middle, where it is longer than the room.
pub(super) fn elided(text: &str, room: usize) -> String {
    let count = text.chars().count();
    if count <= room {
        return text.to_owned();
    }
    let half = room.saturating_sub(1) / 2;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(count - half).collect();
    format!("{head}…{tail}")
}

/// The place in the words of its format: `` column `group` ``.
pub(super) fn field_words(excerpt: &Excerpt, room: usize) -> Option<String> {
    let shown = |text: &str, room: usize| Shown(&elided(text, room)).to_string();
    match excerpt.field.as_ref()? {
        Field::Cell { row, column } => {
            let row = (*row != u64::from(excerpt.line)).then(|| format!("row {row}"));
            let column = column.as_ref().map(|name| format!("column `{}`", shown(name, room)));
            let words: Vec<String> = row.into_iter().chain(column).collect();
            (!words.is_empty()).then(|| words.join(", "))
        }
        Field::Attribute { dn, name: Some(name) } => {
            Some(format!("`{}` of `{}`", shown(name, room / 2), shown(dn, room)))
        }
        Field::Attribute { dn, name: None } => Some(format!("`{}`", shown(dn, room))),
        Field::Pointer(pointer) if pointer.is_empty() => None,
        Field::Pointer(pointer) => Some(format!("`{}`", shown(pointer, room))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excerpt(text: &str, mark: Range<usize>) -> Excerpt {
        Excerpt {
            line: 7,
            text: text.to_owned(),
            cut_before: false,
            cut_after: false,
            mark,
            exact: true,
            columns: 1..2,
            bytes: 0..0,
            field: None,
            decoded: None,
        }
    }

    #[test]
    fn a_line_that_fits_is_shown_whole_with_what_is_hidden_in_it() {
        let line = Line::new(&excerpt("a\tb\u{202e}c", 2..3), "", 80);
        assert_eq!(line.text, "a    b\\u{202e}c");
        assert_eq!(line.text.get(line.mark.clone()), Some("b"));
        assert!(line.is_whole());
    }

    #[test]
    fn a_combining_mark_is_underlined_with_its_letter() {
        let line = Line::new(&excerpt("ae\u{301}b", 2..4), "", 80);
        assert_eq!(line.text.get(line.mark), Some("e\u{301}"));
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark() {
        let text = format!("{}MARK{}", "a".repeat(200), "b".repeat(200));
        let line = Line::new(&excerpt(&text, 200..204), "", 45);
        assert_eq!(line.text, format!("…{}MARK{}…", "a".repeat(17), "b".repeat(17)));
        let line = Line::new(&excerpt(&text, 0..1), "", 45);
        assert_eq!(line.text, format!("{}…", "a".repeat(38)));
    }

    #[test]
    fn a_mark_that_is_too_long_is_cut_behind() {
        let text = format!("name: {}", "x".repeat(300));
        let line = Line::new(&excerpt(&text, 6..306), "", 45);
        assert_eq!(line.text, format!("name: {}…", "x".repeat(32)));
        assert_eq!(line.mark, 6..38);
    }

    proptest! {
        #[test]
        fn any_line_fits_any_width_with_its_mark_in_it(
            head in "\\PC{0,60}|[\u{0}-\u{2100}]{0,60}",
            mark in "[一-龥é\u{301}\u{200b}a\t]{0,60}",
            tail in "\\PC{0,60}",
            label in "[a-z]{0,20}",
            width in 0_usize..150,
        ) {
            let text = format!("{head}{mark}{tail}");
            let line = Line::new(&excerpt(&text, head.len()..head.len() + mark.len()), &label, width);
            prop_assert!(columns_of(&line.text) <= width.saturating_sub(5).max(NARROWEST));
            prop_assert!(line.text.get(line.mark.clone()).is_some());
            prop_assert!(!line.text.chars().any(is_hidden));
            if label.is_empty() {
                prop_assert_eq!(mark.is_empty(), line.mark.is_empty());
            }
            let marked = columns_of(line.text.get(..line.mark.end).unwrap());
            let room = width.saturating_sub(5).max(NARROWEST);
            prop_assert!(marked + (label.len() + 1).min(room / 2) <= room + 1);
        }

        #[test]
        fn a_plain_line_is_shown_as_its_characters_are(
            (text, mark) in ("[ -~]{0,40}|[#\\[a]{0,9}", 0_usize..40, 0_usize..40).prop_map(|(text, a, b)| {
                let (a, b) = (a.min(text.len()), b.min(text.len()));
                (text, a.min(b)..a.max(b))
            }),
            (cut_before, cut_after) in any::<(bool, bool)>(),
            label in 0_usize..40,
            room in NARROWEST..80,
        ) {
            let line = Excerpt { cut_before, cut_after, ..excerpt(&text, mark) };
            if let Some(plain) = Line::plain(&line, label, room) {
                prop_assert_eq!(plain, Line::of_cells(&line, label, room));
            } else {
                let is_long = text.len() + label + 2 > room;
                prop_assert!(is_long || text.contains("##["));
            }
        }

        #[test]
        fn an_elided_text_fits(text in "\\PC{0,60}", room in 3_usize..80) {
            prop_assert!(elided(&text, room).chars().count() <= room);
        }
    }
}
