//! Class 14: what is small when sent and large when read; and legal ways to carry a message.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::{Class, Done, Draft, Expected, Kind};
use crate::saml::issue::{base64, form};
use crate::saml::xml::MESSAGE;

pub(super) static CLASS: Class = Class {
    number: Some(14),
    name: "bomb",
    says: "what is small when sent and large when read, or cannot be what it says",
    cves: &["CVE-2025-25293", "CVE-2025-54572"],
    kinds: KINDS,
};

static KINDS: &[Kind] = &[
    Kind::new(
        "bomb/deflate-ratio",
        "deflated spaces that grow a thousandfold",
        Expected::Unread("it inflates to more than 200 times its size, expected at most that"),
        |d| {
            let (head, tail) = d.text.split_at(d.text.len() - 1);
            let text = format!("{head}{}{tail}", " ".repeat(1_000_000));
            packed_base64(d, &deflated(text.as_bytes()))
        },
    )
    .packed("b64"),
    Kind::new(
        "bomb/deflate-size",
        "deflated text of more than a message may have",
        Expected::Unread("it inflates to more than 1048576 bytes, expected at most that"),
        |d| {
            let text = format!("{}<!-- {} -->", d.text, noise(MESSAGE));
            packed_base64(d, &deflated(text.as_bytes()))
        },
    )
    .packed("b64")
    .large(),
    Kind::new(
        "bomb/deflate-trailing",
        "something stands behind the end of the deflated message",
        Expected::Unread("bytes stand behind the end of the deflated data, expected none"),
        |d| {
            let bytes = [deflated(d.text.as_bytes()), b"<saml2p:Response/>".to_vec()].concat();
            packed_base64(d, &bytes)
        },
    )
    .packed("b64"),
    Kind::new(
        "bomb/base64-size",
        "base64 longer than that of the longest message, undecoded",
        Expected::Unread("characters of base64, expected at most"),
        |d| {
            let text = format!("{}<!-- {} -->", d.text, noise(MESSAGE));
            d.pack(base64(&text))
        },
    )
    .packed("b64")
    .large(),
    Kind::new(
        "bomb/base64-layers",
        "base64 of base64 of base64",
        Expected::Unread("base64 of base64 of base64, expected at most two layers"),
        |d| d.pack(base64(&base64(&base64(&d.text)))),
    )
    .packed("b64"),
    Kind::new(
        "bomb/base64-cut",
        "base64 that lacks its end",
        Expected::Unread("some are missing at its end"),
        |d| {
            let mut packed = base64(&d.text);
            packed.truncate(packed.len() - 3);
            d.pack(packed)
        },
    )
    .packed("b64"),
    Kind::new(
        "bomb/base64-two-alphabets",
        "base64 of both alphabets",
        Expected::Unread("expected one alphabet of base64"),
        |d| {
            let packed = base64(&format!("{}<!-- ~~~>>>???~~~>>>??? -->", d.text));
            d.pack(packed.replacen('/', "_", 1))
        },
    )
    .packed("b64"),
    Kind::new(
        "bomb/document-size",
        "a document larger than a message may be",
        Expected::Rejected(&["signature/doctype"]),
        |d| d.after("Response", &format!("<!-- {} -->", noise(MESSAGE))).map(drop),
    )
    .large(),
    Kind::valid("bomb/valid-deflated", "the message deflated, as HTTP-Redirect carries it", |d| {
        packed_base64(d, &deflated(d.text.as_bytes()))
    })
    .packed("b64"),
    Kind::valid("bomb/valid-base64", "the message in base64", |d| d.pack(base64(&d.text)))
        .packed("b64"),
    Kind::valid(
        "bomb/valid-base64-in-lines",
        "the message in base64, in lines with spaces before them",
        |d| {
            let packed = base64(&d.text);
            let lines: Vec<&str> = packed
                .as_bytes()
                .chunks(76)
                .filter_map(|line| std::str::from_utf8(line).ok())
                .collect();
            d.pack(lines.join("\r\n  "))
        },
    )
    .packed("b64"),
    Kind::valid(
        "bomb/valid-base64-for-urls",
        "the message in the alphabet for URLs, without padding",
        |d| d.pack(URL_SAFE_NO_PAD.encode(&d.text)),
    )
    .packed("b64"),
    Kind::valid("bomb/valid-base64-twice", "the message in base64 twice", |d| {
        d.pack(base64(&base64(&d.text)))
    })
    .packed("b64"),
    Kind::valid("bomb/valid-form", "the body of a form that carries the message", |d| {
        d.pack(form(&d.text, "https://console.aws.amazon.com/"))
    })
    .packed("form"),
];

/// So many bytes that mean nothing, in base64.
pub(super) fn base64_of(length: usize) -> String {
    let block = |number: usize| Sha256::digest(format!("rolecall {number}")).to_vec();
    let mut bytes: Vec<u8> = (0..length.div_ceil(32)).flat_map(block).collect();
    bytes.truncate(length);
    STANDARD.encode(bytes)
}

/// So many letters that do not shrink to nothing.
pub(super) fn noise(length: usize) -> String {
    let mut letters = base64_of(length);
    letters.truncate(length);
    letters
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing to a Vec cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn packed_base64(d: &mut Draft<'_>, bytes: &[u8]) -> Done {
    d.pack(STANDARD.encode(bytes))
}
