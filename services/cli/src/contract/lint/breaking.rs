//! The rules of `treaty contract breaking`, as `treaty contract rules` shows them.

use crate::contract::style::{BOLD, DIM, ERROR, WARNING};
use anstyle::Style;
use compat::{
    Level,
    rules::{RULES, Rule},
};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What all of them are called together.
pub(super) const CATEGORY: &str = "BREAKING";

/// All of them, one by its id, or those that speak of what a rule of `buf breaking` does.
pub(super) fn find(name: &str) -> Vec<&'static Rule> {
    let asked = |rule: &&Rule| name == CATEGORY || rule.id == name || rule.buf.contains(&name);
    RULES.iter().filter(asked).collect()
}

pub(super) fn human(rules: &[&Rule]) -> String {
    match rules {
        [rule] => one(rule),
        rules => table(rules),
    }
}

fn table(rules: &[&Rule]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut text =
        format!("{BOLD}{CATEGORY}{BOLD:#}  {DIM}What `treaty contract breaking` looks for.{DIM:#}\n");
    for rule in rules {
        let (style, level) = worst(rule);
        let _ = writeln!(text, "  {style}{level:<8}{style:#}{:<width$}  {}", rule.id, rule.summary);
    }
    text
}

fn one(rule: &Rule) -> String {
    let levels: Vec<String> = rule.levels.iter().map(|level| level.to_string().to_lowercase()).collect();
    let levels = levels.join(" or ").replace("safe", "a note");
    let buf = match rule.buf {
        [] => "`buf breaking` has no such rule.".to_owned(),
        ids => format!("`buf breaking` calls it {}.", ids.join(", ")),
    };
    format!(
        "{BOLD}{}{BOLD:#}  {DIM}{CATEGORY}, {levels}{DIM:#}\n\n{}\n\n{buf} What each change means for whom, and why: \
         docs/compatibility.md.\n`treaty contract breaking --except {}` leaves it out.",
        rule.id, rule.summary, rule.id
    )
}

/// As `breaking` shows it.
fn worst(rule: &Rule) -> (Style, &'static str) {
    match rule.levels.iter().max() {
        Some(Level::Breaking) => (ERROR, "error"),
        Some(Level::Lossy) => (WARNING, "warning"),
        Some(Level::Safe) | None => (DIM, "note"),
    }
}

/// One object, or a list of them.
pub(super) fn json(rules: &[&Rule]) -> String {
    let of = |rule: &&Rule| {
        json!({
            "id": rule.id,
            "category": CATEGORY,
            "severity": worst(rule).1,
            "levels": rule.levels,
            "buf": rule.buf,
            "summary": rule.summary,
        })
    };
    match rules {
        [rule] => format!("{:#}", of(rule)),
        rules => format!("{:#}", rules.iter().map(of).collect::<Value>()),
    }
}
