//! `\p{…}` and the predefined classes: which code points each name means in Java 17.

use super::class::CharSet;
use super::unicode;

/// A set together with Java's own idea of whether it can hold astral characters: a set Java knows
/// to be within the Basic Multilingual Plane lets its search step by UTF-16 unit.
#[derive(Debug, Clone)]
pub(super) struct Predicate {
    /// The code points.
    pub(super) set: CharSet,
    /// Java takes the set for one within the Basic Multilingual Plane.
    pub(super) bmp: bool,
    /// The set depends on the Unicode version.
    pub(super) from_tables: bool,
}

impl Predicate {
    /// A set Java knows to be within the Basic Multilingual Plane.
    pub(super) fn bmp(set: CharSet) -> Self {
        Self { set, bmp: true, from_tables: false }
    }

    /// A set that may hold astral characters.
    pub(super) fn wide(set: CharSet) -> Self {
        Self { set, bmp: false, from_tables: false }
    }

    fn tables(set: CharSet) -> Self {
        Self { set, bmp: false, from_tables: true }
    }

    /// The members of either.
    pub(super) fn union(&self, other: &Self) -> Self {
        self.joined(other, self.set.union(&other.set))
    }

    /// The members of both.
    pub(super) fn and(&self, other: &Self) -> Self {
        self.joined(other, self.set.intersection(&other.set))
    }

    fn joined(&self, other: &Self, set: CharSet) -> Self {
        Self { set, bmp: self.bmp && other.bmp, from_tables: self.from_tables || other.from_tables }
    }

    /// The code points that are not members.
    pub(super) fn negate(&self) -> Self {
        Self { set: self.set.complement(), bmp: false, from_tables: self.from_tables }
    }
}

fn ascii(ranges: &[(char, char)]) -> CharSet {
    CharSet::from_ranges(ranges.iter().map(|&(a, b)| (u32::from(a), u32::from(b))).collect())
}

fn points(ranges: &[(u32, u32)]) -> CharSet {
    CharSet::from_ranges(ranges.to_vec())
}

fn union_of(queries: &[&str]) -> Option<CharSet> {
    queries.iter().try_fold(CharSet::empty(), |all, q| Some(all.union(&unicode::property(q)?)))
}

/// `\d`.
pub(super) fn digit(unicode: bool) -> Predicate {
    if unicode {
        return unicode::property("Nd")
            .map_or_else(|| Predicate::wide(CharSet::empty()), Predicate::tables);
    }
    Predicate::bmp(ascii(&[('0', '9')]))
}

/// `\s`.
pub(super) fn space(unicode: bool) -> Predicate {
    if unicode {
        return white_space().map_or_else(|| Predicate::wide(CharSet::empty()), Predicate::tables);
    }
    Predicate::bmp(ascii(&[('\t', '\r'), (' ', ' ')]))
}

/// `\w`.
pub(super) fn word(unicode: bool) -> Predicate {
    if unicode {
        let all = union_of(&["Alphabetic", "Mn", "Me", "Mc", "Nd", "Pc", "Join_Control"]);
        return all.map_or_else(|| Predicate::wide(CharSet::empty()), Predicate::tables);
    }
    Predicate::bmp(ascii(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]))
}

/// `\h`.
pub(super) fn horizontal_space() -> Predicate {
    Predicate::bmp(points(&[
        (0x09, 0x09),
        (0x20, 0x20),
        (0xA0, 0xA0),
        (0x1680, 0x1680),
        (0x180E, 0x180E),
        (0x2000, 0x200A),
        (0x202F, 0x202F),
        (0x205F, 0x205F),
        (0x3000, 0x3000),
    ]))
}

/// `\v`.
pub(super) fn vertical_space() -> Predicate {
    Predicate::bmp(points(&[(0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029)]))
}

/// What `.` does not take.
pub(super) fn line_terminators(unix: bool) -> CharSet {
    if unix {
        CharSet::single(0x0A)
    } else {
        points(&[(0x0A, 0x0A), (0x0D, 0x0D), (0x85, 0x85), (0x2028, 0x2029)])
    }
}

fn white_space() -> Option<CharSet> {
    Some(union_of(&["Zs", "Zl", "Zp"])?.union(&points(&[(0x9, 0xD), (0x85, 0x85)])))
}

