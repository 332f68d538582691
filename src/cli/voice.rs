//! How much is said on standard error: `-q` for errors alone, `-v` for what was read too.

use std::io::Write as _;
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use clap::Args;

use crate::text::Shown;

/// The flags; every command has them.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct VoiceArgs {
    /// Say nothing on standard error but errors: no warnings, no progress
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = 1000)]
    quiet: bool,
    /// Say on standard error what was read, and as what
    #[arg(short, long, global = true, display_order = 1001)]
    verbose: bool,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Voice {
    /// Errors.
    Quiet,
    /// Errors and warnings, and progress on a terminal.
    #[default]
    Usual,
    /// What was read, too.
    Verbose,
}

/// The voice of this run; the process has one standard error.
static VOICE: OnceLock<Voice> = OnceLock::new();

impl VoiceArgs {
    /// Takes the flags' word for the rest of the run.
    pub(super) fn speak(self) {
        let voice = match self {
            Self { quiet: true, .. } => Voice::Quiet,
            Self { verbose: true, .. } => Voice::Verbose,
            Self { .. } => Voice::Usual,
        };
        VOICE.get_or_init(|| voice);
    }
}

/// How much is said in this run.
pub(super) fn voice() -> Voice {
    VOICE.get().copied().unwrap_or_default()
}

/// One line on standard error.
pub(super) fn complain(message: &str) {
    say(AnsiColor::Red, "error", message);
}

/// One line on standard error that stops nothing.
pub(super) fn warn(message: &str) {
    if voice() > Voice::Quiet {
        say(AnsiColor::Yellow, "warning", message);
    }
}

/// One line on standard error about what was done.
pub(super) fn tell(line: &str) {
    if voice() > Voice::Quiet {
        // As in `say`.
        let _ = writeln!(anstream::stderr(), "{}", shown(line));
    }
}

/// One line on standard error for who wants to know.
pub(super) fn mention(message: &str) {
    if voice() == Voice::Verbose {
        say(AnsiColor::Cyan, "info", message);
    }
}

fn say(colour: AnsiColor, word: &str, message: &str) {
    let style = Style::new().bold().fg_color(Some(colour.into()));
    // A closed standard error leaves only the exit code.
    let _ = writeln!(anstream::stderr(), "{style}{word}{style:#}: {}", shown(message));
}

/// What is said, line by line, with nothing in it that acts on a terminal or in the log of a build.
fn shown(message: &str) -> String {
    let lines: Vec<String> = message.split('\n').map(|line| Shown(line).to_string()).collect();
    lines.join("\n")
}
