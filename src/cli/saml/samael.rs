//! `rolecall saml verify --engine samael`: a second opinion, over libxmlsec1.

use std::io::{self, Write};

use clap::ValueEnum;

use super::keys::{KeyArgs, certificates};
use super::verify::{Format, VerifyArgs, message_text};
use super::{CliError, Exit};
use crate::report::saml_opinion as report;
use crate::saml::samael::verify;
use crate::saml::verify::Verdict;

/// Who verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Engine {
    /// This program
    #[default]
    Rolecall,
    /// samael over libxmlsec1: it says which part its signatures cover, not whether a reader would read another
    Samael,
}

/// Verifies every file with samael: 1 where one is not accepted.
pub(super) fn run(args: &VerifyArgs, keys: &KeyArgs) -> Result<Exit, CliError> {
    let certificates = certificates(keys)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Clean;
    for file in &args.files {
        let text = message_text(file)?;
        let opinion = verify(&text, &certificates);
        if !matches!(opinion.verdict, Verdict::Accept | Verdict::Unsigned) {
            exit = Exit::Findings;
        }
        let name = file.display().to_string();
        match args.format {
            Format::Text => report::text(&mut out, &name, &opinion)?,
            Format::Jsonl => report::json_line(&mut out, &name, &opinion)?,
        }
    }
    out.flush()?;
    Ok(exit)
}
