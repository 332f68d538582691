//! Arguments, files, clock, terminal and exit code: the only place with any of them.

mod baseline;
mod captured;
mod changes;
mod check;
mod clock;
mod completions;
mod demo;
mod files;
mod filter;
mod init;
mod lookup;
mod man;
mod naming;
mod options;
mod outputs;
mod picker;
mod progress;
mod row_output;
mod rules;
mod saml;
mod schema;
mod selection;
mod terminal;
mod test;
mod trust;
mod voice;
mod why;

use std::io::{self, BufWriter};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use voice::{complain, mention, warn};

/// The program's name.
const NAME: &str = "rolecall";

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
#[command(name = NAME, version, arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    voice: voice::VoiceArgs,
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
    /// Who gains and loses which role from one set of exports to another, and what caused it
    Diff(changes::diff::DiffArgs),
    /// Who would gain and lose which role with another filter, pattern, group or trust policy
    WhatIf(changes::what_if::WhatIfArgs),
    /// Try a Group Filter on group names: captures and pair, or where and why a name stops
    Filter(filter::FilterArgs),
    /// The declared grammar of names: its Group Filter with a proof, names that do not obey, a first draft
    Naming(naming::NamingArgs),
    /// The rules of `check`, or one rule's page
    Rules(rules::RulesArgs),
    /// The JSON Schema of `rolecall.toml`, or of what a command writes
    Schema(schema::SchemaArgs),
    /// Declared expectations: who sees, reaches and is refused what, and who must not
    Test(test::TestArgs),
    /// Trust policies: decide a sign-in by one, or review every role's
    Trust(trust::TrustArgs),
    /// SAML messages: decoded, verified, checked, issued, broken on purpose, made safe to share
    Saml(saml::SamlArgs),
    /// A script with which a shell completes commands and options
    Completions(completions::CompletionsArgs),
    /// Manual pages
    Man(man::ManArgs),
}

/// The commands and options, for what is made from them.
fn command() -> clap::Command {
    Arguments::command()
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
    arguments.voice.speak();
    let result = match arguments.command {
        Command::Check(args) => check::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Picker(args) => picker::run(&args),
        Command::Why(args) => why::run_why(&args),
        Command::Who(args) => why::run_who(&args),
        Command::Diff(args) => changes::diff::run(&args),
        Command::WhatIf(args) => changes::what_if::run(&args),
        Command::Filter(args) => return run_filter(&args),
        Command::Naming(args) => naming::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Trust(args) => trust::run(&args),
        Command::Saml(args) => saml::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
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
