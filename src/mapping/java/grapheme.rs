//! `\X` on text where Unicode versions and Java releases agree what a grapheme cluster is:
//! characters with combining marks behind them. Joined emoji, flags, Hangul and Indic conjuncts
//! are left undecided.

use std::sync::OnceLock;

use super::class::CharSet;
use super::text::Text;
use super::unicode;

/// Whether clusters of a name with this character are known.
pub(super) fn is_plain(point: u32) -> bool {
    static PLAIN: OnceLock<CharSet> = OnceLock::new();
    let plain = PLAIN.get_or_init(|| {
        let of = |query: &str| unicode::property(query).unwrap_or_default();
        let simple = of("gcb=Other").union(&marks()).union(&controls());
        let joining = ["Script=Deva", "Script=Beng", "Script=Gujr", "Script=Orya", "Script=Telu"];
        let conjunct = joining
            .into_iter()
            .chain(["Script=Mlym"])
            .map(of)
            .fold(CharSet::empty(), |a, b| a.union(&b));
        let risky = conjunct
            .union(&of("Join_Control"))
            .union(&of("Regional_Indicator"))
            .union(&of("Emoji_Modifier"))
            .union(unicode::contested())
            .union(&unicode::assigned().complement());
        simple.difference(&risky)
    });
    plain.contains(point)
}

/// The end of the cluster that starts at `at`, which is before the end of the text.
pub(super) fn cluster_end(text: &Text, at: usize) -> Option<usize> {
    static SETS: OnceLock<(CharSet, CharSet)> = OnceLock::new();
    let (marks, controls) = SETS.get_or_init(|| (marks(), controls()));
    let (first, mut end) = text.point_at(at)?;
    if first == 0x0D && text.point_at(end).is_some_and(|next| next.0 == 0x0A) {
        return Some(end + 1);
    }
    if controls.contains(first) || (0xD800..0xE000).contains(&first) {
        return Some(end);
    }
    while let Some((_, behind)) = text.point_at(end).filter(|next| marks.contains(next.0)) {
        end = behind;
    }
    Some(end)
}

fn marks() -> CharSet {
    let marks = unicode::property("Mn").unwrap_or_default();
    marks.union(&unicode::property("Me").unwrap_or_default())
}

fn controls() -> CharSet {
    ["Cc", "Cf", "Zl", "Zp"]
        .into_iter()
        .filter_map(unicode::property)
        .fold(CharSet::empty(), |all, set| all.union(&set))
}
