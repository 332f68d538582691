//! The same for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::super::safe_json;
use super::{Checked, ProofView};
use crate::mapping::analysis::Witness;
use crate::mapping::analysis::compare::{Comparison, ReadTwice, Verdict};
use crate::mapping::grammar::{Deviation, Part};

/// Version of the JSON forms.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonProof<'a> {
    version: u32,
    template: &'a str,
    filter: &'a str,
    holds: bool,
    real_names: JsonReal<'a>,
    every_name: JsonEvery<'a>,
    present: Option<JsonPresent<'a>>,
}

#[derive(Serialize)]
struct JsonReal<'a> {
    names: usize,
    obey: usize,
    different: usize,
    examples: Vec<JsonTwice<'a>>,
}

#[derive(Serialize)]
struct JsonEvery<'a> {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    examples: Vec<JsonTwice<'a>>,
}

#[derive(Serialize)]
struct JsonTwice<'a> {
    name: &'a str,
    grammar: Option<JsonCaptured<'a>>,
    filter: Option<JsonCaptured<'a>>,
}

#[derive(Serialize)]
struct JsonCaptured<'a> {
    role: &'a str,
    account: &'a str,
}

#[derive(Serialize)]
struct JsonPresent<'a> {
    filter: &'a str,
    read_alike: usize,
    only_now: JsonSome<'a>,
    only_new: JsonSome<'a>,
    otherwise: JsonSome<'a>,
    users_losing: usize,
    users_gaining: usize,
    every_name: JsonEvery<'a>,
}

#[derive(Serialize)]
struct JsonSome<'a> {
    count: usize,
    examples: &'a [String],
}

/// Writes filter and proof for a program.
pub fn proof_json(out: &mut dyn Write, view: &ProofView<'_>) -> io::Result<()> {
    let ProofView { template, proof, present } = view;
    let real = &proof.real;
    let json = JsonProof {
        version: VERSION,
        template,
        filter: &proof.filter,
        holds: proof.holds(),
        real_names: JsonReal {
            names: real.names,
            obey: real.obey,
            different: real.count,
            examples: real.different.iter().map(json_twice).collect(),
        },
        every_name: json_every(&proof.every),
        present: present.map(|(present, affected)| JsonPresent {
            filter: &present.filter,
            read_alike: present.same,
            only_now: json_some(&present.only_now),
            only_new: json_some(&present.only_new),
            otherwise: json_some(&present.otherwise),
            users_losing: affected.lose,
            users_gaining: affected.gain,
            every_name: json_every(&present.every),
        }),
    };
    safe_json::pretty(out, &json)
}

fn json_some((count, examples): &(usize, Vec<String>)) -> JsonSome<'_> {
    JsonSome { count: *count, examples }
}

fn json_every(every: &Comparison) -> JsonEvery<'_> {
    let (verdict, why) = match every.verdict {
        Verdict::Equivalent => ("equivalent", None),
        Verdict::Different => ("different", None),
        Verdict::Undecided(why) => ("undecided", Some(why.to_string())),
    };
    JsonEvery { verdict, why, examples: every.names.iter().map(json_twice).collect() }
}

fn json_twice(read: &ReadTwice) -> JsonTwice<'_> {
    fn captured(witness: &Witness) -> JsonCaptured<'_> {
        JsonCaptured { role: &witness.role, account: &witness.account }
    }
    JsonTwice {
        name: &read.name,
        grammar: read.old.as_ref().map(captured),
        filter: read.new.as_ref().map(captured),
    }
}

#[derive(Serialize)]
struct JsonChecked<'a> {
    name: &'a str,
    obeys: bool,
    parts: Option<JsonParts<'a>>,
    deviations: Vec<JsonDeviation<'a>>,
    nearest: Option<&'a str>,
}

#[derive(Serialize, Default)]
struct JsonParts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
    role: &'a str,
    accountid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonDeviation<'a> {
    part: Option<&'static str>,
    kind: &'static str,
    at: usize,
    found: &'a str,
    says: String,
    expected: &'a str,
    nearest: Option<&'a str>,
}

/// Writes a name for a program, as one line.
pub fn checked_json(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let name = checked.name;
    let json = JsonChecked {
        name,
        obeys: checked.read.is_some(),
        parts: checked.read.map(|read| JsonParts {
            alias: read.text(name, Part::Alias),
            role: read.text(name, Part::Role).unwrap_or_default(),
            accountid: read.text(name, Part::AccountId).unwrap_or_default(),
            environment: read.text(name, Part::Environment),
            owner: read.text(name, Part::Owner),
        }),
        deviations: checked.deviations.iter().map(json_deviation).collect(),
        nearest: checked.nearest,
    };
    safe_json::line(out, &json)
}

fn json_deviation(deviation: &Deviation) -> JsonDeviation<'_> {
    JsonDeviation {
        part: deviation.part.map(Part::as_str),
        kind: deviation.why.as_str(),
        at: deviation.range.start,
        found: &deviation.found,
        says: deviation.says(),
        expected: &deviation.expected,
        nearest: deviation.nearest.as_deref(),
    }
}
