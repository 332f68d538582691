//! `rolecall saml verify`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::keys::{KeyArgs, known_keys};
use super::{CliError, Exit, read_bytes};
use crate::report::saml_verification as report;
use crate::saml::verify::{KnownKeys, Verdict, Verification, verify};
use crate::saml::xml::{MESSAGE, METADATA, Tree};

/// Which messages to verify, with which keys.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// SAML messages, metadata or captures; - for standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    keys: KeyArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Jsonl,
}

/// Runs `rolecall saml verify`: 1 where a file is not accepted.
pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, CliError> {
    let keys = known_keys(&args.keys)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Clean;
    for file in &args.files {
        let found = verified(file, &keys)?;
        if !matches!(found.verdict, Verdict::Accept | Verdict::Unsigned) {
            exit = Exit::Findings;
        }
        let name = file.display().to_string();
        match args.format {
            Format::Text => report::text(&mut out, &name, &found)?,
            Format::Jsonl => report::json_line(&mut out, &name, &found)?,
        }
    }
    out.flush()?;
    Ok(exit)
}

fn verified(file: &Path, keys: &KnownKeys) -> Result<Verification, CliError> {
    let bytes = read_bytes(file)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let text = unpacked(&text).unwrap_or(text);
    let limit = if text.contains("EntityDescriptor") || text.contains("EntitiesDescriptor") {
        METADATA
    } else {
        MESSAGE
    };
    Ok(match Tree::parse(&text, limit) {
        Ok(tree) => verify(&tree, keys),
        Err(error) => Verification::refused(&error),
    })
}

fn unpacked(text: &str) -> Option<String> {
    use base64::Engine as _;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return None;
    }
    let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).ok()?;
    let inflated = || {
        let mut all = String::new();
        io::Read::read_to_string(
            &mut flate2::read::DeflateDecoder::new(bytes.as_slice()),
            &mut all,
        )
        .ok()?;
        Some(all)
    };
    String::from_utf8(bytes.clone()).ok().or_else(inflated)
}
