//! What a reader's problem says happened to its source.

use std::error::Error;

use super::aws::AwsError;
use super::batch::Loss;
use super::blocks::BlockError;
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
    let kind = kind(error).or_else(|| directory::defect_of(error));
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
        _ => (DefectKind::Unreadable, 0),
    }
}
