//! One captured sign-in beside the exports, for a person: whether AWS takes the message, and role by role
//! what both sides say and what AWS decides.

use std::io::{self, Write};

use super::super::wrap::{Pieces, Width};
use super::why::{Row, write_row};
use super::{BOLD, style, verdict};
use crate::entitlement::stage::{Answer, StageReport};
use crate::explain::captured::{RoleSides, Sides};
use crate::finding::{Finding, Severity};
use crate::saml::xml::Spot;
use crate::text::{Shown, SourceMap};

/// What is known of the message as a whole.
#[derive(Debug, Clone)]
pub struct CapturedMessage<'a> {
    /// Its name: the file, and the entry of several.
    pub name: &'a str,
    /// Whether its signatures are believed.
    pub signature: (Answer, String),
    /// What the rules about sign-ins find, the worst first.
    pub findings: &'a [Finding],
    /// The user of the exports, where one is named.
    pub user: Option<&'a str>,
    /// How that was found out, or why not; a sentence.
    pub named: &'a str,
}

impl CapturedMessage<'_> {
    /// Findings that keep AWS from taking it.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// Whether AWS takes it, before any role is looked at.
    pub fn taken(&self) -> Answer {
        if self.errors().next().is_some() { Answer::Fails } else { self.signature.0 }
    }

    /// What to say of that.
    pub fn says(&self) -> String {
        let more = |count: usize| match count {
            0 => String::new(),
            count => format!(" (and {count} more, see `rolecall saml check`)"),
        };
        match self.errors().next() {
            Some(first) => {
                let rest = self.errors().count() - 1;
                format!("{}: {}{}", first.rule, first.message, more(rest))
            }
            None => self.signature.1.clone(),
        }
    }

    /// What AWS answers to it, where a rule tells.
    pub fn answer(&self) -> Option<&str> {
        let help = &self.errors().next()?.help;
        help.iter().find_map(|help| help.strip_prefix("then AWS says "))
    }
}

/// Writes it all.
pub fn captured_text(
    out: &mut dyn Write,
    message: &CapturedMessage<'_>,
    sides: &Sides,
    (sources, one): (&SourceMap, bool),
    width: Width,
) -> io::Result<()> {
    write_head(out, message, sides, one, width)?;
    let says = message.says();
    let row = |name, answer, says| Row { name, answer, says, places: Vec::new() };
    write_row(out, &row("message", message.taken(), says.as_str()), (2, MARKS), width)?;
    if let Some(answer) = message.answer() {
        write_indented(out, &format!("AWS answers {answer}"), width)?;
    }
    let known = if message.user.is_some() { Answer::Holds } else { Answer::Unknown };
    write_row(out, &row("user", known, message.named), (2, MARKS), width)?;
    match sides.roles.as_slice() {
        [role] if one => write_role(out, (message, sides), role, sources, width)?,
        roles => write_roles(out, roles, width)?,
    }
    for difference in &sides.differences {
        let quoted =
            |text: Option<&str>| text.map_or("nothing".to_owned(), |text| format!("`{text}`"));
        let likely = difference.likely.map(|why| format!(" ({why})")).unwrap_or_default();
        let says = format!(
            "{}: sent {}, the exports give {}{likely}",
            difference.what,
            quoted(difference.sent.as_ref().map(|sent| sent.value.as_str())),
            quoted(difference.expected.as_deref()),
        );
        write!(out, "  ")?;
        Pieces::prose(&says).write(out, width, 2, 4)?;
    }
    Ok(())
}

/// Columns of the marks before a row.
const MARKS: usize = 7;

fn write_head(
    out: &mut dyn Write,
    message: &CapturedMessage<'_>,
    sides: &Sides,
    one: bool,
    width: Width,
) -> io::Result<()> {
    let who = message.user.unwrap_or("somebody");
    let role = sides.roles.first().filter(|_| one);
    let says = match role {
        _ if message.taken() == Answer::Fails => "AWS does not take the message",
        Some(role) if role.sent.is_none() => "the message does not have it",
        Some(role) => match role.decides().map(|report| report.answer) {
            Some(Answer::Fails) => "AWS refuses it",
            Some(_) => "whether AWS lets them in is not known",
            None if message.taken() == Answer::Unknown => {
                "AWS lets them in if it believes the message"
            }
            None => "AWS lets them in",
        },
        None if sides.roles.iter().all(RoleSides::agrees) => "roles as the exports give them",
        None => "other roles than the exports give them",
    };
    let about = role.map(|role| format!(" and {}", role.role)).unwrap_or_default();
    let head = format!("{who}{about}, by {}: {says}", message.name);
    write!(out, "{BOLD}")?;
    Pieces::prose(&head).write(out, width, 0, 2)?;
    writeln!(out, "{BOLD:#}")
}

