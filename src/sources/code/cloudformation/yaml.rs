//! Templates in YAML: a tree from the events of the parser, scalars kept as they are written.

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Tag as YamlTag};

use super::error::TemplateError;
use super::tree::{Builder, DEPTH_LIMIT, Parsed, Tag};
use crate::sources::batch::Loss;

/// Deepest nesting of blocks or of brackets in YAML.
pub(super) const NESTING: usize = 64;

/// Reads every document of a file.
pub(super) fn parse(text: &str) -> Parsed {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.block_nesting_limit = NESTING;
    options.flow_nesting_limit = NESTING;
    const { assert!(2 * NESTING <= DEPTH_LIMIT) }
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, line) = match event {
            Ok((event, span)) => (event, line_of(span.start.line())),
            Err(error) => {
                let line = line_of(error.marker().line());
                builder.abandon(line, syntax(&error));
                break;
            }
        };
        if let Err(error) = take(&mut builder, event, line) {
            builder.abandon(line, error);
            break;
        }
    }
    builder.finish()
}

fn take(builder: &mut Builder, event: Event<'_>, line: u32) -> Result<(), TemplateError> {
    match event {
        Event::Scalar(text, style, anchor, tag) => {
            let plain = style == ScalarStyle::Plain;
            if plain && is_octal(&text) {
                builder.report(line, Loss::Nothing, TemplateError::Octal(text.to_string()));
            }
            let tag = tag_of(tag.as_deref());
            builder.scalar((line, text.into_owned(), plain), (tag, anchor))
        }
        Event::SequenceStart(_, anchor, tag) => {
            builder.open(line, false, (tag_of(tag.as_deref()), anchor))
        }
        Event::MappingStart(_, anchor, tag) => {
            builder.open(line, true, (tag_of(tag.as_deref()), anchor))
        }
        Event::SequenceEnd | Event::MappingEnd => builder.close(),
        Event::Alias(anchor) => builder.alias(anchor),
        _ => Ok(()),
    }
}

fn line_of(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX).max(1)
}

fn syntax(error: &ScanError) -> TemplateError {
    match error.info() {
        told if told.contains("recursion limit") => TemplateError::Nested,
        message => TemplateError::Syntax { format: "YAML", message },
    }
}

fn tag_of(tag: Option<&YamlTag>) -> Tag {
    match tag {
        None => Tag::None,
        Some(tag) if tag.handle() == "!" && !tag.suffix().is_empty() => {
            Tag::Function(tag.suffix().to_owned())
        }
        Some(_) => Tag::Text,
    }
}

/// Whether a plain scalar is an account id that readers of YAML 1.1 take for an octal number.
fn is_octal(text: &str) -> bool {
    text.len() == 12 && text.starts_with('0') && text.bytes().all(|b| matches!(b, b'0'..=b'7'))
}
