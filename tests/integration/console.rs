//! Console blocks of Markdown pages: their commands, run as they stand by a tiny shell that knows few words.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{folder, put};

/// What begins a block of commands.
const FENCE: &str = "```console\n";

/// A command of a page and what stands under it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) shown: String,
}

/// The commands of a block: every line after `$ `, with the lines up to the next.
pub(crate) fn steps(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block.split_inclusive('\n') {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.trim_end().to_owned(), shown: String::new() });
        } else {
            let step =
                steps.last_mut().unwrap_or_else(|| panic!("output before a command: {line}"));
            step.shown.push_str(line);
        }
    }
    steps
}

/// A page's console blocks, with the text before each.
pub(crate) fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(FENCE) {
        let (block, after) = after.split_once("```").unwrap();
        found.push((before, block));
        rest = after;
    }
    found
}

/// Words of a command line, quotes taken off.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "a quote that does not end: {line}");
    words.extend(word);
    words
}

/// A shell that knows `cd`, `cat`, `rolecall` and `echo $?`, where their output goes, and `"$(rolecall …)"` as a
/// word. Anything else fails the test.
pub(crate) struct Shell {
    root: tempfile::TempDir,
    here: PathBuf,
    pub(crate) code: i32,
    /// `$NAME`, in words as they stand.
    variables: Vec<(String, String)>,
}

impl Shell {
    /// A shell in a copy of a folder, which looks like a repository's root.
    pub(crate) fn at(source: &Path) -> Self {
        let root = folder();
        copy(source, source, root.path());
        let here = root.path().to_path_buf();
        Self { root, here, code: 0, variables: Vec::new() }
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Starts again in a folder below the first.
    pub(crate) fn enter(&mut self, name: &str) {
        self.here = self.path(name);
    }

    /// Runs a line (`a && b` is both); what a terminal would show.
    pub(crate) fn run(&mut self, line: &str) -> String {
        let line = line.split_once("  #").map_or(line, |(line, _)| line.trim_end());
        line.split(" && ").map(|command| self.command(command)).collect()
    }

    fn command(&mut self, line: &str) -> String {
        let mut words = words(line);
        for word in &mut words {
            for (name, value) in &self.variables {
                *word = word.replace(&format!("${name}"), value);
            }
            let inner = word.strip_prefix("$(").and_then(|word| word.strip_suffix(')'));
            if let Some(inner) = inner.map(str::to_owned) {
                self.command(&inner).trim_end().clone_into(word);
            }
        }
        let mut target = None;
        if let Some(at) = words.iter().position(|word| word == ">" || word == ">>") {
            assert_eq!(at + 2, words.len(), "one file after the arrow: {line}");
            let path = self.here.join(&words[at + 1]);
            let append = words[at] == ">>";
            let mut options = OpenOptions::new();
            options.create(true).write(true).append(append).truncate(!append);
            target = Some(options.open(&path).unwrap_or_else(|error| panic!("{line}: {error}")));
            words.truncate(at);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["rolecall", args @ ..] => return self.program(args, target),
            ["cat", name] => {
                let text = fs::read_to_string(self.here.join(name))
                    .unwrap_or_else(|error| panic!("{line}: {error}"));
                self.code = 0;
                return match target {
                    Some(mut file) => {
                        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
                        String::new()
                    }
                    None => text,
                };
            }
            _ => assert!(target.is_none(), "no output to write: {line}"),
        }
        match words.as_slice() {
            ["cd", name] => {
                let path = fs::canonicalize(self.here.join(name));
                self.here = path.unwrap_or_else(|error| panic!("{line}: {error}"));
                let root = fs::canonicalize(self.root.path()).unwrap();
                assert!(self.here.starts_with(root), "leaves the folder: {line}");
                self.code = 0;
                String::new()
            }
            ["echo", "$?"] => {
                let code = std::mem::take(&mut self.code);
                format!("{code}\n")
            }
            _ => panic!("a page may only use `cd`, `cat`, `echo $?` and `rolecall`: {line}"),
        }
    }

    /// Runs the program with both streams in one file, as a terminal mixes them, or its output in another.
    fn program(&mut self, args: &[&str], target: Option<File>) -> String {
        let mut mixed = tempfile::tempfile().unwrap();
        let output = target.unwrap_or_else(|| mixed.try_clone().unwrap());
        let status = Command::new(env!("CARGO_BIN_EXE_rolecall"))
            .args(args)
            .current_dir(&self.here)
            .env_remove("CLICOLOR_FORCE")
            .stdout(output)
            .stderr(mixed.try_clone().unwrap())
            .status()
            .unwrap();
        self.code = status.code().unwrap();
        let mut shown = String::new();
        std::io::Seek::rewind(&mut mixed).unwrap();
        mixed.read_to_string(&mut shown).unwrap();
        shown
    }
}

/// Copies what is below a folder, but for what made it.
fn copy(root: &Path, from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            copy(root, &path, to);
        } else if path.extension().is_none_or(|extension| extension != "py") {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            put(to, &name, fs::read(&path).unwrap());
        }
    }
}

