//! Wildcards: `*` for any run of characters, `?` for any one.
//!
//! A text is matched in one pass. Between two `*` the leftmost place is the right one, so nothing is tried
//! again; a run that holds `?` is looked for with one bit a character of the run.

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'t> {
    /// Stands for itself.
    Text(&'t str),
    /// Any run of characters, also none.
    Any,
    /// Any one character.
    One,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Glob {
    first: Run,
    /// Runs between two `*`.
    middle: Vec<Run>,
    /// The run behind the last `*`; `None` where there is no `*`.
    last: Option<Run>,
}

impl Glob {
    /// Compiles a text in which `*` and `?` are wildcards.
    pub fn parse(text: &str) -> Self {
        Self::new(&wildcards(text))
    }

    /// Compiles parts.
    pub fn new(tokens: &[Token<'_>]) -> Self {
        let mut runs = vec![Vec::new()];
        for token in tokens {
            let run = runs.last_mut();
            match (token, run) {
                (Token::Any, _) => runs.push(Vec::new()),
                (Token::One, Some(run)) => run.push(None),
                (Token::Text(text), Some(run)) => run.extend(text.chars().map(Some)),
                (_, None) => {}
            }
        }
        let last = if runs.len() > 1 { runs.pop().map(Run::new) } else { None };
        let mut runs = runs.into_iter().map(Run::new);
        let first = runs.next().unwrap_or_else(|| Run::new(Vec::new()));
        Self { first, middle: runs.filter(|run| !run.is_empty()).collect(), last }
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.rest_of(text).is_some()
    }

    fn rest_of(&self, text: &str) -> Option<()> {
        let rest = self.first.strip_prefix(text)?;
        let Some(last) = &self.last else { return rest.is_empty().then_some(()) };
        let mut rest = last.strip_suffix(rest)?;
        for run in &self.middle {
            rest = run.behind(rest)?;
        }
        Some(())
    }
}

/// The parts of a text in which `*` and `?` are wildcards.
pub(super) fn wildcards(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for part in text.split_inclusive(['*', '?']) {
        let (plain, wild) = match part.strip_suffix('*') {
            Some(plain) => (plain, Some(Token::Any)),
            None => match part.strip_suffix('?') {
                Some(plain) => (plain, Some(Token::One)),
                None => (part, None),
            },
        };
        if !plain.is_empty() {
            tokens.push(Token::Text(plain));
        }
        tokens.extend(wild);
    }
    tokens
}

/// Characters in a row, without `*`.
#[derive(Debug, Clone)]
enum Run {
    Plain(Box<str>),
    /// `None` is any one character.
    Holes(Vec<Option<char>>, Bits),
}

impl Run {
    fn new(characters: Vec<Option<char>>) -> Self {
        if let Some(plain) = characters.iter().copied().collect::<Option<String>>() {
            return Self::Plain(plain.into());
        }
        let bits = Bits::new(&characters);
        Self::Holes(characters, bits)
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Plain(plain) if plain.is_empty())
    }

    fn strip_prefix<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Plain(plain) => text.strip_prefix(&**plain),
            Self::Holes(holes, _) => {
                let mut characters = text.chars();
                let fits = |wanted: &Option<char>| {
                    characters.next().is_some_and(|c| wanted.is_none_or(|wanted| wanted == c))
                };
                holes.iter().all(fits).then_some(characters.as_str())
            }
        }
    }

    fn strip_suffix<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Plain(plain) => text.strip_suffix(&**plain),
            Self::Holes(holes, _) => {
                let mut characters = text.chars();
                let fits = |wanted: &Option<char>| {
                    characters.next_back().is_some_and(|c| wanted.is_none_or(|wanted| wanted == c))
                };
                holes.iter().rev().all(fits).then_some(characters.as_str())
            }
        }
    }

    /// What stands behind the leftmost place of this run.
    fn behind<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Plain(plain) => {
                let at = memchr::memmem::find(text.as_bytes(), plain.as_bytes())?;
                text.get(at + plain.len()..)
            }
            Self::Holes(_, bits) => bits.behind(text),
        }
    }
}

/// One bit for each character of a run, set while the text so far ends with the run up to there.
#[derive(Debug, Clone)]
struct Bits {
    /// Bits of the places that any character fits.
    open: Vec<u64>,
    /// The places of every other character, sorted by character.
    places: Vec<(char, Places)>,
    length: usize,
}

