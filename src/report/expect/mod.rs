//! What comes of expectations, for programs.

mod json;
mod junit;
mod tap;

use super::screen::case_text;
use super::wrap::Width;
use crate::expect::{Case, Verdict};
use crate::text::{Shown, SourceMap};

pub use json::{expect_json, expect_jsonl};
pub use junit::expect_junit;
pub use tap::expect_tap;

/// What of a case does not hold, as plain lines.
fn plain(case: &Case, sources: &SourceMap) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = case_text(&mut out, case, sources, Width::NONE);
    let text = String::from_utf8(out.into_inner()).unwrap_or_default();
    text.trim_matches('\n').to_owned()
}

/// A case in one line.
fn summary(case: &Case) -> String {
    let Some(first) = case.misses.first() else { return String::new() };
    let text = match first.verdict {
        Verdict::Invalid => first.got.clone(),
        _ => format!("wanted {}; got: {}", first.wanted, first.got),
    };
    Shown(&text).to_string()
}
