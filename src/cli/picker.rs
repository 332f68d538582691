//! `rolecall picker`: what the AWS role picker shows.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::options::SourceArgs;
use super::{CliError, Exit};
use crate::entitlement::resolve::{Entitlements, Ways, sent, visible};
use crate::report::rows::{Column, CsvStyle, write_csv};

/// Arguments of `picker`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one flag of the command line")]
pub(crate) struct PickerArgs {
    /// The user: login, mail, uid, sAMAccountName, DN or Okta id
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    user: Option<String>,
    /// Every user
    #[arg(long)]
    all: bool,
    /// Also what Okta sends but AWS cannot read as a role (a wrong account id, a malformed pattern)
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
    sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// One JSON object a user and line.
    Jsonl,
    /// One row a user and role.
    Csv,
}

/// Runs the command.
pub(crate) fn run(args: &PickerArgs) -> Result<Exit, CliError> {
    let loaded = args.sources.load()?;
    let mapping = args.sources.mapping(&loaded)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let columns = columns(&args.columns)?;
    let ways =
        if columns.contains(&Column::Paths) { Ways::SimplePaths } else { Ways::DirectGroups };
    let wanted = if args.sent { sent } else { visible };
    let grants =
        entitlements.grants(wanted, ways).map_err(|error| CliError::Message(error.to_string()))?;
    let by_user = entitlements.by_user(&grants);
    let style = CsvStyle { columns, header: !args.no_header, raw: args.csv_raw };
    let mut out = io::stdout();
    write_csv(&entitlements, &grants, &by_user, &style, &mut out)?;
    out.flush()?;
    Ok(Exit::Clean)
}

fn columns(names: &[String]) -> Result<Vec<Column>, CliError> {
    let known = || Column::ALL.map(Column::as_str).join(", ");
    names
        .iter()
        .map(|name| {
            Column::parse(name).ok_or_else(|| {
                CliError::Message(format!("column `{name}`, expected one of {}", known()))
            })
        })
        .collect()
}
