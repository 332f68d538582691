//! Source files of Terraform: parsed one by one, evaluated a folder at a time.

mod call;
mod eval;
mod function;
mod module;
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::structure::Body;

use super::value::Node;
use super::{REPEATED, TerraformError, line_of, resource};
use crate::model::declared::{Declared, DeclaredBy};
use crate::sources::batch::{Loss, Problem};
use crate::sources::input::SourceOptions;
use crate::text::{Place, SourceId, SourceMap};
use eval::{Budget, Scope};
use module::Module;
use resource::Taker;

/// Most bytes that are parsed at once: a larger file is parsed block by block.
const AT_ONCE: usize = 256 << 10;

/// Most arguments of what is parsed at once: the parser looks through all names of an object for each.
const ARGUMENTS: usize = 10_000;

/// Most bytes of a file.
const LARGEST: usize = 4 << 20;

/// Keywords of blocks that stand at the left margin.
const KEYWORDS: [&str; 12] = [
    "resource",
    "data",
    "locals",
    "variable",
    "provider",
    "module",
    "output",
    "terraform",
    "moved",
    "import",
    "check",
    "removed",
];

/// A source file, parsed.
#[derive(Debug)]
pub struct ModuleFile {
    /// The folder it stands in: the files of a folder are one module.
    folder: String,
    /// It assigns variables and holds no blocks.
    assigns: bool,
    options: SourceOptions,
    size: usize,
    chunks: Vec<Chunk>,
}

/// Some blocks of a file.
#[derive(Debug)]
struct Chunk {
    body: Body,
    /// Line of its first byte.
    first_line: u32,
    /// Offsets at which its lines begin.
    starts: Vec<usize>,
}

impl Chunk {
    fn new(body: Body, text: &str, first_line: u32) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        Self { body, first_line, starts: ends.map(|end| end + 1).collect() }
    }

    fn line(&self, offset: usize) -> u32 {
        let passed = self.starts.partition_point(|&start| start <= offset);
        self.first_line.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX))
    }
}

/// Parses a source file; what cannot be parsed is reported block by block.
pub fn read_source(text: &[u8], name: &str, options: &SourceOptions) -> (ModuleFile, Vec<Problem>) {
    let (folder, file) = name.rsplit_once(['/', '\\']).unwrap_or(("", name));
    let mut read = ModuleFile {
        folder: folder.replace('\\', "/"),
        assigns: file.ends_with(".tfvars"),
        options: options.clone(),
        size: text.len(),
        chunks: Vec::new(),
    };
    let mut problems = Vec::new();
    let Ok(text) = std::str::from_utf8(text) else {
        let valid = String::from_utf8_lossy(text);
        let at = valid.find('\u{fffd}').unwrap_or_default();
        let message = "not UTF-8, expected Terraform source in UTF-8".to_owned();
        problems.push(problem(line_of(valid.as_bytes(), at), message));
        return (read, problems);
    };
    if text.len() > LARGEST {
        let message = format!("source of more than {LARGEST} bytes, expected fewer");
        let error = TerraformError::Unreadable(message).into();
        problems.push(Problem { line: 0, loss: Loss::File, error });
        return (read, problems);
    }
    if too_large(text).is_none()
        && let Ok(body) = hcl_edit::parser::parse_body(text)
    {
        read.chunks.push(Chunk::new(body, text, 1));
        return (read, problems);
    }
    let mut line = 1;
    for piece in pieces(text) {
        if let Some(what) = too_large(piece) {
            problems.push(problem(line, format!("a block of more than {what}, expected fewer")));
        } else {
            match hcl_edit::parser::parse_body(piece) {
                Ok(body) => read.chunks.push(Chunk::new(body, piece, line)),
                Err(error) => {
                    let inside = u32::try_from(error.location().line()).unwrap_or(u32::MAX);
                    let column = error.location().column();
                    let message =
                        format!("not well-formed HCL at column {column}: {}", error.message());
                    problems.push(problem(line.saturating_add(inside - 1), message));
                }
            }
        }
        line = line.saturating_add(line_of(piece.as_bytes(), piece.len()) - 1);
    }
    (read, problems)
}

