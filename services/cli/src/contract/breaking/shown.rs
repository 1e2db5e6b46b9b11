//! How it looks: what breaks, for whom, where it is written on both sides, an example, and the way out.

use super::{
    super::{
        report::{Finding, Level, Place, RuleHelp},
        style::{BOLD, ERROR, WARNING, count},
    },
    broken::{Broken, Side, Use, Weight},
};
use compat::{Direction, Encoding, Example};
use contract::{Excerpt, Origin};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// As many methods and callers as one reads.
const NAMED: usize = 3;

pub(super) fn findings(found: &[Broken], old: Side<'_>, new: Side<'_>) -> Vec<Finding> {
    found.iter().map(|broken| finding(broken, old, new)).collect()
}

fn finding(broken: &Broken, old: Side<'_>, new: Side<'_>) -> Finding {
    let level = match broken.weight {
        Weight::Breaks => Level::Error,
        Weight::Spared | Weight::Loses => Level::Warning,
        Weight::Note => Level::Note,
    };
    let gone = broken.new.origin == Origin::Default;
    let main = if gone {
        // The file where it was, if that is still there; its line says nothing here.
        let file = broken.old.origin.file();
        let path = new.sources.path(file);
        match path {
            Some(_) => Place {
                origin: Origin::At { file: file.to_owned(), line: 0, column: 0 },
                path,
                excerpt: None,
            },
            None => Place::default(),
        }
    } else {
        place(&broken.new.origin, new)
    };
    let mut finding = Finding::new(level, &broken.rule, broken.message.clone(), broken.remedy.clone(), main);
    if broken.old.origin != Origin::Default || !broken.old.text.is_empty() {
        let said =
            if broken.old.text.is_empty() { String::new() } else { format!(": `{}`", broken.old.text) };
        finding.related.push((format!("{}{said}", old.name), place(&broken.old.origin, old)));
    }
    finding.notes = notes(broken);
    finding.details = details(broken);
    finding
}

fn place(origin: &Origin, side: Side<'_>) -> Place {
    let file = origin.file();
    let excerpt = side.sources.text(file).and_then(|text| Excerpt::of(origin, &text));
    let path = side.sources.path(file);
    let origin = match origin {
        Origin::At { file, line, column } if path.is_none() => {
            Origin::At { file: side.sources.shown(file), line: *line, column: *column }
        }
        origin => origin.clone(),
    };
    Place { origin, path, excerpt }
}

fn notes(broken: &Broken) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    if !broken.new.text.is_empty() && broken.new.origin.position().is_none() {
        notes.push(("now", format!("`{}`", broken.new.text)));
    }
    let consumers: BTreeSet<&str> = distinct(&broken.uses, |at| &at.consumer);
    if !consumers.is_empty() {
        notes.push(("caller", listed(&consumers)));
    }
    let places: Vec<String> = [Some(Direction::Request), Some(Direction::Response), None]
        .into_iter()
        .filter_map(|direction| used(&broken.uses, direction))
        .collect();
    if !places.is_empty() {
        notes.push(("in", format!("{}{}", places.join(";\n"), encodings(&broken.uses))));
    }
    if let Some(turned) = &broken.turned {
        notes.push(("in responses", turned.clone()));
    }
    let paths = distinct(&broken.uses, |at| &at.path);
    if !paths.is_empty() {
        notes.push(("path", listed(&paths)));
    }
    if let Some(when) = &broken.when {
        notes.push(("only", when.clone()));
    }
    if let Some(example) = &broken.example {
        notes.push(("example", in_words(example, &broken.uses)));
    }
    notes
}

/// "requests of shop.v1.Till/Pay".
fn used(uses: &[Use], direction: Option<Direction>) -> Option<String> {
    let uses: Vec<&Use> = uses.iter().filter(|at| at.direction == direction).collect();
    let methods: BTreeSet<&str> =
        uses.iter().map(|at| at.method.as_str()).filter(|name| !name.is_empty()).collect();
    let named = listed(&methods);
    match direction {
        _ if uses.is_empty() => None,
        Some(Direction::Request) if methods.is_empty() => Some("messages as requests".to_owned()),
        Some(Direction::Response) if methods.is_empty() => Some("messages as responses".to_owned()),
        Some(Direction::Request) => Some(format!("requests of {named}")),
        Some(Direction::Response) => Some(format!("responses of {named}")),
        None if methods.is_empty() => None,
        None => Some(named),
    }
}

