//! Arguments, files, clock, terminal and exit code: the only place with any of them.

mod filter;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Offline test harness and linter for Okta-to-AWS federation by groups
#[derive(Debug, Parser)]
#[command(name = "rolecall", version)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Filter(filter::FilterArgs),
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let options = Options::parse();
    let mut out = BufWriter::with_capacity(1 << 18, io::stdout().lock());
    let mut errors = io::stderr().lock();
    let done = match &options.command {
        Command::Filter(args) => filter::run(args, &mut io::stdin().lock(), &mut out, &mut errors),
    };
    match done {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(errors, "error: the output cannot be written: {error}");
            ExitCode::from(2)
        }
    }
}
