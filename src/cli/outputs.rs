//! Where a report goes: standard output in one format, and files in others.
#![expect(clippy::disallowed_methods, reason = "this is where reports are written")]

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

use super::CliError;
use super::files::{plain, write_beside};
use crate::report::checked::{CheckFormat, Checked, write, write_unstyled};
use crate::text::Shown;

/// How findings are printed, and which files they are written to.
#[derive(Debug, Clone, Args)]
pub(super) struct OutputArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    #[command(flatten)]
    files: FileArgs,
}

/// Which files a report is written to beside standard output.
#[derive(Debug, Clone, Args)]
pub(super) struct FileArgs {
    /// Write to a file too, in a format of its own: `json=out.json` (repeatable)
    #[arg(long = "output", value_name = "FORMAT=FILE")]
    outputs: Vec<String>,
    /// Write through a symbolic link that `--output` names
    #[arg(long)]
    force: bool,
}

/// A format of findings, as it is named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// One JSON object a line and finding, the last one counts
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML: a test a rule
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// A summary for a pull request or a job
    Markdown,
}

impl From<Format> for CheckFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            Format::Jsonl => Self::Jsonl,
            Format::Sarif => Self::Sarif,
            Format::Junit => Self::Junit,
            Format::Github => Self::Github,
            Format::Gitlab => Self::Gitlab,
            Format::Markdown => Self::Markdown,
        }
    }
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target<F> {
    format: F,
    /// As it was named.
    name: String,
    /// The file itself, behind a link that may be written through.
    path: PathBuf,
}

impl OutputArgs {
    /// Whether every file can be written, before anything is read.
    pub(super) fn check(&self) -> Result<(), CliError> {
        self.files.check::<Format>()
    }

    /// Every format that is written.
    pub(super) fn formats(&self) -> Result<Vec<Format>, CliError> {
        let of_files = self.files.targets()?.into_iter().map(|target| target.format);
        Ok(std::iter::once(self.format).chain(of_files).collect())
    }

    /// Writes what was found.
    pub(super) fn write(&self, checked: &Checked<'_>) -> Result<(), CliError> {
        let write = if StandardOutput::new().plain { write_unstyled } else { write };
        self.write_with(|out, format| write(out, format.into(), checked))
    }

    /// Writes every format that was asked for with a writer of it.
    pub(super) fn write_with(
        &self,
        write: impl Fn(&mut dyn Write, Format) -> io::Result<()>,
    ) -> Result<(), CliError> {
        self.files.write_with(self.format, write)
    }
}

/// Standard output, which takes styles off where they are not wanted.
struct StandardOutput {
    out: anstream::AutoStream<io::Stdout>,
    /// Nothing was written so far that could have begun a style, and none is wanted.
    plain: bool,
}

impl StandardOutput {
    fn new() -> Self {
        let out = anstream::stdout();
        let plain = out.current_choice() == ColorChoice::Never;
        Self { out, plain }
    }
}

impl Write for StandardOutput {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        // What has nothing to take off need not be looked through for it byte by byte.
        let is_shown = |byte: &u8| matches!(byte, b'\n' | b' '..=b'~' | 0x80..);
        self.plain &= text.iter().fold(true, |all, byte| all & is_shown(byte));
        if self.plain { io::stdout().write(text) } else { self.out.write(text) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl FileArgs {
    /// Whether every file can be written, in a format there is, before anything is read.
    pub(super) fn check<F: ValueEnum>(&self) -> Result<(), CliError> {
        self.targets::<F>().map(|_| ())
    }

    /// Writes a report: files first, so that they are there whatever becomes of standard output, which has
    /// the format named first.
    pub(super) fn write_with<F: ValueEnum + Copy>(
        &self,
        format: F,
        write: impl Fn(&mut dyn Write, F) -> io::Result<()>,
    ) -> Result<(), CliError> {
        for target in self.targets()? {
            let mut text = anstream::StripStream::new(Vec::new());
            write(&mut text, target.format)?;
            write_beside(&target.path, &text.into_inner()).map_err(|error| {
                let (name, error) = (Shown(&target.name), plain(&error));
                CliError::Message(format!("`{name}` cannot be written: {error}"))
            })?;
        }
        let mut out = BufWriter::with_capacity(1 << 18, StandardOutput::new());
        write(&mut out, format)?;
        out.flush()?;
        Ok(())
    }

    fn targets<F: ValueEnum>(&self) -> Result<Vec<Target<F>>, CliError> {
        let mut targets: Vec<Target<F>> = Vec::new();
        for pair in &self.outputs {
            let target = self.target(pair).map_err(|wrong| {
                CliError::Message(format!("`--output {}`: {wrong}", Shown(pair)))
            })?;
            if let Some(other) = targets.iter().find(|other| other.path == target.path) {
                let (name, other) = (Shown(&target.name), Shown(&other.name));
                return Err(CliError::Message(format!(
                    "`--output` names `{name}` twice (as `{other}`), expected a file for each format"
                )));
            }
            targets.push(target);
        }
        Ok(targets)
    }

    fn target<F: ValueEnum>(&self, pair: &str) -> Result<Target<F>, String> {
        let (format, name) = pair
            .split_once('=')
            .filter(|(_, name)| !name.is_empty())
            .ok_or("expected FORMAT=FILE")?;
        let format = F::from_str(format, false).map_err(|_| {
            let known = F::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let known: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
            format!("format `{}`, expected one of {}", Shown(format), known.join(", "))
        })?;
        let path = self.file(Path::new(name))?;
        Ok(Target { format, name: name.to_owned(), path })
    }

    /// The file to write, which may be there or not.
    fn file(&self, path: &Path) -> Result<PathBuf, String> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        if !parent.is_dir() {
            let shown = parent.display().to_string();
            return Err(format!("there is no folder `{}`, expected one", Shown(&shown)));
        }
        let Ok(about) = fs::symlink_metadata(path) else {
            // Not there yet; its folder by its own name, so that two names of one file are seen.
            let name = path.file_name().ok_or("is no file name, expected one")?;
            let parent = fs::canonicalize(parent).map_err(|error| plain(&error))?;
            return Ok(parent.join(name));
        };
        if about.is_symlink() && !self.force {
            return Err(
                "is a symbolic link, expected a file; `--force` writes to what it points at"
                    .to_owned(),
            );
        }
        let about = fs::metadata(path).map_err(|error| plain(&error))?;
        if about.is_dir() {
            return Err("is a folder, expected a file".to_owned());
        }
        if !about.is_file() {
            return Err("is no regular file, expected one".to_owned());
        }
        fs::canonicalize(path).map_err(|error| plain(&error))
    }
}
