//! What a `rolecall.toml` may hold, as tables: the reader, the JSON Schema and docs/configuration.md follow them.

/// A table of a `rolecall.toml`.
#[derive(Debug)]
pub struct Table {
    /// How it is called in messages, with its article: `a source`.
    pub one: &'static str,
    /// What stands above its keys: `[[source]]`.
    pub head: &'static str,
    /// What it is for, as Markdown sentences.
    pub meaning: &'static str,
    /// Its keys, in the order they are explained.
    pub keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// Whether every such table has it.
    pub required: bool,
    /// What counts where it is not there, in words or as TOML in backticks; empty where it is required.
    pub default: &'static str,
    /// What it means, as Markdown without a full stop.
    pub meaning: &'static str,
    /// A value, as TOML.
    pub example: &'static str,
}

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A text, which may be empty.
    Text,
    /// A text that is not empty.
    Name,
    /// One of some words.
    Word(fn() -> Vec<&'static str>),
    /// One of some words, or an array of them.
    Words(fn() -> Vec<&'static str>),
    /// The id of a rule that a waiver can waive, or the name of a group of them.
    Rule,
    /// One ASCII character.
    Character,
    /// Twelve digits.
    AccountId,
    /// The alias of an AWS account.
    Alias,
    /// The name of a character encoding.
    Encoding,
    /// A day: `2027-03-31`.
    Day,
    /// A day and time, as a text or as TOML's own.
    Moment,
    /// An address of IPv4 or IPv6.
    Address,
    /// `true` or `false`.
    Switch,
    /// Texts.
    Texts,
    /// A table of texts with keys of the user's own.
    Pairs,
    /// A number of bytes, or a text such as `4MiB`.
    Size,
    /// A number from one on, or its text.
    Levels,
    /// Levels and numbers of rules and of groups.
    Rules,
    /// A table `[name]`.
    Table(&'static Table),
    /// Tables `[[name]]`.
    Tables(&'static Table),
}

impl Table {
    /// The key of a name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The names of its keys.
    pub fn names(&self) -> Vec<&'static str> {
        self.keys.iter().map(|key| key.name).collect()
    }
}

impl Key {
    /// A key that may be left out.
    pub const fn new(
        name: &'static str,
        shape: Shape,
        default: &'static str,
        meaning: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, shape, required: false, default, meaning, example }
    }

    /// A key that every such table has.
    pub const fn required(
        name: &'static str,
        shape: Shape,
        meaning: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, shape, required: true, default: "", meaning, example }
    }
}
