//! What was found, shown: to people, or as JSON, SARIF 2.1.0 or GitHub's workflow commands.
//!
//! A command says what it found and which rules there are; how that looks in each form is decided here, once
//! for all commands.

mod github;
mod human;
mod json;
mod lines;
mod sarif;
#[cfg(test)]
mod tests;

pub(super) use lines::Lines;

use contract::{Excerpt, Origin, Severity};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// For whom to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people; colour only on a terminal.
    #[default]
    Human,
    /// One object, for machines.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands: annotations of a pull request on GitHub.
    Github,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// It fails the command.
    Error,
    /// Somebody should look at it.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
        }
    }
}

/// A place in a source, with its line where that is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// By the name that the file has in its descriptor set.
    pub(super) origin: Origin,
    /// The file on this machine.
    pub(super) path: Option<PathBuf>,
    pub(super) excerpt: Option<Excerpt>,
}

impl Place {
    /// As one would open it: the path where there is one, with slashes; `None` without a file.
    fn file(&self) -> Option<String> {
        let name = self.origin.file();
        let shown = self.path.as_ref().map_or(name.to_owned(), |path| path.display().to_string());
        (!name.is_empty()).then_some(shown)
    }
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// One of [`Report::rules`], in kebab-case.
    pub(super) rule: String,
    /// One sentence.
    pub(super) message: String,
    /// What would be right; may be empty.
    pub(super) remedy: String,
    pub(super) place: Place,
    /// Other places that matter, and what is there.
    pub(super) related: Vec<(String, Place)>,
    /// More for people, each as "label: text"; lines below the first are indented.
    pub(super) notes: Vec<(&'static str, String)>,
    /// More for machines: members of the JSON object, and SARIF's `properties`.
    pub(super) details: Map<String, Value>,
    /// Why it does not count: the reason that stands beside it in the source.
    pub(super) suppressed: Option<String>,
}

impl Finding {
    /// With nothing but what every finding has.
    pub(super) fn new(level: Level, rule: &str, message: String, remedy: String, place: Place) -> Self {
        Self {
            level,
            rule: rule.to_owned(),
            message,
            remedy,
            place,
            related: Vec::new(),
            notes: Vec::new(),
            details: Map::new(),
            suppressed: None,
        }
    }
}

/// What a rule says, for forms that explain rules beside findings.
#[derive(Clone, Debug)]
pub(super) struct RuleHelp {
    pub(super) id: &'static str,
    pub(super) summary: String,
    /// Markdown.
    pub(super) help: String,
    pub(super) level: Level,
    pub(super) tags: Vec<String>,
}

/// What a command found.
#[derive(Clone, Debug)]
pub(super) struct Report {
    /// In the order in which they are shown.
    pub(super) findings: Vec<Finding>,
    /// Findings that do not count; only SARIF shows them.
    pub(super) suppressed: Vec<Finding>,
    /// At least those of the findings.
    pub(super) rules: Vec<RuleHelp>,
    /// The last line for people, with its styles.
    pub(super) conclusion: String,
    /// Members of the JSON object beside `errors`, `warnings` and `findings`.
    pub(super) totals: Map<String, Value>,
}

impl Report {
    /// The whole, without a line break at its end.
    pub(super) fn show(&self, format: Format) -> String {
        match format {
            Format::Human => human::show(self),
            Format::Json => json::show(self),
            Format::Sarif => sarif::show(self),
            Format::Github => github::show(self),
        }
    }

    pub(super) fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }
}
