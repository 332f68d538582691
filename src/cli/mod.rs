//! Arguments, files, clock, terminal and exit code: the only place with any of them.

mod captured;
mod check;
mod clock;
mod demo;
mod files;
mod filter;
mod init;
mod lookup;
mod options;
mod picker;
mod rules;
mod saml;
mod selection;
mod terminal;
mod test;
mod trust;
mod why;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Exit codes, the same in every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to report.
    Clean = 0,
    /// Findings, or what was asked to fail on.
    Findings = 1,
    /// Could not run: usage, configuration, unreadable input, nothing to read.
    CouldNotRun = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Who sees which AWS role, and why: Okta-to-AWS federation by groups, from exports alone.
#[derive(Debug, Parser)]
#[command(name = "rolecall", version, arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check everything the exports show, with every rule: the job for CI
    Check(check::CheckArgs),
    /// An embedded federation: a picker, and why a role somebody expects is missing
    Demo(demo::DemoArgs),
    /// Write a rolecall.toml that names the exports found in a folder, and say what is missing
    Init(init::InitArgs),
    /// What the AWS role picker shows a user (or, with --all, every user)
    Picker(picker::PickerArgs),
    /// The chain from a user to a role, stage by stage: why seen, or what fails first and how to mend it
    Why(why::WhyArgs),
    /// Everybody who sees a role, with the path
    Who(why::WhoArgs),
    /// Try a Group Filter on group names: captures and pair, or where and why a name stops
    Filter(filter::FilterArgs),
    /// The rules of `check`, or one rule's page
    Rules(rules::RulesArgs),
    /// Declared expectations: who sees, reaches and is refused what, and who must not
    Test(test::TestArgs),
    /// What trust policies decide: cases of a policy and a request, with the reason
    Trust(trust::TrustArgs),
    /// SAML messages: decoded, verified, checked, issued, broken on purpose, made safe to share
    Saml(saml::SamlArgs),
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { Exit::CouldNotRun } else { Exit::Clean };
            // Help that cannot be printed has nowhere else to go.
            let _ = error.print();
            return code.into();
        }
    };
    let result = match arguments.command {
        Command::Check(args) => check::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Picker(args) => picker::run(&args),
        Command::Why(args) => why::run_why(&args),
        Command::Who(args) => why::run_who(&args),
        Command::Filter(args) => return run_filter(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Trust(args) => trust::run(&args),
        Command::Saml(args) => saml::run(&args),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            if error.is_broken_pipe() {
                return Exit::Clean.into();
            }
            complain(&error.to_string());
            Exit::CouldNotRun.into()
        }
    }
}

fn run_filter(args: &filter::FilterArgs) -> ExitCode {
    let mut out = BufWriter::with_capacity(1 << 18, io::stdout().lock());
    let mut errors = io::stderr().lock();
    match filter::run(args, &mut io::stdin().lock(), &mut out, &mut errors) {
        Ok(code) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Clean.into(),
        Err(error) => {
            complain(&CliError::Io(error).to_string());
            Exit::CouldNotRun.into()
        }
    }
}

/// Why a command could not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A sentence for the user.
    #[error("{0}")]
    Message(String),
    /// Writing failed.
    #[error("cannot write: {0}")]
    Io(#[from] io::Error),
}

impl CliError {
    /// The reader of our output went away, which is no failure of ours.
    fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// One line on standard error.
fn complain(message: &str) {
    let style = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    // A closed standard error leaves only the exit code.
    let _ = writeln!(anstream::stderr(), "{style}error{style:#}: {message}");
}

/// One line on standard error that stops nothing.
fn warn(message: &str) {
    let style = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Yellow.into()));
    // A closed standard error loses a warning, nothing else.
    let _ = writeln!(anstream::stderr(), "{style}warning{style:#}: {message}");
}
