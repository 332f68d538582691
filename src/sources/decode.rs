//! Bytes of any encoding as UTF-8.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::batch::{Batch, Loss};
use super::input::{Stream, read_over};
use crate::model::export::TextEncoding;

/// A character encoding that the user named and nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown encoding `{label}`, expected a name such as `utf-8`, `utf-16le` or `windows-1252`"
)]
pub struct UnknownEncoding {
    /// What the user wrote.
    pub label: String,
}

/// Bytes that are not UTF-8 in a file that is otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte `0x{byte:02x}` is not UTF-8, expected UTF-8; read as windows-1252")]
pub struct StrayByte {
    /// The first offending byte.
    pub byte: u8,
}

/// A stream as UTF-8: byte order mark removed, UTF-16 and named encodings converted.
///
/// A byte order mark decides; otherwise the named encoding; otherwise UTF-16 where every other byte of
/// the beginning is NUL; otherwise UTF-8, which passes through as it is, stray bytes included (a reader
/// takes those up record by record with [`text`]). A sequence that the encoding does not have, such as
/// half a surrogate pair, becomes U+FFFD.
pub struct Decoded<R> {
    input: R,
    label: Option<&'static Encoding>,
    /// Bytes read from the input and not yet handed on or converted.
    raw: Vec<u8>,
    raw_at: usize,
    ended: bool,
    state: State,
    seen: TextEncoding,
}

enum State {
    Undecided,
    Utf8,
    Converting { decoder: Box<Decoder>, ready: Vec<u8>, ready_at: usize },
}

/// How many bytes decide whether a stream is UTF-16.
const HEAD: usize = 1024;

/// Room behind what is read, so that `read_to_end` does not probe with a small read of its own.
const SPARE: usize = 64;

/// How many bytes are converted at once.
const CHUNK: usize = 64 << 10;

impl<R: Read> Decoded<R> {
    /// Decodes `input`, with an encoding's label where the user gave one.
    pub fn new(input: R, label: Option<&str>) -> Result<Self, UnknownEncoding> {
        let label = label
            .map(|label| {
                Encoding::for_label(label.as_bytes())
                    .ok_or_else(|| UnknownEncoding { label: label.to_owned() })
            })
            .transpose()?;
        Ok(Self {
            input,
            label,
            raw: Vec::new(),
            raw_at: 0,
            ended: false,
            state: State::Undecided,
            seen: TextEncoding::Utf8,
        })
    }

    /// How the characters are written; known once something was read.
    pub const fn encoding(&self) -> TextEncoding {
        self.seen
    }

    fn fill(&mut self, want: usize) -> io::Result<()> {
        self.raw.drain(..self.raw_at);
        self.raw_at = 0;
        let missing = want.saturating_sub(self.raw.len());
        // With room to spare nothing is read just to see whether the end has come.
        self.raw.reserve(missing + SPARE);
        let missing = missing as u64;
        let got = self.input.by_ref().take(missing).read_to_end(&mut self.raw)?;
        self.ended = (got as u64) < missing;
        Ok(())
    }

    fn decide(&mut self) -> io::Result<()> {
        self.fill(HEAD)?;
        let (encoding, mark) = match Encoding::for_bom(&self.raw) {
            Some(found) => found,
            None => (self.label.or_else(|| utf16_by_nul(&self.raw)).unwrap_or(UTF_8), 0),
        };
        self.raw_at = mark;
        self.seen = match (self.label, mark) {
            (Some(_), _) => TextEncoding::Told,
            (None, _) if encoding == UTF_16LE => TextEncoding::Utf16Le,
            (None, _) if encoding == UTF_16BE => TextEncoding::Utf16Be,
            (None, 0) => TextEncoding::Utf8,
            (None, _) => TextEncoding::MarkedUtf8,
        };
        self.state = if encoding == UTF_8 {
            State::Utf8
        } else {
            let decoder = Box::new(encoding.new_decoder_without_bom_handling());
            State::Converting { decoder, ready: Vec::new(), ready_at: 0 }
        };
        Ok(())
    }

