//! `input/lost-values`: values that the exporting program put something else in the place of.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::defect::DefectKind;
use crate::model::federation::Federation;
use crate::rules::{Context, Rule};
use crate::text::{Place, SourceId};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/lost-values",
        summary: "a program wrote something else in place of values",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "`Export-Csv` writes the name of a type, \
                      `Microsoft.ActiveDirectory.Management.ADPropertyValueCollection`, in place of an \
                      attribute with several values, such as `member`: the memberships are gone. A program \
                      that writes in a code page without a letter puts `?` or the replacement character in \
                      its place, and the name is no longer the group's: Okta never sees it so. \
                      That a `?` is a lost letter is inferred from where it stands; it is a warning.",
        remediation: "Join the values in the command that exports: `Get-ADGroup -Filter * -Properties \
                      member | Select-Object Name, @{n='member';e={$_.member -join ';'}} | Export-Csv \
                      -Encoding UTF8 groups.csv`. Against `?`, export as UTF-8 (`-Encoding UTF8`) or \
                      UTF-16 (`csvde -u`).",
        references: &[
            "https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.utility/export-csv",
            "https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_calculated_properties",
            "https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2012-r2-and-2012/cc732101(v=ws.11)",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let federation = context.federation;
    let mut found: Vec<Finding> = collections(federation).collect();
    found.extend(mangled_names(federation));
    found
}

fn collections(federation: &Federation) -> impl Iterator<Item = Finding> {
    federation.defects.of(DefectKind::LostValue).filter_map(move |(source, defects)| {
        let first = defects.kept.first()?;
        let name = super::name_of(federation, source);
        let rows = super::counted(defects.count, "record", "records");
        let message = format!("{} lost values of {rows}: {}", Quoted(name), first.message);
        Some(Finding::new(&RULE.info, name, message).at(Label::new(first.place, "")))
    })
}

/// First bytes of what stands in the place of a lost letter: `?` and the replacement character.
const LOST: [u8; 2] = [b'?', 0xEF];

/// A name in which a letter was lost, and where it stands.
type Mangled<'f> = (&'f str, Place);

fn mangled_names(federation: &Federation) -> impl Iterator<Item = Finding> {
    let mut by_source: BTreeMap<SourceId, Vec<Mangled<'_>>> = BTreeMap::new();
    let directory = &federation.directory;
    let users = directory.users().map(|(_, user)| (directory.text(user.login), user.place));
    let groups = directory.groups().map(|(_, group)| (directory.text(group.name), group.place));
    let [lost, replaced] = LOST;
    let names = users.chain(groups);
    for (name, place) in
        names.filter(|(name, _)| memchr::memchr2(lost, replaced, name.as_bytes()).is_some())
    {
        if let Some(export) = federation.export_of(place)
            && is_mangled(name, export.is_table)
        {
            by_source.entry(export.source).or_default().push((name, place));
        }
    }
    by_source.into_iter().filter_map(move |(source, mut names)| {
        names.sort_by_key(|&(_, place)| place);
        let &(first, place) = names.first()?;
        let file = super::name_of(federation, source);
        // A `?` may stand in a name, the replacement character is one that was lost for certain.
        let certain = names.iter().any(|(name, _)| name.contains('\u{fffd}'));
        let (severity, lost) = if certain {
            (Severity::Error, "lost letters")
        } else {
            (Severity::Warning, "seem to have lost letters")
        };
        let message = format!(
            "names in {} {lost} to the encoding, {} of them: {}",
            Quoted(file),
            names.len(),
            super::examples(names.iter().map(|&(name, _)| name), names.len()),
        );
        Some(
            Finding::new(&RULE.info, file, message)
                .severity(severity)
                .at(Label::new(place, "").mark(first))
                .help("export again as UTF-8, or as UTF-16"),
        )
    })
}

/// Whether a letter was lost: the replacement character anywhere, `?` beside a letter in a table.
fn is_mangled(name: &str, in_table: bool) -> bool {
    let mut before = None;
    let mut letters = name.chars().peekable();
    while let Some(c) = letters.next() {
        let beside = before.into_iter().chain(letters.peek().copied()).any(char::is_alphabetic);
        if c == '\u{fffd}' || (c == '?' && in_table && beside) {
            return true;
        }
        before = Some(c);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_mark_beside_a_letter_is_a_lost_one_in_a_table_alone() {
        assert!(is_mangled("M?ller", true) && is_mangled("Zo?", true));
        assert!(!is_mangled("M?ller", false));
        assert!(!is_mangled("1 ? 2", true) && !is_mangled("Müller", true));
        assert!(is_mangled("M\u{fffd}ller", false));
    }
}