fn distinct(uses: &[Use], of: impl Fn(&Use) -> &String) -> BTreeSet<&str> {
    uses.iter().map(|at| of(at).as_str()).filter(|text| !text.is_empty()).collect()
}

fn listed(names: &BTreeSet<&str>) -> String {
    let named: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match names.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn encodings(uses: &[Use]) -> &'static str {
    let has = |encoding| uses.iter().any(|at| at.encoding == Some(encoding));
    let any = uses.iter().any(|at| at.encoding.is_none());
    match (has(Encoding::Binary), has(Encoding::Json)) {
        _ if any => "",
        (true, true) => ", in binary and JSON",
        (true, false) => ", in binary",
        (false, true) => ", in JSON",
        (false, false) => "",
    }
}

/// The bytes, what they say, and what becomes of it.
fn in_words(example: &Example, uses: &[Use]) -> String {
    let Example { bytes, written, read } = example;
    let is_text = uses.first().is_some_and(|at| at.encoding == Some(Encoding::Json));
    let sent = match (is_text, hex(bytes)) {
        (true, _) => one_line(written),
        (false, hex) if hex.is_empty() => one_line(written),
        (false, hex) => format!("{hex}  ({})", one_line(written)),
    };
    format!("{sent}\nis read as {}", one_line(read))
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(" ") }
}

/// As many bytes as fit a line.
fn hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 24;
    let shown: Vec<String> = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > SHOWN { " …" } else { "" };
    format!("{}{more}", shown.join(" "))
}

fn details(broken: &Broken) -> Map<String, Value> {
    let uses = broken.uses.iter().map(|at| {
        json!({
            "method": at.method,
            "direction": at.direction,
            "encoding": at.encoding,
            "path": at.path,
            "consumer": at.consumer,
        })
    });
    let example = broken.example.as_ref().map(|Example { bytes, written, read }| {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "hex": hex, "written": written, "read": read })
    });
    let level = match broken.weight {
        Weight::Breaks | Weight::Spared => "BREAKING",
        Weight::Loses => "LOSSY",
        Weight::Note => "SAFE",
    };
    let members = json!({
        "level": level,
        "when": broken.when,
        "uses": uses.collect::<Vec<_>>(),
        "old": broken.old,
        "new": broken.new,
        "example": example,
    });
    if let Value::Object(members) = members { members } else { Map::new() }
}

pub(super) fn rule(rule: &compat::rules::Rule) -> RuleHelp {
    let buf = match rule.buf {
        [] => "`buf breaking` has no such rule.".to_owned(),
        rules => format!("`buf breaking` calls it {}.", rules.join(", ")),
    };
    RuleHelp {
        id: rule.id,
        summary: rule.summary.to_owned(),
        help: format!("{} {buf}", rule.summary),
        level: Level::Error,
        tags: vec!["compatibility".to_owned()],
    }
}

/// Of a contract that the mesh would not have whoever calls: nobody was asked.
pub(super) fn unsound(errors: usize) -> String {
    format!(
        "{ERROR}{}{ERROR:#} in the contract itself: the mesh refuses it, whoever calls; callers were not asked",
        count(errors, "error")
    )
}

/// `judged`: "12 methods".
pub(super) fn conclusion(breaking: usize, lossy: usize, judged: &str) -> String {
    let broken = |number| {
        format!(
            "{ERROR}{}{ERROR:#}",
            if number == 1 { "1 change breaks".to_owned() } else { format!("{number} changes break") }
        )
    };
    match (breaking, lossy) {
        (0, 0) => format!("{BOLD}nothing breaks{BOLD:#} in {judged}"),
        (0, lossy) => {
            format!(
                "{BOLD}nothing breaks{BOLD:#} in {judged}; {WARNING}{}{WARNING:#}",
                count(lossy, "warning")
            )
        }
        (breaking, 0) => format!("{} callers, in {judged}", broken(breaking)),
        (breaking, lossy) => format!(
            "{} callers, in {judged}; {WARNING}{}{WARNING:#} besides",
            broken(breaking),
            count(lossy, "warning")
        ),
    }
}
