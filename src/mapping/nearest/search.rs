//! Candidates, each judged by the filter itself.

use super::super::align::{Aim, Alignment, Step};
use super::super::confusable::digit_for_letter;
use super::super::shape::Shape;
use super::account::with_known_account;
use super::draft::Draft;
use super::segments::reordered;
use super::{Known, MendKind, Nearest};

/// Longest name, in bytes, that is mended: no directory holds longer ones.
const LONGEST: usize = 1024;

/// Fewest digits without which a name cannot hold an account id.
const FEWEST_DIGITS: usize = 10;

/// Most zeros taken to be lost.
const LOST_ZEROS: usize = 2;

/// Most illegal characters in one name.
const ILLEGAL: usize = 3;

/// What judges a repaired name: the role of one that matches with a twelve-digit account.
pub(in super::super) type Judge<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// What is needed to repair names for one filter: its automata with a twelve-digit account, the strictest
/// first.
#[derive(Debug)]
pub(in super::super) struct Repair {
    /// Automata, one for the full match and, if the mode is another, one for that.
    pub(in super::super) shapes: Vec<Shape>,
}

/// The nearest name that `judge` admits, or `None` if none is near.
pub(in super::super) fn nearest(
    repair: &Repair,
    name: &str,
    known: &Known<'_>,
    judge: &mut Judge<'_>,
) -> Option<Nearest> {
    if name.len() > LONGEST {
        return None;
    }
    // No ASCII character looks like a digit that it is not: most names are settled before they are copied.
    if name.is_ascii() && digits(name.chars()) < FEWEST_DIGITS {
        return None;
    }
    if judge(name).is_some() {
        return None;
    }
    let clean = Draft::clean(name);
    if digits(clean.glyphs.iter().map(|glyph| glyph.c)) < FEWEST_DIGITS {
        return None;
    }
    let mut search = Search { repair, name, known, judge };
    let separators = repair.shapes.first().map_or(&[][..], |shape| &shape.separators);
    let mistyped = with_known_account(&clean, known);
    let known = search.best(&mistyped);
    if known.as_ref().is_some_and(|known| known.mends.len() < 2) {
        return known;
    }
    let plain = search.best(std::slice::from_ref(&clean));
    let shorter = |plain: &Nearest| {
        known
            .as_ref()
            .is_none_or(|known| plain.name == known.name && plain.mends.len() < known.mends.len())
    };
    plain.filter(shorter).or(known).or_else(|| search.best(&reordered(&clean, name, separators)))
}

fn digits(name: impl Iterator<Item = char> + Clone) -> usize {
    let digit = |c: &char| c.is_ascii_digit() || digit_for_letter(*c).is_some();
    let sure = name.clone().filter(char::is_ascii_digit).count();
    if sure + 2 >= FEWEST_DIGITS { name.filter(digit).count() } else { sure }
}

struct Search<'a, 'j> {
    repair: &'a Repair,
    name: &'a str,
    known: &'a Known<'a>,
    judge: &'a mut Judge<'j>,
}

impl Search<'_, '_> {
    /// The repaired draft with the fewest mends.
    fn best(&mut self, drafts: &[Draft]) -> Option<Nearest> {
        let found: Vec<Nearest> = drafts.iter().filter_map(|draft| self.repaired(draft)).collect();
        found.into_iter().min_by(|a, b| {
            (a.mends.len(), size(a), &a.name).cmp(&(b.mends.len(), size(b), &b.name))
        })
    }

    fn repaired(&mut self, draft: &Draft) -> Option<Nearest> {
        let repair = self.repair;
        let mended = repair.shapes.iter().find_map(|shape| self.mended(draft, shape))?;
        let mends = mended.mends(self.name);
        // Other separators and another order besides: that is another way to name groups, not a slip.
        let is = |kind| mends.iter().any(|mend| mend.kind == kind);
        let another_way = is(MendKind::Segments) && is(MendKind::Separator);
        (!mends.is_empty() && !another_way).then(|| Nearest { name: mended.text(), mends })
    }

    fn mended(&mut self, draft: &Draft, shape: &Shape) -> Option<Draft> {
        let chars = draft.chars();
        let steps = Alignment::new(shape, &chars, Aim::Repair)?.steps()?;
        if !is_plausible(&chars, &steps) {
            return None;
        }
        let mended = draft.after(&steps);
        let role = (self.judge)(&mended.text())?;
        if self.known.roles.contains(&role.as_str()) {
            return Some(mended);
        }
        if let Some(better) = self.with_known_role(&mended) {
            return Some(better);
        }
        self.unambiguous(mended)
    }

