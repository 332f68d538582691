//! Look-behind and back-references.

use super::super::ast::Case;
use super::super::program::Pc;
use super::super::unicode;
use super::{Flow, Machine, Steps};

/// Look-behind and back-references.
impl Machine<'_> {
    pub(super) fn behind(
        &mut self,
        body: Pc,
        reach: (i32, i32),
        by_point: bool,
        at: usize,
    ) -> Steps<bool> {
        let saved = std::mem::replace(&mut self.behind_end, at);
        let found = if by_point {
            self.behind_by_point(body, reach, at)
        } else {
            self.behind_by_unit(body, reach, at)
        };
        self.behind_end = saved;
        found
    }

    pub(super) fn behind_by_unit(
        &mut self,
        body: Pc,
        (min, max): (i32, i32),
        at: usize,
    ) -> Steps<bool> {
        let here = i32::try_from(at).unwrap_or(i32::MAX);
        let low = here.wrapping_sub(max).max(0);
        let mut start = here.wrapping_sub(min);
        while start >= low {
            self.count()?;
            if self.run(body, start.unsigned_abs() as usize)?.is_some() {
                return Ok(true);
            }
            start -= 1;
        }
        Ok(false)
    }

    pub(super) fn behind_by_point(
        &mut self,
        body: Pc,
        (min, max): (i32, i32),
        at: usize,
    ) -> Steps<bool> {
        let low = self.points_back(at, max);
        let mut start = self.points_back(at, min);
        while start >= low {
            self.count()?;
            if self.run(body, start)?.is_some() {
                return Ok(true);
            }
            if start == low {
                break;
            }
            start = self.points_back(start, 1);
        }
        Ok(false)
    }

    /// The place so many code points back, or the start.
    pub(super) fn points_back(&self, from: usize, count: i32) -> usize {
        let mut at = from;
        for _ in 0..count {
            match self.memory.text.point_before(at) {
                Some((_, before)) => at = before,
                None => break,
            }
        }
        at
    }

    pub(super) fn back_reference(
        &mut self,
        group: usize,
        case: Case,
        next: Pc,
        at: usize,
    ) -> Steps<Flow> {
        let Some((start, end)) = self.group(group) else { return Ok(Flow::Fail) };
        let length = end - start;
        if at + length > self.memory.text.len() {
            return Ok(Flow::Fail);
        }
        let (mut here, mut there, mut left) = (at, start, length);
        while left > 0 {
            self.count()?;
            let text = &self.memory.text;
            if case == Case::Sensitive {
                if text.unit(here) != text.unit(there) {
                    return Ok(Flow::Fail);
                }
                (here, there, left) = (here + 1, there + 1, left - 1);
                continue;
            }
            let (Some((a, after_a)), Some((b, after_b))) =
                (text.point_at(here), text.point_at(there))
            else {
                return Ok(Flow::Fail);
            };
            if !same_letter(a, b, case) {
                return Ok(Flow::Fail);
            }
            left = left.saturating_sub(if a > 0xFFFF { 2 } else { 1 });
            (here, there) = (after_a, after_b);
        }
        Ok(Flow::Goto(next, at + length))
    }
}

fn same_letter(a: u32, b: u32, case: Case) -> bool {
    let ascii_lower = |c: u32| if (0x41..=0x5A).contains(&c) { c + 32 } else { c };
    a == b
        || match case {
            Case::Sensitive => false,
            Case::IgnoreAscii => ascii_lower(a) == ascii_lower(b),
            Case::IgnoreUnicode => unicode::fold(a) == unicode::fold(b),
        }
}
