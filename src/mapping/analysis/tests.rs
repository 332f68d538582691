//! What the analysis says of filters in use.

use super::*;

const GUIDE: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";
const STRICT: &str = r"^aws\#[^\#\s]+\#(?{{role}}[\w\-]{1,64})\#(?{{accountid}}\d{12})$";
const DEFAULT: &str = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)";

fn with<T>(filter: &str, ask: impl FnOnce(&Analysis<'static>) -> T) -> T {
    let filter = Box::leak(Box::new(GroupFilter::parse(filter).unwrap()));
    ask(&Analysis::new(filter, MatchMode::Find).unwrap())
}

fn part(filter: &str, range: &Range<usize>) -> String {
    filter.get(range.clone()).unwrap().to_owned()
}

#[test]
fn the_guides_filter_takes_accounts_of_any_length_and_the_strict_one_only_twelve_digits() {
    let loose = with(GUIDE, Analysis::loose_account).unwrap();
    assert_eq!(loose.account, "12345678901");
    assert_eq!(with(STRICT, Analysis::loose_account), None);
    assert_eq!(
        with("^(?{{role}}a)_(?{{accountid}}.{12})$", Analysis::loose_account)
            .unwrap()
            .account
            .len(),
        12
    );
}

#[test]
fn in_the_guides_filter_the_alias_takes_the_separator_and_the_split_stays_unambiguous() {
    let overlaps = with(GUIDE, Analysis::overlaps);
    let [overlap] = overlaps.as_slice() else { panic!("{overlaps:?}") };
    assert_eq!(part(GUIDE, &overlap.class), r"\S");
    assert_eq!((overlap.separator, overlap.captured), ('#', false));
    assert_eq!(overlap.witness.account, ACCOUNT);
    assert_eq!(with(GUIDE, Analysis::ambiguity), None);
    assert_eq!(with(STRICT, Analysis::overlaps), []);
    assert_eq!(with(STRICT, Analysis::ambiguity), None);
}

#[test]
fn a_separator_that_role_and_alias_both_take_makes_two_readings() {
    let filter = r"^aws-[a-z-]+-(?{{role}}[\w-]+)-(?{{accountid}}\d{12})$";
    let found = with(filter, Analysis::ambiguity).unwrap();
    let splits = with(filter, |analysis| analysis.splits(&found.witness.name)).unwrap();
    assert!(splits.len() > 1, "{splits:?}");
    assert!(splits.contains(&found.other), "{found:?}");
    assert_ne!(found.other.0, found.witness.role);
}

#[test]
fn anchors_are_missed_only_where_they_make_a_difference() {
    let anchors = |filter: &str| with(filter, |a| a.missing_anchors(&[])).unwrap();
    assert!(anchors(GUIDE).is_tied());
    assert!(anchors(r"^(?s).*_(?{{role}}\w+)_(?{{accountid}}\d{12}).*\z").is_tied());
    assert!(anchors(r"(?s).*_(?{{role}}\w+)_(?{{accountid}}\d{12}).*").is_tied());
    let free = anchors(DEFAULT);
    assert!(free.start.is_some() && free.end.is_some(), "{free:?}");
    let half = anchors(r"^aws_(?{{accountid}}\d{12})_(?{{role}}\w+)");
    assert!(half.start.is_none() && half.end.is_some(), "{half:?}");
    // One of two alternatives is not tied.
    let either = anchors(r"^aws_(?{{accountid}}\d{12})_(?{{role}}\w+)$|^b_.*|dev$");
    assert!(either.start.is_some() && either.end.is_none(), "{either:?}");
}

#[test]
fn real_names_are_tried_first_for_a_missing_anchor() {
    let name = "aws_418830275916_Admin";
    let anchors = with(DEFAULT, |analysis| analysis.missing_anchors(&[name])).unwrap();
    assert_eq!(anchors.start.as_deref(), Some("xaws_418830275916_Admin"));
    assert_eq!(anchors.end.as_deref(), Some("aws_418830275916_Admin#x"));
}

#[test]
fn the_characters_of_a_role_are_those_of_its_classes() {
    let characters = with(GUIDE, Analysis::role_characters);
    assert!(characters.contains(u32::from('-')) && !characters.contains(u32::from('.')));
    let found = with(r"^(?{{accountid}}\d{12})\.(?{{role}}.+)$", |analysis| {
        analysis.role_with(&CharSet::of("/"))
    });
    assert!(found.unwrap().role.contains('/'));
    assert_eq!(with(GUIDE, |analysis| analysis.role_with(&CharSet::of("/"))), None);
}

#[test]
fn a_name_for_a_role_and_an_account_is_made_where_there_is_one() {
    let made = with(GUIDE, |analysis| analysis.name_of("Admin", "418830275916")).unwrap();
    assert!(made.name.ends_with("#Admin#418830275916"), "{made:?}");
    assert_eq!(with(GUIDE, |analysis| analysis.name_of("Ops.Lead", "418830275916")), None);
    assert_eq!(with(STRICT, |analysis| analysis.name_of("Admin", "41883027591")), None);
}

#[test]
fn nested_repetition_grows_exponentially_and_the_usual_filters_do_not() {
    for filter in [
        r"^aws#(\w+)+#(?{{role}}\w+)#(?{{accountid}}\d{12})$",
        r"^(?:[a-z]|\w)*#(?{{role}}\w+)#(?{{accountid}}\d{12})$",
        r"^(?:a*)*#(?{{role}}\w+)#(?{{accountid}}\d{12})$",
        r"^(?:\w+-?)+#(?{{role}}\w+)#(?{{accountid}}\d{12})$",
    ] {
        let growth = with(filter, Analysis::growth).unwrap().unwrap();
        assert!(growth.ways > 1e6, "{filter}: {growth:?}");
    }
    for filter in [GUIDE, STRICT, DEFAULT, r"^(?:\w+-)+#(?{{role}}.*)#(?{{accountid}}\d+)#.*$"] {
        assert_eq!(with(filter, Analysis::growth), Ok(None), "{filter}");
    }
}

#[test]
fn a_loop_that_gives_nothing_back_is_not_decided() {
    let filter = r"^aws#(\w++)+#(?{{role}}\w+)#(?{{accountid}}\d{12})$";
    assert_eq!(with(filter, Analysis::growth), Err(Unclear::NothingGivenBack));
}

#[test]
fn look_around_back_references_and_clusters_are_not_reasoned_on() {
    for (filter, why) in [
        ("(?=a)b", Unclear::LookAround),
        (r"(a)\1", Unclear::BackReference),
        (r"\X", Unclear::Cluster),
        (r"\w{3000}", Unclear::TooLarge(2_000)),
    ] {
        let filter = GroupFilter::parse(filter).unwrap();
        assert_eq!(Analysis::new(&filter, MatchMode::Find).unwrap_err(), why);
    }
}

#[test]
fn every_split_of_a_name_is_found() {
    let splits =
        with(r"^(?{{role}}[a-z-]+)-(?{{accountid}}[a-z-]+)$", |a| a.splits("a-b-c")).unwrap();
    let expected = [("a", "b-c"), ("a-b", "c")].map(|(r, a)| (r.to_owned(), a.to_owned()));
    assert_eq!(splits, expected);
}
