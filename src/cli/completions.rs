//! `rolecall completions`: what a shell needs to complete commands and options.

use std::io::{self, Write as _};

use clap::{Args, ValueEnum};
use clap_complete::{Shell, generate};

use super::{CliError, Exit, NAME, command};

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Known,
}

/// The shells, under the names people type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Known {
    /// source <(rolecall completions bash), or the file in ~/.local/share/bash-completion/completions/
    Bash,
    /// A file _rolecall in a folder of $fpath
    Zsh,
    /// ~/.config/fish/completions/rolecall.fish
    Fish,
    /// In $PROFILE: rolecall completions powershell | Out-String | Invoke-Expression
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
}

impl From<Known> for Shell {
    fn from(known: Known) -> Self {
        match known {
            Known::Bash => Self::Bash,
            Known::Zsh => Self::Zsh,
            Known::Fish => Self::Fish,
            Known::PowerShell => Self::PowerShell,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    generate(Shell::from(args.shell), &mut command(), NAME, &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Exit::Clean)
}
