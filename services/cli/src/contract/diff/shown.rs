//! How changes look, in groups.

use super::changes::{Change, Meaning};
use crate::contract::{
    breaking::Side,
    style::{BOLD, DIM, ERROR, PLACE, WARNING, count},
};
use anstyle::{AnsiColor, Color, Style};
use contract::Origin;
use serde_json::{Value, json};
use std::fmt::Write as _;

const GOOD: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Green)));

pub(super) fn human(changes: &[Change], old: Side<'_>, new: Side<'_>) -> String {
    if changes.is_empty() {
        return format!("{BOLD}nothing changed{BOLD:#} between {} and {}", old.name, new.name);
    }
    let mut text = String::new();
    for meaning in Meaning::ALL {
        let group: Vec<&Change> = changes.iter().filter(|change| change.meaning == meaning).collect();
        if group.is_empty() {
            continue;
        }
        let style = style(meaning);
        let _ = writeln!(text, "{style}{}{style:#}", meaning.title());
        for change in group {
            let _ = write!(text, "  {} {}", change.sign, change.text);
            if let Some(place) = place(change, old, new) {
                let _ = write!(text, "  {PLACE}{place}{PLACE:#}");
            }
            text.push('\n');
            for note in &change.notes {
                let _ = writeln!(text, "      {DIM}{note}{DIM:#}");
            }
        }
        text.push('\n');
    }
    let breaks = changes.iter().filter(|change| change.meaning == Meaning::Breaks).count();
    let _ = write!(text, "{BOLD}{}{BOLD:#}", count(changes.len(), "change"));
    match breaks {
        0 => text.push_str(", and nobody breaks"),
        1 => text.push_str(", one of which breaks callers"),
        breaks => {
            let _ = write!(text, ", {breaks} of which break callers");
        }
    }
    text
}

const fn style(meaning: Meaning) -> Style {
    match meaning {
        Meaning::Breaks => ERROR,
        Meaning::Loses | Meaning::Tighter => WARNING,
        Meaning::Safe | Meaning::Looser => GOOD,
        Meaning::Policy | Meaning::Documentation => BOLD,
    }
}

/// Where it is; where it was, if it is gone.
fn place(change: &Change, old: Side<'_>, new: Side<'_>) -> Option<String> {
    let (origin, side) = if change.new == Origin::Default { (&change.old, old) } else { (&change.new, new) };
    let Origin::At { file, .. } = origin else { return None };
    let shown = side.sources.shown(file);
    Some(match origin.position() {
        Some((line, column)) => format!("{shown}:{line}:{column}"),
        None => shown,
    })
}

pub(super) fn json(changes: &[Change], old: Side<'_>, new: Side<'_>) -> String {
    let of = |change: &Change| {
        json!({
            "meaning": change.meaning.name(),
            "kind": match change.sign { '+' => "ADDED", '-' => "REMOVED", _ => "CHANGED" },
            "text": change.text,
            "notes": change.notes,
            "old": at(&change.old),
            "new": at(&change.new),
        })
    };
    let breaks = changes.iter().any(|change| change.meaning == Meaning::Breaks);
    let report = json!({
        "old": old.name,
        "new": new.name,
        "breaks": breaks,
        "changes": changes.iter().map(of).collect::<Vec<_>>(),
    });
    format!("{report:#}")
}

/// Nothing where it is not.
fn at(origin: &Origin) -> Value {
    match origin {
        Origin::Default => Value::Null,
        at @ Origin::At { .. } => json!(at),
    }
}
