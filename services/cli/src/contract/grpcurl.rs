//! Calls as somebody would paste them into a shell.

use contract::schema::Schema;
use sample::tree::{Message, Slot, Value as Part};
use serde_json::{Value, json};

/// Where a call goes.
pub(super) enum At<'a> {
    /// Without TLS.
    Plain(&'a str),
    /// With TLS, trusting a certificate.
    Trusting(&'a str, &'a str),
}

/// The message as grpcurl reads it: protobuf JSON, but for field masks, which it takes for objects of their fields.
pub(super) fn message(schema: &Schema, message: &Message) -> Value {
    let mut value = sample::json(schema, message);
    spell_masks(schema, message, &mut value);
    value
}

fn spell_masks(schema: &Schema, message: &Message, value: &mut Value) {
    let of = schema.message_at(message.of);
    if of.name == "google.protobuf.FieldMask" {
        let paths: Vec<&str> = message.list(schema, "paths").iter().filter_map(Part::as_str).collect();
        *value = json!({ "paths": paths });
        return;
    }
    let Value::Object(object) = value else { return };
    for field in &of.fields {
        let Some(slot) = message.fields.get(&field.number) else { continue };
        match (slot, object.get_mut(&field.json_name)) {
            (Slot::One(Part::Message(part)), Some(value)) => spell_masks(schema, part, value),
            (Slot::List(parts), Some(Value::Array(values))) => {
                for (part, value) in parts.iter().zip(values) {
                    if let Part::Message(part) = part {
                        spell_masks(schema, part, value);
                    }
                }
            }
            (Slot::Map(entries), Some(Value::Object(values))) => {
                for (key, part) in entries {
                    let key = key.as_str().map(str::to_owned).or_else(|| Some(key.as_integer()?.to_string()));
                    if let (Part::Message(part), Some(value)) =
                        (part, key.and_then(|key| values.get_mut(&key)))
                    {
                        spell_masks(schema, part, value);
                    }
                }
            }
            _ => {}
        }
    }
}

/// One line of a shell. `method` is "package.Service/Method".
pub(super) fn line(at: &At<'_>, method: &str, message: &Value) -> String {
    let (how, address) = match at {
        At::Plain(address) => ("-plaintext".to_owned(), address),
        At::Trusting(address, certificate) => (format!("-cacert {}", quoted(certificate)), address),
    };
    format!("grpcurl {how} -d {} {} {method}", quoted(&message.to_string()), quoted(address))
}

/// As a POSIX shell reads it back.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:/-[]".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.contains('[') {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::compile;

    #[test]
    fn masks_are_spelt_as_grpcurl_reads_them_wherever_they_are() {
        let text = "syntax = \"proto3\"; package t; import \"google/protobuf/field_mask.proto\";
            message M { google.protobuf.FieldMask mask = 1; repeated Inner inner = 2; map<int32, Inner> by = 3; }
            message Inner { google.protobuf.FieldMask update_mask = 1; string name = 2; }";
        let schema = Schema::read(&compile::texts(&[("t.proto", text)]).unwrap().bytes).unwrap();
        // A mask of "a_b" and "c"; an inner message with one of "a_b" and a name.
        let (mask, inner) = (b"\x0a\x03a_b\x0a\x01c", b"\x0a\x05\x0a\x03a_b\x12\x01n");
        let mut bytes = vec![0x0a, 8];
        bytes.extend(mask);
        bytes.extend([0x12, 10]);
        bytes.extend(inner);
        bytes.extend([0x1a, 14, 0x08, 7, 0x12, 10]);
        bytes.extend(inner);
        let tree = sample::tree::decode(&schema, schema.message_id("t.M").unwrap(), &bytes);
        let inner = json!({ "updateMask": { "paths": ["a_b"] }, "name": "n" });
        let expected = json!({ "mask": { "paths": ["a_b", "c"] }, "inner": [inner], "by": { "7": inner } });
        assert_eq!(message(&schema, &tree), expected);
    }

    #[test]
    fn what_is_pasted_is_one_argument() {
        let message = json!({ "note": "it's $HOME `x`", "n": [1] });
        let shown = line(&At::Plain("127.0.0.1:50051"), "a.B/C", &message);
        assert_eq!(
            shown,
            r#"grpcurl -plaintext -d '{"note":"it'\''s $HOME `x`","n":[1]}' 127.0.0.1:50051 a.B/C"#
        );
        let shown = line(&At::Trusting("[::1]:1", "my ca.pem"), "a.B/C", &json!({}));
        assert_eq!(shown, "grpcurl -cacert 'my ca.pem' -d '{}' '[::1]:1' a.B/C");
    }
}
