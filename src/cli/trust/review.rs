//! `rolecall trust review`: every role and whom it trusts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::listed::Listed;
use super::mend::MendArgs;
use super::read_text;
use crate::cli::check::problems;
use crate::cli::files::working_folder;
use crate::cli::options::SourceArgs;
use crate::cli::outputs::{Format, OutputArgs};
use crate::cli::selection::RuleArgs;
use crate::cli::terminal::width;
use crate::cli::{CliError, Exit, baseline, clock};
use crate::entitlement::resolve::Entitlements;
use crate::explain::trust_review::{Origin, Review, Reviewed, Trust};
use crate::finding::{Finding, Severity};
use crate::model::account::{AccountId, Partition};
use crate::model::arn::{Arn, RoleArn, is_role_name};
use crate::report::check_text::{self, WIDTH};
use crate::report::checked::{self, Checked, Inputs};
use crate::report::review::{View, review_json, review_markdown, review_text};
use crate::rules::settings::Settings;
use crate::rules::{Against, Context, Outcome, all, review_policy, run_against};
use crate::sources::input::Input;
use crate::sources::load::{Loaded, load};
use crate::sources::policy_text::policy_text;
use crate::text::Shown;
use crate::trust::TrustPolicy;

/// Arguments of `trust review`.
#[derive(Debug, Args)]
pub(super) struct ReviewArgs {
    /// A folder with a rolecall.toml, files or folders of exports as for `--source`, or files with one trust
    /// policy each
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Every role in a line of its own, after the distinct trusts
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    mend: MendArgs,
    /// Findings that this file names are suppressed: `check --write-baseline` wrote it
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// The time of the review, for the last days of waivers: a date, or a date and time [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

/// Which roles are shown.
#[derive(Debug, Args)]
struct Filters {
    /// Roles of the admin tier only
    #[arg(long)]
    admin: bool,
    /// Roles of this account only, by id or alias (repeatable)
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,
    /// Roles that let in a SAML provider only, and those whose policy cannot be read
    #[arg(long)]
    only_saml: bool,
    /// Roles that rules about trust find something about only
    #[arg(long)]
    with_findings: bool,
}

/// A file with one policy.
pub(super) struct PolicyFile {
    pub(super) name: String,
    /// All of it.
    pub(super) text: String,
    /// The policy.
    pub(super) json: String,
    /// Where the policy stands in the text, where it is a document of its own.
    pub(super) at: Option<usize>,
    role: Option<String>,
}

/// Runs the command: 0 where everything could be reviewed, 2 where an input could not be read whole.
pub(super) fn run(args: &ReviewArgs) -> Result<Exit, CliError> {
    args.output.check()?;
    let mut sources = args.sources.clone();
    let mut policies = Vec::new();
    for path in &args.paths {
        match policy_file(path)? {
            Some(policy) => policies.push(policy),
            None => sources.read_folder(path),
        }
    }
    let alone = !policies.is_empty() && sources.sources.is_empty() && sources.config.is_none();
    let (mut settings, _) = RuleArgs::default().settings(sources.configuration()?)?;
    settings.at = Some(clock::at(args.at.as_deref())?.0);
    let mut loaded = if alone { load(Vec::new()) } else { sources.load_what_can_be()? };
    if alone {
        sources.declare(&mut loaded.federation);
    }
    sources.place_waivers(&mut settings, &loaded.federation.sources);
    let federation = &loaded.federation;
    let baseline = args.baseline.as_deref().map(baseline::read).transpose()?;
    let against = baseline.as_ref().map_or(Against::Nothing, Against::Baseline);
    let judge = |policy: &PolicyFile, json: &str| {
        let role = role_of(policy)?;
        Some(review_policy(json, &role, &settings, (against, &federation.sources)))
    };
    if let Some(exit) = args.mend.run(&mut policies, &judge)? {
        return Ok(exit);
    }
    let mapping = sources.try_mapping(&loaded);
    let entitlements = mapping.as_ref().map(|mapping| Entitlements::resolve(federation, mapping));

    let is_admin = |account, name: &str| settings.is_admin(&federation.accounts, account, name);
    let mut review = Review::of(federation, entitlements.as_ref().ok(), &is_admin);
    for policy in &policies {
        review.add_policy(&policy.name, &policy.json, policy.role.as_deref());
    }
    let entitled = entitlements.as_ref().map_err(|error| *error);
    let context = Context::new(federation, entitled, &settings);
    let about_trust = all().filter(|rule| rule.info.id.starts_with("trust/"));
    let (outcome, _) = run_against(about_trust, &context, against);
    let of_files: Vec<(&str, Outcome)> = policies
        .iter()
        .filter_map(|policy| Some((policy.name.as_str(), judge(policy, &policy.json)?)))
        .collect();
    let found = by_role(&review, &outcome, &of_files);
    review
        .retain(|number, role, trust| args.filters.want(role, trust, found.contains_key(&number)));
    let found = by_role(&review, &outcome, &of_files);
    let suppressed = std::iter::once(&outcome).chain(of_files.iter().map(|(_, outcome)| outcome));
    let suppressed = suppressed.map(|outcome| outcome.suppressed_counts).sum();
    let view = View {
        review: &review,
        findings: &found,
        suppressed,
        sources: &federation.sources,
        all: args.all,
    };
    let report = Report { view: &view, outcome: &outcome, of_files: &of_files, loaded: &loaded };
    let inputs = if alone { Vec::new() } else { sources.inputs()? };
    args.write(&report, inputs, &settings)?;
    if !alone {
        sources.require_whole(&loaded)?;
    }
    Ok(Exit::Clean)
}

/// What a review is written from.
struct Report<'r> {
    view: &'r View<'r>,
    outcome: &'r Outcome,
    of_files: &'r [(&'r str, Outcome)],
    loaded: &'r Loaded,
}

