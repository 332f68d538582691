//! A grammar from what a project declares, or the one thing that is wrong with that.

use super::ambiguity::{Doubt, ambiguity};
use super::template::{Piece, pieces};
use super::words::{Class, Words, objection};
use super::{Form, NamingGrammar, Part, Segment, Slot};
use crate::finding::Quoted;
use crate::model::account::AccountId;
use crate::text::Shown;

/// The form of names in Okta's guide.
pub const DEFAULT_TEMPLATE: &str = "aws#{alias}#{role}#{accountid}";

/// The parts that an alias or a role can be made of.
const WITHIN: [Part; 2] = [Part::Environment, Part::Owner];

/// What a project says of its names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declaration {
    /// The whole name; [`DEFAULT_TEMPLATE`] where nothing is said.
    pub template: Option<String>,
    /// What an alias is made of.
    pub alias: Option<String>,
    /// What a role is made of.
    pub role: Option<String>,
    /// Account aliases.
    pub aliases: Option<Vec<String>>,
    /// Names of roles.
    pub roles: Option<Vec<String>>,
    /// Environments.
    pub environments: Option<Vec<String>>,
    /// Owners.
    pub owners: Option<Vec<String>>,
    /// Whether account ids are those of accounts that are known.
    pub known_accounts: bool,
}

