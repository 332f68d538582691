//! What a reader's problem says happened to its source.

use std::error::Error;

use super::aws::AwsError;
use super::batch::Loss;
use super::blocks::BlockError;
use super::code;
use super::decode::StrayByte;
use super::directory;
use super::json::ElementError;
use super::load::LoadError;
use super::okta::{AppError, SettingError};
use crate::model::defect::DefectKind;
use crate::model::spoiled_account::{Float, padded};

/// What happened, and the value it happened to; `None` for what is odd and read all the same.
pub(super) fn of(error: &(dyn Error + 'static), loss: Loss) -> Option<(DefectKind, String)> {
    if let Some(AwsError::AccountId { written, .. }) = error.downcast_ref()
        && (padded(written).is_some() || Float::parse(written).is_some())
    {
        return Some((DefectKind::AccountId, written.clone()));
    }
    let kind =
        kind(error).or_else(|| directory::defect_of(error)).or_else(|| code::defect_of(error));
    let unreadable = (loss != Loss::Nothing).then_some(DefectKind::Unreadable);
    kind.or(unreadable).map(|kind| (kind, String::new()))
}

fn kind(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    if let Some(error) = error.downcast_ref() {
        return of_aws(error);
    }
    if let Some(AppError::Json(error)) = error.downcast_ref() {
        return of_element(error);
    }
    if let Some(SettingError::Twice(_)) = error.downcast_ref() {
        return Some(DefectKind::Duplicate);
    }
    if let Some(error) = error.downcast_ref() {
        return of_element(error);
    }
    error.is::<StrayByte>().then_some(DefectKind::StrayByte)
}

fn of_aws(error: &AwsError) -> Option<DefectKind> {
    match error {
        AwsError::Incomplete(_) => Some(DefectKind::Truncated),
        AwsError::Twice { .. } => Some(DefectKind::Duplicate),
        AwsError::Json(error) => of_element(error),
        _ => None,
    }
}

fn of_element(error: &ElementError) -> Option<DefectKind> {
    if error.loss == Loss::File {
        Some(DefectKind::Truncated)
    } else if error.message.starts_with("duplicate field") {
        Some(DefectKind::Duplicate)
    } else {
        None
    }
}

/// What happened to a file that could not be read to its end, and the line where reading stopped.
pub(super) const fn of_file(error: &LoadError) -> (DefectKind, u32) {
    match error {
        LoadError::Block(BlockError::Unfinished { line, .. }) => (DefectKind::Truncated, *line),
        LoadError::Block(BlockError::RecordTooLarge { line, .. }) => {
            (DefectKind::Unreadable, *line)
        }
        LoadError::Over { line, .. } => (DefectKind::Unreadable, *line),
        _ => (DefectKind::Unreadable, 0),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::sources::input::{Input, SourceOptions, Stream};
    use crate::sources::load::{Loaded, load};

    fn read(name: &str, text: &'static str) -> Loaded {
        let open = Box::new(move || Ok(Box::new(Cursor::new(text)) as Box<dyn Stream>));
        let options = SourceOptions::default();
        load(vec![Input { name: name.to_owned(), open, found: false, options }])
    }

    /// Kind, line and value of every defect.
    fn defects(name: &str, text: &'static str) -> Vec<(DefectKind, u32, String)> {
        use DefectKind::{
            AccountId, Duplicate, LostValue, Secret, StrayByte, Truncated, Unreadable,
        };
        let loaded = read(name, text);
        let federation = &loaded.federation;
        [Unreadable, Truncated, Duplicate, LostValue, StrayByte, AccountId, Secret]
            .into_iter()
            .flat_map(|kind| federation.defects.of(kind))
            .flat_map(|(_, defects)| &defects.kept)
            .map(|defect| {
                let line = federation.sources.resolve(defect.place).map_or(0, |(_, line)| line);
                (defect.kind, line, defect.value.clone())
            })
            .collect()
    }

    #[test]
    fn a_file_that_ends_inside_a_record_is_truncated_at_its_last_line() {
        let cut = "group,member,member_type\nstaff,ida,user\nstaff,\"jon,user\n";
        assert_eq!(defects("a.csv", cut)[0].0, DefectKind::Unreadable);
        let json = "{\"Accounts\": [\n{\"Id\": \"518204773960\", \"Name\": \"x\"";
        assert_eq!(defects("a.json", json), [(DefectKind::Truncated, 2, String::new())]);
        let users = "[{\"id\":\"00u1\",\"status\":\"ACTIVE\",\"profile\":{\"login\":\"a\"}},\n{\"id\":\"00u2\"";
        let found = defects("users.json", users);
        assert_eq!(found, [(DefectKind::Truncated, 2, String::new())]);
    }

    #[test]
    fn an_id_that_may_have_lost_something_is_one_and_any_other_is_unreadable() {
        let text = "{\"Accounts\": [\n{\"Id\": 12345678901},\n{\"Id\": 1.2E+11},\n{\"Id\": \"1234567890123\"}]}";
        assert_eq!(
            defects("accounts.json", text),
            [
                (DefectKind::Unreadable, 4, String::new()),
                (DefectKind::AccountId, 2, "12345678901".to_owned()),
                (DefectKind::AccountId, 3, "1.2E+11".to_owned()),
            ]
        );
    }

    #[test]
    fn a_user_may_stand_in_two_files_but_not_twice_in_one() {
        let twice = "user,status\nida,ACTIVE\njon,ACTIVE\nida,ACTIVE\n";
        assert_eq!(defects("a.csv", twice), [(DefectKind::Duplicate, 4, "ida".to_owned())]);
        let once = || Input {
            name: "a.csv".to_owned(),
            open: Box::new(|| {
                Ok(Box::new(Cursor::new("user,status\nida,ACTIVE\n")) as Box<dyn Stream>)
            }),
            found: false,
            options: SourceOptions::default(),
        };
        let loaded = load(vec![once(), Input { name: "b.csv".to_owned(), ..once() }]);
        assert_eq!(loaded.federation.defects.of(DefectKind::Duplicate).count(), 0);
    }

    #[test]
    fn pieces_of_a_ranged_list_are_no_duplicates() {
        let pieces = "dn: cn=a,dc=x\nobjectClass: group\nmember;range=0-0: cn=b,dc=x\n\n\
                      dn: cn=a,dc=x\nobjectClass: group\nmember;range=1-*: cn=c,dc=x\n";
        assert_eq!(defects("a.ldif", pieces), []);
    }

    #[test]
    fn records_and_encoding_of_a_file_are_kept() {
        let loaded = read("a.csv", "\u{feff}user,status\nida,ACTIVE\njon,ACTIVE\n");
        let [export] = loaded.federation.exports.as_slice() else { panic!("{loaded:?}") };
        assert_eq!((export.records, export.is_table), (2, true));
        assert_eq!(export.encoding, crate::model::export::TextEncoding::MarkedUtf8);
    }
}
