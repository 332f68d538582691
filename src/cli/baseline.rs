//! `--baseline` and `--write-baseline`: findings that were there before.

use std::path::{Path, PathBuf};

use clap::Args;

use super::files::{plain, read_text, write_beside};
use super::voice::tell;
use super::{CliError, warn};
use crate::config::baseline;
use crate::rules::{Against, Baseline, Compared, Context, Outcome, all, run_against};
use crate::text::Shown;

/// Largest baseline that is read.
const LIMIT: u64 = 64 << 20;

/// Which baseline counts, and where a new one goes.
#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    /// Findings that this file names are suppressed: `--write-baseline` wrote it
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Name every finding that is not waived in this file, and suppress them all
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
}

impl BaselineArgs {
    /// Asks every rule, and leaves out what is suppressed.
    pub(super) fn run(&self, context: &Context<'_>) -> Result<(Outcome, Compared), CliError> {
        let old = self.old()?;
        let against = match (&old, &self.write_baseline) {
            (_, Some(_)) => Against::Everything,
            (Some(old), None) => Against::Baseline(old),
            (None, None) => Against::Nothing,
        };
        Ok(run_against(all(), context, against))
    }

    /// The baseline that counts.
    pub(super) fn old(&self) -> Result<Option<Baseline>, CliError> {
        self.baseline.as_deref().map(read).transpose()
    }

    /// Writes the new baseline, or says what of the old one is gone.
    pub(super) fn finish(&self, compared: &Compared) -> Result<(), CliError> {
        if let Some(path) = &self.write_baseline {
            let mut text = Vec::new();
            baseline::write(&mut text, &compared.there)?;
            let name = path.display().to_string();
            let name = Shown(&name);
            write_beside(path, &text).map_err(|error| {
                CliError::Message(format!("`{name}` cannot be written: {}", plain(&error)))
            })?;
            tell(&format!("`{name}` names what is there today; `--baseline {name}` leaves it out"));
            return Ok(());
        }
        if let (Some(path), gone @ 1..) = (&self.baseline, compared.gone) {
            let name = path.display().to_string();
            let are = if gone == 1 { "finding is" } else { "findings are" };
            warn(&format!(
                "{gone} {are} gone that the baseline `{0}` names; `--write-baseline {0}` leaves out what is gone",
                Shown(&name)
            ));
        }
        Ok(())
    }
}

/// A baseline that is given.
pub(super) fn read(path: &Path) -> Result<Baseline, CliError> {
    let name = path.display().to_string();
    let text = read_text(path, LIMIT).map_err(|error| {
        CliError::Message(format!("`{}` cannot be read: {}", Shown(&name), plain(&error)))
    })?;
    baseline::parse(&text)
        .map_err(|error| CliError::Message(format!("{}:{}: {error}", Shown(&name), error.line)))
}
