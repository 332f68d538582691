//! `rolecall saml verify`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::keys::{KeyArgs, known_keys};
use super::{CliError, Exit, read_bytes};
use crate::report::saml_verification::{self as report, Verified};
use crate::saml::decrypt::open;
use crate::saml::private_key::PrivateKey;
use crate::saml::verify::{KnownKeys, Verdict, Verification, verify};
use crate::saml::xml::{MESSAGE, METADATA, Tree};
use crate::text::Shown;

/// Which messages to verify, with which keys.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// SAML messages, metadata or captures; - for standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    keys: KeyArgs,
    /// Private key to open encrypted assertions with: PEM of an RSA key without a passphrase
    #[arg(long, value_name = "PEM")]
    key: Option<PathBuf>,
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
    let private = args.key.as_deref().map(private_key).transpose()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Clean;
    for file in &args.files {
        let found = verified(file, &keys, private.as_ref())?;
        if !matches!(found.verdict(), Verdict::Accept | Verdict::Unsigned) {
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

fn private_key(file: &Path) -> Result<PrivateKey, CliError> {
    let name = file.display().to_string();
    let refuse = |why: &str| CliError::Message(format!("`{}`: {}", Shown(&name), Shown(why)));
    let text =
        String::from_utf8(read_bytes(file)?).map_err(|_| refuse("not UTF-8, expected PEM"))?;
    PrivateKey::from_pem(&text).map_err(|error| refuse(&error.to_string()))
}

fn verified(
    file: &Path,
    keys: &KnownKeys,
    private: Option<&PrivateKey>,
) -> Result<Verified, CliError> {
    let bytes = read_bytes(file)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let text = unpacked(&text).unwrap_or(text);
    let limit = if text.contains("EntityDescriptor") || text.contains("EntitiesDescriptor") {
        METADATA
    } else {
        MESSAGE
    };
    Ok(match Tree::parse(&text, limit) {
        Ok(tree) => {
            let outer = verify(&tree, keys);
            let opened = private.map(|private| open(&tree, &outer, private, keys));
            Verified { outer, opened }
        }
        Err(error) => Verified { outer: Verification::refused(&error), opened: None },
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
