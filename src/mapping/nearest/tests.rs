use super::*;
use crate::mapping::explain::Explainer;
use crate::mapping::group_filter::{GroupFilter, MatchMode};

const GUIDE: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";
const DEFAULT: &str = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)";
const CLEAN: &str = "aws#prod#Admin#123456789012";

fn nearest_by(filter: &str, name: &str, known: &Known<'_>) -> Option<Nearest> {
    let filter = GroupFilter::parse(filter).unwrap();
    Explainer::new(&filter, MatchMode::Find).nearest(name, known)
}

fn guide(name: &str) -> Option<(String, Vec<MendKind>)> {
    let nearest = nearest_by(GUIDE, name, &Known::default())?;
    Some((nearest.name, nearest.mends.iter().map(|mend| mend.kind).collect()))
}

fn assert_mends(name: &str, clean: &str, kinds: &[MendKind]) {
    assert_eq!(guide(name), Some((clean.to_owned(), kinds.to_vec())), "{name:?}");
}

#[test]
fn one_mangling_is_one_mend_of_its_kind() {
    use MendKind::*;
    for (name, kinds) in [
        ("AWS#prod#Admin#123456789012", &[Case][..]),
        ("Aws#prod#Admin#123456789012", &[Case]),
        ("aws#prod#Admin#123456789012 ", &[SurroundingSpace]),
        ("\taws#prod#Admin#123456789012", &[SurroundingSpace]),
        (" aws#prod#Admin#123456789012\u{a0}", &[SurroundingSpace, InvisibleCharacter]),
        ("aws#prod#Ad\u{200b}min#123456789012", &[InvisibleCharacter]),
        ("\u{feff}aws#prod#Admin#123456789012", &[InvisibleCharacter]),
        ("аws#prod#Admin#123456789012", &[MixedScript]),
        ("aws＃prod#Admin#123456789012", &[MixedScript]),
        ("aws#prod#Admin#12345678901２", &[MixedScript]),
        ("aws-prod-Admin-123456789012", &[Separator, Separator, Separator]),
        ("aws_prod_Admin_123456789012", &[Separator, Separator, Separator]),
        ("aws prod Admin 123456789012", &[Separator, Separator, Separator]),
        ("aws#prod#Admin##123456789012", &[Separator]),
        ("awsprod#Admin#123456789012", &[Separator]),
        ("aws#prod#Admin123456789012", &[Separator]),
        ("aws#prod#123456789012#Admin", &[Segments]),
        ("prod#aws#Admin#123456789012", &[Segments]),
        ("aws#prod#Admin#1234-5678-9012", &[AccountDigits, AccountDigits]),
        ("aws#prod#Admin#l23456789012", &[AccountDigits]),
        ("asw#prod#Admin#123456789012", &[Typo]),
        ("as#prod#Admin#123456789012", &[Typo]),
    ] {
        assert_mends(name, CLEAN, kinds);
    }
}

fn default(name: &str, known: &Known<'_>) -> Option<String> {
    nearest_by(DEFAULT, name, known).map(|nearest| nearest.name)
}

#[test]
fn a_lost_zero_is_put_back_although_the_filter_matches_without() {
    let nearest = nearest_by(GUIDE, "aws#prod#Admin#12345678901", &Known::default()).unwrap();
    assert_eq!(nearest.name, "aws#prod#Admin#012345678901");
    assert_eq!(
        nearest.mends,
        [Mend {
            kind: MendKind::AccountDigits,
            range: 15..26,
            found: "12345678901".to_owned(),
            wanted: "012345678901".to_owned(),
        }]
    );
    assert_eq!(default("aws_2345678901_Ops", &Known::default()).unwrap(), "aws_002345678901_Ops");
}

#[test]
fn a_known_account_one_error_away_is_better_than_a_lost_zero() {
    let accounts = [AccountId::parse("123456789012").unwrap()];
    let known = Known { accounts: &accounts, ..Known::default() };
    for account in ["12345678912", "1234567889012"] {
        let name = format!("aws_{account}_Ops");
        assert_eq!(default(&name, &known).unwrap(), "aws_123456789012_Ops", "{account}");
    }
    assert_eq!(default("aws_98765432109_Ops", &known).unwrap(), "aws_098765432109_Ops");
}

#[test]
fn thirteen_digits_are_not_guessed_at() {
    assert_eq!(default("aws_1234567890123_Ops", &Known::default()), None);
}

#[test]
fn an_illegal_character_of_the_role_has_a_stand_in() {
    use MendKind::IllegalRoleCharacter;
    for (name, role) in [("Ops.Lead", "Ops_Lead"), ("Ops Lead", "Ops_Lead"), ("Réseau", "Reseau")]
    {
        let name = format!("aws#prod#{name}#123456789012");
        let clean = format!("aws#prod#{role}#123456789012");
        assert_mends(&name, &clean, &[IllegalRoleCharacter]);
    }
}