/// The property named inside `\p{…}`, with `(?i)` and `(?U)` as they stand there.
pub(super) fn family(name: &str, ignore_case: bool, unicode_class: bool) -> Option<Predicate> {
    if let Some((key, value)) = name.split_once('=') {
        return match key.to_lowercase().as_str() {
            "sc" | "script" => unicode::script(value).map(Predicate::tables),
            "blk" | "block" => unicode::block(value).map(Predicate::tables),
            "gc" | "general_category" => plain(value, ignore_case),
            _ => None,
        };
    }
    if let Some(block) = name.strip_prefix("In") {
        return unicode::block(block).map(Predicate::tables);
    }
    if let Some(short) = name.strip_prefix("Is") {
        let upper = short.to_uppercase();
        return binary(&upper, ignore_case)
            .or_else(|| posix(&upper, ignore_case))
            .map(Predicate::tables)
            .or_else(|| plain(short, ignore_case))
            .or_else(|| unicode::script(short).map(Predicate::tables));
    }
    if unicode_class && let Some(set) = posix(&name.to_uppercase(), ignore_case) {
        return Some(Predicate::tables(set));
    }
    plain(name, ignore_case)
}

/// Binary properties of Unicode, name in upper case.
fn binary(name: &str, ignore_case: bool) -> Option<CharSet> {
    match name {
        "ALPHABETIC" => unicode::property("Alphabetic"),
        "ASSIGNED" => Some(unicode::assigned().clone()),
        "CONTROL" => unicode::property("Cc"),
        "HEXDIGIT" | "HEX_DIGIT" => hex_digit(),
        "IDEOGRAPHIC" => unicode::property("Ideographic"),
        "JOINCONTROL" | "JOIN_CONTROL" => unicode::property("Join_Control"),
        "LETTER" => unicode::property("L"),
        "LOWERCASE" if !ignore_case => unicode::property("Lowercase"),
        "UPPERCASE" if !ignore_case => unicode::property("Uppercase"),
        "TITLECASE" if !ignore_case => unicode::property("Lt"),
        "LOWERCASE" | "UPPERCASE" | "TITLECASE" => any_case(),
        "NONCHARACTERCODEPOINT" | "NONCHARACTER_CODE_POINT" => Some(noncharacters()),
        "PUNCTUATION" => unicode::property("P"),
        "WHITESPACE" | "WHITE_SPACE" => white_space(),
        "WORD" => Some(word(true).set),
        _ => None,
    }
}

fn any_case() -> Option<CharSet> {
    union_of(&["Lowercase", "Uppercase", "Lt"])
}

fn hex_digit() -> Option<CharSet> {
    let letters = points(&[(0x41, 0x46), (0x61, 0x66), (0xFF21, 0xFF26), (0xFF41, 0xFF46)]);
    Some(unicode::property("Nd")?.union(&letters))
}

fn noncharacters() -> CharSet {
    let ends = (0..=16).map(|plane| (plane << 16 | 0xFFFE, plane << 16 | 0xFFFF));
    CharSet::from_ranges(ends.chain([(0xFDD0, 0xFDEF)]).collect())
}

/// POSIX names with their Unicode meaning (`(?U)`, `\p{Is…}`), name in upper case.
fn posix(name: &str, ignore_case: bool) -> Option<CharSet> {
    match name {
        "ALPHA" => unicode::property("Alphabetic"),
        "LOWER" if !ignore_case => unicode::property("Lowercase"),
        "UPPER" if !ignore_case => unicode::property("Uppercase"),
        "LOWER" | "UPPER" => any_case(),
        "SPACE" => white_space(),
        "PUNCT" => unicode::property("P"),
        "XDIGIT" => hex_digit(),
        "ALNUM" => union_of(&["Alphabetic", "Nd"]),
        "CNTRL" => unicode::property("Cc"),
        "DIGIT" => unicode::property("Nd"),
        "BLANK" => Some(unicode::property("Zs")?.union(&CharSet::single(0x9))),
        "GRAPH" => graph(),
        "PRINT" => {
            let blank = posix("BLANK", false)?;
            Some(graph()?.union(&blank).difference(&unicode::property("Cc")?))
        }
        _ => None,
    }
}

fn graph() -> Option<CharSet> {
    let not = union_of(&["Zs", "Zl", "Zp", "Cc"])?.union(&unicode::surrogates());
    Some(unicode::assigned().difference(&not))
}

/// General categories, ASCII classes and Java's own names; case matters.
fn plain(name: &str, ignore_case: bool) -> Option<Predicate> {
    category(name, ignore_case)
        .or_else(|| java_method(name, ignore_case))
        .map(Predicate::tables)
        .or_else(|| match name {
            "all" => Some(Predicate::wide(CharSet::all())),
            _ => ascii_class(name, ignore_case).map(Predicate::bmp),
        })
}

