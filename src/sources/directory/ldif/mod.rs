//! LDIF (RFC 2849): `ldapsearch`, `slapcat`, `ldifde`, `ldbsearch`.
//!
//! Content records are read; `changetype: add` is content, other changes are refused one by one.
//! Limits hold for the values that are kept: attributes that say nothing about federation, photographs
//! for one, are stepped over whatever their size.

mod lines;
mod members;
mod record;
mod value;

use std::error::Error;

use crate::model::defect::DefectKind;
use crate::model::group_source::GroupSource;
use crate::sources::batch::{Batch, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::input::SourceOptions;

/// Reads LDIF, blocks cut at empty lines ([`AtEmptyLine`](crate::sources::blocks::AtEmptyLine)).
#[derive(Debug, Clone, Default)]
pub struct LdifReader {
    group_source: Option<GroupSource>,
}

impl LdifReader {
    /// A reader for a file with these options.
    pub fn new(options: &SourceOptions) -> Self {
        Self { group_source: options.group_source.clone() }
    }
}

/// How many bytes the line of a member takes, about.
const MEMBER: usize = 48;

impl RecordReader for LdifReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        batch.expect(block.bytes.len(), MEMBER);
        record::Reading::new(block, self.group_source.as_ref(), batch).run();
    }
}

/// Whether the beginning of a file has the look of LDIF: its first line that is neither empty nor a
/// comment is `version:` or `dn:`, or the trailer of an empty search.
pub fn looks_like(head: &[u8]) -> bool {
    let mut lines = lines::Lines::new(head, 1);
    let mut joined = Vec::new();
    while let Some(text) = lines.next(&mut joined) {
        let text = match text {
            lines::Text::Whole(text) => text,
            lines::Text::Joined => &joined,
        };
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        return [&b"version:"[..], b"dn:", b"search:", b"ref:"].iter().any(|name| {
            text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        });
    }
    // Comments alone: what ldbsearch and ldapsearch leave where nothing was found.
    head.starts_with(b"# extended LDIF") || head.starts_with(b"# returned ")
}

/// What an error of this reader says happened, where it is more than an unreadable record.
pub(super) fn defect_of(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    let error = error.downcast_ref::<LdifError>()?;
    matches!(error, LdifError::Truncated { .. }).then_some(DefectKind::Truncated)
}

/// What is wrong with an LDIF file.
#[derive(Debug, thiserror::Error)]
enum LdifError {
    #[error("`{found}`, expected `attribute: value`")]
    NoColon { found: String },
    #[error("a record begins with `{found}`, expected `dn:`")]
    NoDn { found: String },
    #[error("a second `dn` in one record, expected an empty line before it")]
    SecondDn,
    #[error("a continuation line without a line before it, expected `attribute: value`")]
    NothingToContinue,
    #[error("LDIF version `{found}`, expected `1`")]
    Version { found: String },
    #[error("`{found}` is not base64, expected groups of four letters, digits, `+` or `/`")]
    NotBase64 { found: String },
    #[error("`{found}` is outside the file and is not opened, expected the value itself")]
    Url { found: String },
    #[error("`changetype: {found}` is a change, expected the content of a directory")]
    Change { found: String },
    #[error("the search ended with `{found}`, expected `0 Success`: the export is not whole")]
    Truncated { found: String },
}

#[cfg(test)]
mod tests;
