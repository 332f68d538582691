//! Group Filters of naming grammars beside `java.util.regex` itself: `fixtures/java-regex/naming-answers.tsv`,
//! which `MakeNaming.java` beside it makes with a JVM from the filters and names that stand here.
#![expect(clippy::disallowed_methods, reason = "tests read files and the environment")]

use std::fmt::Write as _;
use std::fs;

use rolecall::config::Config;
use rolecall::mapping::grammar::{GrammarReader, NamingGrammar, Part};
use rolecall::mapping::group_filter::{GroupFilter, MatchMode, Reading};
use rolecall::model::account::AccountId;

use crate::support::fixtures;

/// Tables `[naming]`, each with names that obey.
const GRAMMARS: [(&str, &[&str]); 20] = [
    ("roles = [\"Admin\"]", &["aws#kestrel-prod#Admin#123456789012"]),
    (
        "template = \"aws_{accountid}_{role}\"",
        &["aws_123456789012_Ops_Lead", "aws_123456789012_a.b+c=d,e@f-g"],
    ),
    (
        "template = \"aws_{alias}_{role}_{accountid}\"",
        &["aws_kestrel_Ops_1_123456789012", "aws_a-b_123456789012_999999999999"],
    ),
    ("template = \"{role}-{accountid}\"", &["Ops-Lead-123456789012", "-----123456789012"]),
    (
        "aliases = [\"kestrel-*\"]\nroles = [\"Admin\", \"View*\"]",
        &["aws#kestrel-#View#123456789012", "aws#kestrel-x-y#Viewer#123456789012"],
    ),
    (
        "aliases = [\"*-prod\", \"kes*-d*v\"]",
        &["aws#kestrel-prod#A#123456789012", "aws#kestrel-dev#A#123456789012"],
    ),
    (
        "alias = \"{owner}-{environment}\"\nowners = [\"payments\", \"data-platform\"]\nenvironments = [\"dev\", \"prod\"]",
        &["aws#data-platform-dev#Admin#123456789012", "aws#payments-prod#Admin#123456789012"],
    ),
    (
        "alias = \"{environment}-*\"\nenvironments = [\"d\", \"dev\", \"prod\"]",
        &["aws#d-ev-x#Admin#123456789012", "aws#dev-x#Admin#123456789012"],
    ),
    ("role = \"{owner}_*\"", &["aws#kestrel#Team1_Admin_x#123456789012"]),
    (
        "role = \"T-{owner}.{environment}\"\nowners = [\"a\", \"a.b\"]\nenvironments = [\"c\", \"b.c\"]\ntemplate = \"{role}#{accountid}\"",
        &[],
    ),
    (
        "template = \"{environment}/{owner}/{role}/{accountid}\"\nowners = [\"a+b\", \"c.d\", \"e\\\\E\", \"(f\", \"g|h\"]",
        &[
            "dev/a+b/Admin/123456789012",
            "dev/e\\E/Admin/123456789012",
            "dev/(f/Admin/123456789012",
            "dev/g|h/Admin/123456789012",
        ],
    ),
    ("template = \"{{x}}.{role}$^{accountid}[]\"", &["{x}.Admin$^123456789012[]"]),
    ("template = \"\\\\Q{role}\\\\E{accountid}\"", &["\\QAdmin\\E123456789012"]),
    ("template = \"AWS {role} ({accountid})\"", &["AWS Admin (123456789012)"]),
    ("template = \"ä😀#{role}#{accountid}\"", &["ä😀#Admin#123456789012"]),
    (
        "accounts = \"known\"",
        &[
            "aws#kestrel#Admin#123456789012",
            "aws#kestrel#Admin#123456780000",
            "aws#kestrel#Admin#999999999999",
        ],
    ),
    (
        "template = \"aws-{alias}-{role}-{accountid}\"\naliases = [\"kestrel-dev\", \"kestrel-prod\"]",
        &["aws-kestrel-dev-Ops-1-123456789012"],
    ),
    (
        "roles = [\"Admin\", \"AdminX\", \"Ad\", \"A.B\", \"A+B\"]",
        &[
            "aws#abc#Ad#123456789012",
            "aws#abc#AdminX#123456789012",
            "aws#abc#A.B#123456789012",
            "aws#abc#A+B#123456789012",
        ],
    ),
    (
        "MANY",
        &[
            "aws#k07-prod#Admin#123456789012",
            "aws#k1x#Admin#123456789012",
            "aws#k42#Admin#123456789012",
        ],
    ),
    (
        "template = \"{accountid}#{role}#{owner}\"\nowners = [\"x#y\", \"z\"]",
        &["123456789012#Admin#x#y", "123456789012#Admin#z"],
    ),
];

