//! How a comparison is printed.

use std::io::{BufWriter, Write};

use clap::{Args, ValueEnum};

use crate::cli::CliError;
use crate::cli::terminal::width;
use crate::report::diff::{View, diff_json, diff_jsonl, diff_markdown, diff_text};

/// The flags.
#[derive(Debug, Clone, Args)]
pub(super) struct OutputArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// List the users of every role, not only how many they are
    #[arg(long)]
    pub(super) users: bool,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
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
    /// Prints a comparison.
    pub(super) fn write(&self, view: &View<'_>) -> Result<(), CliError> {
        if self.format == Format::Text {
            let mut out = anstream::stdout().lock();
            diff_text(&mut out, view, width())?;
            return Ok(out.flush()?);
        }
        let mut out = BufWriter::with_capacity(1 << 18, std::io::stdout().lock());
        match self.format {
            Format::Text | Format::Markdown => diff_markdown(&mut out, view)?,
            Format::Json => diff_json(&mut out, view)?,
            Format::Jsonl => diff_jsonl(&mut out, view)?,
        }
        Ok(out.flush()?)
    }
}