fn category(name: &str, ignore_case: bool) -> Option<CharSet> {
    match name {
        "Lu" | "Ll" | "Lt" if ignore_case => union_of(&["Lu", "Ll", "Lt"]),
        "Lu" | "Ll" | "Lt" | "Lm" | "Lo" | "Mn" | "Me" | "Mc" | "Nd" | "Nl" | "No" | "Zs"
        | "Zl" | "Zp" | "Cc" | "Cf" | "Co" | "Pd" | "Ps" | "Pe" | "Pc" | "Po" | "Sm" | "Sc"
        | "Sk" | "So" | "Pi" | "Pf" | "L" | "M" | "N" | "Z" | "P" | "S" => unicode::property(name),
        "Cs" => Some(unicode::surrogates()),
        "Cn" => Some(unicode::assigned().complement()),
        "C" => Some(
            union_of(&["Cc", "Cf", "Co"])?
                .union(&unicode::surrogates())
                .union(&unicode::assigned().complement()),
        ),
        "LC" => union_of(&["Lu", "Ll", "Lt"]),
        "LD" => union_of(&["L", "Nd"]),
        _ => None,
    }
}

fn ascii_class(name: &str, ignore_case: bool) -> Option<CharSet> {
    Some(match name {
        "L1" => points(&[(0, 0xFF)]),
        "ASCII" => points(&[(0, 0x7F)]),
        "Alnum" => ascii(&[('0', '9'), ('A', 'Z'), ('a', 'z')]),
        "Alpha" => ascii(&[('A', 'Z'), ('a', 'z')]),
        "Lower" | "Upper" if ignore_case => ascii(&[('A', 'Z'), ('a', 'z')]),
        "Lower" => ascii(&[('a', 'z')]),
        "Upper" => ascii(&[('A', 'Z')]),
        "Blank" => ascii(&[(' ', ' '), ('\t', '\t')]),
        "Cntrl" => points(&[(0, 0x1F), (0x7F, 0x7F)]),
        "Digit" => ascii(&[('0', '9')]),
        "Graph" => ascii(&[('!', '~')]),
        "Print" => ascii(&[(' ', '~')]),
        "Punct" => ascii(&[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
        "Space" => ascii(&[('\t', '\r'), (' ', ' ')]),
        "XDigit" => ascii(&[('0', '9'), ('A', 'F'), ('a', 'f')]),
        _ => return None,
    })
}

/// `\p{javaLowerCase}` and its kin: the methods of `java.lang.Character`.
fn java_method(name: &str, ignore_case: bool) -> Option<CharSet> {
    let method = name.strip_prefix("java")?;
    match method {
        "LowerCase" | "UpperCase" | "TitleCase" if ignore_case => any_case(),
        "LowerCase" => unicode::property("Lowercase"),
        "UpperCase" => unicode::property("Uppercase"),
        "TitleCase" => unicode::property("Lt"),
        "Alphabetic" => unicode::property("Alphabetic"),
        "Ideographic" => unicode::property("Ideographic"),
        "Digit" => unicode::property("Nd"),
        "Defined" => Some(unicode::assigned().clone()),
        "Letter" => unicode::property("L"),
        "LetterOrDigit" => union_of(&["L", "Nd"]),
        "JavaIdentifierStart" => union_of(&["L", "Nl", "Sc", "Pc"]),
        "JavaIdentifierPart" => {
            Some(union_of(&["L", "Nl", "Sc", "Pc", "Nd", "Mn", "Mc"])?.union(&ignorable()?))
        }
        "UnicodeIdentifierStart" => Some(union_of(&["L", "Nl"])?.union(&points(OTHER_ID_START))),
        "UnicodeIdentifierPart" => {
            let base = union_of(&["L", "Nl", "Pc", "Nd", "Mn", "Mc"])?.union(&ignorable()?);
            Some(base.union(&points(OTHER_ID_START)).union(&points(OTHER_ID_CONTINUE)))
        }
        "IdentifierIgnorable" => ignorable(),
        "SpaceChar" => unicode::property("Z"),
        "Whitespace" => {
            let no_break = points(&[(0xA0, 0xA0), (0x2007, 0x2007), (0x202F, 0x202F)]);
            let separators = unicode::property("Z")?.difference(&no_break);
            Some(separators.union(&points(&[(0x9, 0xD), (0x1C, 0x1F)])))
        }
        "ISOControl" => Some(points(&[(0, 0x1F), (0x7F, 0x9F)])),
        "Mirrored" => unicode::property("Bidi_Mirrored"),
        _ => None,
    }
}

const OTHER_ID_START: &[(u32, u32)] =
    &[(0x1885, 0x1886), (0x2118, 0x2118), (0x212E, 0x212E), (0x309B, 0x309C)];
const OTHER_ID_CONTINUE: &[(u32, u32)] =
    &[(0xB7, 0xB7), (0x387, 0x387), (0x1369, 0x1371), (0x19DA, 0x19DA)];

fn ignorable() -> Option<CharSet> {
    Some(unicode::property("Cf")?.union(&points(&[(0, 0x8), (0xE, 0x1B), (0x7F, 0x9F)])))
}
