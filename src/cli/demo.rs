//! `rolecall demo`: an embedded federation, and what the other commands say about it.
#![expect(clippy::disallowed_methods, reason = "`demo --write` writes files")]

use std::fs;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::files::plain;
use super::terminal::width;
use super::{CliError, Exit, check, lookup, picker};
use crate::entitlement::resolve::Entitlements;
use crate::explain::why::explain;
use crate::mapping::settings::{Mapping, Overrides};
use crate::report::check_text::{self, View};
use crate::report::screen::why_text;
use crate::report::wrap::{Pieces, Width};
use crate::rules::settings::Settings;
use crate::rules::{Context, all, run as run_rules};
use crate::sources::input::{Input, SourceOptions, Stream};
use crate::sources::load::{Loaded, load};
use crate::text::Shown;

/// Whose picker is shown.
const USER: &str = "nora";

/// The role `USER` expects and does not get.
const ROLE: &str = "saltmarsh-prod/Deploy";

/// The folder whose files are exports.
const EXPORTS: &str = "exports/";

macro_rules! files {
    ($($name:literal,)*) => {
        /// The federation's files: name and content.
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../fixtures/federations/demo/", $name)))),*];
    };
}

files! {
    "README.md",
    "expectations.toml",
    "rolecall.toml",
    "exports/directory.ldif",
    "exports/okta/app.json",
    "exports/okta/app_groups.json",
    "exports/okta/groups.json",
    "exports/okta/metadata.xml",
    "exports/aws/053918264407-aliases.json",
    "exports/aws/053918264407-authorization-details.json",
    "exports/aws/053918264407-saml-provider-OKTA.json",
    "exports/aws/053918264407-saml-providers.json",
    "exports/aws/418203975566-aliases.json",
    "exports/aws/418203975566-authorization-details.json",
    "exports/aws/418203975566-saml-provider-OKTA.json",
    "exports/aws/418203975566-saml-providers.json",
    "exports/aws/760154829933-aliases.json",
    "exports/aws/760154829933-authorization-details.json",
    "exports/aws/760154829933-saml-provider-OKTA.json",
    "exports/aws/760154829933-saml-providers.json",
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Write the federation's files and a rolecall.toml to a new or empty folder instead
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &DemoArgs) -> Result<Exit, CliError> {
    let mut out = anstream::stdout().lock();
    match &args.write {
        Some(folder) => write(folder, width(), &mut out)?,
        None => show(width(), &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}

fn show(width: Width, out: &mut impl Write) -> Result<(), CliError> {
    let loaded = load(inputs());
    let mapping = mapping(&loaded)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let directory = &loaded.federation.directory;
    let user = lookup::user(directory, USER)?;
    let company = format!(
        "Saltmarsh Rail, an invented company: {} people, {} groups, {} AWS accounts.",
        directory.user_count(),
        directory.groups().count(),
        loaded.federation.accounts.iter().count(),
    );
    Pieces::prose(&company).write(out, width, 0, 0)?;
    Pieces::prose("Its Active Directory, Okta and IAM exports are built into this program.")
        .write(out, width, 0, 0)?;
    writeln!(out)?;
    writeln!(out, "$ rolecall picker {USER}\n")?;
    picker::text(&entitlements, user, width, out)?;
    writeln!(out, "\n$ rolecall why {USER} {ROLE}\n")?;
    let why = explain(&entitlements, user, &lookup::role(ROLE)?);
    why_text(out, &why, &loaded.federation.sources, width)?;
    writeln!(out, "\n$ rolecall check\n")?;
    let settings = Settings::default();
    let context = Context::new(&loaded.federation, Ok(&entitlements), &settings);
    let outcome = run_rules(all(), &context);
    let sources = &loaded.federation.sources;
    let excerpts = check::of_findings(&inputs(), &loaded.formats, sources, &outcome);
    let view = View { sources, excerpts: &excerpts, width: check::terminal_width() };
    check_text::write(out, &outcome, &view)?;
    writeln!(
        out,
        "\nTo try more, write these exports to a folder:\n\n  rolecall demo --write saltmarsh"
    )?;
    Ok(())
}

fn mapping(loaded: &Loaded) -> Result<Mapping, CliError> {
    Mapping::new(loaded.federation.app.as_ref(), &Overrides::default())
        .map_err(|error| CliError::Message(error.to_string()))
}

/// The embedded exports as inputs.
fn inputs() -> Vec<Input> {
    let exports = FILES.iter().filter(|(name, _)| name.starts_with(EXPORTS));
    exports
        .map(|&(name, text)| Input {
            name: name.to_owned(),
            open: Box::new(move || Ok(Box::new(Cursor::new(text)) as Box<dyn Stream>)),
            found: false,
            options: SourceOptions::default(),
        })
        .collect()
}

fn write(folder: &Path, width: Width, out: &mut impl Write) -> Result<(), CliError> {
    let shown = folder.display().to_string();
    let failed = |error: &io::Error| {
        CliError::Message(format!("`{}` cannot be written: {}", Shown(&shown), plain(error)))
    };
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut entries = fs::read_dir(folder).map_err(|error| failed(&error))?;
    if entries.next().is_some() {
        return Err(CliError::Message(format!(
            "`{}` is not empty, expected a new or empty folder",
            Shown(&shown)
        )));
    }
    for (name, text) in FILES {
        let file = folder.join(name);
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&file, text))
            .map_err(|error| failed(&error))?;
    }
    let config = folder.join("rolecall.toml").display().to_string();
    let config = Shown(&config);
    writeln!(out, "{} files are in `{}`. Try:\n", FILES.len(), Shown(&shown))?;
    for command in [
        format!("picker {USER}"),
        format!("why {USER} {ROLE}"),
        "check".to_owned(),
        "test".to_owned(),
        "who saltmarsh-prod/ReadOnly".to_owned(),
        "picker --all --format csv".to_owned(),
    ] {
        writeln!(out, "  rolecall {command} --config {config}")?;
    }
    writeln!(out)?;
    Pieces::prose("In that folder `--config` is not needed.").write(out, width, 0, 0)?;
    Pieces::prose(
        "To mend the role, make the letter O in `4182O3975566` a zero, in exports/directory.ldif and \
         exports/okta/groups.json, and ask `why` again.",
    )
    .write(out, width, 0, 0)?;
    Ok(())
}
