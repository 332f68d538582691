//! Whatever is declared: reader, filter and automaton of a grammar read every name alike.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::mapping::analysis::compare::{Verdict, compare_grammar, grammar_witness};
use crate::mapping::group_filter::{GroupFilter, MatchMode, Reading};
use crate::model::account::AccountId;

fn some(
    choices: &'static [&'static str],
    most: usize,
) -> impl Strategy<Value = Option<Vec<String>>> {
    let one = prop::sample::select(choices).prop_map(str::to_owned);
    prop::option::of(prop::collection::vec(one, 1..=most))
}

/// Declarations like those in use, with every part varied; some are refused.
fn declaration() -> impl Strategy<Value = Declaration> {
    let template = prop::sample::select(vec![
        "aws#{alias}#{role}#{accountid}",
        "aws_{accountid}_{role}",
        "aws-{alias}-{role}-{accountid}",
        "{environment}.{alias}.{role}.{accountid}",
        "{owner}/{environment}/{role}/{accountid}",
        "{{x}} {role} ({accountid})",
        r"a.b\E{role}+{accountid}$",
        "ä#{role}#{accountid}#{alias}",
        "{role}-{accountid}-{owner}",
        "{accountid}{{{role}}}",
    ]);
    let alias = prop::option::of(prop::sample::select(vec![
        "{owner}-{environment}",
        "kestrel-{environment}",
        "{environment}-*",
        "x{owner}",
    ]));
    let role =
        prop::option::of(prop::sample::select(vec!["{owner}_*", "{environment}.{owner}", "T-*"]));
    let lists = (
        some(&["kestrel-*", "kestrel-prod", "abc", "a1-b2", "*-dev", "x*y*z"], 3),
        some(&["Admin", "View*", "*Only", "a.b", "Ops+x", "A*B*C", "*"], 4),
        some(&["dev", "prod", "prod-eu", "p*", "d"], 3),
        some(&["payments", "data-*", "a", "team1"], 3),
    );
    (template, alias, role, lists, any::<bool>()).prop_map(
        |(template, alias, role, (aliases, roles, environments, owners), known_accounts)| {
            let is_used = |part: &str| {
                [Some(template), alias, role].into_iter().flatten().any(|text| text.contains(part))
            };
            let alias = alias.filter(|_| template.contains("{alias}"));
            let when = |list: Option<Vec<String>>, used: bool| list.filter(|_| used);
            Declaration {
                template: Some(template.to_owned()),
                aliases: when(aliases, alias.is_none() && template.contains("{alias}")),
                roles: when(roles, role.is_none()),
                environments: when(environments, is_used("{environment}")),
                owners: when(owners, is_used("{owner}")),
                alias: alias.map(str::to_owned),
                role: role.map(str::to_owned),
                known_accounts,
            }
        },
    )
}

const ACCOUNTS: [&str; 3] = ["123456789012", "123456780000", "999999999999"];

fn grammar() -> impl Strategy<Value = NamingGrammar> {
    let known = || ACCOUNTS.map(|id| AccountId::parse(id).unwrap());
    declaration().prop_filter_map("refused", move |declared| declared.grammar(known()))
}

/// A word for each part, mostly one that may be there.
fn words() -> impl Strategy<Value = BTreeMap<Part, String>> {
    let one =
        |choices: &'static [&'static str]| prop::sample::select(choices).prop_map(str::to_owned);
    (
        one(&["kestrel-prod", "kestrel-x", "abc", "a1-b2", "q-dev", "x1y2z", "a-", "--"]),
        one(&["Admin", "Viewer", "ReadOnly", "a.b", "Ops+x", "AxBC", "T-x", "-", "_"]),
        one(&["123456789012", "123456780000", "999999999999", "12345678901", "000000000000"]),
        one(&["dev", "prod", "prod-eu", "pq", "d", "X"]),
        one(&["payments", "data-x", "a", "team1", "Z9"]),
    )
        .prop_map(|(alias, role, id, environment, owner)| {
            BTreeMap::from([
                (Part::Alias, alias),
                (Part::Role, role),
                (Part::AccountId, id),
                (Part::Environment, environment),
                (Part::Owner, owner),
            ])
        })
}

/// A name of a template, changed or not; a `*` within a part is one letter.
fn name(
    grammar: &NamingGrammar,
    words: &BTreeMap<Part, String>,
    edit: (u8, usize, char),
) -> String {
    let leaves = grammar.leaves();
    let word = |leaf: &Leaf<'_>| match (leaf.what, leaf.inner.or(leaf.outer)) {
        (What::Text(text), _) => text.to_owned(),
        (What::Words(_), Some(part)) => words.get(&part).cloned().unwrap_or_default(),
        (What::Words(_), None) => "m".to_owned(),
    };
    let mut letters: Vec<char> = leaves.iter().map(word).collect::<String>().chars().collect();
    let (kind, at, c) = edit;
    let at = at % (letters.len() + 1);
    match kind {
        0 => letters.insert(at, c),
        1 if at < letters.len() => drop(letters.remove(at)),
        2 if at < letters.len() => letters[at] = c,
        3 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => {}
    }
    letters.into_iter().collect()
}

