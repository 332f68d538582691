//! The rule catalogue: a line a rule, and a rule's page in Markdown.

use std::io::{self, Write};

use crate::finding::RuleInfo;

/// Writes one line a rule: id, severity, summary.
pub fn write_list(out: &mut dyn Write, rules: &[&RuleInfo]) -> io::Result<()> {
    let width = rules.iter().map(|info| info.id.len()).max().unwrap_or(0);
    for info in rules {
        writeln!(out, "{:width$}  {:7}  {}", info.id, info.severity, info.summary)?;
    }
    Ok(())
}

/// Writes a rule's page; `examples` is Markdown of its own, or empty.
pub fn write_page(out: &mut dyn Write, info: &RuleInfo, examples: &str) -> io::Result<()> {
    writeln!(out, "## {}\n", info.id)?;
    writeln!(out, "{} (since {}): {}.\n", info.severity, info.since, info.summary)?;
    writeln!(out, "**Why it matters.** {}\n", info.explanation)?;
    writeln!(out, "**What to do.** {}\n", info.remediation)?;
    if !examples.is_empty() {
        writeln!(out, "{}\n", examples.trim_end())?;
    }
    if !info.references.is_empty() {
        writeln!(out, "**References.**\n")?;
    }
    for reference in info.references {
        writeln!(out, "- <{reference}>")?;
    }
    Ok(())
}
