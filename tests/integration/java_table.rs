//! `rolecall` against `java.util.regex` itself: every row of `fixtures/java-regex/table.jsonl`,
//! which `MakeTable.java` beside it makes with a JVM.

#![expect(clippy::expect_used, clippy::panic, reason = "test code")]

use rolecall::mapping::group_filter::{Engine, FilterReader, GroupFilter, MatchMode, Reading};
use serde_json::Value;

const TABLE: &str = include_str!("../../fixtures/java-regex/table.jsonl");

/// What was counted over the table.
#[derive(Debug, Default)]
struct Tally {
    rows: usize,
    decided: usize,
    refused: usize,
    wrong: Vec<String>,
    undecided: Vec<String>,
}

#[test]
fn every_decided_row_agrees_with_the_jvm_and_nearly_every_row_is_decided() {
    let mut tally = Tally::default();
    let mut filter: Option<GroupFilter> = None;
    for line in TABLE.lines().skip(1) {
        let row: Value = serde_json::from_str(line).expect("a row is JSON");
        let pattern = row["pattern"].as_str().expect("a row has a pattern");
        if row.get("error").is_some() {
            tally.refused += 1;
            match GroupFilter::parse(pattern).map(|accepted| accepted.engine()) {
                Ok(Engine::Undecidable(reason)) => {
                    tally.undecided.push(format!("{line}: {reason}"));
                }
                Ok(engine) => tally.wrong.push(format!("{line}: accepted, {engine:?}")),
                Err(_) => {}
            }
            continue;
        }
        if filter.as_ref().is_none_or(|f| f.text() != pattern) {
            filter = GroupFilter::parse(pattern)
                .map_err(|error| tally.wrong.push(format!("{line}: refused, {error}")))
                .ok();
        }
        if let Some(filter) = &filter {
            check_row(filter, &row, line, &mut tally);
        }
    }
    for line in tally.wrong.iter().take(40) {
        println!("wrong: {line}");
    }
    for line in tally.undecided.iter().take(40) {
        println!("undecided: {line}");
    }
    // In hundredths of a percent.
    let share = tally.decided * 10_000 / tally.rows;
    println!(
        "{} rows, {} answers decided ({}.{:02} %), {} patterns refused by both, {} wrong",
        tally.rows / 2,
        tally.decided,
        share / 100,
        share % 100,
        tally.refused,
        tally.wrong.len()
    );
    assert!(tally.rows >= 10_000, "the table has {} rows", tally.rows / 2);
    assert!(tally.wrong.is_empty(), "{} answers are wrong", tally.wrong.len());
    assert!(share >= 98_00, "only {share} in ten thousand answers are decided");
}

fn check_row(filter: &GroupFilter, row: &Value, line: &str, tally: &mut Tally) {
    let name = name_of(&row["name"]);
    let mut reader = filter.reader();
    for (mode, expected) in [(MatchMode::Find, &row["find"]), (MatchMode::Full, &row["full"])] {
        tally.rows += 1;
        let short = || format!("{mode:?} {}", line.chars().take(400).collect::<String>());
        match answer(&mut reader, &name, mode) {
            Err(reason) => tally.undecided.push(format!("{}: {reason}", short())),
            Ok((offsets, named)) => {
                tally.decided += 1;
                let expected: Option<Vec<i64>> =
                    serde_json::from_value(expected.clone()).expect("offsets or null");
                if offsets != expected {
                    tally.wrong.push(format!("{}: {offsets:?}", short()));
                }
                let told = ["role", "accountid"].map(|g| row.get(g).and_then(Value::as_str));
                let short_enough = named.iter().flatten().all(|text| text.len() < 1000);
                if mode == MatchMode::Find && short_enough && named != told {
                    tally.wrong.push(format!("{}: {named:?}", short()));
                }
            }
        }
    }
}

/// Offsets of all groups as the table writes them, and the captures `role` and `accountid`.
type Answer<'n> = (Option<Vec<i64>>, [Option<&'n str>; 2]);

fn answer<'n>(
    reader: &mut FilterReader<'_>,
    name: &'n str,
    mode: MatchMode,
) -> Result<Answer<'n>, String> {
    match reader.read(name, mode) {
        Reading::Undecided(reason) => Err(reason.to_string()),
        Reading::NoMatch => Ok((None, [None, None])),
        Reading::Match(captures) => {
            let mut offsets = Vec::new();
            for index in 0..=reader.group_count() {
                let (start, end) = reader.group(index).map_or((-1, -1), |range| {
                    let number = |n: usize| i64::try_from(n).expect("an offset is small");
                    (number(range.start), number(range.end))
                });
                offsets.extend([start, end]);
            }
            Ok((Some(offsets), [captures.role, captures.account_id]))
        }
    }
}

fn name_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        long => {
            let part = |key: &str| long[key].as_str().expect("a long name has its parts");
            let times = long["times"].as_u64().and_then(|n| usize::try_from(n).ok());
            let times = times.unwrap_or_else(|| panic!("a long name says how often"));
            format!("{}{}{}", part("head"), part("repeat").repeat(times), part("tail"))
        }
    }
}
