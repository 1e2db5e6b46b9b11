//! Refusals and warnings, for machines.

use contracts::treaty::v1::{Break, Declaration, Refusal};
use serde_json::{Value, json};

/// As treaty.v1.Refusal; an example's bytes are in hexadecimal digits.
pub(crate) fn json(refusal: &Refusal) -> Value {
    let Refusal { reason, message, origin, remedy, breakage } = refusal;
    let mut told = json!({ "reason": reason, "message": message, "origin": origin, "remedy": remedy });
    if let (Value::Object(told), Some(breakage)) = (&mut told, breakage) {
        told.insert("breakage".to_owned(), self::breakage(breakage));
    }
    told
}

fn breakage(breakage: &Break) -> Value {
    let declaration = |said: &Option<Declaration>| {
        said.as_ref().map(|said| json!({ "text": said.text, "origin": said.origin }))
    };
    let example = breakage.example.as_ref().map(|example| {
        let bytes: String = example.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "bytes": bytes, "written": example.written, "read": example.read })
    });
    json!({
        "provider": breakage.provider, "owner": breakage.owner, "consumer": breakage.consumer,
        "method": breakage.method, "direction": breakage.direction, "encoding": breakage.encoding,
        "path": breakage.path, "rule": breakage.rule, "level": breakage.level, "when": breakage.when,
        "written": declaration(&breakage.written), "read": declaration(&breakage.read), "example": example,
    })
}
