//! Every rule, once broken and once kept, by its own examples.

use crate::{
    Contract, compile,
    lint::{Category, Checked, Settings, check, example, manual, rules},
};
use std::collections::BTreeSet;

/// What the command line finds, before or besides this crate.
const ELSEWHERE: [&str; 5] =
    ["does-not-compile", "unsound-contract", "unenforceable-rule", "contradictory-rule", "findings-omitted"];

fn everything() -> Settings {
    let mut settings = Settings::default();
    Category::ALL.iter().for_each(|category| settings.also(category.name()).unwrap());
    settings
}

fn checked(example: &str) -> Checked {
    let files = example::files(example);
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let compiled = compile::texts(&files).unwrap_or_else(|error| panic!("{error}\n{files:#?}"));
    check(&Contract::read(compiled.bytes).unwrap(), &everything())
}

#[test]
fn every_rule_is_broken_by_its_wrong_example_and_kept_by_its_right_one() {
    let mut failures = Vec::new();
    for rule in rules().filter(|rule| !ELSEWHERE.contains(&rule.id)) {
        let wrong = checked(rule.wrong).findings;
        match wrong.iter().find(|found| found.rule == rule.id) {
            Some(found) => assert!(found.severity == rule.severity && !found.remedy.is_empty(), "{found:?}"),
            None => failures.push(format!("{} is not found in\n{}", rule.id, rule.wrong)),
        }
        let right = checked(rule.right).findings;
        if let Some(still) = right.iter().find(|found| found.rule == rule.id) {
            failures.push(format!("{} is found in\n{}\n{still:?}", rule.id, rule.right));
        }
        let worse = right.iter().find(|found| found.severity == crate::Severity::Error);
        failures.extend(worse.map(|worse| format!("{}: its right example is refused: {worse:?}", rule.id)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn ids_are_unique_and_texts_are_whole() {
    let mut ids = BTreeSet::new();
    for rule in rules() {
        assert!(ids.insert(rule.id), "{} is there twice", rule.id);
        assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.id);
        assert!(!rule.summary.ends_with('.') && rule.why.ends_with(['.', '!']), "{}", rule.id);
        if rule.category == Category::Standard && rule.id != "contradictory-rule" {
            assert_eq!(rule.buf, Some(rule.id.to_ascii_uppercase().replace('-', "_").as_str()));
        }
    }
    assert!(ELSEWHERE.iter().all(|id| ids.contains(id)));
}

#[test]
fn the_page_of_rules_is_as_the_table_has_it() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lint-rules.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, manual()).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(page == manual(), "docs/lint-rules.md differs: run this test with UPDATE_DOCS=1");
}
