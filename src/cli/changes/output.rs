//! How a comparison is printed.

use clap::{Args, ValueEnum};

use crate::cli::CliError;
use crate::cli::outputs::FileArgs;
use crate::cli::terminal::width;
use crate::report::diff::{View, diff_json, diff_jsonl, diff_markdown, diff_text};

/// The flags.
#[derive(Debug, Clone, Args)]
pub(super) struct OutputArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// List the users of every role, not only how many they are
    #[arg(long)]
    pub(super) users: bool,
    #[command(flatten)]
    files: FileArgs,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// One JSON object a user and role, a line each
    Jsonl,
    /// For a comment on a pull request
    Markdown,
}

impl OutputArgs {
    /// Whether every file can be written, before anything is read.
    pub(super) fn check(&self) -> Result<(), CliError> {
        self.files.check::<Format>()
    }

    /// Writes a comparison in every format that was asked for.
    pub(super) fn write(&self, view: &View<'_>) -> Result<(), CliError> {
        let width = width();
        self.files.write_with(self.format, |out, format| match format {
            Format::Text => diff_text(out, view, width),
            Format::Json => diff_json(out, view),
            Format::Jsonl => diff_jsonl(out, view),
            Format::Markdown => diff_markdown(out, view),
        })
    }
}