const ACCOUNTS: [&str; 3] = ["123456789012", "123456780000", "999999999999"];

fn grammars() -> Vec<(NamingGrammar, &'static [&'static str])> {
    let many: Vec<String> = (0..60)
        .map(|at| if at % 3 == 0 { format!("\"k{at:02}\"") } else { format!("\"k{at:02}-prod\"") })
        .collect();
    let many = format!("aliases = [\"k1x\", {}]", many.join(", "));
    let mut found = Vec::new();
    for (table, names) in GRAMMARS {
        let table = if table == "MANY" { many.as_str() } else { table };
        let text = format!("[naming]\n{table}\n");
        let known = ACCOUNTS.map(|id| AccountId::parse(id).unwrap());
        match Config::parse(&text) {
            Ok(config) => found.push((config.naming.grammar(known).unwrap(), names)),
            // It stands here because it is refused: `T-a.b.c` has two readings.
            Err(error) => {
                assert!(error.message.contains("two ways") && names.is_empty(), "{text}: {error}");
            }
        }
    }
    found
}

/// A name and others that are almost it.
fn around(name: &str) -> Vec<String> {
    let mut all = vec![name.to_owned(), format!("x{name}"), format!("{name}x"), format!("{name} ")];
    all.extend([
        name.to_uppercase(),
        name.replacen('#', "##", 1),
        name.replacen("Admin", "Admín", 1),
    ]);
    let places: Vec<usize> = name.char_indices().map(|(at, _)| at).collect();
    for (number, &at) in places.iter().enumerate() {
        let (head, tail) = name.split_at(at);
        let mut rest = tail.chars();
        let c = rest.next().unwrap();
        match number % 4 {
            0 => all.push(format!("{head}{}", rest.as_str())),
            1 => all.push(format!("{head}-{tail}")),
            2 => all.push(format!("{head}.{}", rest.as_str())),
            _ => all.push(format!("{head}{c}{c}{}", rest.as_str())),
        }
    }
    all.sort();
    all.dedup();
    all
}

/// The filters and names of `naming.tsv`.
fn asked() -> String {
    let mut text = String::new();
    for (grammar, names) in grammars() {
        writeln!(text, "F\t{}", grammar.filter().unwrap()).unwrap();
        for name in names.iter().flat_map(|name| around(name)) {
            assert!(!name.contains(['\t', '\n']));
            writeln!(text, "N\t{name}").unwrap();
        }
    }
    text
}

#[test]
fn a_jvm_reads_names_with_the_filter_of_a_grammar_as_the_grammar_does() {
    let folder = fixtures().join("java-regex");
    let text = asked();
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(folder.join("naming.tsv"), &text).unwrap();
    }
    let kept = fs::read_to_string(folder.join("naming.tsv")).unwrap_or_default();
    assert!(
        kept == text,
        "fixtures/java-regex/naming.tsv is stale: run `UPDATE_DOCS=1 cargo test`, then MakeNaming.java"
    );
    let answers = fs::read_to_string(folder.join("naming-answers.tsv")).unwrap();
    let mut lines = answers.lines().skip(1);
    let (mut matched, mut rows) = (0, 0);
    for (grammar, names) in grammars() {
        let filter = GroupFilter::parse(&grammar.filter().unwrap()).unwrap();
        assert_eq!(
            lines.next(),
            Some(format!("F\t{}", filter.text()).as_str()),
            "run MakeNaming.java"
        );
        let (mut reader, mut engine) = (GrammarReader::new(&grammar), filter.reader());
        for name in names.iter().flat_map(|name| around(name)) {
            let read = reader.read(&name).map_or("-".to_owned(), |read| {
                let part = |part| read.text(&name, part).unwrap();
                format!("{} {}", part(Part::Role), part(Part::AccountId))
            });
            let mut engine = |mode| match engine.read(&name, mode) {
                Reading::Match(it) => format!("{} {}", it.role.unwrap(), it.account_id.unwrap()),
                Reading::NoMatch => "-".to_owned(),
                Reading::Undecided(why) => panic!("{why}"),
            };
            assert_eq!(
                [engine(MatchMode::Find), engine(MatchMode::Full)],
                [read.clone(), read.clone()]
            );
            assert_eq!(
                lines.next(),
                Some(format!("N\t{name}\t{read}\t{read}").as_str()),
                "{}",
                filter.text()
            );
            rows += 1;
            matched += usize::from(read != "-");
        }
        assert!(names.iter().all(|name| reader.read(name).is_some()), "{}", filter.text());
    }
    assert_eq!(lines.next(), None);
    assert!(rows > 700 && matched > 100, "{rows} names, {matched} of them obey");
}
