//! prost-reflect, made as strict as the official runtimes: it has neither closed enums nor `required`.

#![allow(dead_code, unreachable_pub, reason = "shared by tests")]

use prost_reflect::{
    DeserializeOptions, DynamicMessage, Kind, MessageDescriptor, ReflectMessage as _, Syntax, Value,
};

/// What a reader makes of a message; else why it refuses it.
pub fn binary(of: &MessageDescriptor, bytes: &[u8]) -> Result<DynamicMessage, String> {
    let message = DynamicMessage::decode(of.clone(), bytes).map_err(|error| error.to_string())?;
    settled(message, false)
}

/// The same in JSON; a lenient reader passes over what it does not know.
pub fn json(of: &MessageDescriptor, bytes: &[u8], lenient: bool) -> Result<DynamicMessage, String> {
    let options = DeserializeOptions::new().deny_unknown_fields(!lenient);
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let message = DynamicMessage::deserialize_with_options(of.clone(), &mut json, &options)
        .map_err(|error| error.to_string())?;
    settled(message, true)
}

/// Whether a writer may set that: nothing required is missing.
pub fn is_whole(message: &DynamicMessage) -> bool {
    missing(message).is_none()
}

fn settled(mut message: DynamicMessage, json: bool) -> Result<DynamicMessage, String> {
    settle(&mut message, json)?;
    match missing(&message) {
        Some(field) => Err(format!("required: {field}")),
        None => Ok(message),
    }
}

/// Takes numbers out that closed enums do not have; in JSON they are errors.
fn settle(message: &mut DynamicMessage, json: bool) -> Result<(), String> {
    let set: Vec<_> = message.fields().map(|(field, value)| (field, value.clone())).collect();
    for (field, value) in set {
        let kind = match field.kind() {
            Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind(),
            kind => kind,
        };
        match of_value(value, &kind, json)? {
            Some(value) => message.set_field(&field, value),
            None => message.clear_field(&field),
        }
    }
    let set: Vec<_> = message.extensions().map(|(field, value)| (field, value.clone())).collect();
    for (field, value) in set {
        match of_value(value, &field.kind(), json)? {
            Some(value) => message.set_extension(&field, value),
            None => message.clear_extension(&field),
        }
    }
    Ok(())
}

fn of_value(value: Value, kind: &Kind, json: bool) -> Result<Option<Value>, String> {
    Ok(Some(match value {
        Value::EnumNumber(number) => {
            let Kind::Enum(of) = kind else { return Ok(Some(Value::EnumNumber(number))) };
            if of.parent_file().syntax() == Syntax::Proto2 && of.get_value(number).is_none() {
                return if json {
                    Err(format!("{number} is no value of {}", of.full_name()))
                } else {
                    Ok(None)
                };
            }
            Value::EnumNumber(number)
        }
        Value::Message(mut message) => {
            settle(&mut message, json)?;
            Value::Message(message)
        }
        Value::List(values) => {
            let kept: Result<Vec<_>, _> =
                values.into_iter().map(|value| of_value(value, kind, json)).collect();
            Value::List(kept?.into_iter().flatten().collect())
        }
        Value::Map(entries) => {
            let kept: Result<Vec<_>, String> = entries
                .into_iter()
                .map(|(key, value)| Ok(of_value(value, kind, json)?.map(|value| (key, value))))
                .collect();
            Value::Map(kept?.into_iter().flatten().collect())
        }
        other => other,
    }))
}

fn missing(message: &DynamicMessage) -> Option<String> {
    let own = message.descriptor().fields().find(|field| field.is_required() && !message.has_field(field));
    let values =
        || message.fields().map(|(_, value)| value).chain(message.extensions().map(|(_, value)| value));
    own.map(|field| field.full_name().to_owned()).or_else(|| values().find_map(missing_in))
}

fn missing_in(value: &Value) -> Option<String> {
    match value {
        Value::Message(message) => missing(message),
        Value::List(values) => values.iter().find_map(missing_in),
        Value::Map(entries) => entries.values().find_map(missing_in),
        _ => None,
    }
}