#[test]
fn a_known_role_decides_the_stand_in() {
    let known = Known { roles: &["Ops-Lead"], ..Known::default() };
    let nearest = nearest_by(GUIDE, "aws#prod#Ops.Lead#123456789012", &known).unwrap();
    assert_eq!(nearest.name, "aws#prod#Ops-Lead#123456789012");
}

#[test]
fn a_lost_separator_within_a_word_needs_something_known() {
    let name = "aws#prodAdmin#123456789012";
    assert_eq!(guide(name), None);
    let roles = Known { roles: &["Admin"], ..Known::default() };
    assert_eq!(nearest_by(GUIDE, name, &roles).unwrap().name, CLEAN);
    let aliases = Known { aliases: &["prod"], ..Known::default() };
    assert_eq!(nearest_by(GUIDE, name, &aliases).unwrap().name, CLEAN);
}

#[test]
fn other_separators_leave_the_underscores_of_the_role() {
    let nearest = nearest_by(GUIDE, "aws_prod_Ops_Lead_123456789012", &Known::default()).unwrap();
    assert_eq!(nearest.name, "aws#prod#Ops_Lead#123456789012");
}

#[test]
fn two_manglings_are_two_mends() {
    use MendKind::{Case, SurroundingSpace};
    assert_mends("AWS#prod#Admin#123456789012 ", CLEAN, &[Case, SurroundingSpace]);
}

#[test]
fn names_of_other_kinds_have_no_nearest() {
    for name in [
        "",
        "VPN Users",
        "Domain Admins",
        "aws-users",
        "AWS Administrators",
        "aws#prod#Admin",
        "gcp#prod#Admin#123456789012",
        "azure_prod_Admin_123456789012",
        "Invoice 123456789012",
        "Phone +49 151 234567890",
        "aws billing account 123456789012 (see wiki, ask Jo)",
        "backup-123456789012",
        "123456789012",
        "aws#123456789012",
        "000000000000000000000000",
        "aws-billing-123456789012",
        "aws##Admin#123456789012",
        "aws#prod##123456789012",
        "aws#prod#Admin#1.23457E+11",
    ] {
        assert_eq!(guide(name), None, "{name:?}");
        assert_eq!(default(name, &Known::default()), None, "{name:?}");
    }
}

#[test]
fn a_clean_name_has_no_nearest() {
    assert_eq!(guide(CLEAN), None);
}

#[test]
fn blemishes_are_found_whatever_the_filter() {
    use MendKind::{InvisibleCharacter, MixedScript, SurroundingSpace};
    let kinds: Vec<_> = blemishes(" p\u{200b}rоd").iter().map(|mend| mend.kind).collect();
    assert_eq!(kinds, [SurroundingSpace, InvisibleCharacter, MixedScript]);
}

mod manglings {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;

    use super::*;

    /// A clean name of the guide's form, with a legal alias.
    fn clean() -> impl Strategy<Value = (String, String, String)> {
        (
            "[a-z][a-z0-9]{2,10}(-[a-z0-9]{2,6})?",
            "[A-Z][A-Za-z0-9]{2,14}([_-][A-Z][a-z]{1,8})?",
            "[0-9]{12}",
        )
    }

    /// Ten ways to spoil a name, each with the kind it is.
    fn mangle(
        way: usize,
        seed: usize,
        alias: &str,
        role: &str,
        account: &str,
    ) -> (String, MendKind) {
        let name = format!("aws#{alias}#{role}#{account}");
        let pick = |of: &[&str]| of[seed % of.len()].to_owned();
        match way {
            0 => {
                let space = pick(&[" ", "  ", "\t"]);
                let spoilt =
                    if seed.is_multiple_of(2) { format!("{space}{name}") } else { name + &space };
                (spoilt, MendKind::SurroundingSpace)
            }
            1 => {
                let hidden =
                    pick(&["\u{200b}", "\u{feff}", "\u{200d}", "\u{ad}", "\u{202e}", "\u{2060}"]);
                let spoilt = match seed % 3 {
                    0 => format!("{hidden}{name}"),
                    1 => format!("aws#{alias}#{hidden}{role}#{account}"),
                    _ => format!("aws#{alias}#{role}#{account}{hidden}"),
                };
                (spoilt, MendKind::InvisibleCharacter)
            }
            2 => (
                name.replacen("aws", &pick(&["аws", "awѕ", "аwѕ", "ａws"]), 1),
                MendKind::MixedScript,
            ),
            3 => (name.replacen("aws", &pick(&["AWS", "Aws", "aWs"]), 1), MendKind::Case),
            4 => (
                name.replace('#', &pick(&["_", "/", "|", ":", "~", "+", " "])),
                MendKind::Separator,
            ),
            5 => (format!("aws#{alias}#{role}##{account}"), MendKind::Separator),
            6 => (format!("aws#{alias}#{account}#{role}"), MendKind::Segments),
            7 => (
                format!("aws#{alias}#{role}#{}", account.trim_start_matches('0')),
                MendKind::AccountDigits,
            ),
            8 => {
                let (head, tail) = role.split_at(2);
                let stray = pick(&[".", " ", "+", "/", "&"]);
                let role = format!("{head}{stray}{tail}");
                (format!("aws#{alias}#{role}#{account}"), MendKind::IllegalRoleCharacter)
            }
            _ => (name.replace('#', &pick(&["＃", "﹟"])), MendKind::MixedScript),
        }
    }

