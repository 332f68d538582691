//! What the names that a Group Filter matches have in common: their beginning, their separator, how many
//! segments they have at least, which characters a role may hold.

use std::collections::VecDeque;

use super::group_filter::GroupFilter;
use super::java::class::CharSet;
use super::shape::{Shape, State, StateId};

/// The layout of the names that a filter matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// What every name begins with, literally; empty where the filter begins with something else.
    pub prefix: String,
    /// The one mark that stands literally between the segments.
    pub separator: char,
    /// Fewest segments a matching name has.
    pub segments: usize,
}

/// The characters that may stand in a captured role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleCharacters(CharSet);

impl RoleCharacters {
    /// Whether a role can hold the character.
    pub fn admit(&self, c: char) -> bool {
        self.0.contains(u32::from(c))
    }
}

/// The layout of an automaton; `None` where the filter has no separator, or more than one.
pub(super) fn layout(shape: &Shape) -> Option<Layout> {
    let (&separator, rest) = shape.separators.split_first()?;
    if rest.iter().any(|&other| other != separator) {
        return None;
    }
    let segments = 1 + fewest(shape, separator)?;
    Some(Layout { prefix: prefix(shape), separator, segments })
}

/// What a role may hold; `None` where the filter has no role, or other captures that may stand within it.
pub(super) fn role_characters(shape: &Shape) -> Option<RoleCharacters> {
    let known = |name: &String| [GroupFilter::ROLE, GroupFilter::ACCOUNT_ID].contains(&&**name);
    if !shape.captures.iter().all(known) {
        return None;
    }
    let mut set: Option<CharSet> = None;
    for id in (0..shape.states.len()).filter(|&id| shape.capture_of(id) == Some(GroupFilter::ROLE))
    {
        if let Some(element) = shape.element_of(id) {
            set = Some(set.map_or_else(|| element.set.clone(), |set| set.union(&element.set)));
        }
    }
    set.map(RoleCharacters)
}

/// The literal text at the start.
fn prefix(shape: &Shape) -> String {
    let mut id = shape.start;
    let mut text = String::new();
    // Every step takes a state that was not seen: a literal run has no way back.
    for _ in 0..shape.states.len() {
        match shape.state(id) {
            State::Check(_, next) if text.is_empty() => id = *next,
            State::Take { next, .. } => {
                let Some(c) = shape.element_of(id).and_then(|element| element.literal) else {
                    break;
                };
                // Where letters count in either case, the name may be written in another.
                if c.is_alphabetic() && shape.element_of(id).is_some_and(|e| e.has(swapped(c))) {
                    break;
                }
                text.push(c);
                id = *next;
            }
            _ => break,
        }
    }
    text
}

fn swapped(c: char) -> char {
    let other = if c.is_lowercase() { c.to_uppercase().next() } else { c.to_lowercase().next() };
    other.unwrap_or(c)
}

/// Fewest literal separators on a way to the end.
fn fewest(shape: &Shape, separator: char) -> Option<usize> {
    let mut least = vec![usize::MAX; shape.states.len()];
    let mut waiting = VecDeque::from([(shape.start, 0)]);
    while let Some((id, count)) = waiting.pop_front() {
        if matches!(shape.state(id), State::Accept) {
            return Some(count);
        }
        match least.get_mut(id) {
            Some(best) if count < *best => *best = count,
            _ => continue,
        }
        for next in ways(shape.state(id)) {
            let is_mark = shape.element_of(id).is_some_and(|e| e.literal == Some(separator));
            if is_mark {
                waiting.push_back((next, count + 1));
            } else {
                waiting.push_front((next, count));
            }
        }
    }
    None
}

fn ways(state: &State) -> Vec<StateId> {
    match state {
        State::Take { next, .. } | State::Check(_, next) => vec![*next],
        State::Split(ways) => ways.clone(),
        State::Accept => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::explain::Explainer;
    use crate::mapping::group_filter::MatchMode;

    fn read(filter: &str) -> (Option<(String, char, usize)>, Option<String>) {
        let filter = GroupFilter::parse(filter).unwrap();
        let explainer = Explainer::new(&filter, MatchMode::Find);
        let layout = explainer.layout().map(|it| (it.prefix, it.separator, it.segments));
        let marks = explainer
            .role_characters()
            .map(|set| " #+,-./=@_".chars().filter(|&c| set.admit(c)).collect());
        (layout, marks)
    }

    #[test]
    fn the_guides_filter_has_four_segments_and_roles_of_word_characters() {
        let (layout, marks) = read(r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$");
        assert_eq!(layout, Some(("aws#".to_owned(), '#', 4)));
        assert_eq!(marks.as_deref(), Some("-_"));
    }

    #[test]
    fn the_default_filter_has_three_segments_and_every_legal_role() {
        let (layout, marks) = read(r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)");
        assert_eq!(layout, Some(("aws_".to_owned(), '_', 3)));
        assert_eq!(marks.as_deref(), Some("+,-.=@_"));
    }

    #[test]
    fn two_separators_are_no_layout_and_an_optional_part_does_not_count() {
        assert_eq!(read(r"^aws-(?{{role}}\w+)_(?{{accountid}}\d+)$").0, None);
        let (layout, _) = read(r"^aws(-x)?-(?{{role}}\w+)-(?{{accountid}}\d+)$");
        assert_eq!(layout.map(|(_, _, segments)| segments), Some(3));
    }

    #[test]
    fn a_filter_that_ignores_case_has_no_literal_beginning() {
        let (layout, _) = read(r"(?i)^aws#(?{{role}}\w+)#(?{{accountid}}\d+)$");
        assert_eq!(layout.map(|(prefix, _, _)| prefix), Some(String::new()));
    }

    #[test]
    fn a_capture_within_the_role_leaves_its_characters_unknown() {
        assert_eq!(read(r"(?{{role}}a(?<x>.))_(?{{accountid}}\d+)").1, None);
    }
}
