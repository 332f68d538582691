//! `rolecall picker`: what the AWS role picker shows.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::options::{SignInArgs, SourceArgs};
use super::row_output::row_output;
use super::terminal::width;
use super::{CliError, Exit, lookup};
use crate::entitlement::admission::Admissions;
use crate::entitlement::picker::RolePicker;
use crate::entitlement::resolve::{
    ByUser, Entitlements, Grants, TooManyPaths, Ways, sent, visible,
};
use crate::entitlement::role_group::RoleGroup;
use crate::entitlement::sign_in::SignInSettings;
use crate::entitlement::stage::Answer;
use crate::explain::missing::missing_roles;
use crate::model::directory::{GroupId, UserId};
use crate::report::answer::{picker_json, picker_jsonl};
use crate::report::rows::{Column, CsvRows, CsvStyle, chunks, stream};
use crate::report::screen::{PickerNotes, picker_text};
use crate::report::wrap::Width;
use crate::text::Shown;

/// Arguments of `picker`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one flag of the command line")]
pub(crate) struct PickerArgs {
    /// The user: login, mail, uid, sAMAccountName, name, DN or Okta id
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    user: Option<String>,
    /// Every user
    #[arg(long)]
    all: bool,
    /// Also what Okta sends but AWS cannot read as a role: a wrong account id, a malformed pattern (CSV)
    #[arg(long)]
    sent: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Columns of the CSV: user, account, alias, role, `role_arn`, `provider_arn`, trust, ways, paths
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "user,account,alias,role,role_arn,provider_arn,ways"
    )]
    columns: Vec<String>,
    /// Leave the CSV's header line out
    #[arg(long)]
    no_header: bool,
    /// Leave cells alone that a spreadsheet would run as formulas
    #[arg(long)]
    csv_raw: bool,
    #[command(flatten)]
    sign_in: SignInArgs,
    #[command(flatten)]
    sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// One JSON object a user and line
    Jsonl,
    /// One row a user and role
    Csv,
}

/// Runs the command.
pub(crate) fn run(args: &PickerArgs) -> Result<Exit, CliError> {
    let loaded = args.sources.load_entitled(args.user.as_deref())?;
    let mapping = match &args.user {
        Some(_) => args.sources.mapping_or_guide(&loaded)?,
        None => args.sources.mapping(&loaded)?,
    };
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let columns = columns(&args.columns)?;
    let paths = args.format == Format::Csv && columns.contains(&Column::Paths);
    let ways = if paths { Ways::SimplePaths } else { Ways::DirectGroups };
    let wanted = if args.sent { sent } else { visible };
    if args.all && args.format == Format::Csv {
        let style = CsvStyle { columns, header: !args.no_header, raw: args.csv_raw };
        every_row(&entitlements, wanted, ways, style)?;
        // The process ends here, and the system takes back all memory at once.
        std::mem::forget(entitlements);
        std::mem::forget(loaded);
        return Ok(Exit::Clean);
    }
    let grants =
        entitlements.grants(wanted, ways).map_err(|error| CliError::Message(error.to_string()))?;
    let sign_in = args.sources.sign_in(&args.sign_in)?;
    let admissions = || Admissions::new(&entitlements, &sign_in);
    let mut out = io::stdout();
    if let Some(name) = &args.user {
        let user = lookup::user(&loaded.federation.directory, name)?;
        one(&admissions(), &grants, user, (args, columns), &mut out)?;
    } else {
        let by_user = entitlements.by_user(&grants);
        everybody(&admissions(), &grants, &by_user, args.format, &mut out)?;
    }
    out.flush()?;
    std::mem::forget((entitlements, grants));
    std::mem::forget(loaded);
    Ok(Exit::Clean)
}

/// Everybody's rows; what roles alone decide of them is prepared while it is told who gets which.
fn every_row(
    entitlements: &Entitlements<'_>,
    wanted: fn(&RoleGroup) -> bool,
    ways: Ways,
    style: CsvStyle,
) -> Result<(), CliError> {
    let (rows, granted) = rayon::join(
        || CsvRows::new(entitlements, style),
        || {
            let grants = entitlements.grants(wanted, ways)?;
            let by_user = entitlements.by_user(&grants);
            let users = entitlements.users_by_login(&by_user, &grants);
            Ok((grants, by_user, users))
        },
    );
    let (grants, by_user, users) =
        granted.map_err(|error: TooManyPaths| CliError::Message(error.to_string()))?;
    let mut out = row_output();
    rows.write(&grants, &by_user, &users, &mut out)?;
    out.flush()?;
    std::mem::forget((rows, grants, by_user));
    Ok(())
}

fn one(
    admissions: &Admissions<'_>,
    grants: &Grants,
    user: UserId,
    (args, columns): (&PickerArgs, Vec<Column>),
    out: &mut io::Stdout,
) -> Result<(), CliError> {
    let entitlements = admissions.entitlements;
    let direct = entitlements.direct_groups(user);
    let picker = RolePicker::of(entitlements, user, &direct, grants);
    let tells_why = picker.is_empty() && matches!(args.format, Format::Text | Format::Json);
    let mut about = if tells_why {
        about_empty(entitlements, user, &direct)
    } else {
        about(entitlements, user, &direct)
    };
    about.admissions = admissions.of_picker(&picker, user);
    match args.format {
        Format::Text => picker_text(&mut anstream::stdout(), &picker, &about, width())?,
        Format::Json => picker_json(out, &picker, &about)?,
        Format::Jsonl => {
            let mut line = Vec::new();
            about.notes.clear();
            picker_jsonl(&mut line, &picker, &about);
            out.write_all(&line)?;
        }
        Format::Csv => {
            let style = CsvStyle { columns, header: !args.no_header, raw: args.csv_raw };
            let by_user = entitlements.by_user(grants);
            CsvRows::new(entitlements, style).write(grants, &by_user, &[user], out)?;
        }
    }
    Ok(())
}