    #[test]
    fn ten_kinds_are_classified_and_restored() {
        let filter = GroupFilter::parse(GUIDE).unwrap();
        let mut explainer = Explainer::new(&filter, MatchMode::Find);
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let (mut tried, mut right, mut wrong) = (0, 0, Vec::new());
        for round in 0..4000_usize {
            let (alias, role, mut account) = clean().new_tree(&mut runner).unwrap().current();
            let way = round % 10;
            if way == 7 {
                account.replace_range(..2, "07");
            }
            let name = format!("aws#{alias}#{role}#{account}");
            let (spoilt, kind) = mangle(way, round / 10, &alias, &role, &account);
            tried += 1;
            let restored = match way {
                // What stood there before an illegal character is not known, that something has to is.
                8 => None,
                _ => Some(name),
            };
            let nearest = explainer.nearest(&spoilt, &Known::default());
            let good = nearest.as_ref().is_some_and(|nearest| {
                nearest.mends.iter().all(|mend| mend.kind == kind)
                    && restored.as_ref().is_none_or(|name| *name == nearest.name)
            });
            if good { right += 1 } else { wrong.push((spoilt, kind, nearest)) }
        }
        wrong.truncate(12);
        println!("{right} of {tried} manglings classified and restored");
        assert!(right * 1000 >= tried * 995, "{right} of {tried}: {wrong:#?}");
    }

    proptest! {
        #[test]
        fn every_suggestion_is_matched_by_the_filter(
            name in "(aws|AWS|аws)?[#_ -]{0,2}[a-z#_ .-]{0,8}[#_]?[A-Za-z. ]{0,8}[#_ ]?[0-9O]{8,14}[ #x]?",
            full in any::<bool>(),
        ) {
            let mode = if full { MatchMode::Full } else { MatchMode::Find };
            for filter in [GUIDE, DEFAULT] {
                let filter = GroupFilter::parse(filter).unwrap();
                if let Some(nearest) = Explainer::new(&filter, mode).nearest(&name, &Known::default()) {
                    let mut reader = filter.reader();
                    let matches = match reader.read(&nearest.name, mode) {
                        crate::mapping::group_filter::Reading::Match(captures) =>
                            captures.account_id.is_some_and(|id| AccountId::parse(id).is_ok()),
                        _ => false,
                    };
                    prop_assert!(matches, "{:?}", nearest);
                    prop_assert!(!nearest.mends.is_empty());
                    for mend in &nearest.mends {
                        prop_assert_eq!(name.get(mend.range.clone()), Some(mend.found.as_str()));
                    }
                }
            }
        }

        #[test]
        fn no_name_and_no_filter_make_it_panic(
            name in any::<String>(),
            filter in "(\\^|aws|\\\\b|#|\\\\S\\+|[a-z]?\\{1,3\\}|\\(\\?\\{\\{role\\}\\}\\\\w\\+\\)|\\(\\?=x\\)|x\\+\\+|\\(\\?\\{\\{accountid\\}\\}\\\\d\\+\\)|\\$|\\|){0,8}",
        ) {
            if let Ok(filter) = GroupFilter::parse(&filter) {
                for mode in [MatchMode::Find, MatchMode::Full] {
                    let mut explainer = Explainer::new(&filter, mode);
                    if let Some(stop) = explainer.stop(&name) {
                        prop_assert!(name.is_char_boundary(stop.at));
                    }
                    let _ = explainer.nearest(&name, &Known::default());
                }
            }
        }
    }
}

#[test]
fn a_letter_for_the_last_digit_of_a_known_account_is_one_mend() {
    let account = AccountId::parse("123456789010").unwrap();
    let known = Known { accounts: &[account], ..Known::default() };
    let nearest = nearest_by(GUIDE, "aws#prod#Admin#12345678901O", &known).unwrap();
    assert_eq!(nearest.name, "aws#prod#Admin#123456789010");
    let mends: Vec<_> = nearest.mends.iter().map(|it| (&*it.found, &*it.wanted)).collect();
    assert_eq!(mends, [("O", "0")]);
}