/// What is wrong with a declaration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GrammarError {
    /// The key that is to be mended.
    pub key: &'static str,
    /// Which of its values, where it is a list.
    pub at: Option<usize>,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl Declaration {
    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The grammar for any accounts there may be, or what is wrong with the declaration.
    pub fn check(&self) -> Result<NamingGrammar, GrammarError> {
        self.check_lists()?;
        let template = self.template.as_deref().unwrap_or(DEFAULT_TEMPLATE);
        let whole = read("template", template, &Part::ALL, false)?;
        let wrong = |message: String| GrammarError { key: "template", at: None, message };
        for part in [Part::Role, Part::AccountId] {
            if !whole.contains(&Piece::Part(part)) {
                let part = part.as_str();
                return Err(wrong(format!(
                    "`template` is `{}`, without `{{{part}}}`, expected one: the Group Filter captures it",
                    Shown(template)
                )));
            }
        }
        let (alias, role) = (self.within(Part::Alias)?, self.within(Part::Role)?);
        self.check_use(&whole, [&alias, &role])?;
        let made = |part: Part| match part {
            Part::Alias => alias.as_deref().zip(self.alias.as_deref()),
            Part::Role => role.as_deref().zip(self.role.as_deref()),
            _ => None,
        };
        let slot = |part: Part| Slot {
            part: Some(part),
            form: match made(part) {
                Some((pieces, text)) => Form::Made(text.to_owned(), self.inner(part, pieces)),
                None => Form::Words(self.words(part, None)),
            },
        };
        let segments = whole.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(Segment::Text(text.clone())),
            Piece::Part(part) => Some(Segment::Slot(slot(*part))),
            Piece::Any => None,
        });
        let grammar = NamingGrammar { template: template.to_owned(), segments: segments.collect() };
        side_by_side(&grammar)?;
        match ambiguity(&grammar) {
            None => Ok(grammar),
            Some(doubt) => Err(wrong(ambiguous(template, &doubt))),
        }
    }

    /// The grammar, with the accounts that are known; `None` where nothing is declared, or where
    /// [`Self::check`] has an objection.
    pub fn grammar(&self, known: impl IntoIterator<Item = AccountId>) -> Option<NamingGrammar> {
        if self.is_empty() {
            return None;
        }
        let mut grammar = self.check().ok()?;
        if self.known_accounts {
            let mut ids: Vec<String> = known.into_iter().map(|id| id.to_string()).collect();
            ids.sort_unstable();
            ids.dedup();
            for segment in &mut grammar.segments {
                if let Segment::Slot(slot) = segment
                    && slot.part == Some(Part::AccountId)
                {
                    slot.form = Form::Words(Words::Ids(std::mem::take(&mut ids)));
                }
            }
        }
        Some(grammar)
    }

    fn list(&self, part: Part) -> (&'static str, Option<&[String]>) {
        let (key, list) = match part {
            Part::Alias => ("aliases", &self.aliases),
            Part::Role => ("roles", &self.roles),
            Part::Environment => ("environments", &self.environments),
            Part::Owner => ("owners", &self.owners),
            Part::AccountId => ("accounts", &None),
        };
        (key, list.as_deref())
    }

    fn check_lists(&self) -> Result<(), GrammarError> {
        for part in [Part::Alias, Part::Role, Part::Environment, Part::Owner] {
            let (key, Some(list)) = self.list(part) else { continue };
            if list.is_empty() {
                let message = format!("`{key}` is empty, expected {} or no such key", a(part));
                return Err(GrammarError { key, at: None, message });
            }
            let class = self.class(part);
            for (at, word) in list.iter().enumerate() {
                if let Some(expected) = objection(part, class, word) {
                    let word = Shown(word).to_string();
                    let message = format!("`{key}` has {}, expected {expected}", Quoted(&word));
                    return Err(GrammarError { key, at: Some(at), message });
                }
            }
        }
        Ok(())
    }

    /// What words of a part may hold.
    fn class(&self, part: Part) -> Class {
        let holds = |template: &Option<String>| {
            template.as_ref().is_some_and(|text| text.contains(&format!("{{{}}}", part.as_str())))
        };
        match part {
            Part::Alias => Class::Alias,
            Part::Role => Class::Role,
            _ if holds(&self.alias) => Class::Lower,
            _ if holds(&self.role) => Class::Role,
            _ => Class::Word,
        }
    }

    /// The pieces of an alias or a role.
    fn within(&self, part: Part) -> Result<Option<Vec<Piece>>, GrammarError> {
        let (text, class) = match part {
            Part::Alias => (&self.alias, Class::Alias),
            _ => (&self.role, Class::Role),
        };
        let Some(text) = text else { return Ok(None) };
        let key = part.as_str();
        let key = if part == Part::Alias { "alias" } else { key };
        let wrong = |message: String| GrammarError { key, at: None, message };
        let (list, declared) = self.list(part);
        if declared.is_some() {
            return Err(wrong(format!(
                "`{key}` and `{list}` both say what {} is, expected one",
                a(part)
            )));
        }
        let pieces = read(key, text, &WITHIN, true)?;
        let texts = pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text),
            _ => None,
        });
        let stray = texts.flat_map(|text| text.chars()).find(|&c| !class.holds(c));
        match stray {
            Some(c) => Err(wrong(format!(
                "`{key}` is `{}`, and {} cannot hold `{c}`, expected {} alone",
                Shown(text),
                a(part),
                class.says()
            ))),
            None => Ok(Some(pieces)),
        }
    }

    /// An error where a part stands twice, or is declared and stands nowhere.
    fn check_use(
        &self,
        whole: &[Piece],
        made: [&Option<Vec<Piece>>; 2],
    ) -> Result<(), GrammarError> {
        let mut seen: Vec<(Part, &str)> = Vec::new();
        let keys = ["template", "alias", "role"];
        let lists = [Some(whole), made[0].as_deref(), made[1].as_deref()];
        for (key, pieces) in keys.into_iter().zip(lists) {
            for piece in pieces.unwrap_or_default() {
                let Piece::Part(part) = piece else { continue };
                if let Some((_, first)) = seen.iter().find(|(known, _)| known == part) {
                    let place = if *first == key {
                        "twice".to_owned()
                    } else {
                        format!("too, beside `{first}`")
                    };
                    let message =
                        format!("`{key}` has `{{{}}}` {place}, expected it once", part.as_str());
                    return Err(GrammarError { key, at: None, message });
                }
                seen.push((*part, key));
            }
        }
        let is_used = |part: Part| seen.iter().any(|(known, _)| *known == part);
        for part in [Part::Alias, Part::Environment, Part::Owner] {
            let (list, declared) = self.list(part);
            let key = match (part, declared.is_some(), self.alias.is_some()) {
                (_, true, _) => list,
                (Part::Alias, false, true) => "alias",
                _ => continue,
            };
            if !is_used(part) {
                let places = if part == Part::Alias {
                    "`template`"
                } else {
                    "`template`, `alias` or `role`"
                };
                let message =
                    format!("`{key}` is declared, expected `{{{}}}` in {places}", part.as_str());
                return Err(GrammarError { key, at: None, message });
            }
        }
        Ok(())
    }

    fn words(&self, part: Part, within: Option<Part>) -> Words {
        let class = match (part, within) {
            (Part::AccountId, _) => return Words::Twelve,
            (Part::Alias, _) => Class::Alias,
            (Part::Role, _) => Class::Role,
            (_, Some(Part::Alias)) => Class::Lower,
            _ => Class::Word,
        };
        Words::declared(class, self.list(part).1.unwrap_or_default())
    }

    fn inner(&self, outer: Part, pieces: &[Piece]) -> Vec<Segment> {
        let class = if outer == Part::Alias { Class::Alias } else { Class::Role };
        let segment = |piece: &Piece| match piece {
            Piece::Text(text) => Segment::Text(text.clone()),
            Piece::Part(part) => {
                let form = Form::Words(self.words(*part, Some(outer)));
                Segment::Slot(Slot { part: Some(*part), form })
            }
            Piece::Any => Segment::Slot(Slot { part: None, form: Form::Words(Words::Any(class)) }),
        };
        pieces.iter().map(segment).collect()
    }
}

