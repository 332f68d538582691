//! `rolecall filter`: try a Group Filter on names.

mod against;

use std::borrow::Cow;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Deserialize;
use thiserror::Error;

use super::{CliError, Exit, complain};
use crate::mapping::group_filter::{GroupFilter, MatchMode};
use crate::mapping::nearest::Known;
use crate::mapping::role_value::{DEFAULT_ROLE_VALUE_PATTERN, RoleValuePattern};
use crate::mapping::trial::{Tester, Trial, Verdict};
use crate::report::filter as report;
use crate::report::wrap::Width;
use crate::text::Shown;

/// Longest line that is read.
pub(super) const LINE_LIMIT: usize = 1 << 20;

/// Try a Group Filter on group names: captures and pair, or where and why a name stops.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// The Group Filter, as Okta's app has it: `(?{{role}}…)` and `(?{{accountid}}…)` are its captures
    #[arg(value_name = "FILTER")]
    filter: String,
    /// Another Group Filter: say whether both read every name alike, and names that they do not; exit code 0
    /// where they do, 1 where they do not or it cannot be shown
    #[arg(long, value_name = "FILTER")]
    against: Option<String>,
    /// With --against, exports whose groups are names to compare over (repeatable)
    #[arg(short, long = "source", value_name = "PATH", requires = "against")]
    sources: Vec<PathBuf>,
    /// Group names; `-`, or none, reads them from standard input (with --against `-` alone does)
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// How names stand in standard input
    #[arg(long, value_enum, default_value_t = Input::Lines)]
    input: Input,
    /// Whether the filter has to match a part of the name or all of it
    #[arg(long, value_enum, default_value_t = Mode::Find)]
    match_mode: Mode,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The Role Value Pattern
    #[arg(long, value_name = "ROLE_VALUE_PATTERN", default_value = DEFAULT_ROLE_VALUE_PATTERN)]
    pattern: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Input {
    /// One name a line
    Lines,
    /// One JSON string a line, for names that hold line ends
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Anywhere in the name
    Find,
    /// The whole name
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object a line
    Jsonl,
    /// One JSON object: of --against alone
    Json,
}

/// Why a line of the input is no name.
#[derive(Debug, Error)]
enum LineError {
    #[error("over {LINE_LIMIT} bytes, expected a shorter name")]
    TooLong,
    #[error("byte {0} is not UTF-8")]
    NotUtf8(usize),
    #[error("not a JSON string: {0}")]
    NotAString(serde_json::Error),
}

/// Runs the command: 0 if every name matched, 1 if one did not or is undecided, 2 if it could not run.
pub(crate) fn run(
    args: &FilterArgs,
    input: &mut impl BufRead,
    out: &mut impl Write,
    errors: &mut impl Write,
) -> io::Result<ExitCode> {
    if let Some(other) = &args.against {
        return match against::run(args, other, input, out, errors) {
            Ok(exit) => Ok(exit.into()),
            Err(CliError::Io(error)) => Err(error),
            Err(CliError::Message(message)) => {
                complain(&message);
                Ok(Exit::CouldNotRun.into())
            }
        };
    }
    if args.format == Format::Json {
        writeln!(errors, "error: `--format json` is of `--against`, expected `jsonl`")?;
        return Ok(Exit::CouldNotRun.into());
    }
    let Some(filter) = parsed(&args.filter, errors)? else { return Ok(Exit::CouldNotRun.into()) };
    let pattern = match RoleValuePattern::parse(&args.pattern) {
        Ok(pattern) => pattern,
        Err(error) => {
            writeln!(errors, "error: the Role Value Pattern is refused: {error}")?;
            return Ok(ExitCode::from(2));
        }
    };
    let mode = args.match_mode.into();
    let mut session = Session {
        tester: Tester::new(&filter, &pattern, mode, Known::default()),
        format: args.format,
        width: super::terminal::width(),
        tally: Tally::default(),
    };
    if args.names.is_empty() {
        session.stream(args.input, input, out, errors)?;
    }
    for name in &args.names {
        if name == "-" {
            session.stream(args.input, input, out, errors)?;
        } else {
            session.name(name, out)?;
        }
    }
    if args.format == Format::Text {
        session.tally.write(out)?;
    }
    out.flush()?;
    Ok(session.tally.exit_code())
}

impl From<Mode> for MatchMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Find => Self::Find,
            Mode::Full => Self::Full,
        }
    }
}

/// A Group Filter, or nothing where it is refused and that is said.
fn parsed(text: &str, errors: &mut impl Write) -> io::Result<Option<GroupFilter>> {
    match GroupFilter::parse(text) {
        Ok(filter) => Ok(Some(filter)),
        Err(error) => {
            report::write_refusal(text, &error, errors)?;
            Ok(None)
        }
    }
}

/// How many names had which answer.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    matched: u64,
    unmatched: u64,
    undecided: u64,
    unreadable: u64,
}

impl Tally {
    fn add(&mut self, trial: &Trial<'_>) {
        match trial.verdict {
            Verdict::Match { .. } => self.matched += 1,
            Verdict::NoMatch(_) => self.unmatched += 1,
            Verdict::Undecided(_) => self.undecided += 1,
        }
    }

    fn write(self, out: &mut impl Write) -> io::Result<()> {
        let Self { matched, unmatched, undecided, .. } = self;
        let names = matched + unmatched + undecided;
        if names < 2 {
            return Ok(());
        }
        write!(out, "{names} names: {matched} match, {unmatched} do not")?;
        if undecided > 0 {
            write!(out, ", {undecided} undecided")?;
        }
        writeln!(out)
    }

