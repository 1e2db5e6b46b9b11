//! SARIF 2.1.0 (OASIS): one run, with the rules that were broken and their help.

use super::{Finding, Place, Report, RuleHelp};
use contract::Digest;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn show(report: &Report) -> String {
    let all = || report.findings.iter().chain(&report.suppressed);
    let broken: BTreeSet<&str> = all().map(|finding| finding.rule.as_str()).collect();
    let rules: Vec<&RuleHelp> = report.rules.iter().filter(|rule| broken.contains(rule.id)).collect();
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (rule.id, at)).collect();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = all().map(|finding| result(finding, &index, &mut seen)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "treaty",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}")
}

fn rule(rule: &RuleHelp) -> Value {
    json!({
        "id": rule.id,
        "name": pascal(rule.id),
        "shortDescription": { "text": sentence(&rule.summary) },
        "fullDescription": { "text": sentence(&rule.summary) },
        "help": { "text": rule.help, "markdown": rule.help },
        "defaultConfiguration": { "level": rule.level.name() },
        "properties": { "tags": rule.tags },
    })
}

/// `seen` counts findings that look the same, so that fingerprints differ.
fn result(finding: &Finding, index: &BTreeMap<&str, usize>, seen: &mut BTreeMap<String, usize>) -> Value {
    let mut text = sentence(&finding.message);
    for (label, note) in &finding.notes {
        text.push_str(&format!("\n{label}: {note}"));
    }
    if !finding.remedy.is_empty() {
        text.push_str(&format!("\nhelp: {}", finding.remedy));
    }
    let mut object = Map::new();
    object.insert("ruleId".to_owned(), finding.rule.as_str().into());
    if let Some(at) = index.get(finding.rule.as_str()) {
        object.insert("ruleIndex".to_owned(), (*at).into());
    }
    object.insert("level".to_owned(), finding.level.name().into());
    object.insert("message".to_owned(), json!({ "text": text }));
    object.insert("locations".to_owned(), location(&finding.place).into_iter().collect());
    let related: Vec<Value> = finding.related.iter().filter_map(|(what, at)| related(what, at)).collect();
    if !related.is_empty() {
        object.insert("relatedLocations".to_owned(), related.into());
    }
    object
        .insert("partialFingerprints".to_owned(), json!({ "treatyFinding/v1": fingerprint(finding, seen) }));
    if let Some(reason) = &finding.suppressed {
        let suppression = json!({ "kind": "inSource", "status": "accepted", "justification": reason });
        object.insert("suppressions".to_owned(), json!([suppression]));
    }
    if !finding.details.is_empty() {
        object.insert("properties".to_owned(), Value::Object(finding.details.clone()));
    }
    Value::Object(object)
}

fn related(what: &str, at: &Place) -> Option<Value> {
    let mut location = location(at)?;
    location.as_object_mut()?.insert("message".to_owned(), json!({ "text": what }));
    Some(location)
}

fn location(place: &Place) -> Option<Value> {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.file()?) } });
    if let Some((line, column)) = place.origin.position() {
        let mut region = json!({ "startLine": line, "startColumn": column });
        if let (Some(excerpt), Some(region)) = (&place.excerpt, region.as_object_mut()) {
            // Columns of descriptors count bytes; those of this log count characters.
            region.insert("startColumn".to_owned(), excerpt.column.into());
            region.insert("endColumn".to_owned(), (excerpt.column + excerpt.width).into());
            region.insert("snippet".to_owned(), json!({ "text": excerpt.text }));
        }
        physical.as_object_mut()?.insert("region".to_owned(), region);
    }
    Some(json!({ "physicalLocation": physical }))
}

/// Stays when lines move: rule, file, message and what the line says.
fn fingerprint(finding: &Finding, seen: &mut BTreeMap<String, usize>) -> String {
    let line = finding.place.excerpt.as_ref().map_or("", |excerpt| excerpt.text.trim());
    let seed = [finding.rule.as_str(), finding.place.origin.file(), &finding.message, line].join("\n");
    let times = seen.entry(seed.clone()).or_default();
    *times += 1;
    let digest = Digest::of(format!("{seed}\n{times}").as_bytes());
    digest.as_str().trim_start_matches("sha256:").chars().take(32).collect()
}

/// A relative reference with slashes, or an absolute `file:` (RFC 3986).
fn uri(file: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'.' | b'_' | b'~');
    let mut text = String::from(if file.starts_with('/') { "file://" } else { "" });
    for byte in file.trim_start_matches("./").bytes() {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Ends with a full stop, as SARIF asks for.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// "retry-on-ok" is "RetryOnOk".
fn pascal(id: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    };
    id.split('-').map(word).collect()
}