fn edit() -> impl Strategy<Value = (u8, usize, char)> {
    let letters: Vec<char> = "a1A_-#.@ /:+=,!xé\u{1F600}$({".chars().collect();
    (0_u8..8, 0_usize..60, prop::sample::select(letters))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_filter_reads_every_name_as_the_grammar_does(
        grammar in grammar(),
        tries in prop::collection::vec((words(), edit()), 24),
        others in prop::collection::vec("[a-c1A_#.\\-]{0,14}", 6),
    ) {
        let filter = GroupFilter::parse(&grammar.filter().unwrap()).unwrap();
        let mut reader = GrammarReader::new(&grammar);
        let mut engine = filter.reader();
        let made = tries.iter().map(|(words, edit)| name(&grammar, words, *edit));
        for name in made.chain(others) {
            let own = grammar_witness(&mut reader, &name).map(|own| (own.role, own.account));
            for mode in [MatchMode::Find, MatchMode::Full] {
                let read = match engine.read(&name, mode) {
                    Reading::Match(captures) => Some((
                        captures.role.unwrap().to_owned(),
                        captures.account_id.unwrap().to_owned(),
                    )),
                    Reading::NoMatch => None,
                    Reading::Undecided(why) => panic!("{why}"),
                };
                prop_assert_eq!(&own, &read, "{} {:?}", filter.text(), &name);
            }
            // What is wrong is said of every name that is not read, and of no other.
            let wrong = reader.deviations(&name);
            prop_assert_eq!(own.is_none(), !wrong.is_empty(), "{:?}", &name);
            for deviation in &wrong {
                prop_assert_eq!(name.get(deviation.range.clone()), Some(deviation.found.as_str()));
                prop_assert!(!deviation.expected.is_empty(), "{:?} {:?}", &name, deviation);
            }
            if let Some(near) = reader.nearest(&name, &wrong) {
                prop_assert!(reader.read(&near).is_some());
            }
        }
    }

    #[test]
    fn what_is_printed_is_read_back(grammar in grammar(), words in words()) {
        let Some(name) = grammar.print(&words) else { return Ok(()) };
        let leaves = grammar.leaves();
        let given: Vec<(Part, &Words, &String)> = leaves
            .iter()
            .filter_map(|leaf| match (leaf.what, leaf.inner.or(leaf.outer)) {
                (What::Words(may_be), Some(part)) => Some((part, may_be, &words[&part])),
                _ => None,
            })
            .collect();
        let mut reader = GrammarReader::new(&grammar);
        let read = reader.read(&name);
        // What a part may not be can still be read, as other parts.
        if given.iter().all(|(_, may_be, word)| may_be.admits(word)) {
            let read = read.unwrap();
            for (part, _, word) in given {
                prop_assert_eq!(read.text(&name, part), Some(word.as_str()), "{:?}", part);
            }
        }
    }

    #[test]
    fn automaton_and_filter_are_equivalent_until_one_byte_of_the_filter_is_another(
        grammar in grammar(),
        at in any::<prop::sample::Index>(),
        letter in prop::sample::select(vec!['a', 'B', '5', '-', '+', '*', '.', '|', '?']),
        remove in any::<bool>(),
    ) {
        let text = grammar.filter().unwrap();
        let filter = GroupFilter::parse(&text).unwrap();
        for mode in [MatchMode::Find, MatchMode::Full] {
            let compared = compare_grammar(&grammar, (&filter, mode));
            prop_assert_eq!(&compared.verdict, &Verdict::Equivalent, "{} {:?}", &text, compared.names);
        }
        let mut other: Vec<char> = text.chars().collect();
        let at = at.index(other.len());
        if remove { other.remove(at); } else { other[at] = letter; }
        let other: String = other.into_iter().collect();
        let Ok(other) = GroupFilter::parse(&other) else { return Ok(()) };
        let mode = MatchMode::Find;
        let compared = compare_grammar(&grammar, (&other, mode));
        let mut reader = GrammarReader::new(&grammar);
        let mut engine = other.reader();
        for shown in &compared.names {
            let own = grammar_witness(&mut reader, &shown.name);
            prop_assert_eq!(&own, &shown.old);
            let reading = engine.read(&shown.name, mode);
            prop_assert_eq!(matches!(reading, Reading::Match(_)), shown.new.is_some());
            prop_assert!(shown.old != shown.new);
        }
        prop_assert_eq!(compared.names.is_empty(), compared.verdict != Verdict::Different);
        // A filter that captures less cannot be the same.
        if !(other.has_capture("role") && other.has_capture("accountid")) {
            prop_assert!(compared.verdict != Verdict::Equivalent, "{}", other.text());
        }
    }
}
