//! Declarations, names by example, and what is wrong with either.

use std::collections::BTreeMap;

use super::*;
use crate::mapping::analysis::compare::{Verdict, compare_grammar};
use crate::mapping::group_filter::{GroupFilter, MatchMode};
use crate::model::account::AccountId;

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn declared() -> Declaration {
    Declaration {
        template: Some("aws#{alias}#{role}#{accountid}".to_owned()),
        alias: Some("{owner}-{environment}".to_owned()),
        roles: Some(texts(&["Admin", "View*"])),
        environments: Some(texts(&["dev", "prod"])),
        owners: Some(texts(&["payments", "platform", "data"])),
        ..Declaration::default()
    }
}

fn wrong(declaration: &Declaration) -> (&'static str, Option<usize>, String) {
    let error = declaration.check().unwrap_err();
    (error.key, error.at, error.message)
}

#[test]
fn a_name_is_read_into_its_parts() {
    let grammar = declared().grammar([]).unwrap();
    let mut reader = GrammarReader::new(&grammar);
    let name = "aws#payments-prod#Viewer#123456789012";
    let read = reader.read(name).unwrap();
    let parts: Vec<(Part, &str)> =
        read.texts(name).into_iter().map(|part| (part.part, part.text)).collect();
    assert_eq!(
        parts,
        [
            (Part::Alias, "payments-prod"),
            (Part::Role, "Viewer"),
            (Part::AccountId, "123456789012"),
            (Part::Environment, "prod"),
            (Part::Owner, "payments"),
        ]
    );
    let given: BTreeMap<Part, String> =
        read.texts(name).into_iter().map(|part| (part.part, part.text.to_owned())).collect();
    assert_eq!(grammar.print(&given).as_deref(), Some(name));
}

#[test]
fn the_filter_is_what_a_person_would_write() {
    let filter = |declaration: Declaration| declaration.grammar([]).unwrap().filter().unwrap();
    assert_eq!(
        filter(declared()),
        r"^aws\#(?:payments|platform|data)-(?:dev|prod)\#(?{{role}}Admin|View[\w+=,.@\-]*)\#(?{{accountid}}\d{12})$"
    );
    assert_eq!(
        filter(Declaration { roles: Some(texts(&["Admin"])), ..Declaration::default() }),
        r"^aws\#[a-z0-9\-]+\#(?{{role}}Admin)\#(?{{accountid}}\d{12})$"
    );
    let known = Declaration { known_accounts: true, ..declared() };
    assert_eq!(known.grammar([]).unwrap().filter(), None);
    let ids = ["111111111111", "222222222222"].map(|id| AccountId::parse(id).unwrap());
    let filter = known.grammar(ids).unwrap().filter().unwrap();
    assert!(filter.ends_with(r"\#(?{{accountid}}111111111111|222222222222)$"), "{filter}");
}

#[test]
fn what_is_wrong_with_a_name_is_said_of_its_part() {
    let grammar = declared().grammar([]).unwrap();
    let mut reader = GrammarReader::new(&grammar);
    for (name, says, expected, nearest) in [
        (
            "aws#payments-prd#Admin#123456789012",
            "the environment `prd` is none of those declared",
            "`prod` or `dev`",
            Some("aws#payments-prod#Admin#123456789012"),
        ),
        (
            "aws#payment-prod#Admin#123456789012",
            "the owner `payment` is none of those declared",
            "`payments`, `platform` or `data`",
            Some("aws#payments-prod#Admin#123456789012"),
        ),
        (
            "aws#payments#Admin#123456789012",
            "the alias `payments` does not read as `{owner}-{environment}`",
            "one such as `{owner}-{environment}`",
            None,
        ),
        (
            "aws#data-dev#Admni#123456789012",
            "the role `Admni` is none of those declared",
            "`Admin` or `View*`",
            Some("aws#data-dev#Admin#123456789012"),
        ),
        (
            "aws#data-dev#Admin#12345678901",
            "the account id `12345678901` is not twelve digits",
            "twelve digits",
            None,
        ),
        (
            "aws#data-dev#Admin",
            "the name ends at byte 18, where its template goes on",
            "`#` behind the role",
            None,
        ),
        ("aws-data-dev", "the name leaves its template at byte 3 with `-`", "`#`", None),
        (
            "aws##Admin#123456789012",
            "the alias is empty",
            "one such as `{owner}-{environment}`",
            None,
        ),
        ("", "the name ends at byte 0, where its template goes on", "`aws#`", None),
    ] {
        let found = reader.deviations(name);
        let first = found.first().unwrap();
        assert_eq!((first.says().as_str(), first.expected.as_str()), (says, expected), "{name}");
        assert_eq!(reader.nearest(name, &found).as_deref(), nearest, "{name}");
    }
    assert_eq!(reader.deviations("aws#data-dev#Admin#123456789012"), []);
}

