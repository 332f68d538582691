//! The review for a pull request or a wiki: tables whose cells hold untrusted text in code spans only.

use std::io::{self, Write};

use super::{View, clause, examples, findings, head, label, plural, reached, sessions};
use crate::explain::trust_review::{Origin, Reviewed, Trust, TrustStatement, Trusted};
use crate::report::check_text::suppressed_words;
use crate::report::markdown::{Code, Prose};

/// Writes a review as Markdown.
pub fn review_markdown(out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    let review = view.review;
    let sum = view.sum(0..review.roles.len());
    writeln!(out, "# Whom the roles trust\n")?;
    let distinct = plural(review.trusts.len(), "distinct trust", "distinct trusts");
    writeln!(out, "{}: {distinct}.\n", head(&sum))?;
    if let Some(words) = suppressed_words(view.suppressed) {
        writeln!(out, "Findings: {words}.\n")?;
    }
    if !review.trusts.is_empty() {
        writeln!(
            out,
            "| | Roles | Lets in | Other doors | Findings | Reached by | Sessions | Such as |"
        )?;
        writeln!(out, "|-:|---|---|---|---|---|---|---|")?;
        for (number, trust) in review.trusts.iter().enumerate() {
            write_row(out, view, number, trust)?;
        }
    }
    for (number, trust) in review.trusts.iter().enumerate() {
        writeln!(out, "\n## Trust {}\n", number + 1)?;
        for statement in &trust.statements {
            write_statement(out, statement)?;
        }
        for fault in &trust.faults {
            writeln!(out, "- IAM would refuse it: {}", Code(fault))?;
        }
        for finding in view.reasons(trust) {
            let (severity, rule) = (finding.severity, Code(finding.rule));
            writeln!(out, "- **{severity}** {rule}: {}", Prose(&finding.message))?;
            if let Some(help) = finding.help.first() {
                writeln!(out, "  - help: {}", Prose(help))?;
            }
        }
    }
    for (unreadable, title) in [
        (true, "Policies that cannot be read, which let nobody in"),
        (false, "Policies that are not known"),
    ] {
        if view.without_trust(unreadable).next().is_some() {
            writeln!(out, "\n## {title}\n")?;
        }
        for (role, why) in view.without_trust(unreadable) {
            writeln!(out, "- {}: {}", Code(&label(role)), Code(why))?;
        }
    }
    if view.all { write_roles(out, view) } else { Ok(()) }
}

fn codes<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let codes: Vec<String> = texts.into_iter().map(|text| Code(text).to_string()).collect();
    codes.join(", ")
}

fn write_row(out: &mut dyn Write, view: &View<'_>, number: usize, trust: &Trust) -> io::Result<()> {
    let sum = view.sum(trust.roles.iter().copied());
    let doors: Vec<String> =
        trust.other_doors().iter().map(|(kind, name)| format!("{kind}: {name}")).collect();
    let (names, more) = examples(view, trust);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} | {} | {}{more} |",
        number + 1,
        head(&sum),
        codes(trust.saml_providers()),
        codes(doors.iter().map(String::as_str)),
        findings(&sum).join(", "),
        reached(&sum).unwrap_or_default(),
        sessions(&sum),
        codes(names.iter().map(String::as_str)),
    )
}

fn write_statement(out: &mut dyn Write, statement: &TrustStatement) -> io::Result<()> {
    let effect = if statement.denies { "Denies" } else { "Lets in" };
    if let Some(broken) = &statement.broken {
        return writeln!(out, "- {effect} nobody: {}", Code(broken));
    }
    let but = if statement.not_principal { "everybody but " } else { "" };
    let names: Vec<String> =
        statement.principals.iter().map(|(kind, name)| format!("{kind}: {name}")).collect();
    let not = if statement.not_action { "everything but " } else { "" };
    writeln!(
        out,
        "- {effect} {but}{} for {not}{}",
        codes(names.iter().map(String::as_str)),
        codes(statement.actions.iter().map(String::as_str))
    )?;
    for condition in &statement.conditions {
        let (head, _) = clause(condition);
        let values = codes(condition.values.iter().map(String::as_str));
        writeln!(out, "  - where {}: {values}", Code(&head))?;
    }
    Ok(())
}

fn write_roles(out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    writeln!(out, "\n## Every role\n")?;
    writeln!(
        out,
        "| Role | Trust | Admin tier | Session | Users | Management groups | Findings |"
    )?;
    writeln!(out, "|---|-:|---|-:|-:|-:|---|")?;
    for (number, role) in view.review.roles.iter().enumerate() {
        let found = view.findings.get(&number).into_iter().flatten();
        let found: Vec<String> =
            found.map(|finding| format!("{} ({})", finding.rule, finding.severity)).collect();
        let session = role.max_session_duration.map(|seconds| format!("{seconds} s"));
        let (users, groups) = match role.reach {
            Some(reach) => (reach.users.to_string(), reach.management_groups.to_string()),
            None => (String::new(), String::new()),
        };
        writeln!(
            out,
            "| {}{} | {} | {} | {} | {users} | {groups} | {} |",
            Code(&label(role)),
            origin(role),
            trust_cell(role),
            if role.admin { "yes" } else { "" },
            session.unwrap_or_default(),
            found.join(", ")
        )?;
    }
    Ok(())
}

fn origin(role: &Reviewed<'_>) -> String {
    match role.origin {
        Origin::Declared(by, _) => format!(" ({by})"),
        _ => String::new(),
    }
}

fn trust_cell(role: &Reviewed<'_>) -> String {
    match role.trusted {
        Trusted::By(at) => (at + 1).to_string(),
        Trusted::Unreadable(_) => "unreadable".to_owned(),
        Trusted::Unknown(_) => "not known".to_owned(),
    }
}
