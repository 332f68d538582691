//! `Get-ADUser`, `Get-ADGroup` and `Get-ADGroupMember` through PowerShell's `Export-Csv`.
//!
//! The `#TYPE` line may stand or not, the delimiter is `,`, `;` or a tab. A list of members needs a
//! column for the group, which `Get-ADGroupMember` itself does not write: `Group`, `GroupName`,
//! `ADGroup`, `GroupDN` and the like, or a name given under `headers`, as in `group = "Gruppe"`. The
//! standard names there are those of the Active Directory module, and `group`, `member`, `members`.

mod column;
mod row;

use csv::ByteRecord;

use crate::model::group_source::GroupSource;
use crate::sources::batch::{Batch, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::input::{Format, SourceOptions};

use super::entry::EntryError;
use super::table::{Header, HeaderError};
use column::Column;
use row::Row;

pub(in crate::sources::directory) use row::defect_of;

/// Reads PowerShell exports, blocks of the whole file (header included) cut at unquoted line ends
/// ([`AtUnquotedLineEnd`](crate::sources::blocks::AtUnquotedLineEnd)).
#[derive(Debug, Clone)]
pub struct PowerShellReader {
    header: Header,
    columns: Vec<Column>,
    table: Table,
    /// The group all members are in, where the user named it and no column does.
    group: Option<String>,
    source: GroupSource,
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Users,
    Groups,
    Members,
}

impl PowerShellReader {
    /// A reader for the file that begins with `head`.
    pub fn from_head(head: &[u8], options: &SourceOptions) -> Result<Self, HeaderError> {
        const EXPECTED: &str = "DistinguishedName";
        let header =
            Header::read(head, options).ok_or(HeaderError::Missing { expected: EXPECTED })?;
        let mut columns: Vec<Column> =
            header.columns.iter().map(|name| Column::parse(name)).collect();
        let table = match options.format {
            Some(Format::PowerShellUsers) => Table::Users,
            Some(Format::PowerShellGroups) => Table::Groups,
            Some(Format::PowerShellMembers) => Table::Members,
            _ => table(&header, &columns)
                .or_else(|| options.group.as_ref().map(|_| Table::Members))
                .ok_or_else(|| HeaderError::NoColumn {
                    found: header.shown(),
                    expected: "Group",
                })?,
        };
        if table == Table::Groups {
            // In a list of groups `member` is the attribute: all of them.
            for column in columns.iter_mut().filter(|column| **column == Column::Member) {
                *column = Column::Members;
            }
        }
        let has = |wanted: &[Column]| columns.iter().any(|column| wanted.contains(column));
        let identified = [Column::Dn, Column::SamAccountName, Column::Sid, Column::Login];
        let otherwise = match table {
            Table::Users => false,
            Table::Groups => has(&[Column::Name]),
            Table::Members => has(&[Column::Member]),
        };
        if !has(&identified) && !otherwise {
            return Err(HeaderError::NoColumn { found: header.shown(), expected: EXPECTED });
        }
        if table == Table::Members && options.group.is_none() && !has(&[Column::Group]) {
            return Err(HeaderError::NoColumn { found: header.shown(), expected: "Group" });
        }
        let group = options.group.clone().filter(|_| !has(&[Column::Group]));
        let source = options.group_source.clone().unwrap_or(GroupSource::ActiveDirectory);
        Ok(Self { header, columns, table, group, source })
    }

    fn row(&self, record: &ByteRecord, line: u32, batch: &mut Batch<'_>) {
        let kept = self.columns.iter().zip(record).filter(|(column, _)| !column.has_no_limit());
        let longest = batch.limits().record;
        if kept.map(|(_, cell)| cell.len()).sum::<usize>() > longest {
            return batch.problem(line, Loss::Record, EntryError::entry_too_long(longest));
        }
        let row = Row::new(&self.columns, record, line);
        match self.table {
            Table::Users => row.user(batch),
            Table::Groups => row.group(&self.source, batch),
            Table::Members => row.member(self.group.as_deref(), &self.source, batch),
        }
    }
}

impl RecordReader for PowerShellReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        self.header.records(block, batch, |record, line, batch| self.row(record, line, batch));
    }
}

/// Whether the beginning of a file has the look of such an export, and of which: a `#TYPE` line of the
/// Active Directory module, or its columns.
pub fn looks_like(head: &[u8]) -> Option<Format> {
    let header = Header::read(head, &SourceOptions::default())?;
    let columns: Vec<Column> = header.columns.iter().map(|name| Column::parse(name)).collect();
    let of_ad = header.exported_type.as_ref().is_some_and(|name| name.contains("ActiveDirectory"));
    let identified = header.has("DistinguishedName") || header.has("SamAccountName");
    if !of_ad && !identified || header.has("DN") {
        return None;
    }
    Some(match table(&header, &columns)? {
        Table::Users => Format::PowerShellUsers,
        Table::Groups => Format::PowerShellGroups,
        Table::Members => Format::PowerShellMembers,
    })
}

fn table(header: &Header, columns: &[Column]) -> Option<Table> {
    let has = |wanted: &[Column]| columns.iter().any(|column| wanted.contains(column));
    let exported =
        |name: &str| header.exported_type.as_ref().is_some_and(|exported| exported.ends_with(name));
    if has(&[Column::Group]) {
        return Some(Table::Members);
    }
    if exported(".ADUser") || has(&[Column::Enabled, Column::Login]) || header.has("Surname") {
        return Some(Table::Users);
    }
    let of_groups = [
        Column::GroupCategory,
        Column::GroupScope,
        Column::GroupType,
        Column::Members,
        Column::Member,
    ];
    (exported(".ADGroup") || has(&of_groups)).then_some(Table::Groups)
}
