//! `treaty contract check`.

use super::{
    contradictory, ignored,
    lint::settings_of,
    report::{self, Format, Level, Lines, Place, Report, RuleHelp},
    source::{self, Finding, Input, Reach, Refusal, Source},
    style::{self, BOLD, ERROR, WARNING, count},
    unenforceable,
};
use contract::{
    Contract, Diagnostic,
    lint::{self, Settings},
};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract check                          everything below ./proto
  treaty contract check proto/shop/orders        one folder; imports are found above it
  treaty contract check a.proto -I third_party   imports from a folder of their own
  treaty contract check set.binpb                a descriptor set made elsewhere
  treaty contract check git:v1.2                 another revision
  treaty contract check mesh                     what is served now
  treaty contract check --output json --deny-warnings
  treaty contract check --output sarif > check.sarif

`treaty contract rules` lists what is looked for; [contract.lint] in treaty.toml chooses.
A finding is suppressed by a comment that says why: // treaty:ignore rule-id: reason

Exit status: 0 no errors, and with --deny-warnings no warnings either; 1 some; 2 bad usage or unreadable \
input. `buf lint` fails over every finding: with --deny-warnings, so does this.";

/// What to check.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract: .proto files, and folders of them; or something else, alone.
    #[arg(value_name = "PATH", default_value = "proto", conflicts_with = "descriptors")]
    paths: Vec<Source>,
    /// A FileDescriptorSet or buf image, whatever its name; - is standard input.
    #[arg(long, value_name = "FILE")]
    descriptors: Option<PathBuf>,
    /// The treaty.toml whose [contract.lint] says what to look for; the one in this folder, if there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Let warnings fail the check too.
    #[arg(long)]
    deny_warnings: bool,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    reach: Reach,
}

/// Whether nothing is wrong.
pub(super) fn run(args: &Args) -> Result<bool, String> {
    args.reach.fits(&args.paths.iter().collect::<Vec<_>>())?;
    let settings = settings_of(args.config.as_deref())?;
    let read = match &args.descriptors {
        Some(file) => source::from_descriptors(file, &args.reach.includes),
        None => source::load_all(&args.paths, &args.reach),
    };
    let report = match read {
        Ok(input) => {
            let contracts = [&input.contract];
            ignored::warn_of_idle("[contract.lint] ignore", &settings.ignore, &contracts, &input.sources)?;
            checked(&input, settings)
        }
        Err(Refusal::Finding(finding)) => {
            let Finding { diagnostic, path, excerpt } = *finding;
            let place = Place { origin: diagnostic.origin.clone(), path, excerpt };
            report_of(vec![shown(diagnostic, place)], Vec::new(), None)
        }
        Err(Refusal::Unreadable(message) | Refusal::Absent(message)) => return Err(message),
    };
    style::print(&report.show(args.output))?;
    let warnings_fail = args.deny_warnings && report.count(Level::Warning) > 0;
    Ok(report.count(Level::Error) == 0 && !warnings_fail)
}

fn checked(input: &Input, mut settings: Settings) -> Report {
    let Input { contract, sources } = input;
    if !sources.asked().is_empty() {
        settings.targets = Some(sources.asked().clone());
    }
    let checked = lint::check_with(contract, &settings, contradictory::findings(contract));
    let mut findings = checked.findings;
    findings.extend(unenforceable::findings(contract));
    findings.sort_by_key(|found| found.severity);
    let mut lines = Lines::of(sources);
    let findings = findings.into_iter().map(|found| {
        let place = lines.place(found.origin.clone());
        shown(found, place)
    });
    let findings = findings.collect();
    let suppressed = checked.suppressed.into_iter().map(|hidden| {
        let place = lines.place(hidden.diagnostic.origin.clone());
        report::Finding { suppressed: Some(hidden.reason), ..shown(hidden.diagnostic, place) }
    });
    report_of(findings, suppressed.collect(), Some(contract))
}

/// `contract` is missing where the sources do not even compile.
fn report_of(
    findings: Vec<report::Finding>,
    suppressed: Vec<report::Finding>,
    contract: Option<&Contract>,
) -> Report {
    let services = contract.map_or(0, |contract| contract.services.len());
    let methods = contract.iter().flat_map(|contract| &contract.services);
    let methods: usize = methods.map(|service| service.methods.len()).sum();
    let totals = json!({
        "services": services,
        "methods": methods,
        "suppressed": suppressed.len(),
        "digest": contract.map(|contract| contract.digest.as_str()),
    });
    let mut report = Report {
        findings,
        suppressed,
        rules: rules(),
        conclusion: String::new(),
        totals: if let Value::Object(totals) = totals { totals } else { Map::new() },
    };
    let checked = format!("{}, {}", count(services, "service"), count(methods, "method"));
    report.conclusion = conclusion(&report, &checked);
    report
}

fn rules() -> Vec<RuleHelp> {
    let help = |rule: &lint::Rule| RuleHelp {
        id: rule.id,
        summary: rule.summary.to_owned(),
        help: rule.help(),
        level: rule.severity.into(),
        tags: vec![rule.category.name().to_ascii_lowercase()],
    };
    lint::rules().map(help).collect()
}

fn shown(found: Diagnostic, place: Place) -> report::Finding {
    report::Finding::new(found.severity.into(), found.rule, found.message, found.remedy, place)
}

fn conclusion(report: &Report, checked: &str) -> String {
    let (errors, warnings) = (report.count(Level::Error), report.count(Level::Warning));
    match (errors, warnings) {
        (0, 0) => format!("{BOLD}nothing wrong{BOLD:#} in {checked}"),
        (0, _) => format!("{WARNING}{}{WARNING:#} in {checked}", count(warnings, "warning")),
        (_, 0) => format!("{ERROR}{}{ERROR:#} in {checked}", count(errors, "error")),
        _ => format!(
            "{ERROR}{}{ERROR:#} and {WARNING}{}{WARNING:#} in {checked}",
            count(errors, "error"),
            count(warnings, "warning"),
        ),
    }
}
