//! The time of a run: what `--at` says, or the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use super::CliError;
use crate::model::moment::Moment;
use crate::text::Shown;

/// The time given, or now.
pub(crate) fn at(given: Option<&str>) -> Result<Moment, CliError> {
    let Some(text) = given else { return Ok(now()) };
    Moment::parse(text).ok_or_else(|| {
        CliError::Message(format!(
            "`--at {}`, expected a date such as `2026-11-24` or a time such as `2026-11-24T10:00:00Z`",
            Shown(text)
        ))
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_or_a_date_and_time_and_without_one_it_is_now() {
        assert_eq!(at(Some("2026-11-24")).unwrap(), Moment(1_795_478_400));
        assert_eq!(at(Some("2026-11-24T00:00:01Z")).unwrap(), Moment(1_795_478_401));
        let error = at(Some("tomorrow")).unwrap_err().to_string();
        assert!(error.starts_with("`--at tomorrow`, expected a date"), "{error}");
        // After this was written.
        assert!(at(None).unwrap() > Moment(1_790_000_000));
    }
}
