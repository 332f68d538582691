//! Directory exports: LDIF, `csvde`, PowerShell, Microsoft Graph, Google Directory.

mod attribute;
mod class;
pub mod csvde;
mod entry;
pub mod google;
pub mod graph;
pub mod ldif;
mod lookups;
pub mod powershell;
mod recurring;
mod sid;
mod table;

use crate::sources::excerpt::secret::quotable;
pub use table::HeaderError;

use std::error::Error;

use super::input::SourceOptions;
use crate::model::defect::DefectKind;

/// What a directory reader's error says happened, where it is more than an unreadable record.
pub(super) fn defect_of(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    graph::defect_of(error)
        .or_else(|| google::defect_of(error))
        .or_else(|| ldif::defect_of(error))
        .or_else(|| powershell::defect_of(error))
}

/// The columns of a table that an earlier one has the name of, ignoring case, and the header row's line.
pub(super) fn repeated_columns(head: &[u8], options: &SourceOptions) -> (Vec<String>, u32) {
    table::Header::read(head, options)
        .map_or_else(|| (Vec::new(), 0), |header| header.repeated_columns())
}

/// The beginning of an input's text, for a message.
pub(in crate::sources) fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 60;
    let text = String::from_utf8_lossy(bytes.get(..LONGEST * 4).unwrap_or(bytes));
    let text = quotable(&text);
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
