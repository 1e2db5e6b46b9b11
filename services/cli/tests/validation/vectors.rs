//! Judgements that all agree on, written down for `crates/validate/tests/vectors.rs`, which needs no toolchain.
//!
//! TREATY_WRITE_VECTORS=DIR writes them anew.

use crate::{corpus::Case, differential::Outcome};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

/// One type of so many is written down.
const EVERY: usize = 5;
/// Messages of one type with the same outcome.
const ALIKE: usize = 2;

/// Those of the types whose names begin so, into `file` with two endings. `answers` are those of the runtimes; `agreed` says for each case whether all judged the same.
pub(crate) fn write(
    file: &Path,
    source: &str,
    prefix: &str,
    cases: &[Case],
    answers: &[Value],
    agreed: &[bool],
) {
    let types: BTreeSet<&str> =
        cases.iter().map(|case| case.type_name.as_str()).filter(|name| name.starts_with(prefix)).collect();
    let chosen: BTreeSet<&str> = types.into_iter().step_by(EVERY).collect();
    let (mut lines, mut seen) = (String::new(), BTreeMap::new());
    for ((case, answer), agreed) in cases.iter().zip(answers).zip(agreed) {
        let outcome = Outcome::of(answer);
        if !agreed || !chosen.contains(case.type_name.as_str()) || outcome == Outcome::Compilation {
            continue;
        }
        let count: &mut usize = seen.entry((case.type_name.clone(), case.strayed, outcome)).or_default();
        *count += 1;
        if *count <= ALIKE {
            writeln!(lines, "{}", vector(case, answer)).unwrap();
        }
    }
    std::fs::write(file.with_extension("jsonl"), lines).unwrap();
    std::fs::write(file.with_extension("proto"), only(source, &chosen)).unwrap();
}

fn vector(case: &Case, answer: &Value) -> Value {
    let bytes: String = case.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let Some(violations) = answer.get("violations").and_then(Value::as_array) else {
        return json!({ "type": case.type_name, "bytes": bytes, "unreadable": true });
    };
    let mut violations: Vec<String> = violations.iter().map(shown).collect();
    violations.sort();
    json!({ "type": case.type_name, "bytes": bytes, "violations": violations })
}

/// `a[2] string.min_len repeated.items.string.min_len`; a `*` behind the field is for its key.
fn shown(violation: &Value) -> String {
    let part = |name: &str| violation.get(name).map(path).unwrap_or_default();
    let key = if violation.get("forKey").is_some() { "*" } else { "" };
    let id = violation.get("ruleId").and_then(Value::as_str).unwrap_or_default();
    format!("{}{key} {id} {}", part("field"), part("rule"))
}

fn path(path: &Value) -> String {
    let elements = path.get("elements").and_then(Value::as_array).into_iter().flatten();
    let element = |element: &Value| {
        let subscript = ["index", "boolKey", "intKey", "uintKey"].iter().find_map(|name| element.get(name));
        let subscript = subscript.map(|value| format!("[{}]", value.to_string().trim_matches('"')));
        let text = element.get("stringKey").and_then(Value::as_str).map(|key| format!("[{key:?}]"));
        let name = element.get("fieldName").and_then(Value::as_str).unwrap_or_default();
        format!("{name}{}", subscript.or(text).unwrap_or_default())
    };
    elements.map(element).collect::<Vec<_>>().join(".")
}

/// The source without the messages that were not chosen. Generated messages end where a line is a brace.
fn only(source: &str, chosen: &BTreeSet<&str>) -> String {
    let mut kept = "// Written by the differential test (TREATY_WRITE_VECTORS).\n".to_owned();
    let mut keeps = true;
    for line in source.lines() {
        if let Some(name) = line.strip_prefix("message ").and_then(|rest| rest.split(' ').next()) {
            keeps = chosen.contains(format!("t.{name}").as_str());
        }
        if keeps {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}