    fn pass(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.raw_at < self.raw.len() {
            return Ok(take(&self.raw, &mut self.raw_at, out));
        }
        self.input.read(out)
    }

    fn convert(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let State::Converting { ready, ready_at, .. } = &mut self.state
                && *ready_at < ready.len()
            {
                return Ok(take(ready, ready_at, out));
            }
            if self.ended && self.raw_at >= self.raw.len() {
                return Ok(0);
            }
            if !self.ended {
                self.fill(CHUNK)?;
            }
            self.convert_chunk();
        }
    }

    fn convert_chunk(&mut self) {
        let State::Converting { decoder, ready, ready_at } = &mut self.state else { return };
        let raw = self.raw.get(self.raw_at..).unwrap_or_default();
        let size = decoder.max_utf8_buffer_length(raw.len()).unwrap_or(raw.len() * 3 + 16);
        ready.clear();
        ready.resize(size, 0);
        *ready_at = 0;
        let (result, read, written, _) = decoder.decode_to_utf8(raw, ready, self.ended);
        ready.truncate(written);
        self.raw_at = match result {
            CoderResult::InputEmpty => self.raw.len(),
            CoderResult::OutputFull => self.raw_at + read,
        };
    }
}

impl Decoded<Box<dyn Stream>> {
    /// How many bytes there are in all, not decoded, where that is known.
    pub fn size(&mut self) -> Option<u64> {
        self.input.size()
    }

    /// When they were last changed, in seconds since 1970, where that is known.
    pub fn modified(&self) -> Option<i64> {
        self.input.modified()
    }

    /// Passes over so many decoded bytes, or to the end.
    pub fn pass_over(&mut self, bytes: u64) -> io::Result<()> {
        if matches!(self.state, State::Undecided) {
            self.decide()?;
        }
        if matches!(self.state, State::Converting { .. }) {
            return read_over(self, bytes);
        }
        let at_hand = (self.raw.len() - self.raw_at) as u64;
        read_over(self, bytes.min(at_hand))?;
        self.input.pass_over(bytes.saturating_sub(at_hand))
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if matches!(self.state, State::Undecided) {
            self.decide()?;
        }
        match self.state {
            State::Converting { .. } => self.convert(out),
            _ => self.pass(out),
        }
    }
}

fn take(from: &[u8], at: &mut usize, out: &mut [u8]) -> usize {
    let rest = from.get(*at..).unwrap_or_default();
    let count = rest.len().min(out.len());
    if let (Some(out), Some(rest)) = (out.get_mut(..count), rest.get(..count)) {
        out.copy_from_slice(rest);
    }
    *at += count;
    count
}

/// UTF-16 without a mark: text in ASCII for the most part has a NUL in every other byte.
fn utf16_by_nul(head: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = head.as_chunks::<2>();
    let even = pairs.iter().filter(|pair| pair[0] == 0).count();
    let odd = pairs.iter().filter(|pair| pair[1] == 0).count();
    match pairs.len() {
        0 | 1 => None,
        count if odd * 2 > count && even * 20 < count => Some(UTF_16LE),
        count if even * 2 > count && odd * 20 < count => Some(UTF_16BE),
        _ => None,
    }
}

