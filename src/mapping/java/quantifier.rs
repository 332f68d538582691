//! Quantifiers: `?`, `*`, `+`, `{n,m}`, greedy, lazy and possessive.

use super::ast::{Kind, NodeId, Repeat, RepeatMode};
use super::parse::{Parsed, Parser};
use super::study::study_of;

impl Parser {
    /// The node with the quantifier that follows it, if one does.
    pub(super) fn quantified(&mut self, start: usize, node: NodeId) -> Parsed<NodeId> {
        let (min, max) = match self.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => self.counts()?,
            _ => return Ok(node),
        };
        let mode = match self.advance() {
            Some('?') => RepeatMode::Lazy,
            Some('+') => RepeatMode::Possessive,
            _ => RepeatMode::Greedy,
        };
        if mode != RepeatMode::Greedy {
            self.advance();
        }
        let deterministic = study_of(&self.nodes, node).deterministic;
        Ok(self.push(start, Kind::Repeat(Repeat { min, max, mode, deterministic }, node)))
    }

    /// `{n}`, `{n,}`, `{n,m}`; the cursor is left on the closing brace.
    fn counts(&mut self) -> Parsed<(u32, Option<u32>)> {
        let first = char::from_u32(self.skip());
        let (Some(min), mut next) = self.count(first)? else {
            return Err(self.error("illegal repetition: a number should follow `{`"));
        };
        let mut max = Some(min);
        if next == Some(',') {
            let digit = self.read();
            if digit == Some('}') {
                (max, next) = (None, digit);
            } else {
                let (most, after) = self.count(digit)?;
                (max, next) = (Some(most.unwrap_or(0)), after);
            }
        }
        if next != Some('}') {
            return Err(self.error("the counted repetition is not closed by `}`"));
        }
        if max.is_some_and(|max| max < min) {
            return Err(self.error("illegal repetition range: the most is less than the fewest"));
        }
        self.cursor -= 1;
        // Java's own mark for «no bound» is the largest int.
        Ok((min, max.filter(|&m| m < i32::MAX.unsigned_abs())))
    }

    fn count(&mut self, first: Option<char>) -> Parsed<(Option<u32>, Option<char>)> {
        let (mut value, mut next) = (None, first);
        while let Some(digit) = next.and_then(|c| c.to_digit(10)) {
            let longer = value.unwrap_or(0_u32).checked_mul(10).and_then(|v| v.checked_add(digit));
            value = longer.filter(|&v| i32::try_from(v).is_ok());
            if value.is_none() {
                return Err(self.error("illegal repetition range: the number is too large"));
            }
            next = self.read();
        }
        Ok((value, next))
    }
}