impl ReviewArgs {
    /// Writes the review or, in formats that are of findings, those about its roles.
    fn write(
        &self,
        report: &Report<'_>,
        inputs: Vec<Input>,
        settings: &Settings,
    ) -> Result<(), CliError> {
        let Report { view, outcome, of_files, loaded } = report;
        if !self.output.formats()?.into_iter().any(lists_findings) {
            return self.output.write_with(|out, format| write_review(out, format, view));
        }
        let listed = Listed::gather(view, outcome, of_files, self.filters.are_none());
        let excerpts = listed.excerpts(inputs, &loaded.formats);
        let known = Inputs {
            folder: working_folder(),
            unread: problems(loaded),
            is_incomplete: loaded.is_incomplete() && !self.sources.lenient,
            ..Inputs::default()
        };
        let lines =
            check_text::View { sources: &listed.sources, excerpts: &excerpts, width: WIDTH };
        let checked = Checked {
            outcome: &listed.outcome,
            view: lines,
            settings,
            inputs: &known,
            fails_from: Some(Severity::Warning),
        };
        self.output.write_with(|out, format| {
            if lists_findings(format) {
                checked::write(out, format.into(), &checked)
            } else {
                write_review(out, format, view)
            }
        })
    }
}

/// Whether a format has no room for a review but for the findings about its roles.
const fn lists_findings(format: Format) -> bool {
    !matches!(format, Format::Text | Format::Json | Format::Markdown)
}

fn write_review(out: &mut dyn Write, format: Format, view: &View<'_>) -> io::Result<()> {
    match format {
        Format::Json => review_json(out, view),
        Format::Markdown => review_markdown(out, view),
        _ => review_text(out, view, width()),
    }
}

/// A path to a file that holds one trust policy; anything else is a source.
fn policy_file(path: &Path) -> Result<Option<PolicyFile>, CliError> {
    if path.is_dir() {
        return Ok(None);
    }
    let (name, text) = match read_text(path) {
        Ok(read) => read,
        // A large export is no policy; what is not there is the sources' to say.
        Err(_) if path.as_os_str() != "-" => return Ok(None),
        Err(error) => return Err(error),
    };
    if !looks_like_a_policy(&text) {
        return Ok(None);
    }
    let found = policy_text(&text)
        .map_err(|error| CliError::Message(format!("{}: {error}", Shown(&name))))?;
    let at = found.at.filter(|_| found.role.is_none() && is_bare(&text, &found.json));
    let (json, role) = (found.json.into_owned(), found.role);
    Ok(Some(PolicyFile { name, text, json, at, role }))
}