/// What to say of an empty picker: what keeps out each role that the user comes near to.
pub(super) fn about_empty(
    entitlements: &Entitlements<'_>,
    user: UserId,
    direct: &[GroupId],
) -> PickerNotes {
    let mut about = about(entitlements, user, direct);
    about.missing = missing_roles(entitlements, user, direct);
    if about.missing.is_empty() {
        about.notes.extend(leads_nowhere(entitlements, direct));
    }
    about
}

/// What to say where no group of a user's leads to a role group.
fn leads_nowhere(entitlements: &Entitlements<'_>, direct: &[GroupId]) -> Option<String> {
    let leads = direct.iter().any(|&group| !entitlements.reached_from(group).is_empty());
    if leads || !entitlements.mapping.maps_groups() {
        None
    } else if entitlements.federation.directory.members_stated() {
        Some("None of their groups leads to a role, or has a name like one that does.".to_owned())
    } else {
        Some("No export lists any user's memberships.".to_owned())
    }
}

/// One user's picker, for a person.
pub(super) fn text(
    entitlements: &Entitlements<'_>,
    user: UserId,
    width: Width,
    out: &mut impl Write,
) -> Result<(), CliError> {
    let grants = entitlements
        .grants(visible, Ways::DirectGroups)
        .map_err(|error| CliError::Message(error.to_string()))?;
    let direct = entitlements.direct_groups(user);
    let picker = RolePicker::of(entitlements, user, &direct, &grants);
    let mut about = about(entitlements, user, &direct);
    let settings = SignInSettings::default();
    about.admissions = Admissions::new(entitlements, &settings).of_picker(&picker, user);
    picker_text(out, &picker, &about, width)?;
    Ok(())
}

fn about(entitlements: &Entitlements<'_>, user: UserId, direct: &[GroupId]) -> PickerNotes {
    let stops = entitlements.can_sign_in(user) == Answer::Fails
        || entitlements.assignment(user, direct).answer() == Answer::Fails;
    PickerNotes {
        user: entitlements.federation.directory.login(user).to_owned(),
        reaches_aws: !stops,
        notes: notes(entitlements, user, direct),
        ..PickerNotes::default()
    }
}

/// Why the picker is empty, and what is not known.
fn notes(entitlements: &Entitlements<'_>, user: UserId, direct: &[GroupId]) -> Vec<String> {
    let mut notes = Vec::new();
    if !entitlements.mapping.maps_groups() {
        notes.push(
            "Use Group Mapping is off: roles come from `samlRoles`, not from group names."
                .to_owned(),
        );
    }
    if entitlements.mapping.assumed {
        notes.push(
            "No export has the app's Group Filter: names are read by that of Okta's guide."
                .to_owned(),
        );
    }
    match entitlements.can_sign_in(user) {
        Answer::Fails => notes.push("They are disabled and cannot sign in.".to_owned()),
        Answer::Unknown => notes.push("No export says whether they can sign in.".to_owned()),
        Answer::Holds => {}
    }
    match entitlements.assignment(user, direct).answer() {
        Answer::Fails => {
            notes.push("Nothing assigns them to the Okta app: they see no tile.".to_owned());
        }
        Answer::Unknown => {
            notes.push("No export says whether they are assigned to the Okta app.".to_owned());
        }
        Answer::Holds => {}
    }
    let undecided = &entitlements.role_groups.undecided;
    if let Some(first) = undecided.first() {
        let name = entitlements.federation.directory.group_name(first.group);
        notes.push(format!(
            "{} group names cannot be decided, among them `{name}`: {}.",
            undecided.len(),
            first.reason
        ));
    }
    notes
}

fn everybody(
    admissions: &Admissions<'_>,
    grants: &Grants,
    by_user: &ByUser,
    format: Format,
    out: &mut io::Stdout,
) -> Result<(), CliError> {
    let entitlements = admissions.entitlements;
    let directory = &entitlements.federation.directory;
    let users = entitlements.users_by_login(by_user, grants);
    let width = width();
    let picker = |user: UserId| {
        let direct: Vec<GroupId> = by_user.groups(user).iter().copied().map(GroupId).collect();
        RolePicker::of(entitlements, user, &direct, grants)
    };
    let write = |users: &[UserId], buffer: &mut Vec<u8>| {
        buffer.clear();
        for &user in users {
            let picker = picker(user);
            if picker.is_empty() {
                continue;
            }
            let about = PickerNotes {
                user: directory.login(user).to_owned(),
                reaches_aws: true,
                admissions: admissions.of_picker(&picker, user),
                ..PickerNotes::default()
            };
            if format == Format::Text {
                // Writing to memory cannot fail.
                let _ = picker_text(buffer, &picker, &about, width);
                buffer.push(b'\n');
            } else {
                picker_jsonl(buffer, &picker, &about);
            }
        }
        users.len() as u64
    };
    let chunks = chunks(&users, by_user, grants);
    if format == Format::Text {
        // Takes the styles off where they are not wanted.
        stream(chunks, &mut anstream::stdout(), write)?;
    } else {
        stream(chunks, out, write)?;
    }
    Ok(())
}

fn columns(names: &[String]) -> Result<Vec<Column>, CliError> {
    let known = || Column::ALL.map(Column::as_str).join(", ");
    names
        .iter()
        .map(|name| {
            Column::parse(name).ok_or_else(|| {
                CliError::Message(format!("column `{}`, expected one of {}", Shown(name), known()))
            })
        })
        .collect()
}
