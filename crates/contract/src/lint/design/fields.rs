//! Fields whose types do not fit what they are called.

use crate::lint::{
    judge::Judge,
    set::{
        FileAt,
        descriptor::{Field, kind},
        options,
    },
};

pub(super) fn check(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    for (_, field, path) in file.fields() {
        let Some((rule, what, remedy)) = wrong(field) else { continue };
        let message = format!("`{}` {what}", field.name);
        judge.found(rule, file.places.at(&path), message, remedy);
    }
}

const MONEY: [&str; 13] = [
    "amount", "cost", "discount", "fee", "fees", "money", "price", "prices", "refund", "revenue", "salary",
    "tax", "wage",
];
/// What has a moment where "_at" follows; most other words have a place there: "located_at", "declared_at".
const HAPPENINGS: &str = "\
    accepted approved archived begins cancelled canceled captured changed closed completed \
    confirmed created deleted delivered ended ends expired expires finished issued \
    joined modified occurred opened ordered paid processed published purchased received \
    refunded registered rejected revoked sent shipped started starts updated verified";
/// Names that are secrets themselves, or end with one.
const SECRETS: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "client_secret",
    "api_key",
    "access_token",
    "refresh_token",
    "bearer_token",
    "private_key",
    "card_number",
    "cvv",
    "cvc",
    "ssn",
    "iban",
];

/// Rule, what is wrong, and what would be right.
fn wrong(field: &Field) -> Option<(&'static str, &'static str, &'static str)> {
    let name = field.name.as_str();
    let mut words = name.split('_');
    let (text, integer) = (field.r#type == kind::STRING, kind::is_integer(field.r#type));
    let ends = |ends: &[&str]| ends.iter().any(|end| is_last(name, end));
    if matches!(field.r#type, kind::DOUBLE | kind::FLOAT)
        && words.any(|word| MONEY.contains(&word))
        && !ends(&["rate", "ratio", "percent"])
    {
        let remedy = "write whole units and billionths, as google.type.Money does, or cents";
        return Some(("money-as-float", "is money, and a floating point number", remedy));
    }
    let happens =
        || name.strip_suffix("_at").is_some_and(|name| HAPPENINGS.split(' ').any(|word| is_last(name, word)));
    if (text || integer) && (ends(&["time", "timestamp"]) || happens()) {
        return Some(("time-as-text", "is a moment, and no Timestamp", "write google.protobuf.Timestamp"));
    }
    let units =
        ["seconds", "secs", "millis", "milliseconds", "ms", "micros", "nanoseconds", "minutes", "hours"];
    let number = integer || matches!(field.r#type, kind::DOUBLE | kind::FLOAT);
    if number && ends(&units) && name.contains('_') {
        return Some((
            "duration-as-number",
            "is a span of time, and a number",
            "write google.protobuf.Duration",
        ));
    }
    if (text || field.r#type == kind::BYTES) && ends(&SECRETS) && !is_masked(field) {
        let remedy = "add `debug_redact = true`, or (treaty.v1.field).sensitivity";
        return Some(("secret-in-the-clear", "is a secret, and is shown in logs and traces", remedy));
    }
    None
}

/// Whether the word ends the name, or is all of it.
fn is_last(name: &str, word: &str) -> bool {
    name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

/// `debug_redact`, or a sensitivity of PII and above.
fn is_masked(field: &Field) -> bool {
    let redacted = options::varint(&field.options, 16).is_some_and(|redact| redact != 0);
    let said = options::message(&field.options, 50717);
    redacted
        || said.is_some_and(|said| options::varint_in(&said, 1).is_some_and(|sensitivity| sensitivity >= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_known_by_name_and_places_are_none() {
        let rule = |name: &str, r#type| {
            wrong(&Field { name: name.to_owned(), r#type, ..Field::default() }).map(|(rule, ..)| rule)
        };
        for name in ["create_time", "timestamp", "created_at", "last_updated_at", "expires_at", "sent_at"] {
            assert_eq!(rule(name, kind::STRING), Some("time-as-text"), "{name}");
            assert_eq!(rule(name, 18), Some("time-as-text"), "{name}");
            assert_eq!(rule(name, kind::MESSAGE), None, "{name}");
        }
        for name in ["declared_at", "located_at", "at", "look_at", "recreated_at", "overtime"] {
            assert_eq!(rule(name, kind::STRING), None, "{name}");
        }
    }
}