/// Whether a text is a policy document and nothing else.
fn is_bare(text: &str, json: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim() == json
}

/// Whether a text is a policy document by itself, in any of its forms.
fn looks_like_a_policy(text: &str) -> bool {
    match policy_text(text) {
        Ok(found) => found.at.is_none() || found.json.contains("\"Statement\""),
        Err(_) => false,
    }
}

impl Filters {
    /// Whether every role is shown.
    const fn are_none(&self) -> bool {
        let Self { admin, accounts, only_saml, with_findings } = self;
        !*admin && accounts.is_empty() && !*only_saml && !*with_findings
    }

    fn want(&self, role: &Reviewed<'_>, trust: Option<&Trust>, has_findings: bool) -> bool {
        let is_of = |named: &String| {
            role.alias.is_some_and(|alias| alias == named)
                || AccountId::parse(named).is_ok_and(|id| role.account == Some(id))
        };
        (!self.admin || role.admin)
            && (!self.with_findings || has_findings)
            && (!self.only_saml || trust.is_none_or(Trust::trusts_saml))
            && (self.accounts.is_empty() || self.accounts.iter().any(is_of))
    }
}

/// The role that a policy by itself is of: the one its answer names, else one of the account of its providers,
/// where they are of one.
fn role_of(policy: &PolicyFile) -> Option<RoleArn> {
    if let Some(Ok(Arn::Role(arn))) = policy.role.as_deref().map(Arn::parse) {
        return Some(arn);
    }
    let parsed = TrustPolicy::parse(&policy.json).ok()?;
    let outlines = parsed.statements.iter().map(crate::trust::Statement::outline);
    // Spaces around an ARN are a mistake that a review finds.
    let mut accounts: Vec<(Partition, AccountId)> = outlines
        .flat_map(|outline| outline.parties)
        .filter_map(|party| match Arn::parse(party.name.trim()) {
            Ok(Arn::SamlProvider(arn)) => Some((arn.partition, arn.account)),
            _ => None,
        })
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    let [(partition, account)] = accounts.as_slice() else { return None };
    let stem = Path::new(&policy.name).file_stem()?.to_string_lossy().into_owned();
    let name = if is_role_name(&stem) { stem } else { "Role".to_owned() };
    Some(RoleArn { partition: *partition, account: *account, path: "/".to_owned(), name })
}

/// The findings about each role: those of the federation, by ARN or address, and those of policies by
/// themselves, by file.
fn by_role<'o>(
    review: &Review<'_>,
    outcome: &'o Outcome,
    of_files: &'o [(&str, Outcome)],
) -> BTreeMap<usize, Vec<&'o Finding>> {
    let mut found: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    if outcome.findings.is_empty() && of_files.is_empty() {
        return found;
    }
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for (number, role) in review.roles.iter().enumerate() {
        match role.origin {
            Origin::Deployed => numbers.extend(arn(role).map(|arn| (arn, number))),
            Origin::Declared(_, address) => {
                numbers.entry(address.to_owned()).or_insert(number);
            }
            Origin::File(_) => {}
        }
    }
    for finding in &outcome.findings {
        let subjects = std::iter::once(&finding.subject).chain(&finding.also);
        let about = subjects.filter_map(|subject| {
            let role = subject.split_once(" statement ").map_or(subject.as_str(), |(role, _)| role);
            numbers.get(role).copied()
        });
        let about: BTreeSet<usize> = about.collect();
        for number in about {
            found.entry(number).or_default().push(finding);
        }
    }
    for (name, outcome) in of_files {
        let own = review.roles.iter().position(|role| role.origin == Origin::File(name));
        if let Some(number) = own.filter(|_| !outcome.findings.is_empty()) {
            found.entry(number).or_default().extend(&outcome.findings);
        }
    }
    found
}

/// The ARN of a role, where all of its parts are known.
fn arn(role: &Reviewed<'_>) -> Option<String> {
    let (account, name) = (role.account?, role.name.ok()?);
    let partition = role.partition.unwrap_or(Partition::Aws);
    Some(format!("arn:{partition}:iam::{account}:role{}{name}", role.path.unwrap_or("/")))
}
