//! `rolecall saml decode`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::captures::{self, complaint};
use super::keys::OpenArgs;
use super::{CliError, Exit};
use crate::cli::{clock, complain, warn};
use crate::model::moment::Moment;
use crate::report::saml_outline::{self as report, Decoded, Unread};
use crate::report::saml_xml;
use crate::saml::capture::Capture;
use crate::saml::decrypt::DecryptError;
use crate::saml::opened::opened as in_place;
use crate::saml::outline::{Outline, masked_relay_state};
use crate::saml::private_key::PrivateKey;
use crate::saml::xml::XmlError;
use crate::text::Shown;

/// Which messages to decode.
///
/// Nothing is verified. Who signs in, with which roles and until when is shown; what makes a message a
/// credential is not: signature and cipher values, values within the relay state, the base64 itself.
#[derive(Debug, Args)]
pub(crate) struct DecodeArgs {
    /// SAML messages as XML, base64, forms, addresses, pages, HAR files, exports of SAML-tracer, logs,
    /// or folders of them; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Show signature and cipher values and the whole relay state; with json the message itself too
    #[arg(long)]
    show_secrets: bool,
    /// The time at which a message may still be usable [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    opens: OpenArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// An outline for people
    Text,
    /// One JSON object
    Json,
    /// The XML with line numbers
    Xml,
}

/// Runs the command: 0 where everything was read, 2 where something was not.
pub(crate) fn run(args: &DecodeArgs) -> Result<Exit, CliError> {
    let at = clock::at(args.at.as_deref())?;
    let key = args.opens.private_key()?;
    let mut out = anstream::stdout().lock();
    let mut unread = Vec::new();
    let mut kept: Vec<Capture> = Vec::new();
    let mut count = 0;
    captures::each(&args.files, |captured| {
        let capture = match captured {
            Ok(capture) => opened(capture, key.as_ref()),
            Err(error) => {
                complain(&complaint(&error));
                unread.push(Unread::of_capture(&error));
                return Ok(());
            }
        };
        match show(&mut out, args, &capture, at, count > 0) {
            Ok(()) => {
                count += 1;
                if args.format == Format::Json {
                    kept.push(capture);
                }
            }
            Err(Failed::Xml(error)) => {
                complain(&format!("{}: {error}", Shown(&capture.place(error.at.line))));
                unread.push(Unread::of_xml(&capture, &error));
            }
            Err(Failed::Cli(error)) => return Err(error),
        }
        Ok(())
    })?;
    let is_complete = unread.is_empty() && count > 0;
    if args.format == Format::Json {
        let all: Vec<Decoded<'_>> =
            kept.iter().filter_map(|one| decoded(one, args.show_secrets, at).ok()).collect();
        report::json(&mut out, &all, unread)?;
    }
    out.flush()?;
    Ok(if is_complete { Exit::Clean } else { Exit::CouldNotRun })
}

/// The message with its assertion in the clear, where a key opens it; a warning where the given one does
/// not.
fn opened(capture: Capture, key: Option<&PrivateKey>) -> Capture {
    let Some(key) = key else { return capture };
    let found = capture.tree().ok().map(|tree| in_place(&capture.text, &tree, key));
    match found {
        Some(Ok(whole)) => {
            Capture { name: format!("{}, opened", capture.name), text: whole.text, ..capture }
        }
        Some(Err(DecryptError::NotEncrypted)) | None => capture,
        Some(Err(error)) => {
            warn(&format!("{}: the given key does not open it: {error}", Shown(&capture.name)));
            capture
        }
    }
}

/// Why a message was not shown.
enum Failed {
    Xml(XmlError),
    Cli(CliError),
}

impl From<XmlError> for Failed {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::Cli(CliError::Io(error))
    }
}

/// Shows one message, except as JSON, and warns where it is still usable.
fn show(
    out: &mut dyn Write,
    args: &DecodeArgs,
    capture: &Capture,
    at: Moment,
    is_next: bool,
) -> Result<(), Failed> {
    let decoded = decoded(capture, args.show_secrets, at)?;
    if args.format != Format::Json && is_next {
        writeln!(out)?;
    }
    match args.format {
        Format::Text => report::text(out, &decoded)?,
        Format::Json => {}
        Format::Xml => saml_xml::xml(out, capture, &capture.tree()?, args.show_secrets)?,
    }
    if let Some(until) = decoded.usable_until {
        let name = Shown(&capture.name);
        warn(&format!(
            "{name}: whoever has this file can sign in with it until {until}; keep it to yourself"
        ));
    }
    Ok(())
}

fn decoded(capture: &Capture, with_secrets: bool, at: Moment) -> Result<Decoded<'_>, XmlError> {
    let outline = Outline::read(&capture.tree()?);
    let relay_state =
        if with_secrets { capture.relay_state.clone() } else { masked_relay_state(capture) };
    let usable_until = outline.usable_until(at);
    Ok(Decoded { capture, outline, relay_state, usable_until, with_secrets })
}
