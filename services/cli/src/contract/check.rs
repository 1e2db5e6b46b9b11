//! `treaty contract check`.

use super::{
    input::{self, Finding, Input, Refusal},
    style::{self, BOLD, DIM, ERROR, PLACE, WARNING, count},
    unenforceable,
};
use crate::output::Output;
use contract::{Contract, Severity, lint};
use serde_json::json;
use std::{fmt::Write as _, path::PathBuf};

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract check                          everything below ./proto
  treaty contract check proto/shop/orders        one folder; imports are found above it
  treaty contract check a.proto -I third_party   imports from a folder of their own
  treaty contract check --descriptors set.binpb  a descriptor set made elsewhere
  treaty contract check --output json --deny-warnings

Exit status: 0 nothing wrong, 1 findings, 2 bad usage or unreadable input.";

/// What to check.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// .proto files, and folders of them.
    #[arg(value_name = "PATH", default_value = "proto", conflicts_with = "descriptors")]
    paths: Vec<PathBuf>,
    /// A folder that imports are looked for in; may be repeated.
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    includes: Vec<PathBuf>,
    /// An encoded FileDescriptorSet, imports included, in place of sources.
    #[arg(long, value_name = "FILE")]
    descriptors: Option<PathBuf>,
    /// Let warnings fail the check too.
    #[arg(long)]
    deny_warnings: bool,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Whether nothing is wrong.
pub(super) fn run(args: &Args) -> Result<bool, String> {
    let read = match &args.descriptors {
        Some(file) => input::from_descriptors(file, &args.includes),
        None => input::from_sources(&args.paths, &args.includes),
    };
    let report = match read {
        Ok(input) => Report::of(input),
        Err(Refusal::Finding(finding)) => Report { findings: vec![*finding], contract: None },
        Err(Refusal::Unreadable(message)) => return Err(message),
    };
    style::print(&match args.output {
        Output::Human => report.human(),
        Output::Json => report.json(),
    });
    let warnings_fail = args.deny_warnings && report.count(Severity::Warning) > 0;
    Ok(report.count(Severity::Error) == 0 && !warnings_fail)
}

struct Report {
    findings: Vec<Finding>,
    /// Missing where the sources do not even compile.
    contract: Option<Contract>,
}

impl Report {
    fn of(input: Input) -> Self {
        let Input { contract, sources } = input;
        let mut findings: Vec<Finding> =
            lint::lint(&contract).into_iter().map(|found| Finding::of(found, &sources)).collect();
        findings.extend(unenforceable::findings(&contract, &sources));
        Self { findings, contract: Some(contract) }
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.diagnostic.severity == severity).count()
    }

    fn services(&self) -> usize {
        self.contract.as_ref().map_or(0, |contract| contract.services.len())
    }

    fn methods(&self) -> usize {
        let services = self.contract.iter().flat_map(|contract| &contract.services);
        services.map(|service| service.methods.len()).sum()
    }

    fn human(&self) -> String {
        let mut text: String = self.findings.iter().map(|finding| human(finding) + "\n").collect();
        let checked = format!("{}, {}", count(self.services(), "service"), count(self.methods(), "method"));
        let (errors, warnings) = (self.count(Severity::Error), self.count(Severity::Warning));
        let _ = match (errors, warnings) {
            (0, 0) => write!(text, "{BOLD}nothing wrong{BOLD:#} in {checked}"),
            (0, _) => write!(text, "{WARNING}{}{WARNING:#} in {checked}", count(warnings, "warning")),
            (_, 0) => write!(text, "{ERROR}{}{ERROR:#} in {checked}", count(errors, "error")),
            _ => write!(
                text,
                "{ERROR}{}{ERROR:#} and {WARNING}{}{WARNING:#} in {checked}",
                count(errors, "error"),
                count(warnings, "warning"),
            ),
        };
        text
    }

    fn json(&self) -> String {
        let findings: Vec<_> = self.findings.iter().map(json_of).collect();
        let report = json!({
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "services": self.services(),
            "methods": self.methods(),
            "digest": self.contract.as_ref().map(|contract| contract.digest.as_str()),
            "findings": findings,
        });
        format!("{report:#}")
    }
}

fn human(finding: &Finding) -> String {
    let Finding { diagnostic, path, excerpt } = finding;
    let (style, severity) = match diagnostic.severity {
        Severity::Error => (ERROR, "error"),
        Severity::Warning => (WARNING, "warning"),
    };
    let mut text =
        format!("{style}{severity}[{}]{style:#}{BOLD}: {}{BOLD:#}\n", diagnostic.rule, diagnostic.message);
    if !diagnostic.origin.file().is_empty() {
        let file =
            path.as_ref().map_or(diagnostic.origin.file().to_owned(), |path| path.display().to_string());
        let position = diagnostic.origin.position().map(|(line, column)| format!(":{line}:{column}"));
        let _ = writeln!(text, "  {PLACE}-->{PLACE:#} {file}{}", position.unwrap_or_default());
    }
    if let Some(excerpt) = excerpt {
        let _ = writeln!(text, "{DIM}{excerpt}{DIM:#}");
    }
    if !diagnostic.remedy.is_empty() {
        let _ = writeln!(text, "  {PLACE}={PLACE:#} help: {}", diagnostic.remedy);
    }
    text
}

fn json_of(finding: &Finding) -> serde_json::Value {
    let Finding { diagnostic, path, excerpt } = finding;
    let position = diagnostic.origin.position();
    json!({
        "severity": diagnostic.severity,
        "rule": diagnostic.rule,
        "message": diagnostic.message,
        "remedy": diagnostic.remedy,
        "origin": diagnostic.origin,
        "file": diagnostic.origin.file(),
        "path": path,
        "line": position.map(|(line, _)| line),
        "column": position.map(|(_, column)| column),
        "excerpt": excerpt.as_ref().map(|excerpt| &excerpt.text),
    })
}
