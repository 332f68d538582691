//! Character classes: what stands between `[` and `]`.

use super::class::CharSet;
use super::escape::Escape;
use super::parse::{Parsed, Parser};
use super::property::Predicate;

/// A character class: what stands between `[` and `]`.
///
/// Java keeps the single characters below U+0100 of one class in one table that all its parts
/// share, so a character behind `&&` also changes what stood before it. The class is therefore
/// kept as an expression until its end.
enum Part {
    Fixed(Predicate),
    SharedLow,
    Union(Box<Self>, Box<Self>),
    And(Box<Self>, Box<Self>),
}

impl Part {
    fn value(&self, low: &Predicate) -> Predicate {
        match self {
            Self::Fixed(predicate) => predicate.clone(),
            Self::SharedLow => low.clone(),
            Self::Union(a, b) => a.value(low).union(&b.value(low)),
            Self::And(a, b) => a.value(low).and(&b.value(low)),
        }
    }

    /// Joins, computing at once where nothing shared is inside: no deep trees from long classes.
    fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fixed(a), Self::Fixed(b)) => Self::Fixed(a.union(&b)),
            (a, b) => Self::Union(Box::new(a), Box::new(b)),
        }
    }
}

/// The state of reading one class.
struct ClassState {
    so_far: Option<Part>,
    low: CharSet,
    has_low: bool,
    /// What was read last, where it was not a low character; Java intersects with it when nothing
    /// follows `&&`.
    last: Last,
    negated: bool,
}

enum Last {
    Nothing,
    Low,
    Predicate(Predicate),
}

impl ClassState {
    fn join(&mut self, part: Part) {
        self.so_far = Some(match self.so_far.take() {
            None => part,
            Some(before) => before.union(part),
        });
    }

    fn finish(mut self) -> Predicate {
        if self.has_low {
            self.join(Part::SharedLow);
        }
        let low = Predicate::bmp(self.low);
        let whole = self.so_far.map_or(low.clone(), |part| part.value(&low));
        if self.negated { whole.negate() } else { whole }
    }
}

impl Parser {
    /// The class whose `[` (or whose `&`, for the right side of `&&`) is at the cursor. The
    /// closing `]` is taken when `consume` says so.
    pub(super) fn class(&mut self, consume: bool) -> Parsed<Predicate> {
        self.enter()?;
        let mut state = ClassState {
            so_far: None,
            low: CharSet::empty(),
            has_low: false,
            last: Last::Nothing,
            negated: false,
        };
        let mut next = self.advance();
        if next == Some('^') && self.source.at(self.cursor - 1) == u32::from('[') {
            next = self.advance();
            state.negated = true;
        }
        loop {
            match next {
                Some('[') => {
                    let nested = self.class(true)?;
                    state.join(Part::Fixed(nested.clone()));
                    state.last = Last::Predicate(nested);
                    next = self.peek();
                    continue;
                }
                Some('&') => {
                    next = self.advance();
                    if next == Some('&') {
                        self.intersection(&mut state)?;
                        next = self.peek();
                        continue;
                    }
                    self.cursor -= 1;
                }
                None => return Err(self.error("a character class is not closed by `]`")),
                Some(']') if state.so_far.is_some() || state.has_low => {
                    if consume {
                        self.advance();
                    }
                    self.depth -= 1;
                    return Ok(state.finish());
                }
                Some(_) => {}
            }
            self.class_member(&mut state)?;
            next = self.peek();
        }
    }

    /// The right side of `&&`; the cursor is on the second `&`.
    fn intersection(&mut self, state: &mut ClassState) -> Parsed<()> {
        let mut right: Option<Predicate> = None;
        let mut next = self.advance();
        while !matches!(next, Some(']' | '&')) {
            let more = if next == Some('[') {
                self.class(true)?
            } else {
                self.cursor -= 1;
                self.class(false)?
            };
            right = Some(right.map_or(more.clone(), |right| right.union(&more)));
            next = self.peek();
        }
        if state.has_low {
            if state.so_far.is_none() {
                state.last = Last::Low;
            }
            state.join(Part::SharedLow);
            state.has_low = false;
        }
        if let Some(right) = right {
            state.last = Last::Predicate(right);
        }
        let right = match &state.last {
            Last::Predicate(right) => Part::Fixed(right.clone()),
            Last::Low => Part::SharedLow,
            Last::Nothing if state.so_far.is_none() => {
                return Err(self.error("a character class has `&&` with nothing around it"));
            }
            Last::Nothing => {
                // Java 17 fails while matching, later releases refuse the pattern.
                self.traits.undecidable =
                    Some("Java releases differ on a class with nothing behind `&&`");
                return Ok(());
            }
        };
        state.so_far = Some(match state.so_far.take() {
            None => right,
            Some(left) => Part::And(Box::new(left), Box::new(right)),
        });
        Ok(())
    }

    /// One character, range, escape or property of a class.
    fn class_member(&mut self, state: &mut ClassState) -> Parsed<()> {
        let point = if self.peek() == Some('\\') {
            if let Some(family) = self.family_escape()? {
                state.join(Part::Fixed(family.clone()));
                state.last = Last::Predicate(family);
                return Ok(());
            }
            let range = self.source.at(self.cursor + 2) == u32::from('-');
            match self.escape(true, range)? {
                Escape::Point(point) => point,
                Escape::Class(predicate) => {
                    state.join(Part::Fixed(predicate.clone()));
                    state.last = Last::Predicate(predicate);
                    return Ok(());
                }
                Escape::Node(_) => return Err(self.error("this escape cannot stand in a class")),
            }
        } else {
            let point = self.peek().map_or(0, u32::from);
            self.advance();
            point
        };
        if self.peek() == Some('-') {
            let after = self.source.at(self.cursor + 1);
            if after != u32::from('[') && after != u32::from(']') {
                let range = self.class_range(point)?;
                state.join(Part::Fixed(range.clone()));
                state.last = Last::Predicate(range);
                return Ok(());
            }
        }
        self.single_member(state, point);
        Ok(())
    }

    fn class_range(&mut self, first: u32) -> Parsed<Predicate> {
        self.advance();
        let last = if self.peek() == Some('\\') {
            match self.escape(true, true)? {
                Escape::Point(point) => Some(point),
                _ => None,
            }
        } else {
            let last = self.peek().map_or(0, u32::from);
            self.advance();
            Some(last)
        };
        let Some(last) = last.filter(|&last| first <= last) else {
            return Err(self.error("illegal character range: its end comes before its start"));
        };
        Ok(self.range_with_case(first, last))
    }

    /// Characters Java keeps out of the shared table under `(?iu)`: their case leads out of it.
    fn single_member(&mut self, state: &mut ClassState, point: u32) {
        let (ignore, unicode) = (self.flags.ignore_case, self.flags.unicode_case);
        let special =
            matches!(point, 0xFF | 0xB5 | 0x49 | 0x69 | 0x53 | 0x73 | 0x4B | 0x6B | 0xC5 | 0xE5);
        if point > 0xFF || (ignore && unicode && special) {
            let single = self.single(point);
            state.join(Part::Fixed(single.clone()));
            state.last = Last::Predicate(single);
            return;
        }
        let members = Self::low_members(point, ignore, unicode);
        state.low = state.low.union(&members);
        state.has_low = true;
        state.last = Last::Nothing;
    }
}