#[test]
fn several_parts_that_are_wrong_are_mended_together() {
    let grammar = declared().grammar([]).unwrap();
    let mut reader = GrammarReader::new(&grammar);
    let name = "aws#date-prd#Admn#123456789012";
    let found = reader.deviations(name);
    let parts: Vec<Option<Part>> = found.iter().map(|deviation| deviation.part).collect();
    assert_eq!(parts, [Some(Part::Owner), Some(Part::Environment), Some(Part::Role)]);
    let nearest = reader.nearest(name, &found);
    assert_eq!(nearest.as_deref(), Some("aws#data-prod#Admin#123456789012"));
}

#[test]
fn an_account_that_is_not_known_is_no_account() {
    let ids = ["111111111111", "222222222222"].map(|id| AccountId::parse(id).unwrap());
    let grammar = Declaration { known_accounts: true, ..declared() }.grammar(ids).unwrap();
    let mut reader = GrammarReader::new(&grammar);
    let found = reader.deviations("aws#data-dev#Admin#111111111112");
    assert_eq!(found[0].says(), "the account id `111111111112` is that of no known account");
    assert_eq!(found[0].nearest.as_deref(), Some("111111111111"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of declarations and what is said of each")]
fn a_declaration_that_is_wrong_says_which_key_and_why() {
    let template =
        |text: &str| Declaration { template: Some(text.to_owned()), ..Declaration::default() };
    for (declaration, key, at, message) in [
        (
            template("aws#{alais}#{role}#{accountid}"),
            "template",
            None,
            "`template` is `aws#{alais}#{role}#{accountid}`: it has no placeholder `{alais}`, expected `{alias}`",
        ),
        (
            template("aws#{alias}#{accountid}"),
            "template",
            None,
            "`template` is `aws#{alias}#{accountid}`, without `{role}`, expected one: the Group Filter captures it",
        ),
        (
            template("aws#{role}#{role}#{accountid}"),
            "template",
            None,
            "`template` has `{role}` twice, expected it once",
        ),
        (
            template("aws#{role}{accountid}"),
            "template",
            None,
            "`template` has `{role}` and `{accountid}` side by side, expected a separator between them",
        ),
        (
            template("aws-{alias}-{role}-{accountid}"),
            "template",
            None,
            "`template` is `aws-{alias}-{role}-{accountid}`, and `aws-a--a-111111111111` can be read in two ways, with \
             alias `a-` and with alias `a`: expected a separator that no part before it can hold, such as `#`",
        ),
        (
            template("aws#{role#{accountid}"),
            "template",
            None,
            "`template` is `aws#{role#{accountid}`: it has no placeholder `{role#{accountid}`, expected one of `{alias}`, \
             `{role}`, `{accountid}`, `{environment}`, `{owner}`",
        ),
        (
            template("aws#}{role}#{accountid}"),
            "template",
            None,
            "`template` is `aws#}{role}#{accountid}`: it has `}` at byte 4 with no `{` before it, expected `}}` for a brace",
        ),
        (
            Declaration { roles: Some(texts(&["Admin", "Team/Admin"])), ..Declaration::default() },
            "roles",
            Some(1),
            "`roles` has `Team/Admin`, expected letters, digits and `_+=,.@-` alone, as a role cannot hold `/`",
        ),
        (
            Declaration { aliases: Some(texts(&["Kestrel"])), ..Declaration::default() },
            "aliases",
            Some(0),
            "`aliases` has `Kestrel`, expected what an account alias may be: 3 to 63 of `a-z`, `0-9` and `-`, with no `-` \
             at an end, no two in a row, and not twelve digits",
        ),
        (
            Declaration { roles: Some(texts(&[])), ..Declaration::default() },
            "roles",
            None,
            "`roles` is empty, expected a role or no such key",
        ),
        (
            Declaration { environments: Some(texts(&["dev"])), ..Declaration::default() },
            "environments",
            None,
            "`environments` is declared, expected `{environment}` in `template`, `alias` or `role`",
        ),
        (
            Declaration { aliases: Some(texts(&["abc"])), ..declared() },
            "alias",
            None,
            "`alias` and `aliases` both say what an alias is, expected one",
        ),
        (
            Declaration { alias: Some("{owner}_{environment}".to_owned()), ..declared() },
            "alias",
            None,
            "`alias` is `{owner}_{environment}`, and an alias cannot hold `_`, expected lower-case letters, digits and \
             hyphens alone",
        ),
        (
            Declaration { environments: Some(texts(&["Dev"])), ..declared() },
            "environments",
            Some(0),
            "`environments` has `Dev`, expected lower-case letters, digits and hyphens alone, as an account alias cannot \
             hold `D`",
        ),
        (
            Declaration {
                template: Some("aws#{alias}#{owner}#{role}#{accountid}".to_owned()),
                ..declared()
            },
            "alias",
            None,
            "`alias` has `{owner}` too, beside `template`, expected it once",
        ),
    ] {
        assert_eq!(wrong(&declaration), (key, at, message.to_owned()));
    }
}

#[test]
fn a_part_may_hold_the_separator_behind_it_where_names_have_one_reading_all_the_same() {
    for text in ["aws_{accountid}_{role}", "aws_{alias}_{role}_{accountid}", "{role}-{accountid}"] {
        let declaration = Declaration { template: Some(text.to_owned()), ..Declaration::default() };
        let grammar = declaration.check().unwrap();
        let filter = GroupFilter::parse(&grammar.filter().unwrap()).unwrap();
        let compared = compare_grammar(&grammar, (&filter, MatchMode::Find));
        assert_eq!(compared.verdict, Verdict::Equivalent, "{text}");
    }
    let listed = Declaration {
        template: Some("aws-{alias}-{role}-{accountid}".to_owned()),
        aliases: Some(texts(&["kestrel-dev", "kestrel-prod"])),
        ..Declaration::default()
    };
    assert!(listed.check().is_ok());
    let both = Declaration { aliases: Some(texts(&["kestrel", "kestrel-prod"])), ..listed };
    assert!(wrong(&both).2.contains("can be read in two ways"));
}

#[test]
fn braces_and_marks_of_patterns_are_text() {
    let declaration = Declaration {
        template: Some(r"{{a.b}}\E[x]|{owner}#{role}#{accountid}^$".to_owned()),
        owners: Some(texts(&["a+b", r"c\Ed", "e#f", "g(h", "i *", "(?{{role}}x)"])),
        ..Declaration::default()
    };
    let grammar = declaration.check().unwrap();
    let filter = GroupFilter::parse(&grammar.filter().unwrap()).unwrap();
    let compared = compare_grammar(&grammar, (&filter, MatchMode::Find));
    assert_eq!(compared.verdict, Verdict::Equivalent, "{}", filter.text());
    let mut reader = GrammarReader::new(&grammar);
    for owner in ["a+b", r"c\Ed", "e#f", "g(h", "i x9", "(?{{role}}x)"] {
        let name = format!(r"{{a.b}}\E[x]|{owner}#Admin#123456789012^$");
        let read = reader.read(&name).unwrap();
        assert_eq!(read.text(&name, Part::Owner), Some(owner));
    }
}

#[test]
fn a_word_longer_than_any_role_is_refused_and_the_longest_is_not() {
    let owners = |length: usize| Declaration {
        template: Some("{owner}#{role}#{accountid}".to_owned()),
        owners: Some(vec!["x".repeat(length)]),
        ..Declaration::default()
    };
    assert!(owners(64).check().is_ok());
    assert!(wrong(&owners(65)).2.ends_with("expected at most 64 characters"));
}

/// Numbers that are spread over a range, always the same.
fn spread(at: usize, over: u64) -> u64 {
    (u64::try_from(at).unwrap() * 987_654_321_987 + 98_765_432_109) % over
}

/// A grammar of so many aliases and accounts.
fn many(aliases: usize, accounts: usize) -> NamingGrammar {
    let alias =
        |at: usize| format!("kestrel-{at}-{:04}-{}", spread(at, 9_973), ["dev", "prod"][at % 2]);
    let ids = (0..accounts).map(|at| format!("{:012}", spread(at, 999_999_999_989)));
    let ids: Vec<AccountId> = ids.map(|id| AccountId::parse(&id).unwrap()).collect();
    let declaration = Declaration {
        aliases: Some((0..aliases).map(alias).collect()),
        known_accounts: true,
        ..Declaration::default()
    };
    declaration.grammar(ids).unwrap()
}

#[test]
fn thousands_of_aliases_and_hundreds_of_accounts_are_proved() {
    for (aliases, accounts) in [(500, 500), (2_000, 300)] {
        let grammar = many(aliases, accounts);
        let text = grammar.filter().unwrap();
        let filter = GroupFilter::parse(&text).unwrap();
        for mode in [MatchMode::Find, MatchMode::Full] {
            let compared = compare_grammar(&grammar, (&filter, mode));
            assert_eq!(compared.verdict, Verdict::Equivalent);
        }
        // One digit of one id is another, somewhere in the midst of it all.
        let at = text.rfind('7').unwrap();
        let mut other = text;
        other.replace_range(at..=at, "8");
        let other = GroupFilter::parse(&other).unwrap();
        let compared = compare_grammar(&grammar, (&other, MatchMode::Find));
        assert_eq!(compared.verdict, Verdict::Different);
        assert!(compared.names.iter().all(|read| read.old.is_some() != read.new.is_some()));
    }
}
