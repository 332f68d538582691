//! What it costs to take one character for another: the fewer points, the likelier somebody did it.

use super::super::confusable::{
    digit_for_letter, is_invisible, look_alike, same_but_for_case, unmarked,
};
use super::super::nearest::MendKind;
use super::super::shape::{Element, Shape};

/// Points of an edit that is out of the question.
pub(in super::super) const NEVER: u16 = 20_000;

/// Points of a character class that swallows a separator of the filter: legal, but seldom meant.
const SWALLOWED: u16 = 3;

/// What the alignment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Aim {
    /// To say where a name stops: every edit has a price.
    Explain,
    /// To mend the name: only edits whose outcome is known.
    Repair,
}

/// One edit: its points, its kind, and the character put there, if it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Price {
    pub(super) points: u16,
    pub(super) kind: MendKind,
    pub(super) wanted: Option<char>,
}

impl Price {
    const fn new(points: u16, kind: MendKind, wanted: Option<char>) -> Self {
        Self { points, kind, wanted }
    }

    /// For a repair an edit without a known outcome is out of the question.
    fn for_aim(mut self, aim: Aim) -> Self {
        if aim == Aim::Repair && self.wanted.is_none() {
            self.points = NEVER;
        }
        self
    }
}

/// A name with what the prices need to know about the whole of it.
pub(in super::super) struct Context<'a> {
    pub(super) chars: &'a [char],
    pub(super) aim: Aim,
    separators: &'a [char],
    /// Stand-ins for an illegal character in a role or alias, the preferred first.
    stand_ins: [char; 3],
}

impl<'a> Context<'a> {
    /// The context of a name.
    pub(in super::super) fn new(shape: &'a Shape, chars: &'a [char], aim: Aim) -> Self {
        let count = |wanted: char| {
            let separates = shape.separators.contains(&wanted);
            if separates { 0 } else { chars.iter().filter(|&&c| c == wanted).count() }
        };
        let stand_ins = if count('-') > count('_') { ['-', '_', '.'] } else { ['_', '-', '.'] };
        Self { chars, aim, separators: &shape.separators, stand_ins }
    }

    fn at(&self, place: usize) -> Option<char> {
        self.chars.get(place).copied()
    }

    fn before(&self, place: usize) -> Option<char> {
        self.at(place.checked_sub(1)?)
    }

    /// The points of taking `c` for a character of `element`.
    pub(super) fn take(&self, c: char, element: &Element) -> u16 {
        if !element.has(c) {
            return self.substitute(c, element).points;
        }
        if element.literal.is_some() {
            return 0;
        }
        // A class that takes nearly everything is meant for the account's alias.
        let is_alias = c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let unlikely = self.aim == Aim::Repair && element.has('/') && !is_alias;
        if self.separators.contains(&c) { SWALLOWED } else { u16::from(unlikely) }
    }

    /// The price of taking `c` for a character of `element`, which does not accept it.
    pub(super) fn substitute(&self, c: char, element: &Element) -> Price {
        let price = match element.literal {
            Some(wanted) => literal(c, wanted),
            None => self.class(c, element),
        };
        price.for_aim(self.aim)
    }

    fn class(&self, c: char, element: &Element) -> Price {
        let accepted = |wanted: &char| element.has(*wanted);
        if let Some(twin) = look_alike(c).filter(accepted) {
            return Price::new(1, MendKind::MixedScript, Some(twin));
        }
        let other_case = [c.to_ascii_lowercase(), c.to_ascii_uppercase()];
        if let Some(wanted) = other_case.into_iter().find(accepted) {
            return Price::new(1, MendKind::Case, Some(wanted));
        }
        let letters = element.has('a') || element.has('A');
        if element.has('0') && !letters {
            let digit = digit_for_letter(c).filter(accepted);
            let points = if digit.is_some() { 2 } else { 4 };
            return Price::new(points, MendKind::AccountDigits, digit);
        }
        if !letters || c.is_ascii_alphanumeric() {
            return Price::new(4, MendKind::Typo, None);
        }
        if self.separators.contains(&c) {
            return Price::new(4, MendKind::Separator, None);
        }
        let wanted = unmarked(c).into_iter().chain(self.stand_ins).find(accepted);
        Price::new(2, MendKind::IllegalCharacter, wanted)
    }

