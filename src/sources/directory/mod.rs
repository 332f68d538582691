//! Directory exports: LDIF, `csvde`, PowerShell, Microsoft Graph, Google Directory.

mod attribute;
mod class;
pub mod csvde;
mod entry;
pub mod google;
pub mod graph;
pub mod ldif;
pub mod powershell;
mod sid;
mod table;

pub use table::HeaderError;

/// The beginning of an input's text, for a message.
pub(in crate::sources) fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 60;
    let text = String::from_utf8_lossy(bytes.get(..LONGEST * 4).unwrap_or(bytes));
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
