//! One JSON object.

use super::{Finding, Level, Place, Report};
use serde_json::{Map, Value, json};

pub(super) fn show(report: &Report) -> String {
    let mut object = Map::new();
    object.insert("errors".to_owned(), report.count(Level::Error).into());
    object.insert("warnings".to_owned(), report.count(Level::Warning).into());
    object.extend(report.totals.clone());
    object.insert("findings".to_owned(), report.findings.iter().map(finding).collect());
    format!("{:#}", Value::Object(object))
}

fn finding(finding: &Finding) -> Value {
    let Finding { level, rule, message, remedy, place: at, related, details, .. } = finding;
    let mut object = Map::new();
    object.insert("severity".to_owned(), level.name().into());
    object.insert("rule".to_owned(), rule.as_str().into());
    object.insert("message".to_owned(), message.as_str().into());
    object.insert("remedy".to_owned(), remedy.as_str().into());
    object.extend(place(at));
    if !related.is_empty() {
        let related = related.iter().map(|(message, at)| {
            let mut object = place(at);
            object.insert("message".to_owned(), message.as_str().into());
            Value::Object(object)
        });
        object.insert("related".to_owned(), related.collect());
    }
    object.extend(details.clone());
    Value::Object(object)
}

fn place(place: &Place) -> Map<String, Value> {
    let position = place.origin.position();
    let members = json!({
        "origin": place.origin,
        "file": place.origin.file(),
        "path": place.path,
        "line": position.map(|(line, _)| line),
        "column": position.map(|(_, column)| column),
        "excerpt": place.excerpt.as_ref().map(|excerpt| &excerpt.text),
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