    /// The draft with other stand-ins for illegal characters, if that gives a role that is known.
    fn with_known_role(&mut self, draft: &Draft) -> Option<Draft> {
        let illegal = Some(MendKind::IllegalRoleCharacter);
        if self.known.roles.is_empty() || draft.glyphs.iter().all(|glyph| glyph.kind != illegal) {
            return None;
        }
        ['-', '_', '.', '+', '='].into_iter().find_map(|stand_in| {
            let mut other = draft.clone();
            other.glyphs.iter_mut().filter(|g| g.kind == illegal).for_each(|g| g.c = stand_in);
            let role = (self.judge)(&other.text())?;
            self.known.roles.contains(&role.as_str()).then_some(other)
        })
    }

    /// The draft, unless a separator put into a word could as well stand elsewhere in it; then the one place
    /// that makes a known role or alias, if there is one.
    fn unambiguous(&mut self, draft: Draft) -> Option<Draft> {
        let put_in = |i: usize| {
            draft.glyphs.get(i).is_some_and(|glyph| {
                glyph.from.is_empty() && glyph.kind == Some(MendKind::Separator)
            })
        };
        let letter = |i: usize| draft.glyphs.get(i).is_some_and(|g| g.c.is_alphanumeric());
        let Some(place) =
            (1..draft.glyphs.len()).find(|&i| put_in(i) && letter(i - 1) && letter(i + 1))
        else {
            return Some(draft);
        };
        let mut first = place;
        while first > 0 && letter(first - 1) {
            first -= 1;
        }
        let mut last = place;
        while letter(last + 1) {
            last += 1;
        }
        let mut others = Vec::new();
        for to in first..=last {
            let mut other = draft.clone();
            let mark = other.glyphs.remove(place);
            let at = other.glyphs.get(to).map_or(mark.from.start, |glyph| glyph.from.start);
            other.glyphs.insert(to, super::draft::Glyph { from: at..at, ..mark });
            if let Some(role) = (self.judge)(&other.text()) {
                others.push((other, role));
            }
        }
        if others.len() > 1 {
            let known = self.known;
            others.retain(|(other, role)| {
                known.roles.contains(&role.as_str())
                    || known.aliases.iter().any(|alias| is_segment(&other.text(), alias))
            });
        }
        let one = others.pop()?.0;
        others.is_empty().then_some(one)
    }
}

/// Whether `alias` stands in `name` between two marks.
fn is_segment(name: &str, alias: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric() && c != '-').any(|segment| segment == alias)
}

/// Bytes touched, to choose among as many mends.
fn size(nearest: &Nearest) -> usize {
    nearest.mends.iter().map(|mend| mend.found.len() + mend.wanted.len()).sum()
}

/// Whether the steps are what happens to a name that was meant to match: not prose, not another word.
fn is_plausible(chars: &[char], steps: &[Step]) -> bool {
    let mut left = chars.iter().copied();
    let (mut zeros, mut illegal, mut neighbours) = (0, 0, false);
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let (mut put_in, mut others) = (0, 0);
    let mut was_illegal = false;
    for step in steps {
        let (old, new, kind) = match *step {
            Step::Keep => {
                left.next();
                was_illegal = false;
                continue;
            }
            Step::Replace(new, kind) => (left.next(), Some(new), kind),
            Step::Drop(kind) => (left.next(), None, kind),
            Step::Insert(new, kind) => (None, Some(new), kind),
        };
        let is_illegal =
            matches!(kind, MendKind::IllegalCharacter | MendKind::IllegalRoleCharacter);
        neighbours |= is_illegal && was_illegal;
        was_illegal = is_illegal;
        illegal += usize::from(is_illegal);
        zeros += usize::from(kind == MendKind::AccountDigits && old.is_none());
        put_in += usize::from(kind == MendKind::Separator && old.is_none());
        if kind == MendKind::Typo {
            gone.extend(old);
            come.extend(new);
        } else {
            others += 1;
        }
    }
    gone.sort_unstable();
    come.sort_unstable();
    let no_typo = gone.is_empty() && come.is_empty();
    let one_typo = gone.len() <= 1 && come.len() <= 1;
    let swapped = gone.len() <= 2 && gone == come;
    // A wrong word is believed where all else is right.
    let typed = no_typo || (others == 0 && (one_typo || swapped));
    typed && zeros <= LOST_ZEROS && illegal <= ILLEGAL && !neighbours && put_in <= 1
}
