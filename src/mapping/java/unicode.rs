//! Unicode 13, the version Java 17 carries: properties, simple case mappings, blocks, scripts.

use std::sync::OnceLock;

use regex_syntax::hir::{Class, HirKind};

use super::class::CharSet;

/// The code points `\p{query}` has in Unicode, less those younger than Unicode 13.
/// `None` when the tables do not know the property.
pub(super) fn property(query: &str) -> Option<CharSet> {
    let set = raw(query)?.intersection(assigned());
    Some(CHANGED.iter().filter(|change| change.0 == query).fold(set, |set, change| {
        let points = CharSet::from_ranges(change.2.to_vec());
        if change.1 { set.union(&points) } else { set.difference(&points) }
    }))
}

/// Where the tables read here, of a later Unicode, differ from Unicode 13 on characters that has:
/// property, whether Unicode 13 has the characters, the characters.
const CHANGED: &[(&str, bool, &[(u32, u32)])] = &[
    ("Mn", true, &[(0x1734, 0x1734), (0x1_171E, 0x1_171E)]),
    ("Mc", false, &[(0x1734, 0x1734), (0x1_171E, 0x1_171E)]),
    ("Lowercase", false, &[(0x10FC, 0x10FC), (0xAB69, 0xAB69)]),
    (
        "Alphabetic",
        false,
        &[(0x363, 0x36F), (0xC04, 0xC04), (0xF82, 0xF83), (0x1DD3, 0x1DE6), (0x1_1080, 0x1_1081)],
    ),
    ("Bidi_Mirrored", false, &[(0x226D, 0x226D)]),
    ("script=Zyyy", true, &[(0x1_6FE2, 0x1_6FE3)]),
    ("script=Hani", false, &[(0x1_6FE2, 0x1_6FE3)]),
];

/// The code points assigned in Unicode 13.
pub(super) fn assigned() -> &'static CharSet {
    static ASSIGNED: OnceLock<CharSet> = OnceLock::new();
    ASSIGNED.get_or_init(|| {
        let aged = raw("age=13.0").unwrap_or_default();
        let noncharacters = CharSet::range(0xFDD0, 0xFDEF).union(&CharSet::from_ranges(
            (0..=16).map(|plane| (plane << 16 | 0xFFFE, plane << 16 | 0xFFFF)).collect(),
        ));
        aged.difference(&noncharacters).union(&surrogates())
    })
}

/// The code points on which Java releases can differ: those newer Unicode versions have assigned
/// or given another property since.
pub(super) fn contested() -> &'static CharSet {
    static CONTESTED: OnceLock<CharSet> = OnceLock::new();
    CONTESTED.get_or_init(|| {
        let younger = raw("Assigned").unwrap_or_default().difference(assigned());
        let changed = CHANGED.iter().flat_map(|change| change.2.iter().copied());
        younger.union(&CharSet::from_ranges(changed.collect()))
    })
}

/// The surrogate code points, which no name holds whole.
pub(super) fn surrogates() -> CharSet {
    CharSet::range(0xD800, 0xDFFF)
}

fn raw(query: &str) -> Option<CharSet> {
    let hir = regex_syntax::Parser::new().parse(&format!("\\p{{{query}}}")).ok()?;
    let ranges = match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect()
        }
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0)
            .ok()?
            .chars()
            .map(|c| (u32::from(c), u32::from(c)))
            .collect(),
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect()
        }
        _ => return None,
    };
    Some(CharSet::from_ranges(ranges))
}

/// Java's `Character.toUpperCase(int)`: the simple mapping.
pub(super) fn upper(code_point: u32) -> u32 {
    let Some(c) = char::from_u32(code_point) else { return code_point };
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => of_this_version(code_point, u32::from(single)),
        // Where the full mapping is longer, these alone have a simple one.
        _ => match code_point {
            0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => code_point + 8,
            0x1FB3 | 0x1FC3 | 0x1FF3 => code_point + 9,
            _ => code_point,
        },
    }
}

