//! PEM (RFC 7468): blocks of base64 with a label, as keys and certificates are kept in files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One block.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    /// What stands after `BEGIN`, such as `CERTIFICATE`.
    pub label: String,
    /// What was encoded.
    pub der: Vec<u8>,
    /// Whether headers say that it is encrypted, as old private keys are.
    pub is_encrypted: bool,
}

/// Why a text is no PEM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// No block in it.
    #[error("no line `-----BEGIN …-----`, expected PEM")]
    NoBlock,
    /// A block without an end.
    #[error("a block of `{0}` that does not end, expected `-----END {0}-----`")]
    NoEnd(String),
    /// Something else than base64 within.
    #[error("a block of `{0}` that is not base64")]
    Base64(String),
}

/// All blocks of a text, in their order; what stands between them is passed over.
pub fn blocks(text: &str) -> Result<Vec<Block>, PemError> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = label_of(line, "BEGIN") else { continue };
        let mut packed = String::new();
        let mut is_encrypted = false;
        loop {
            let line = lines.next().ok_or_else(|| PemError::NoEnd(label.to_owned()))?;
            if label_of(line, "END") == Some(label) {
                break;
            }
            if line.contains(':') {
                is_encrypted |= line.starts_with("Proc-Type:") && line.contains("ENCRYPTED");
            } else {
                packed.push_str(line);
            }
        }
        // An encrypted block holds base64 too, but what follows of it is of no use.
        let der = STANDARD.decode(packed.as_bytes());
        let der = der.map_err(|_| PemError::Base64(label.to_owned()))?;
        found.push(Block { label: label.to_owned(), der, is_encrypted });
    }
    if found.is_empty() { Err(PemError::NoBlock) } else { Ok(found) }
}

fn label_of<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    let rest = line.strip_prefix("-----")?.strip_prefix(word)?.strip_prefix(' ')?;
    rest.strip_suffix("-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_in_order_and_what_is_around_them_is_passed_over() {
        let text = "Bag Attributes\n-----BEGIN A B-----\nAQI=\r\n-----END A B-----\n\n \
                    -----BEGIN C-----\nProc-Type: 4,ENCRYPTED\n\nAw==\n-----END C-----";
        let blocks = blocks(text).unwrap();
        let seen: Vec<(&str, &[u8], bool)> =
            blocks.iter().map(|b| (b.label.as_str(), b.der.as_slice(), b.is_encrypted)).collect();
        assert_eq!(seen, [("A B", [1, 2].as_slice(), false), ("C", [3].as_slice(), true)]);
    }

    #[test]
    fn what_is_no_pem_says_so() {
        let failed = |text: &str| blocks(text).err().unwrap();
        assert_eq!(failed("AQI="), PemError::NoBlock);
        assert_eq!(failed("-----BEGIN X-----\nAQI="), PemError::NoEnd("X".into()));
        assert_eq!(
            failed("-----BEGIN X-----\n*\n-----END X-----").to_string(),
            "a block of `X` that is not base64"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(-----BEGIN A-----|-----END A-----|[A-Za-z=:\n -]){0,40}") {
            let _ = blocks(&text);
        }
    }
}
