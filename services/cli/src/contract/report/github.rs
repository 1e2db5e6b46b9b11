//! GitHub's workflow commands: one line for each finding, which becomes an annotation of the file.
//!
//! Escaped as actions/toolkit does (`packages/core/src/command.ts`): what a contract says never ends a command
//! or begins another one.

use super::{Finding, Level, Report};
use std::fmt::Write as _;

pub(super) fn show(report: &Report) -> String {
    let mut text: String = report.findings.iter().map(|finding| command(finding) + "\n").collect();
    text.push_str(&anstream::adapter::strip_str(&report.conclusion).to_string());
    text
}

fn command(finding: &Finding) -> String {
    let name = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut text = format!("::{name} title={}", property(&format!("treaty: {}", finding.rule)));
    if let Some(file) = finding.place.file() {
        let _ = write!(text, ",file={}", property(&file));
    }
    if let Some((line, column)) = finding.place.origin.position() {
        let _ = write!(text, ",line={line},col={column}");
        if let Some(excerpt) = &finding.place.excerpt {
            let _ = write!(text, ",endColumn={}", excerpt.column + excerpt.width);
        }
    }
    let mut message = finding.message.clone();
    for (label, note) in &finding.notes {
        let _ = write!(message, "\n{label}: {note}");
    }
    if !finding.remedy.is_empty() {
        let _ = write!(message, "\nhelp: {}", finding.remedy);
    }
    let _ = write!(text, "::{}", data(&message));
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
