//! AWS's exports: roles, SAML providers, aliases and accounts, as the AWS CLI and SDKs write them.
//!
//! A file is read whole ([`read`]); what it says goes into an [`AwsPart`] whose places are lines of the
//! file, which [`AwsPart::place`] turns into places of the run.

mod account;
mod accounts;
mod config;
mod detect;
pub(super) mod policy;
mod providers;
mod roles;

pub use account::account_in_name;
pub use detect::looks_like;
pub use policy::PolicyError;
pub use providers::{Document, UnnamedProvider, adopt, is_of_provider, provider_in_name};

use serde::Deserialize;

use super::batch::{Loss, Problem};
use super::input::{Format, SourceOptions};
use super::json::{ElementError, Lines};
use crate::model::account::AccountId;
use crate::model::arn::ArnError;
use crate::model::aws::{Account, Accounts};
use crate::text::Place;
use roles::Answer;

/// What one file says about AWS accounts.
#[derive(Debug, Default)]
pub struct AwsPart {
    /// By account; the places in it are lines of the file.
    pub accounts: Accounts,
    /// Metadata documents whose provider the file does not name.
    pub unnamed: Vec<UnnamedProvider>,
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
}

/// What is wrong with an AWS export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwsError {
    /// Not JSON, or not of the shape expected.
    #[error("{0}")]
    Json(ElementError),
    /// No page of the format in the file.
    #[error("nothing to read, expected `{0}`")]
    Empty(&'static str),
    /// Nothing says which account the export is of.
    #[error(
        "nothing says which account this is of, expected `account = \"123456789012\"` for this source or the account id in the file name"
    )]
    NoAccount,
    /// Two things say two accounts.
    #[error("{found}, expected account {expected} as {because}")]
    OtherAccount {
        /// What names another account.
        found: String,
        /// The account of the file.
        expected: AccountId,
        /// What says so.
        because: &'static str,
    },
    /// Pages are missing.
    #[error("incomplete: {0} says that more follows, expected all pages")]
    Incomplete(&'static str),
    /// An account id that is no text of twelve digits.
    #[error("account id {found}, expected a text of 12 digits{offer}")]
    AccountId {
        /// What stands there.
        found: String,
        /// Words that offer the padded id, or nothing.
        offer: String,
        /// The id alone, as written.
        written: String,
    },
    /// An ARN that cannot be read.
    #[error("ARN of {of}: {error}")]
    Arn {
        /// Whose ARN.
        of: String,
        /// What is wrong with it.
        error: ArnError,
    },
    /// Name and ARN of one record disagree.
    #[error("role is named `{name}`, but its ARN says `{arn}`")]
    Name {
        /// `RoleName`.
        name: String,
        /// Name in `Arn`.
        arn: String,
    },
    /// A trust policy that cannot be read.
    #[error("trust policy of `{role}`: {error}")]
    Policy {
        /// The role.
        role: String,
        /// What is wrong.
        error: PolicyError,
    },
    /// The same name twice, or names that IAM holds for one.
    #[error("{what} `{name}` stands twice in this file, expected once; the first one counts")]
    Twice {
        /// `role` or `SAML provider`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A record without what it is known by.
    #[error("{record} without `{field}`, expected one")]
    Missing {
        /// Which record.
        record: &'static str,
        /// Which field.
        field: &'static str,
    },
    /// A metadata document whose provider nothing names.
    #[error(
        "nothing says which SAML provider this is of, expected `provider = \"…\"` for this source or `saml-provider-NAME` in the file name"
    )]
    NoProvider,
    /// More than one alias.
    #[error("{0} account aliases, expected at most one")]
    Aliases(usize),
    /// Another thing that should be a number of seconds.
    #[error("`MaxSessionDuration` of `{role}` is {found}, expected a number of seconds")]
    Duration {
        /// The role.
        role: String,
        /// What stands there.
        found: i64,
    },
}

/// What says that more pages follow: what paginated answers carry beside their list.
fn more(truncated: Option<bool>, marker: bool, next_token: bool) -> Option<&'static str> {
    if truncated == Some(true) {
        Some("`IsTruncated`")
    } else if next_token {
        Some("`NextToken`")
    } else if marker && truncated.is_none() {
        Some("`Marker`")
    } else {
        None
    }
}

/// What stands around the file that is read.
#[derive(Debug, Clone, Copy)]
struct About<'a> {
    /// Name of the file.
    name: &'a str,
    options: &'a SourceOptions,
}

