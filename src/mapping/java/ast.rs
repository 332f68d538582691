//! The tree of a Java pattern, with the place of every node in the filter text.

use std::ops::Range;

use super::class::CharSet;

/// Index of a node in [`super::Pattern`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// One node of the tree.
#[derive(Debug, Clone)]
pub struct Node {
    /// The bytes of the filter text this node was read from.
    pub span: Range<usize>,
    /// What it matches.
    pub kind: Kind,
}

/// What a node matches.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Nothing, successfully.
    Empty,
    /// One code point of a set (a literal is a set of one).
    Set(CharSet),
    /// A condition on the place, taking no character.
    Assert(Assertion),
    /// `\R`: a line ending, `\r\n` before `\r` alone.
    LineEnding,
    /// `\X`: an extended grapheme cluster.
    Grapheme,
    /// The nodes one after another.
    Concat(Vec<NodeId>),
    /// The first of the alternatives that leads to a match.
    Alternate(Vec<NodeId>),
    /// A parenthesis.
    Group(Group, NodeId),
    /// A quantified node.
    Repeat(Repeat, NodeId),
    /// `\1`, `\k<name>`.
    BackReference {
        /// Number of the group referred to; it may not exist, then nothing matches.
        group: usize,
        /// Whether case is ignored, and if so whether beyond ASCII.
        case: Case,
    },
}

/// How letters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// As they stand.
    Sensitive,
    /// `(?i)`: ASCII letters alike.
    IgnoreAscii,
    /// `(?iu)`: all letters alike, by Java's lower case of the upper case.
    IgnoreUnicode,
}

/// A parenthesis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    /// `(…)`, `(?<name>…)`, `(?{{name}}…)`.
    Capture {
        /// Number, from 1, by opening parenthesis.
        index: usize,
        /// Name, if it has one.
        name: Option<String>,
    },
    /// `(?:…)`, `(?i:…)`.
    Plain,
    /// `(?>…)`.
    Atomic,
    /// `(?=…)`, `(?!…)`.
    Ahead {
        /// `(?!…)`.
        negative: bool,
    },
    /// `(?<=…)`, `(?<!…)`.
    Behind {
        /// `(?<!…)`.
        negative: bool,
        /// Fewest and most characters looked back over, as Java computes them (`i32` wrap-around included).
        reach: (i32, i32),
        /// Whether Java counts code points here instead of UTF-16 units: it does when the rest
        /// of the pattern holds an astral character.
        by_code_point: bool,
    },
}

/// A quantifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// Fewest repetitions.
    pub min: u32,
    /// Most repetitions; `None` for no bound.
    pub max: Option<u32>,
    /// Which number is tried first.
    pub mode: RepeatMode,
    /// For a group: whether Java repeats it as one atom (its `GroupCurly`), which it does for a
    /// body without choices.
    pub deterministic: bool,
}

/// Which number of repetitions is tried first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatMode {
    /// The most, then fewer.
    Greedy,
    /// The fewest, then more.
    Lazy,
    /// The most, and no other.
    Possessive,
}

/// A condition on a place in the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Assertion {
    /// `^`, `\A`, and `\G` (the first search starts at the start).
    Begin,
    /// `\z`.
    End,
    /// `$`, `\Z`: the end, or before a line terminator that ends the name.
    Dollar {
        /// `(?d)`: only `\n` is a line terminator.
        unix: bool,
    },
    /// `(?m)^`: the start of a line, but never the end of the name.
    LineBegin {
        /// `(?d)`: only `\n` is a line terminator.
        unix: bool,
    },
    /// `(?m)$`: before a line terminator, or the end.
    LineEnd {
        /// `(?d)`: only `\n` is a line terminator.
        unix: bool,
    },
    /// `\b`, `\B`.
    WordBoundary {
        /// `\B`.
        negated: bool,
        /// `(?U)`: the word characters of Unicode.
        unicode: bool,
    },
    /// `\b{g}`: between two grapheme clusters.
    GraphemeBoundary,
}
