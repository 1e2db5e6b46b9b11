//! Refusals and warnings: for machines, and what they have in common.

use contracts::treaty::v1::{Break, Declaration, Refusal};
use serde_json::{Value, json};

/// One for each cause, and where else it shows: a field that many methods carry breaks all of them.
pub(crate) fn by_cause(refusals: &[Refusal]) -> Vec<(&Refusal, Vec<&Break>)> {
    let mut causes: Vec<(&Refusal, Vec<&Break>)> = Vec::new();
    for refusal in refusals {
        let known = causes.iter_mut().find(|(first, _)| same_cause(first, refusal));
        match (known, &refusal.breakage) {
            (Some((_, also)), Some(breakage)) => also.push(breakage),
            _ => causes.push((refusal, Vec::new())),
        }
    }
    causes
}

/// The same rule about the same two declarations, whoever of them writes, to the same people.
fn same_cause(one: &Refusal, other: &Refusal) -> bool {
    let (Some(one), Some(other)) = (&one.breakage, &other.breakage) else { return false };
    let parties = |of: &Break| (of.provider.clone(), of.consumer.clone(), of.rule.clone(), of.level.clone());
    let straight = one.written == other.written && one.read == other.read;
    let crossed = one.written == other.read && one.read == other.written;
    let placed = !one.path.is_empty() && !other.path.is_empty();
    placed && parties(one) == parties(other) && (straight || crossed)
}

/// "shop.catalog.v1.Catalog/GetProduct, response Product.price".
pub(crate) fn place(breakage: &Break) -> String {
    let within = format!("{} {}", breakage.direction.to_lowercase(), breakage.path);
    let parts = [breakage.method.as_str(), within.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Of a message, what happens: without whom it concerns, and where.
pub(crate) fn cause<'m>(message: &'m str, breakage: &Break) -> &'m str {
    let before = format!("{}: ", place(breakage));
    message.split_once(&before).map_or(message, |(_, cause)| cause)
}

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
