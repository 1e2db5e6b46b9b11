//! How an answer looks: for people, and as protobuf JSON.

use super::{
    super::style::{BOLD, DIM, ERROR, PLACE, count},
    rules::Answer,
};
use contract::{Excerpt, compile::Sources};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use validate::{FieldPath, PathElement, Subscript, Violation};

/// The violations, each with the line of its rule, and how many there are.
pub(super) fn human(violations: &[Violation], type_name: &str, sources: &Sources) -> String {
    if violations.is_empty() {
        return format!("{BOLD}nothing wrong{BOLD:#} with this {type_name}");
    }
    let mut text: String = violations.iter().map(|violation| shown(violation, sources) + "\n").collect();
    let _ = write!(text, "{ERROR}{}{ERROR:#} in this {type_name}", count(violations.len(), "violation"));
    text
}

fn shown(violation: &Violation, sources: &Sources) -> String {
    let Violation { rule_id, origin, for_key, .. } = violation;
    let key = if *for_key { " (the key)" } else { "" };
    let mut text = format!("{ERROR}violation[{rule_id}]{ERROR:#}{BOLD}: {violation}{key}{BOLD:#}\n");
    if origin.file().is_empty() {
        return text;
    }
    let file = sources.path(origin.file());
    let file = file.map_or_else(|| origin.file().to_owned(), |path| path.display().to_string());
    let position = origin.position().map(|(line, column)| format!(":{line}:{column}"));
    let _ = writeln!(text, "  {PLACE}-->{PLACE:#} {file}{}", position.unwrap_or_default());
    let excerpt = sources.text(origin.file()).and_then(|source| Excerpt::of(origin, &source));
    if let Some(excerpt) = excerpt {
        let _ = writeln!(text, "{DIM}{excerpt}{DIM:#}");
    }
    text
}

/// One object: `violations`, `compilation_error` or `runtime_error`.
pub(super) fn json(answer: &Answer) -> Value {
    match answer {
        Answer::Judged(violations) => {
            json!({ "violations": violations.iter().map(json_of).collect::<Vec<_>>() })
        }
        Answer::CompilationError(message) => json!({ "compilation_error": message }),
        Answer::RuntimeError(message) => json!({ "runtime_error": message }),
    }
}

/// `buf.validate.Violation`. Fields that are unset are left out.
fn json_of(violation: &Violation) -> Value {
    let mut object = Map::new();
    for (name, path) in [("field", &violation.field), ("rule", &violation.rule)] {
        if !path.0.is_empty() {
            object.insert(name.to_owned(), path_json(path));
        }
    }
    object.insert("ruleId".to_owned(), json!(violation.rule_id));
    if !violation.message.is_empty() {
        object.insert("message".to_owned(), json!(violation.message));
    }
    if violation.for_key {
        object.insert("forKey".to_owned(), json!(true));
    }
    Value::Object(object)
}

fn path_json(path: &FieldPath) -> Value {
    json!({ "elements": path.0.iter().map(element_json).collect::<Vec<_>>() })
}

fn element_json(element: &PathElement) -> Value {
    let mut object = Map::new();
    let mut set = |name: &str, value: Option<Value>| value.map(|value| object.insert(name.to_owned(), value));
    set("fieldNumber", element.field_number.map(Value::from));
    set("fieldName", Some(element.field_name.as_str().into()));
    set("fieldType", element.field_type.and_then(type_name));
    set("keyType", element.key_type.and_then(type_name));
    set("valueType", element.value_type.and_then(type_name));
    // Numbers of 64 bits are strings in protobuf JSON.
    match &element.subscript {
        None => {}
        Some(Subscript::Index(index)) => _ = set("index", Some(index.to_string().into())),
        Some(Subscript::BoolKey(key)) => _ = set("boolKey", Some((*key).into())),
        Some(Subscript::IntKey(key)) => _ = set("intKey", Some(key.to_string().into())),
        Some(Subscript::UintKey(key)) => _ = set("uintKey", Some(key.to_string().into())),
        Some(Subscript::StringKey(key)) => _ = set("stringKey", Some(Value::from(&**key))),
    }
    Value::Object(object)
}

/// The name of a `google.protobuf.FieldDescriptorProto.Type`.
fn type_name(number: i32) -> Option<Value> {
    let known = prost_types::field_descriptor_proto::Type::try_from(number).ok()?;
    Some(known.as_str_name().into())
}