/// A value of a record as text; bytes that are not UTF-8 are read as windows-1252, which is what
/// `csvde` and `ldifde` write without `-u`, and reported once for a line.
pub fn text<'a>(bytes: &'a [u8], line: u32, batch: &mut Batch<'_>) -> Cow<'a, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            let said = batch
                .found
                .problems
                .last()
                .is_some_and(|problem| problem.line == line && problem.error.is::<StrayByte>());
            if !said {
                batch.problem(line, Loss::Nothing, StrayByte { byte });
            }
            WINDOWS_1252.decode_without_bom_handling(bytes).0
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::keys::Keys;
    use super::*;

    fn decoded(bytes: &[u8], label: Option<&str>) -> String {
        let mut out = Vec::new();
        Decoded::new(bytes, label).unwrap().read_to_end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn a_mark_is_removed_and_decides() {
        assert_eq!(decoded("\u{feff}dn: é".as_bytes(), None), "dn: é");
        assert_eq!(decoded("\u{feff}dn: é".as_bytes(), Some("windows-1252")), "dn: é");
        assert_eq!(decoded(&utf16("\u{feff}dn: Ōta", false), None), "dn: Ōta");
        assert_eq!(decoded(&utf16("\u{feff}dn: Ōta", true), Some("utf-8")), "dn: Ōta");
    }

    #[test]
    fn utf_16_without_a_mark_is_known_by_its_nul_bytes() {
        let text = "DN,objectClass,cn\r\n\"CN=Ōta,DC=x\",user,Ōta\r\n";
        assert_eq!(decoded(&utf16(text, false), None), text);
        assert_eq!(decoded(&utf16(text, true), None), text);
    }

    #[test]
    fn a_named_encoding_is_used() {
        assert_eq!(decoded(b"Jos\xe9 \x80", Some("windows-1252")), "José €");
        assert_eq!(decoded(&utf16("山田", false), Some("utf-16le")), "山田");
        let unknown = Decoded::new(&b""[..], Some("utf-9")).err().unwrap();
        assert_eq!(
            unknown.to_string(),
            "unknown encoding `utf-9`, expected a name such as `utf-8`, `utf-16le` or `windows-1252`"
        );
    }

    #[test]
    fn an_odd_byte_at_the_end_of_utf_16_is_a_replacement_character() {
        let mut bytes = utf16("\u{feff}ab", false);
        bytes.push(b'c');
        assert_eq!(decoded(&bytes, None), "ab\u{fffd}");
    }

    #[test]
    fn stray_bytes_are_read_as_windows_1252_and_said_once_a_line() {
        let keys = Keys::default();
        let mut batch = Batch::new(&keys);
        assert_eq!(text(b"Jos\xe9", 3, &mut batch), "José");
        assert_eq!(text(b"Ren\xe9e", 3, &mut batch), "Renée");
        assert_eq!(text("Zoë".as_bytes(), 4, &mut batch), "Zoë");
        assert_eq!(
            batch.describe(),
            ["3: problem (Nothing) byte `0xe9` is not UTF-8, expected UTF-8; read as windows-1252"]
        );
    }

    proptest! {
        #[test]
        fn what_is_passed_over_is_what_would_have_been_read(
            text in "(\u{feff})?[a-z\nŌ山]{0,3000}",
            form in 0..3_u8,
            read in 0..40_usize,
            over in 0..4000_u64,
        ) {
            let bytes = match form {
                0 => text.clone().into_bytes(),
                1 => utf16(&format!("\u{feff}{text}"), true),
                _ => utf16(&text, false),
            };
            let label = (form == 2).then_some("utf-16le");
            let whole = decoded(&bytes, label).into_bytes();
            let stream: Box<dyn Stream> = Box::new(std::io::Cursor::new(bytes));
            let mut stream = Decoded::new(stream, label).unwrap();
            let mut first = vec![0; read.min(whole.len())];
            stream.read_exact(&mut first).unwrap();
            stream.pass_over(over).unwrap();
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).unwrap();
            let from = whole.len().min(first.len() + usize::try_from(over).unwrap());
            prop_assert_eq!(&rest[..], &whole[from..]);
        }

        #[test]
        fn long_utf_16_comes_out_whole(text in "[ -~é山😀\n]{2,400}", repeat in 1_usize..200, big: bool) {
            let text = format!("\u{feff}{}", text.repeat(repeat));
            prop_assert_eq!(decoded(&utf16(&text, big), None), text.get(3..).unwrap());
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>, label in proptest::option::of("utf-16le|windows-1252|shift_jis|utf-8")) {
            let mut out = Vec::new();
            Decoded::new(&bytes[..], label.as_deref()).unwrap().read_to_end(&mut out).unwrap();
        }
    }
}