/// Reads a whole file of one of AWS's formats; any other format gives nothing.
pub fn read(format: Format, text: &[u8], name: &str, options: &SourceOptions) -> AwsPart {
    // A metadata document keeps its mark: IAM refuses it.
    let unmarked = text.strip_prefix(b"\xef\xbb\xbf").filter(|_| format != Format::SamlMetadata);
    let text = unmarked.unwrap_or(text);
    let about = About { name, options };
    match format {
        Format::AuthorizationDetails => roles::read(text, Answer::Details, about),
        Format::ListRoles => roles::read(text, Answer::List, about),
        Format::GetRole => roles::read(text, Answer::Single, about),
        Format::ListSamlProviders => providers::read_list(text, about),
        Format::GetSamlProvider => providers::read_one(text, about),
        Format::SamlMetadata => providers::read_document(text, about),
        Format::ListAccountAliases => accounts::read_aliases(text, about),
        Format::ListAccounts => accounts::read_list(text),
        Format::ConfigSnapshot => config::read(text, about),
        _ => AwsPart::default(),
    }
}

/// Reads a whole file whose JSON is in the usual form and nests at most `levels` deep, which most dumps are;
/// `None` leaves it to [`read`].
pub fn read_usual(
    format: Format,
    text: &[u8],
    name: &str,
    options: &SourceOptions,
    levels: usize,
) -> Option<AwsPart> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let about = About { name, options };
    let answer = match format {
        Format::AuthorizationDetails => Answer::Details,
        Format::ListRoles => Answer::List,
        Format::GetRole => Answer::Single,
        _ => return None,
    };
    roles::read_usual(text, answer, about, levels)
}

impl AwsPart {
    /// Turns the lines of this file into places of the run.
    pub fn place(&mut self, place: impl Fn(u32) -> Place) {
        self.accounts.map_places(|local| place(local.0));
        for unnamed in &mut self.unnamed {
            let document = &mut unnamed.document;
            document.metadata.place = place(document.metadata.place.0);
            if let Some(mode) = &mut document.encryption.mode {
                mode.place = place(mode.place.0);
            }
        }
    }

    fn report(&mut self, line: u32, loss: Loss, error: AwsError) {
        self.problems.push(Problem { line, loss, error: error.into() });
    }

    fn account(&mut self, id: AccountId) -> &mut Account {
        self.accounts.entry(id)
    }
}

/// The pages of a file: one document, several after each other, or lists of them.
#[derive(Debug)]
struct Pages<'a> {
    text: &'a [u8],
    at: usize,
    lines: Lines<'a>,
    read: usize,
}

impl<'a> Pages<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, lines: Lines::new(text, 1), read: 0 }
    }

    /// The line at which the next page begins.
    fn next_line(&mut self) -> Option<u32> {
        let rest = self.text.get(self.at..)?;
        self.at += rest.iter().position(|b| !b" \t\r\n,[]".contains(b))?;
        Some(self.lines.at(self.at))
    }

    /// Whether a page comes next; `None` where it stands in a list.
    fn next_usual(&mut self) -> Option<bool> {
        let rest = self.text.get(self.at..)?;
        let next = rest.iter().position(|byte| !byte.is_ascii_whitespace());
        self.at += next.unwrap_or(rest.len());
        match self.text.get(self.at) {
            None => Some(false),
            Some(b'{') => Some(true),
            Some(_) => None,
        }
    }

    /// Goes on behind a page.
    fn pass(&mut self, end: usize) {
        self.at = end;
        self.read += 1;
    }

    /// Parses the page that [`Pages::next_line`] announced; after an error it may be tried again.
    fn parse<T: Deserialize<'a>>(&mut self) -> Result<T, ElementError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut parsed = serde_json::Deserializer::from_slice(rest).into_iter::<T>();
        match parsed.next() {
            Some(Ok(page)) => {
                self.at += parsed.byte_offset().max(1);
                self.read += 1;
                Ok(page)
            }
            Some(Err(error)) => {
                let mut lines = self.lines;
                Err(ElementError::new(&error, lines.at(self.at)))
            }
            None => Err(ElementError {
                line: 0,
                message: "the file ends here, expected a document".to_owned(),
                loss: Loss::File,
            }),
        }
    }
}

impl AwsPart {
    /// Reads every page of a file; what cannot be parsed is reported and ends the file.
    fn pages<'a, T: Deserialize<'a>>(
        &mut self,
        text: &'a [u8],
        wanted: &'static str,
        mut take: impl FnMut(&mut Self, T, u32),
    ) {
        let mut pages = Pages::new(text);
        while let Some(line) = pages.next_line() {
            match pages.parse::<T>() {
                Ok(page) => take(self, page, line),
                Err(error) => {
                    self.report(error.line, Loss::File, AwsError::Json(error.clone()));
                    return;
                }
            }
        }
        if pages.read == 0 {
            self.report(0, Loss::File, AwsError::Empty(wanted));
        }
    }
}