    fn exit_code(self) -> ExitCode {
        if self.unreadable > 0 {
            ExitCode::from(2)
        } else if self.unmatched + self.undecided > 0 {
            ExitCode::from(1)
        } else {
            ExitCode::SUCCESS
        }
    }
}

struct Session<'f> {
    tester: Tester<'f>,
    format: Format,
    width: Width,
    tally: Tally,
}

impl Session<'_> {
    fn name(&mut self, name: &str, out: &mut impl Write) -> io::Result<()> {
        let trial = self.tester.try_name(name);
        self.tally.add(&trial);
        match self.format {
            Format::Text => report::write_text(&trial, self.width, out),
            Format::Jsonl | Format::Json => report::write_json(&trial, out),
        }
    }

    /// Tries every name of the input.
    fn stream(
        &mut self,
        form: Input,
        input: &mut impl BufRead,
        out: &mut impl Write,
        errors: &mut impl Write,
    ) -> io::Result<()> {
        let unreadable = stream(form, input, errors, &mut |name| self.name(name, out))?;
        self.tally.unreadable += unreadable;
        Ok(())
    }
}

/// Gives every name of the input; a line that holds none is reported and counted, and reading goes on.
fn stream(
    form: Input,
    input: &mut impl BufRead,
    errors: &mut impl Write,
    each: &mut dyn FnMut(&str) -> io::Result<()>,
) -> io::Result<u64> {
    let mut line = Vec::new();
    let (mut number, mut unreadable) = (0_u64, 0);
    loop {
        let read = match read_line(input, &mut line) {
            Ok(read) => read,
            Err(error) => {
                writeln!(errors, "error: standard input cannot be read: {error}")?;
                return Ok(unreadable + 1);
            }
        };
        let Some(length) = read else { return Ok(unreadable) };
        number += 1;
        if number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if form == Input::Jsonl && line.trim_ascii().is_empty() && length <= LINE_LIMIT {
            continue;
        }
        match name_in(&line, length, form) {
            Ok(name) => each(&name)?,
            Err(error) => {
                unreadable += 1;
                let error = error.to_string();
                writeln!(errors, "error: standard input, line {number}: {}", Shown(&error))?;
            }
        }
    }
}

/// Reads a line without its line end (LF or CRLF) into `line`, keeping no more than [`LINE_LIMIT`] bytes;
/// its whole length, or `None` at the end of the input.
pub(super) fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<usize>> {
    line.clear();
    let mut length = 0;
    let mut ended = false;
    while !ended {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            return Ok((length > 0).then_some(length));
        }
        let end = memchr::memchr(b'\n', chunk);
        ended = end.is_some();
        let (text, _) = chunk.split_at_checked(end.unwrap_or(chunk.len())).unwrap_or_default();
        let room = (LINE_LIMIT + 1).saturating_sub(line.len()).min(text.len());
        line.extend(text.iter().take(room));
        length += text.len();
        let used = text.len() + usize::from(ended);
        input.consume(used);
    }
    if line.last() == Some(&b'\r') && line.len() == length {
        line.pop();
        length -= 1;
    }
    Ok(Some(length))
}

/// The name a line holds.
fn name_in(line: &[u8], length: usize, form: Input) -> Result<Cow<'_, str>, LineError> {
    /// A JSON string, borrowed where it has no escapes.
    #[derive(Deserialize)]
    struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

    if length > LINE_LIMIT {
        return Err(LineError::TooLong);
    }
    let text =
        std::str::from_utf8(line).map_err(|error| LineError::NotUtf8(error.valid_up_to() + 1))?;
    match form {
        Input::Lines => Ok(Cow::Borrowed(text)),
        Input::Jsonl => {
            serde_json::from_str(text).map(|Name(name)| name).map_err(LineError::NotAString)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut input = io::BufReader::with_capacity(3, bytes);
        let mut line = Vec::new();
        let mut all = Vec::new();
        while read_line(&mut input, &mut line).unwrap().is_some() {
            all.push(line.clone());
        }
        all
    }

    #[test]
    fn lines_end_with_either_line_end_or_none() {
        assert_eq!(lines(b"a\nbc\r\n\ndefgh"), [&b"a"[..], b"bc", b"", b"defgh"]);
        assert_eq!(lines(b""), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_line_over_the_limit_is_cut_and_known_by_its_length() {
        let text = [vec![b'x'; LINE_LIMIT + 5], b"\ny".to_vec()].concat();
        let mut input = io::BufReader::new(text.as_slice());
        let mut line = Vec::new();
        assert_eq!(read_line(&mut input, &mut line).unwrap(), Some(LINE_LIMIT + 5));
        assert!(matches!(name_in(&line, LINE_LIMIT + 5, Input::Lines), Err(LineError::TooLong)));
        read_line(&mut input, &mut line).unwrap();
        assert_eq!(line, b"y");
    }

    #[test]
    fn a_json_string_may_hold_line_ends() {
        assert_eq!(name_in(br#""a\nb\ud83d\ude00""#, 20, Input::Jsonl).unwrap(), "a\nb😀");
        assert!(name_in(b"{}", 2, Input::Jsonl).is_err());
        assert!(name_in(br#""\ud800""#, 8, Input::Jsonl).is_err());
    }
}
