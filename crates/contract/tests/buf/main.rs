//! The same verdicts as `buf lint`'s, rule by rule, or a reason why not.
//!
//! Needs the buf CLI; without it nothing is compared, unless TREATY_REQUIRE_TOOLCHAINS=1 makes that a failure.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on says where"
)]

mod differences;
mod names;
mod oracle;

use contract::{
    Contract, compile,
    lint::{Category, Settings, check, example, rules},
};
use differences::Difference;
use oracle::{Files, Found};
use std::collections::BTreeMap;

/// Every rule, those too that are off by default; by buf's ids.
fn ours(files: &Files) -> Vec<Found> {
    let texts: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut settings = Settings::default();
    Category::ALL.iter().for_each(|category| settings.also(category.name()).unwrap());
    let compiled = compile::texts(&texts).unwrap_or_else(|error| panic!("{error}\n{files:#?}"));
    settings.targets = Some(compiled.sources.asked().clone());
    let checked = check(&Contract::read(compiled.bytes).unwrap(), &settings);
    let buf_of: BTreeMap<_, _> = rules().filter_map(|rule| Some((rule.id, rule.buf?))).collect();
    let found = checked.findings.into_iter().filter_map(|found| {
        let line = found.origin.position().map_or(0, |(line, _)| line);
        let rule = (*buf_of.get(found.rule)?).to_owned();
        let line = differences::comparable(&rule, line);
        Some(Found { rule, file: found.origin.file().to_owned(), line })
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    found
}

#[test]
fn buf_judges_the_examples_of_its_rules_as_we_do() {
    if !oracle::is_there() {
        return;
    }
    let mut failures = Vec::new();
    for rule in rules() {
        let Some(id) = rule.buf.filter(|id| differences::is_compared(id)) else { continue };
        for (example, wanted) in [(rule.wrong, true), (rule.right, false)] {
            let files = example::files(example).into_iter().collect();
            let theirs = oracle::lint(&files, &[id]).iter().any(|found| found.rule == id);
            let ours = ours(&files).iter().any(|found| found.rule == id);
            if (theirs, ours) != (wanted, wanted) {
                failures.push(format!("{id}: buf {theirs}, ours {ours}, wanted {wanted}:\n{example}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Names of every kind, all rules at once: the same findings, at the same lines.
#[test]
fn buf_finds_what_we_find_in_odd_names() {
    if !oracle::is_there() {
        return;
    }
    let ids: Vec<_> = rules().filter_map(|rule| rule.buf).filter(|id| differences::is_compared(id)).collect();
    let mut failures = Vec::new();
    for (name, files) in names::corpora() {
        let (theirs, ours) = (oracle::lint(&files, &ids), ours(&files));
        let only = |some: &[Found], other: &[Found]| -> Vec<Found> {
            some.iter().filter(|found| !other.contains(found)).cloned().collect()
        };
        let unexplained = |found: Vec<Found>, by: Difference| -> Vec<Found> {
            found.into_iter().filter(|found| !differences::explains(found, by)).collect()
        };
        let only_theirs = unexplained(only(&theirs, &ours), Difference::OnlyBuf);
        let only_ours = unexplained(only(&ours, &theirs), Difference::OnlyOurs);
        assert!(ours.len() > 10, "{name} has hardly anything wrong");
        failures.extend(only_theirs.iter().map(|found| format!("{name}: only buf: {found:?}")));
        failures.extend(only_ours.iter().map(|found| format!("{name}: only ours: {found:?}")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