/// The places of a character: as bits where they are many, else one by one, so that no run takes more
/// memory than a few words a character.
#[derive(Debug, Clone)]
enum Places {
    Many(Vec<u64>),
    Few(Vec<usize>),
}

impl Bits {
    fn new(run: &[Option<char>]) -> Self {
        let words = run.len().div_ceil(64);
        let holes: Vec<usize> =
            run.iter().enumerate().filter_map(|(at, c)| c.is_none().then_some(at)).collect();
        let mut pairs: Vec<(char, usize)> =
            run.iter().enumerate().filter_map(|(at, c)| Some(((*c)?, at))).collect();
        pairs.sort_unstable();
        let places = pairs.chunk_by(|a, b| a.0 == b.0).filter_map(|chunk| {
            let at: Vec<usize> = chunk.iter().map(|pair| pair.1).collect();
            let places =
                if at.len() > words { Places::Many(bits(&at, words)) } else { Places::Few(at) };
            Some((chunk.first()?.0, places))
        });
        Self { open: bits(&holes, words), places: places.collect(), length: run.len() }
    }

    fn behind<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut state = vec![0_u64; self.open.len()];
        let mut shifted = state.clone();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let mut carry = 1;
            for (to, from) in shifted.iter_mut().zip(&state) {
                *to = (from << 1) | carry;
                carry = from >> 63;
            }
            for ((to, from), open) in state.iter_mut().zip(&shifted).zip(&self.open) {
                *to = from & open;
            }
            match self.places_of(c) {
                Some(Places::Many(many)) => {
                    for ((to, from), mask) in state.iter_mut().zip(&shifted).zip(many) {
                        *to |= from & mask;
                    }
                }
                Some(Places::Few(few)) => {
                    for &at in few {
                        if let (Some(to), Some(from)) =
                            (state.get_mut(at / 64), shifted.get(at / 64))
                        {
                            *to |= from & (1 << (at % 64));
                        }
                    }
                }
                None => {}
            }
            let end = self.length - 1;
            if state.get(end / 64).is_some_and(|word| word & (1 << (end % 64)) != 0) {
                return Some(rest.as_str());
            }
        }
        None
    }

    fn places_of(&self, c: char) -> Option<&Places> {
        let at = self.places.binary_search_by_key(&c, |pair| pair.0).ok()?;
        self.places.get(at).map(|pair| &pair.1)
    }
}

fn bits(places: &[usize], words: usize) -> Vec<u64> {
    let mut bits = vec![0_u64; words];
    for at in places {
        if let Some(word) = bits.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By definition: a row of the table says which prefixes of the text match so far.
    fn reference(pattern: &str, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let mut row = vec![false; text.len() + 1];
        row[0] = true;
        for wanted in pattern.chars() {
            let mut next = vec![false; text.len() + 1];
            for at in 0..=text.len() {
                next[at] = match wanted {
                    '*' => row[at] || (at > 0 && next[at - 1]),
                    _ => at > 0 && row[at - 1] && (wanted == '?' || wanted == text[at - 1]),
                };
            }
            row = next;
        }
        row[text.len()]
    }

    proptest! {
        #[test]
        fn it_matches_what_the_definition_does(pattern in "[ab*?é]{0,12}", text in "[abé]{0,14}") {
            prop_assert_eq!(Glob::parse(&pattern).matches(&text), reference(&pattern, &text));
        }

        #[test]
        fn long_runs_with_holes_match_what_the_definition_does(
            pattern in "\\*[ab?]{60,140}\\*", text in "[ab]{130,300}",
        ) {
            prop_assert_eq!(Glob::parse(&pattern).matches(&text), reference(&pattern, &text));
        }

        #[test]
        fn a_long_run_cut_out_of_the_text_is_found(
            text in "[abc]{200,300}", start in 0_usize..60, length in 65_usize..140,
            holes in prop::collection::vec(0_usize..140, 1..40),
        ) {
            let mut run: Vec<char> = text.chars().skip(start).take(length).collect();
            for hole in holes {
                if let Some(c) = run.get_mut(hole) { *c = '?'; }
            }
            let pattern = format!("*{}*", run.into_iter().collect::<String>());
            prop_assert!(Glob::parse(&pattern).matches(&text));
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        let text = "a".repeat(200_000);
        assert!(!Glob::parse(&format!("{}b", "*a".repeat(2_000))).matches(&text));
        assert!(!Glob::parse(&format!("*{}b*", "a?".repeat(1_000))).matches(&text));
        assert!(!Glob::parse(&format!("*{}b*", "a".repeat(50_000))).matches(&text));
    }
}