/// Whether a page shows an output: as it is but for what `…` alone on a line, or at the end of one, stands for.
pub(crate) fn shows(page: &str, output: &str) -> Result<(), String> {
    let mut rest = output;
    let mut anchored = true;
    for part in page.split("…\n") {
        let at = if anchored { rest.starts_with(part).then_some(0) } else { rest.find(part) };
        let Some(at) = at else {
            return Err(format!("not shown:\n{part}\n---- in\n{rest}"));
        };
        rest = &rest[at + part.len()..];
        anchored = false;
    }
    let open = page.ends_with("…\n");
    if open || rest.is_empty() { Ok(()) } else { Err(format!("left out without `…`:\n{rest}")) }
}

/// Paragraphs of an output by numbers such as `1-4, 9-`, with `…` for what is between.
pub(crate) fn cut(output: &str, ranges: &str) -> String {
    let paragraphs: Vec<&str> = output.trim_end().split("\n\n").collect();
    let (mut shown, mut next) = (String::new(), 1);
    for range in ranges.split(',') {
        let range = range.trim();
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let from: usize = from.parse().unwrap();
        let to = if to.is_empty() { paragraphs.len() } else { to.parse().unwrap() };
        assert!(
            next <= from && from <= to && to <= paragraphs.len(),
            "{range} of {}",
            paragraphs.len()
        );
        if from > next {
            shown.push_str("…\n");
        } else if next > 1 {
            shown.push('\n');
        }
        writeln!(shown, "{}", paragraphs[from - 1..to].join("\n\n")).unwrap();
        next = to + 1;
    }
    if next <= paragraphs.len() {
        shown.push_str("…\n");
    }
    shown
}

#[test]
fn words_are_cut_as_a_shell_cuts_them() {
    assert_eq!(words("a 'b c' \"d 'e'\"f '' >g"), ["a", "b c", "d 'e'f", "", ">g"]);
}

#[test]
fn what_is_left_out_is_marked_where_it_stood() {
    assert_eq!(cut("a\n\nb\nb\n\nc\n\nd\n", "1, 3"), "a\n…\nc\n…\n");
    assert_eq!(cut("a\n\nb\nb\n\nc\n", "2-"), "…\nb\nb\n\nc\n");
    assert!(shows("a\n…\nc\n", "a\nb\nc\n").is_ok());
    assert!(shows("a\n…\n", "a\nb\n").is_ok());
    assert!(shows("a\n", "a\nb\n").is_err());
    assert!(shows("…\nb\n", "a\nb\nc\n").is_err());
}

#[test]
#[should_panic(expected = "a page may only use")]
fn a_command_that_the_shell_does_not_know_fails_the_test() {
    Shell::at(&crate::support::fixtures().join("walks/help-desk")).run("rm -rf .");
}
