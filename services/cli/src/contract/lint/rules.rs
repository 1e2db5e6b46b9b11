//! `treaty contract rules`.

use super::breaking;
use crate::{
    contract::style::{self, BOLD, DIM, ERROR, WARNING},
    output::Output,
};
use contract::{
    Severity,
    lint::{self, Category, Rule},
};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(in crate::contract) const EXAMPLES: &str = "\
Examples:
  treaty contract rules                     all, by category
  treaty contract rules enum-value-prefix   one, with its reason and an example
  treaty contract rules ENUM_VALUE_PREFIX   by buf's id
  treaty contract rules DESIGN              a category
  treaty contract rules BREAKING            those of `breaking`
  treaty contract rules field-type          one of these

Exit status: 0 shown, 2 there is no such rule.";

/// Which rules.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A rule's id, ours or buf's, or a category.
    #[arg(value_name = "ID")]
    name: Option<String>,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

pub(in crate::contract) fn run(args: &Args) -> Result<bool, String> {
    let name = args.name.as_deref();
    let category = Category::ALL.into_iter().find(|category| Some(category.name()) == name);
    let text = match (name.and_then(lint::find), name) {
        (Some(rule), _) => match args.output {
            Output::Human => one(rule),
            Output::Json => format!("{:#}", json_of(rule)),
        },
        (None, Some(name)) if !breaking::find(name).is_empty() => match args.output {
            Output::Human => breaking::human(&breaking::find(name)),
            Output::Json => breaking::json(&breaking::find(name)),
        },
        (None, Some(name)) if category.is_none() => {
            return Err(match lint::Settings::default().also(name) {
                Err(error) => format!("{error}; `treaty contract rules` lists them all"),
                Ok(()) => format!("there is no rule `{name}`"),
            });
        }
        _ => match args.output {
            Output::Human => table(category),
            Output::Json => format!("{:#}", chosen(category).map(json_of).collect::<Value>()),
        },
    };
    style::print(&text)?;
    Ok(true)
}

fn chosen(category: Option<Category>) -> impl Iterator<Item = &'static Rule> {
    lint::rules().filter(move |rule| category.is_none_or(|category| rule.category == category))
}

fn table(only: Option<Category>) -> String {
    let width = chosen(only).map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    for category in Category::ALL.into_iter().filter(|category| only.is_none_or(|only| only == *category)) {
        let _ = writeln!(text, "{BOLD}{category}{BOLD:#}  {DIM}{}{DIM:#}", category.summary());
        for rule in chosen(Some(category)) {
            let (style, severity) = match (rule.on, rule.severity) {
                (false, _) => (DIM, "off"),
                (true, Severity::Error) => (ERROR, "error"),
                (true, Severity::Warning) => (WARNING, "warning"),
            };
            let _ = writeln!(text, "  {style}{severity:<8}{style:#}{:<width$}  {}", rule.id, rule.summary);
        }
        text.push('\n');
    }
    text.push_str(
        "`treaty contract rules ID` says why, with an example; BREAKING are the rules of `breaking`.",
    );
    text
}

fn one(rule: &Rule) -> String {
    let severity = match (rule.on, rule.severity) {
        (false, _) => "off by default",
        (true, Severity::Error) => "error: the mesh refuses what breaks it",
        (true, Severity::Warning) => "warning",
    };
    let buf = rule.buf.map(|id| format!(", {id} of buf")).unwrap_or_default();
    let mut text = format!("{BOLD}{}{BOLD:#}  {DIM}{}, {severity}{buf}{DIM:#}\n\n", rule.id, rule.category);
    let _ = writeln!(text, "{}.\n", rule.summary);
    let _ = writeln!(text, "{}", wrapped(rule.why));
    for (what, style, example) in [("wrong", ERROR, rule.wrong), ("right", BOLD, rule.right)] {
        if !example.is_empty() {
            let _ = writeln!(text, "\n{style}{what}{style:#}");
            example.lines().for_each(|line| {
                let _ = writeln!(text, "  {line}");
            });
        }
    }
    text
}

/// At most a hundred characters a line.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < 100 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

fn json_of(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "category": rule.category,
        "severity": rule.severity,
        "default": rule.on,
        "buf": rule.buf,
        "summary": rule.summary,
        "why": rule.why,
        "wrong": rule.wrong,
        "right": rule.right,
    })
}
