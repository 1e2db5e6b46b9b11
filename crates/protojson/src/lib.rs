//! Protobuf JSON to encoded protobuf, and back; and [`image`]: descriptor sets and buf images that stand in it.
//!
//! Ours, and straight over the schema that contracts are read from, because prost-reflect 0.16 panics on
//! some descriptor sets and knows no editions.
//!
//! Pure: bytes and a schema in, bytes or JSON out. This crate opens no file, and whether a set is a sound
//! contract, or a message a valid one, is not its question.

mod decode;
mod form;
pub mod image;
mod message;
mod names;
mod scalar;
mod strict;
mod time;
mod well_known;
mod write_well_known;

#[cfg(test)]
mod tests;

pub use decode::decode;

use contract::schema::{Field, Schema};
use message::Encoder;
use serde_json::Value;
use std::fmt;
use strict::Strict;

/// Why a text is no such message, or bytes are none that JSON could show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Innermost first.
    path: Vec<Step>,
    reason: String,
    /// The same without what the text says; nothing where `reason` does not repeat any of it.
    discreet: Option<String>,
}

/// A step of the way to what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Of the schema, or a position.
    Known(String),
    /// Of the text: a map's key, a name that no field has.
    Told(String, &'static str),
}

impl std::error::Error for JsonError {}

impl JsonError {
    fn new(reason: impl Into<String>) -> Self {
        Self { path: Vec::new(), reason: reason.into(), discreet: None }
    }

    /// One that repeats what the text says, and the same without that.
    fn telling(reason: impl Into<String>, discreet: impl Into<String>) -> Self {
        Self { discreet: Some(discreet.into()), ..Self::new(reason) }
    }

    /// The error of what is at `step` within something.
    fn below(mut self, step: impl Into<String>) -> Self {
        self.path.push(Step::Known(step.into()));
        self
    }

    /// The error of what is below the key of a map.
    fn below_key(mut self, key: &str) -> Self {
        self.path.push(Step::Told(format!("[{key:?}]"), "[…]"));
        self
    }

    /// The error of a member that is no field.
    fn below_unknown(mut self, name: &str) -> Self {
        self.path.push(Step::Told(name.to_owned(), "…"));
        self
    }

    /// The error of what is within `field`, whose values may be nobody's to see.
    fn within(mut self, field: &Field, name: &str) -> Self {
        if field.masked {
            self.reason = self.discreet.take().unwrap_or(self.reason);
            for step in &mut self.path {
                if let Step::Told(_, hidden) = step {
                    *step = Step::Known((*hidden).to_owned());
                }
            }
        }
        self.below(name)
    }
}

/// "order.lines[2].quantity: expected …".
impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.path.iter().rev().enumerate() {
            let (Step::Known(step) | Step::Told(step, _)) = step;
            if position > 0 && !step.starts_with('[') {
                f.write_str(".")?;
            }
            f.write_str(step)?;
        }
        write!(f, "{}{}", if self.path.is_empty() { "" } else { ": " }, self.reason)
    }
}

/// The message of this type that the text says.
///
/// # Errors
/// When the text is no JSON (nested deeper than 128 levels, or with a key twice in an object, it counts as none), the schema has no such type, or
/// the text says no message of it.
pub fn encode(schema: &Schema, type_name: &str, text: &[u8]) -> Result<Vec<u8>, JsonError> {
    // The parser of JSON bounds how deep values nest.
    let Strict(value) =
        serde_json::from_slice(text).map_err(|error| JsonError::new(format!("no JSON: {error}")))?;
    encode_value(schema, type_name, &value)
}

/// The message of this type that the parsed text says.
///
/// # Errors
/// As [`encode`].
pub fn encode_value(schema: &Schema, type_name: &str, value: &Value) -> Result<Vec<u8>, JsonError> {
    let id = schema
        .message_id(type_name)
        .ok_or_else(|| JsonError::new(format!("there is no message `{type_name}` in the descriptors")))?;
    let mut bytes = Vec::new();
    Encoder::new(schema).message(schema.message_at(id), value, &mut bytes)?;
    Ok(bytes)
}