    /// The price of leaving out the character at `place`.
    pub(super) fn delete(&self, place: usize) -> Price {
        let Some(c) = self.at(place) else { return Price::new(NEVER, MendKind::Typo, None) };
        let (before, after) = (self.before(place), self.at(place + 1));
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let is_mark = |c: Option<char>| c.is_some_and(|c| !c.is_alphanumeric());
        let (points, kind) = if is_invisible(c) {
            (1, MendKind::InvisibleCharacter)
        } else if c.is_alphanumeric() {
            let points = match self.aim {
                Aim::Explain => 5,
                Aim::Repair if c.is_ascii_digit() => NEVER,
                Aim::Repair => 6,
            };
            (points, MendKind::Typo)
        } else if c.is_whitespace() && self.is_surrounding(place) {
            (1, MendKind::SurroundingSpace)
        } else if before == Some(c) {
            (1, MendKind::Separator)
        } else if is_digit(before) && is_digit(after) {
            (2, MendKind::AccountDigits)
        } else if c.is_whitespace() && (is_mark(before) || is_mark(after)) {
            (2, MendKind::SurroundingSpace)
        } else if before.is_none() || after.is_none() {
            (3, MendKind::StrayCharacter)
        } else {
            (if self.aim == Aim::Repair { NEVER } else { 4 }, MendKind::StrayCharacter)
        };
        Price::new(points, kind, None)
    }

    fn is_surrounding(&self, place: usize) -> bool {
        let blank = |chars: Option<&[char]>| {
            chars.is_some_and(|chars| chars.iter().all(|c| c.is_whitespace() || is_invisible(*c)))
        };
        blank(self.chars.get(..place)) || blank(self.chars.get(place..))
    }

    /// The price of a character of `element` that is missing before `place`.
    pub(super) fn insert(&self, place: usize, element: &Element) -> Price {
        let (before, after) = (self.before(place), self.at(place));
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let price = match element.literal {
            Some(wanted) if wanted.is_alphanumeric() => Price::new(6, MendKind::Typo, Some(wanted)),
            // A number is not two numbers: thirteen digits may be a slip as well as two segments.
            Some(_) if is_digit(before) && is_digit(after) => {
                Price::new(6, MendKind::Separator, None)
            }
            Some(wanted) if before == Some(wanted) || after == Some(wanted) => {
                Price::new(3, MendKind::Separator, None)
            }
            Some(wanted) => {
                let points = if is_word(before) && is_word(after) { 6 } else { 3 };
                Price::new(points, MendKind::Separator, Some(wanted))
            }
            None => {
                let lost_zero = element.account_digit && is_digit(after) && !is_digit(before);
                Price::new(2, MendKind::AccountDigits, lost_zero.then_some('0'))
            }
        };
        price.for_aim(self.aim)
    }
}

fn literal(c: char, wanted: char) -> Price {
    let price = |points, kind| Price::new(points, kind, Some(wanted));
    if same_but_for_case(c, wanted) {
        return price(1, MendKind::Case);
    }
    match look_alike(c) {
        Some(twin) if twin == wanted => return price(1, MendKind::MixedScript),
        Some(twin) if same_but_for_case(twin, wanted) => return price(2, MendKind::MixedScript),
        _ => {}
    }
    match (c.is_alphanumeric(), wanted.is_alphanumeric()) {
        (false, false) => price(1, MendKind::Separator),
        (true, true) => price(5, MendKind::Typo),
        _ => Price::new(6, MendKind::Typo, None),
    }
}
