//! `input/stale-export`: exports of long ago, or of different times.

use crate::finding::{Finding, Label, Quoted, RuleInfo, RuleOption, Severity};
use crate::model::federation::Federation;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::SourceId;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/stale-export",
        summary: "an export is old, or two exports are of different times",
        severity: Severity::Warning,
        on: false,
        follows: &[],
        options: &[
            RuleOption { name: "max_days", default: 30, meaning: "days an export may be old" },
            RuleOption {
                name: "max_hours_apart",
                default: 72,
                meaning: "hours between the oldest export and the newest",
            },
        ],
        since: "0.1.0",
        explanation: "Answers are as old as the exports they come from: who left last week is still in \
                      last month's file. Two exports of different days disagree about everybody who joined \
                      or left between them, and the differences look like mistakes. The day comes from the \
                      file's name where it holds one (`groups-2026-11-24.csv`), otherwise from when the \
                      file was last changed, which a checkout or a copy sets anew.",
        remediation: "Export everything again in one run. How old is too old, and how far apart, is set \
                      with `max_days` and `max_hours_apart`.",
        references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"],
    },
    check,
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let federation = context.federation;
    let dated = dated(federation);
    let now = context.settings.at;
    if dated.len() < 2 && (dated.is_empty() || now.is_none()) {
        return Err(CannotCheck("nothing says when the exports were made".to_owned()));
    }
    let max_days = context.settings.number(&RULE.info, "max_days");
    let max_hours = context.settings.number(&RULE.info, "max_hours_apart");
    let old = now.and_then(|now| too_old(federation, &dated, (now, max_days)));
    Ok(old.into_iter().chain(too_far_apart(federation, &dated, max_hours)).collect())
}

/// The exports of which it is known when they were made, the oldest first.
fn dated(federation: &Federation) -> Vec<(i64, SourceId)> {
    let mut dated: Vec<_> = federation
        .exports
        .iter()
        .filter_map(|export| {
            let name = super::name_of(federation, export.source);
            Some((export.time(name)?, export.source))
        })
        .collect();
    dated.sort_unstable();
    dated
}

fn too_old(
    federation: &Federation,
    dated: &[(i64, SourceId)],
    (now, max_days): (i64, i64),
) -> Option<Finding> {
    let limit = now.saturating_sub(max_days.saturating_mul(DAY));
    let old = dated.get(..dated.partition_point(|&(made, _)| made < limit))?;
    let &(made, oldest) = old.first()?;
    let names = old.iter().map(|&(_, source)| super::name_of(federation, source));
    let message = format!(
        "{} older than {max_days} days, the oldest {} days: {}",
        super::counted(old.len(), "export is", "exports are"),
        now.saturating_sub(made) / DAY,
        super::examples(names, old.len()),
    );
    let name = super::name_of(federation, oldest);
    Some(
        Finding::new(&RULE.info, name, message)
            .at(Label::new(super::top_of(federation, oldest), ""))
            .help("export again"),
    )
}

fn too_far_apart(
    federation: &Federation,
    dated: &[(i64, SourceId)],
    max_hours: i64,
) -> Option<Finding> {
    let (&(first, oldest), &(last, newest)) = (dated.first()?, dated.last()?);
    let hours = last.saturating_sub(first) / HOUR;
    if last.saturating_sub(first) <= max_hours.saturating_mul(HOUR) {
        return None;
    }
    let name = super::name_of(federation, oldest);
    let message = format!(
        "{} was made {hours} hours before {}, expected at most {max_hours} hours between exports",
        Quoted(name),
        Quoted(super::name_of(federation, newest)),
    );
    Some(
        Finding::new(&RULE.info, name, message)
            .at(Label::new(super::top_of(federation, oldest), ""))
            .related(Label::new(super::top_of(federation, newest), "the newest export"))
            .help("export everything again in one run"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::settings::MappingError;
    use crate::model::export::{Export, TextEncoding};
    use crate::rules::settings::Settings;

    fn messages(made: &[Option<i64>], at: Option<i64>) -> Result<Vec<String>, CannotCheck> {
        let mut federation = Federation::default();
        for (number, &made) in made.iter().enumerate() {
            let next = u32::try_from(number * 10).unwrap();
            let source = federation.sources.add(format!("{number}.csv"), next);
            federation.exports.push(Export {
                source,
                is_table: true,
                encoding: TextEncoding::Utf8,
                made,
                records: 0,
                page_limits: &[],
                member_limits: &[],
            });
        }
        let error = MappingError::NoFilter;
        let settings = Settings { at, ..Settings::default() };
        let context = Context::new(&federation, Err(&error), &settings);
        check(&context).map(|found| found.into_iter().map(|finding| finding.message).collect())
    }

    #[test]
    fn an_export_is_old_from_the_day_after_the_last_allowed_one() {
        assert_eq!(messages(&[Some(DAY)], Some(31 * DAY)), Ok(vec![]));
        assert_eq!(
            messages(&[Some(DAY), Some(DAY)], Some(32 * DAY)),
            Ok(vec![
                "2 exports are older than 30 days, the oldest 31 days: `0.csv`, `1.csv`".to_owned()
            ])
        );
    }

    #[test]
    fn exports_may_be_three_days_apart() {
        assert_eq!(messages(&[Some(DAY), Some(4 * DAY)], None), Ok(vec![]));
        let apart = messages(&[Some(5 * DAY), None, Some(DAY)], None).unwrap();
        assert!(apart[0].starts_with("`2.csv` was made 96 hours before `0.csv`"), "{apart:?}");
    }

    #[test]
    fn without_times_nothing_can_be_said() {
        assert!(messages(&[None, None], Some(DAY)).is_err());
        assert!(messages(&[Some(DAY)], None).is_err());
    }
}