fn write_indented(out: &mut dyn Write, text: &str, width: Width) -> io::Result<()> {
    let indent = 2 + MARKS + 2 + 10 + 2;
    let indent = if width.fits(indent + super::ROOM) { indent } else { 6 };
    write!(out, "{:indent$}", "")?;
    Pieces::prose(text).write(out, width, indent, indent)
}

/// Where something stands in a message.
fn at(message: &CapturedMessage<'_>, spot: &Spot) -> String {
    format!("{}:{}", Shown(message.name), spot.line)
}

fn write_role(
    out: &mut dyn Write,
    (message, sides): (&CapturedMessage<'_>, &Sides),
    role: &RoleSides,
    sources: &SourceMap,
    width: Width,
) -> io::Result<()> {
    let sent = match &role.sent {
        Some(_) => "the message has the role".to_owned(),
        None => format!("the message has other roles ({}), not this one", sides.sent),
    };
    let answer = if role.sent.is_some() { Answer::Holds } else { Answer::Fails };
    let places = role.sent.iter().map(|spot| at(message, spot)).collect();
    write_row(out, &Row { name: "sent", answer, says: &sent, places }, (2, MARKS), width)?;
    let (answer, says) = match (&role.explains, role.predicted) {
        (Some(report), _) => (report.answer, format!("{}: {}", report.stage, report.says)),
        (None, Some(true)) => (Answer::Holds, "the exports give it".to_owned()),
        (None, Some(false)) => (Answer::Fails, "the exports do not give it".to_owned()),
        (None, None) => {
            (Answer::Unknown, "not compared: no user of the exports is named".to_owned())
        }
    };
    let places = role.explains.iter().flat_map(|report| &report.places);
    let places = places.map(|&place| sources.show(place)).collect();
    write_row(out, &Row { name: "exports", answer, says: &says, places }, (2, MARKS), width)?;
    for report in &role.aws {
        let places = report.places.iter().map(|&place| sources.show(place)).collect();
        let row =
            Row { name: report.stage.as_str(), answer: report.answer, says: &report.says, places };
        write_row(out, &row, (2, MARKS), width)?;
    }
    writeln!(out)?;
    let refusal = role.decides().and_then(|report| report.refusal);
    if let Some(refusal) =
        refusal.filter(|_| message.taken() != Answer::Fails && role.sent.is_some())
    {
        write!(out, "  {BOLD}AWS answers:{BOLD:#} ")?;
        let says = format!("{refusal}, see {}", refusal.page());
        Pieces::prose(&says).write(out, width, "  AWS answers: ".len(), 4)?;
    }
    if let Some(change) = &role.change {
        write!(out, "  {BOLD}for the exports to give it:{BOLD:#} ")?;
        Pieces::prose(change).write(out, width, "  for the exports to give it: ".len(), 4)?;
    }
    Ok(())
}

/// A line a role, then each reason once with the roles it is for.
fn write_roles(out: &mut dyn Write, roles: &[RoleSides], width: Width) -> io::Result<()> {
    writeln!(out, "\n  roles, and what AWS does with each once it has taken the message:")?;
    for role in roles {
        let aws = role.decides().map_or(Answer::Holds, |report| report.answer);
        let (word, style) = (verdict(aws), style(aws));
        let space = MARKS.saturating_sub(word.len());
        write!(out, "  {style}{word}{style:#}{:space$}  ", "")?;
        let sides = match (role.sent.is_some(), role.predicted) {
            (true, Some(true)) => "",
            (true, Some(false)) => "  (sent, not by the exports)",
            (false, _) => "  (by the exports, not sent)",
            (true, None) => "  (sent)",
        };
        let text = format!("{}{sides}", role.role);
        Pieces::prose(&text).write(out, width, 2 + MARKS + 2, 4 + MARKS + 2)?;
    }
    let explains = roles.iter().filter_map(|role| Some((role, role.explains.as_ref()?)));
    let refused = roles.iter().filter_map(|role| Some((role, role.decides()?)));
    let mut reasons: Vec<(&StageReport, Vec<&str>)> = Vec::new();
    for (role, report) in explains.chain(refused) {
        match reasons.iter_mut().find(|(known, _)| known.says == report.says) {
            Some((_, names)) => names.push(&role.role),
            None => reasons.push((report, vec![&role.role])),
        }
    }
    if !reasons.is_empty() {
        writeln!(out)?;
    }
    for (report, names) in reasons {
        let names: Vec<String> =
            names.iter().take(super::NAMED).map(|name| format!("`{name}`")).collect();
        let says = format!("{}; {}: {}", names.join(", "), report.stage, report.says);
        write!(out, "  ")?;
        Pieces::prose(&says).write(out, width, 2, 4)?;
    }
    Ok(())
}
