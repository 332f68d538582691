//! What a match can begin with: places a search need not try.

use super::Pattern;
use super::ast::{Assertion, Group, Kind, NodeId, RepeatMode};
use super::class::CharSet;

/// Where a match can begin.
#[derive(Debug, Clone)]
pub(super) enum First {
    /// At the start of the name only.
    Start,
    /// Before a code point of this set only.
    Before(CharSet),
    /// Anywhere.
    Anywhere,
}

/// Where a match of the pattern can begin.
pub(super) fn first_of(pattern: &Pattern) -> First {
    if begins_at_start(pattern, pattern.root()) {
        return First::Start;
    }
    if leaves_groups_behind(pattern, pattern.root(), false) {
        return First::Anywhere;
    }
    match taken_first(pattern, pattern.root()) {
        (set, false) => First::Before(set),
        (_, true) => First::Anywhere,
    }
}

/// Whether an attempt that fails can leave a group set: it can where a part with a group in it is
/// matched as a whole. Such attempts have to be made, since Java keeps what they left.
fn leaves_groups_behind(pattern: &Pattern, id: NodeId, as_a_whole: bool) -> bool {
    match &pattern.node(id).kind {
        Kind::Concat(parts) | Kind::Alternate(parts) => {
            parts.iter().any(|&part| leaves_groups_behind(pattern, part, as_a_whole))
        }
        Kind::Group(Group::Capture { .. }, _) if as_a_whole => true,
        Kind::Group(Group::Capture { .. } | Group::Plain, body) => {
            leaves_groups_behind(pattern, *body, as_a_whole)
        }
        Kind::Group(_, body) => leaves_groups_behind(pattern, *body, true),
        Kind::Repeat(repeat, body) => {
            let whole = as_a_whole || repeat.mode == RepeatMode::Possessive || repeat.deterministic;
            leaves_groups_behind(pattern, *body, whole)
        }
        _ => false,
    }
}

fn begins_at_start(pattern: &Pattern, id: NodeId) -> bool {
    match &pattern.node(id).kind {
        Kind::Assert(Assertion::Begin) => true,
        Kind::Concat(parts) => parts.first().is_some_and(|&part| begins_at_start(pattern, part)),
        Kind::Alternate(branches) => branches.iter().all(|&b| begins_at_start(pattern, b)),
        Kind::Group(Group::Capture { .. } | Group::Plain | Group::Atomic, body) => {
            begins_at_start(pattern, *body)
        }
        Kind::Repeat(repeat, body) => repeat.min > 0 && begins_at_start(pattern, *body),
        _ => false,
    }
}

/// The code points a match can take first, and whether it can take none.
pub(super) fn taken_first_of(pattern: &Pattern) -> (CharSet, bool) {
    taken_first(pattern, pattern.root())
}

/// The code points that can be taken first, and whether nothing may be taken.
fn taken_first(pattern: &Pattern, id: NodeId) -> (CharSet, bool) {
    match &pattern.node(id).kind {
        Kind::Set(set) => (set.clone(), false),
        Kind::LineEnding => (super::property::vertical_space().set, false),
        Kind::Grapheme => (CharSet::all(), false),
        Kind::BackReference { .. } => (CharSet::all(), true),
        Kind::Empty
        | Kind::Assert(_)
        | Kind::Group(Group::Ahead { .. } | Group::Behind { .. }, _) => (CharSet::empty(), true),
        Kind::Concat(parts) => {
            let mut all = CharSet::empty();
            for &part in parts {
                let (set, nothing) = taken_first(pattern, part);
                all = all.union(&set);
                if !nothing {
                    return (all, false);
                }
            }
            (all, true)
        }
        Kind::Alternate(branches) => {
            branches.iter().fold((CharSet::empty(), false), |(all, any), &branch| {
                let (set, nothing) = taken_first(pattern, branch);
                (all.union(&set), any || nothing)
            })
        }
        Kind::Group(_, body) => taken_first(pattern, *body),
        Kind::Repeat(repeat, body) => {
            let (set, nothing) = taken_first(pattern, *body);
            (set, nothing || repeat.min == 0)
        }
    }
}
