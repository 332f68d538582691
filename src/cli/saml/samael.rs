//! `rolecall saml verify --engine samael`: a second opinion, over libxmlsec1.

use std::io::{self, Write};

use clap::ValueEnum;

use super::captures::each;
use super::keys::certificates;
use super::verify::{Format, VerifyArgs};
use super::{CliError, Exit};
use crate::report::saml_opinion as report;
use crate::saml::samael::{Opinion, verify};

/// Who verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Engine {
    /// This program
    #[default]
    Rolecall,
    /// samael over libxmlsec1: it says which part its signatures cover, not whether a reader would read another
    Samael,
}

/// Verifies every message with samael: 1 where one is not accepted.
pub(super) fn run(args: &VerifyArgs) -> Result<Exit, CliError> {
    let certificates = certificates(&args.keys)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Clean;
    each(&args.files, |captured| {
        let (name, opinion) = match captured {
            Ok(capture) => (capture.name.clone(), verify(&capture.text, &certificates)),
            Err(error) => (error.name.clone(), Opinion::unread(error.to_string())),
        };
        if !opinion.verdict.is_fine() {
            exit = Exit::Findings;
        }
        match args.format {
            Format::Text => report::text(&mut out, &name, &opinion)?,
            Format::Jsonl => report::json_line(&mut out, &name, &opinion)?,
        }
        Ok(())
    })?;
    out.flush()?;
    Ok(exit)
}