/// What a text has too much of to be parsed at once.
fn too_large(text: &str) -> Option<String> {
    let arguments = memchr::memchr2_iter(b'=', b':', text.as_bytes()).count();
    if text.len() > AT_ONCE {
        Some(format!("{AT_ONCE} bytes"))
    } else {
        (arguments > ARGUMENTS).then(|| format!("{ARGUMENTS} arguments"))
    }
}

fn problem(line: u32, message: String) -> Problem {
    Problem { line, loss: Loss::Record, error: TerraformError::Unreadable(message).into() }
}

/// A text cut before every line that begins a block.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut begun, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let word = line.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
        if at > begun && KEYWORDS.contains(&word) {
            pieces.extend(text.get(begun..at));
            begun = at;
        }
        at += line.len();
    }
    pieces.extend(text.get(begun..).filter(|rest| !rest.is_empty()));
    pieces
}

/// What the modules of some files declare; its places are places of the run.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// Roles, providers and apps.
    pub declared: Declared,
    /// What is wrong with the files.
    pub problems: Vec<(SourceId, Problem)>,
}

/// Evaluates source files, all those of a folder together, modules that others call as they are called.
pub fn evaluate(files: &[(SourceId, Box<ModuleFile>)], sources: &SourceMap) -> Evaluated {
    let mut modules: BTreeMap<&str, Module<'_>> = BTreeMap::new();
    let mut size = 0;
    for (source, file) in files {
        let base = sources.place(*source, 0);
        size += file.size;
        modules.entry(&file.folder).or_default().add(file, base);
    }
    let budget = Budget::of(size);
    let mut taker = Taker::new(DeclaredBy::TerraformSource);
    let called: BTreeSet<String> = modules.values().flat_map(Module::called).collect();
    let roots = modules.keys().filter(|folder| !called.contains(**folder));
    let mut run =
        Run { modules: &modules, budget: &budget, taker: &mut taker, seen: BTreeSet::new() };
    for folder in roots {
        run.root(folder);
    }
    // Modules that call each other in a circle.
    for folder in modules.keys() {
        if !run.seen.contains(folder) {
            run.root(folder);
        }
    }
    for (place, name) in budget.repeated.take().into_iter().take(REPEATED) {
        taker.report(place, Loss::Nothing, resource::repeated(&name));
    }
    for module in modules.values() {
        for (place, name) in module.repeated.iter().take(REPEATED) {
            taker.report(*place, Loss::Nothing, resource::repeated(name));
        }
    }
    let (declared, problems) = taker.finish();
    let problems = problems.into_iter().filter_map(|problem| {
        let place = Place(problem.line);
        let source = sources.source_of(place)?;
        let (_, line) = sources.resolve(place)?;
        Some((source, Problem { line, ..problem }))
    });
    Evaluated { declared, problems: problems.collect() }
}

/// A walk through modules and those that they call.
struct Run<'m, 't> {
    modules: &'m BTreeMap<&'m str, Module<'m>>,
    budget: &'m Budget,
    taker: &'t mut Taker,
    seen: BTreeSet<&'m str>,
}

impl<'m> Run<'m, '_> {
    fn root(&mut self, folder: &'m str) {
        let Some(module) = self.modules.get(folder) else { return };
        let scope = Scope::root(module, self.budget);
        self.module(folder, &scope, "", 0);
    }

    fn module(&mut self, folder: &'m str, scope: &Scope<'m>, prefix: &str, depth: usize) {
        self.seen.insert(folder);
        scope.take_resources(prefix, self.taker);
        if depth >= call::DEPTH {
            return;
        }
        for (called, child, address) in scope.calls(self.modules, folder) {
            self.module(called, &child, &format!("{prefix}{address}."), depth + 1);
        }
    }
}

/// A value that nothing states.
fn unknown(place: Place, reason: impl Into<String>) -> Node {
    Node::unknown(place, reason)
}

#[cfg(test)]
mod tests;