fn read(
    key: &'static str,
    text: &str,
    parts: &[Part],
    any: bool,
) -> Result<Vec<Piece>, GrammarError> {
    let wrong = |message: String| GrammarError { key, at: None, message };
    let pieces = pieces(text, parts, any)
        .map_err(|why| wrong(format!("`{key}` is `{}`: it {why}", Shown(text))))?;
    if pieces.is_empty() {
        return Err(wrong(format!("`{key}` is empty, expected one such as `{DEFAULT_TEMPLATE}`")));
    }
    Ok(pieces)
}

/// A part with its article.
fn a(part: Part) -> String {
    let article = match part {
        Part::Role => "a",
        _ => "an",
    };
    format!("{article} {part}")
}

/// An error where two parts stand side by side: nobody could tell where one ends.
fn side_by_side(grammar: &NamingGrammar) -> Result<(), GrammarError> {
    let leaves = grammar.leaves();
    for pair in leaves.windows(2) {
        let [one, other] = pair else { continue };
        let is_part = |leaf: &super::Leaf<'_>| matches!(leaf.what, super::What::Words(_));
        if is_part(one) && is_part(other) {
            let name = |leaf: &super::Leaf<'_>| {
                let part = leaf.inner.or(leaf.outer);
                part.map_or("*".to_owned(), |part| format!("{{{}}}", part.as_str()))
            };
            let key = match (one.outer == other.outer, one.outer) {
                (true, Some(Part::Alias)) => "alias",
                (true, Some(Part::Role)) => "role",
                _ => "template",
            };
            let message = format!(
                "`{key}` has `{}` and `{}` side by side, expected a separator between them",
                name(one),
                name(other)
            );
            return Err(GrammarError { key, at: None, message });
        }
    }
    Ok(())
}

fn ambiguous(template: &str, doubt: &Doubt) -> String {
    let template = Shown(template);
    match doubt {
        Doubt::TooMuch => format!(
            "`template` is `{template}`, and it cannot be told whether every name has one reading: too many \
             words with `*`"
        ),
        Doubt::Twice { name, readings: [one, other] } => format!(
            "`template` is `{template}`, and {} can be read in two ways, with {one} and with {other}: expected a \
             separator that no part before it can hold, such as `#`",
            Quoted(name)
        ),
    }
}
