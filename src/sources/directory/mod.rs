//! Directory exports: LDIF, `csvde`, PowerShell, Microsoft Graph, Google Directory.

mod attribute;
mod class;
mod entry;
pub mod ldif;
mod sid;

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
