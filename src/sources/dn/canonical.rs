//! One text for all ways to write a distinguished name.

use std::ops::Range;

use super::DnError;
use super::parser::{Ava, Parser};

/// Appends the canonical text of a distinguished name to `out`: equal texts, and only they, name the
/// same entry.
///
/// Types in lower case and by their short name, values in lower case, parts of a relative name sorted,
/// no optional space, one way to escape. The canonical text is itself a distinguished name, and its
/// own canonical text. On an error `out` is as before.
pub fn canonical(text: &[u8], out: &mut Vec<u8>) -> Result<(), DnError> {
    let start = out.len();
    let result = write(text, out);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn write(text: &[u8], out: &mut Vec<u8>) -> Result<(), DnError> {
    let start = out.len();
    let mut parser = Parser::new(text);
    let (mut value, mut parts) = (Vec::new(), Vec::new());
    loop {
        if let Some(end) = write_simple(text, parser.at(), out, out.len() > start) {
            let separated = end < text.len();
            parser.resume(end + usize::from(separated), separated);
            continue;
        }
        parts.clear();
        loop {
            let Some(ava) = parser.next_part(&mut value)? else { return Ok(()) };
            if parts.is_empty() && out.len() > start {
                out.push(b',');
            }
            parts.push(write_part(&ava, &value, out));
            if !ava.more {
                break;
            }
        }
        sort(&parts, out);
    }
}

/// The common relative name, one ASCII part without escapes or optional spaces: returns where it ends.
/// Anything else leaves `out` as it was.
fn write_simple(text: &[u8], at: usize, out: &mut Vec<u8>, separate: bool) -> Option<usize> {
    let rest = text.get(at..)?;
    let equals = rest.iter().take(MAX_SIMPLE_KIND).position(|&byte| byte == b'=')?;
    let (kind, tail) = rest.split_at_checked(equals)?;
    let value = tail.get(1..)?;
    if kind.is_empty() || !kind.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let end = value.iter().position(|&byte| !is_simple(byte)).unwrap_or(value.len());
    let value = match value.get(end) {
        None | Some(b',') => value.get(..end)?,
        Some(_) => return None,
    };
    let spaced = value.first() == Some(&b' ') || value.last() == Some(&b' ');
    if value.is_empty() || spaced {
        return None;
    }
    if separate {
        out.push(b',');
    }
    write_kind(kind, out);
    out.extend(value.iter().map(u8::to_ascii_lowercase));
    Some(at + equals + 1 + end)
}

const MAX_SIMPLE_KIND: usize = 20;

const fn is_simple(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b' ' | b'-' | b'_' | b'.' | b'@' | b'/' | b'\'' | b'(' | b')' | b':' | b'&'
        )
}

fn write_part(ava: &Ava<'_>, value: &[u8], out: &mut Vec<u8>) -> Range<usize> {
    let start = out.len();
    write_kind(ava.kind, out);
    if ava.ber {
        out.push(b'#');
        for &byte in value {
            write_hex(byte, out);
        }
    } else {
        write_value(value, out);
    }
    start..out.len()
}

fn write_kind(kind: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend(kind.iter().map(u8::to_ascii_lowercase));
    let lower = out.get(start..).unwrap_or_default();
    if let Some(short) = short_kind(lower.strip_prefix(b"oid.").unwrap_or(lower)) {
        out.truncate(start);
        out.extend_from_slice(short);
    }
    out.push(b'=');
}

/// Short names of the attribute types that RFC 4514 section 3 lists, and of AD's spellings.
const fn short_kind(lower: &[u8]) -> Option<&'static [u8]> {
    Some(match lower {
        b"commonname" | b"2.5.4.3" => b"cn",
        b"localityname" | b"2.5.4.7" => b"l",
        b"s" | b"stateorprovincename" | b"2.5.4.8" => b"st",
        b"organizationname" | b"2.5.4.10" => b"o",
        b"organizationalunitname" | b"2.5.4.11" => b"ou",
        b"countryname" | b"2.5.4.6" => b"c",
        b"streetaddress" | b"2.5.4.9" => b"street",
        b"domaincomponent" | b"0.9.2342.19200300.100.1.25" => b"dc",
        b"userid" | b"0.9.2342.19200300.100.1.1" => b"uid",
        b"2.5.4.4" | b"surname" => b"sn",
        b"e" | b"email" | b"emailaddress" | b"1.2.840.113549.1.9.1" => b"emailaddress",
        _ => return None,
    })
}

fn write_value(value: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    for chunk in value.utf8_chunks() {
        for c in chunk.valid().chars().flat_map(lower) {
            write_char(c, out.len() == start, out);
        }
        for &byte in chunk.invalid() {
            out.push(b'\\');
            write_hex(byte, out);
        }
    }
    // A last space is escaped; a value of one space is so already.
    if value.ends_with(b" ") && value.len() > 1 {
        out.pop();
        out.extend_from_slice(b"\\ ");
    }
}

/// Lower case of a character, with the final sigma as any other.
fn lower(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c })
}

fn write_char(c: char, first: bool, out: &mut Vec<u8>) {
    match c {
        '"' | '+' | ',' | ';' | '<' | '>' | '=' | '\\' => out.push(b'\\'),
        ' ' | '#' if first => out.push(b'\\'),
        '\0' => return out.extend_from_slice(b"\\00"),
        _ => {}
    }
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn write_hex(byte: u8, out: &mut Vec<u8>) {
    for nibble in [byte >> 4, byte & 15] {
        out.extend(char::from_digit(nibble.into(), 16).map(|digit| digit as u8));
    }
}

/// Puts the parts of the relative name written last in order.
fn sort(parts: &[Range<usize>], out: &mut Vec<u8>) {
    let (Some(first), true) = (parts.first(), parts.len() > 1) else { return };
    let mut texts: Vec<Vec<u8>> =
        parts.iter().filter_map(|part| out.get(part.clone())).map(<[u8]>::to_vec).collect();
    texts.sort_unstable();
    out.truncate(first.start);
    out.extend_from_slice(&texts.join(&b'+'));
}