/// Java's `Character.toLowerCase(int)`: the simple mapping.
pub(super) fn lower(code_point: u32) -> u32 {
    if code_point == 0x130 {
        return u32::from('i');
    }
    let Some(c) = char::from_u32(code_point) else { return code_point };
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => of_this_version(code_point, u32::from(single)),
        _ => code_point,
    }
}

/// Java's fold for `(?iu)`: the lower case of the upper case.
pub(super) fn fold(code_point: u32) -> u32 {
    lower(upper(code_point))
}

fn of_this_version(from: u32, to: u32) -> u32 {
    if from == to
        || (from < 128 && to < 128)
        || (assigned().contains(from) && assigned().contains(to))
    {
        to
    } else {
        from
    }
}

/// Every code point whose fold or upper case is another one, with its upper case and its fold.
fn cased() -> &'static [(u32, u32, u32)] {
    static CASED: OnceLock<Vec<(u32, u32, u32)>> = OnceLock::new();
    CASED.get_or_init(|| {
        (0..0x1_F000)
            .map(|c| (c, upper(c), fold(c)))
            .filter(|&(c, upper, fold)| upper != c || fold != c)
            .collect()
    })
}

/// The code points whose fold is `folded`, and `folded` itself.
pub(super) fn with_fold(folded: u32) -> CharSet {
    let members = cased().iter().filter(|e| e.2 == folded).map(|e| (e.0, e.0));
    CharSet::from_ranges(members.chain([(folded, folded)]).collect())
}

/// The code points that are in the range, or whose upper case or fold is.
pub(super) fn with_case_in_range(first: u32, last: u32) -> CharSet {
    let range = first..=last;
    let members = cased()
        .iter()
        .filter(|(_, upper, fold)| range.contains(upper) || range.contains(fold))
        .map(|e| (e.0, e.0));
    CharSet::from_ranges(members.chain([(first, last)]).collect())
}

/// The block of this name in any spelling Java takes: its identifier (`LATIN_EXTENDED_A`), its
/// Unicode name (`Latin Extended-A`), or that without spaces; case does not matter.
pub(super) fn block(name: &str) -> Option<CharSet> {
    let wanted = name.to_uppercase();
    let canonical = match wanted.as_str() {
        "GREEK AND COPTIC" | "GREEKANDCOPTIC" => "GREEK",
        "COMBINING DIACRITICAL MARKS FOR SYMBOLS" | "COMBININGDIACRITICALMARKSFORSYMBOLS" => {
            "COMBINING_MARKS_FOR_SYMBOLS"
        }
        "CYRILLIC SUPPLEMENT" | "CYRILLICSUPPLEMENT" => "CYRILLIC_SUPPLEMENTARY",
        other => other,
    };
    include_str!("blocks.txt").lines().find_map(|line| {
        let mut fields = line.splitn(3, ' ');
        let first = u32::from_str_radix(fields.next()?, 16).ok()?;
        let last = u32::from_str_radix(fields.next()?, 16).ok()?;
        let spelled = fields.next()?;
        let same = spelled == canonical
            || spelled.replace([' ', '-'], "_") == canonical
            || spelled.replace(' ', "") == canonical;
        same.then(|| CharSet::range(first, last))
    })
}

/// The script of this name: Java's identifier or the four-letter code; case does not matter.
pub(super) fn script(name: &str) -> Option<CharSet> {
    let wanted = name.to_uppercase();
    let (_, code) = include_str!("scripts.txt")
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(full, code)| *full == wanted || code.eq_ignore_ascii_case(&wanted))?;
    if code == "Zzzz" {
        let known = include_str!("scripts.txt").lines().filter_map(|line| line.split_once(' '));
        let all = known
            .filter(|(_, code)| *code != "Zzzz")
            .filter_map(|(_, code)| property(&format!("script={code}")))
            .fold(CharSet::empty(), |all, set| all.union(&set));
        return Some(all.complement());
    }
    property(&format!("script={code}"))
}
