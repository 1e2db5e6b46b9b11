//! For people.

use super::{
    super::style::{BOLD, DIM, ERROR, PLACE, WARNING},
    Finding, Level, Place, Report,
};
use std::fmt::Write as _;

pub(super) fn show(report: &Report) -> String {
    let mut text: String = report.findings.iter().map(|finding| shown(finding) + "\n").collect();
    text.push_str(&report.conclusion);
    text
}

fn shown(finding: &Finding) -> String {
    let Finding { level, rule, message, remedy, place: at, related, notes, .. } = finding;
    let style = match level {
        Level::Error => ERROR,
        Level::Warning => WARNING,
        Level::Note => PLACE,
    };
    let mut text = format!(
        "{style}{}[{rule}]{style:#}{BOLD}: {}{BOLD:#}\n",
        level.name(),
        message.replace(['\n', '\r'], " ")
    );
    place(&mut text, "-->", at);
    for (what, at) in related {
        let _ = writeln!(text, "  {PLACE}={PLACE:#} {what}");
        place(&mut text, ":::", at);
    }
    for (label, note) in notes {
        labelled(&mut text, label, note);
    }
    if !remedy.is_empty() {
        labelled(&mut text, "help", remedy);
    }
    text
}

fn place(text: &mut String, arrow: &str, place: &Place) {
    let Some(file) = place.file() else { return };
    let position = place.origin.position().map(|(line, column)| format!(":{line}:{column}"));
    let _ = writeln!(text, "  {PLACE}{arrow}{PLACE:#} {file}{}", position.unwrap_or_default());
    if let Some(excerpt) = &place.excerpt {
        let _ = writeln!(text, "{DIM}{excerpt}{DIM:#}");
    }
}

fn labelled(text: &mut String, label: &str, note: &str) {
    let indent = " ".repeat(label.len() + 6);
    let mut lines = note.lines();
    let _ = writeln!(text, "  {PLACE}={PLACE:#} {label}: {}", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(text, "{indent}{line}");
    }
}
