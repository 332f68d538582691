//! `trust review --fix` and `--diff`: what has one right answer in files with one trust policy each.

use clap::Args;

use super::review::PolicyFile;
use crate::cli::check::{Rewritten, print_diff, rewrite};
use crate::cli::voice::tell;
use crate::cli::{CliError, Exit};
use crate::finding::{Finding, FixHint, Quoted, Severity};
use crate::rules::Outcome;
use crate::text::Shown;

/// How many values of one policy are mended.
const ROUNDS: usize = 64;

/// What is done about findings that have a fix.
#[derive(Debug, Args)]
pub(super) struct MendArgs {
    /// Mend what has one right answer in files with one trust policy each, then review what is left; exports
    /// are never edited, and code is mended by `check --fix`
    #[arg(long, group = "mending")]
    fix: bool,
    /// Print what `--fix` would change as a unified diff, and change nothing
    #[arg(long, group = "mending", conflicts_with_all = ["format", "outputs"])]
    diff: bool,
}

/// Reviews the document of a policy file, or another in its place.
pub(super) type Judge<'a> = &'a dyn Fn(&PolicyFile, &str) -> Option<Outcome>;

/// A value that was changed.
struct Mended {
    line: usize,
    rule: &'static str,
    from: String,
    to: String,
}

impl MendArgs {
    /// Mends the policies, or shows that; the exit code, where nothing else is to be done.
    pub(super) fn run(
        &self,
        policies: &mut [PolicyFile],
        judge: Judge<'_>,
    ) -> Result<Option<Exit>, CliError> {
        if !self.fix && !self.diff {
            return Ok(None);
        }
        if policies.is_empty() {
            return Err(CliError::Message(
                "no file with one trust policy was named, expected one; `rolecall check --fix` mends infrastructure code"
                    .to_owned(),
            ));
        }
        let mut said = Vec::new();
        let mut files = Vec::new();
        for policy in policies {
            let before = policy.text.clone();
            let mended = mend(policy, judge, &mut said);
            let name = Shown(&policy.name).to_string();
            for Mended { line, rule, from, to } in mended {
                let change = format!("{} → {}", Quoted(&from), Quoted(&to));
                if self.fix {
                    said.push(format!("fixed {name}:{line}: {} ({rule})", Shown(&change)));
                }
            }
            files.push((policy.name.clone(), before, policy.text.clone()));
        }
        let files: Vec<Rewritten<'_>> = files
            .iter()
            .map(|(name, before, now)| Rewritten {
                name,
                before: before.as_bytes(),
                now: now.as_bytes(),
            })
            .collect();
        if self.fix {
            rewrite(&files)?;
        } else {
            print_diff(&files)?;
        }
        for line in &said {
            tell(line);
        }
        Ok(self.diff.then_some(Exit::Clean))
    }
}

/// Mends a policy value by value, each only where the review of the result shows that its finding is gone and
/// no error is new.
fn mend(policy: &mut PolicyFile, judge: Judge<'_>, said: &mut Vec<String>) -> Vec<Mended> {
    let mut mended = Vec::new();
    for _ in 0..ROUNDS {
        let Some(before) = judge(policy, &policy.json) else { break };
        let mut refused = Vec::new();
        let good = before.findings.iter().find_map(|finding| {
            let FixHint::ReplaceInPolicy { from, to, policy: Some(json), .. } =
                finding.fix.as_ref()?
            else {
                return None;
            };
            let why = match (policy.at, judge(policy, json)) {
                (None, _) => "the document is encoded, or stands in an answer of AWS".to_owned(),
                (Some(_), Some(after)) => match objection(&before, &after, finding) {
                    None => return Some((finding.rule, from.clone(), to.clone(), json.clone())),
                    Some(why) => why,
                },
                (Some(_), None) => "the policy would be of no account".to_owned(),
            };
            let about = format!("{} {}", finding.rule, Quoted(&finding.subject));
            refused.push(format!("not fixed: {}: {}", Shown(&about), Shown(&why)));
            None
        });
        let (Some((rule, from, to, json)), Some(at)) = (good, policy.at) else {
            said.extend(refused);
            break;
        };
        let end = at + policy.json.len();
        let same = policy.json.bytes().zip(json.bytes()).take_while(|(old, new)| old == new);
        let until = at + same.count();
        let line = policy.text.bytes().take(until).filter(|byte| *byte == b'\n').count() + 1;
        policy.text.replace_range(at..end, &json);
        policy.json = json;
        mended.push(Mended { line, rule, from, to });
    }
    mended
}

/// Why a fix is not good, if it is not.
fn objection(before: &Outcome, after: &Outcome, fixed: &Finding) -> Option<String> {
    let count = |outcome: &Outcome, about: &Finding| {
        let same = |one: &&Finding| one.rule == about.rule && one.subject == about.subject;
        outcome.findings.iter().filter(same).count()
    };
    if count(after, fixed) >= count(before, fixed) {
        return Some("the finding would still be there".to_owned());
    }
    let errors = after.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut new = errors.filter(|finding| count(after, finding) > count(before, finding));
    new.next().map(|finding| format!("it would bring up `{}`: {}", finding.rule, finding.message))
}
