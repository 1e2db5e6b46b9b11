//! Rules of `buf.validate`, in words.

use contract::schema::{Field, FieldKind, Message, Oneof, Schema};
use maud::{Markup, html};
use sample::{
    rules,
    tree::{self, Slot, Value},
};

/// What the rules of a field say, one phrase each.
pub(super) fn of_field(schema: &Schema, field: &Field) -> Vec<Markup> {
    let Some(said) = rules::of_field(schema, field) else { return Vec::new() };
    let value = match field.kind {
        FieldKind::Enum(id) => Some(id),
        _ => None,
    };
    Words { schema, of_enum: value }.field(&said)
}

/// What the rules of a message as a whole say.
pub(super) fn of_message(schema: &Schema, message: &Message) -> Vec<Markup> {
    let Some(said) = rules::of_message(schema, message) else { return Vec::new() };
    let words = Words { schema, of_enum: None };
    let mut phrases = words.expressions(&said);
    for group in said.list(schema, "oneof") {
        let Value::Message(group) = group else { continue };
        let names = words.codes(group.list(schema, "fields"));
        let exactly = group.one(schema, "required") == Some(&Value::Bool(true));
        phrases.push(html! { (if exactly { "exactly" } else { "at most" }) " one of " (names) " is set" });
    }
    phrases
}

/// Whether one member of a oneof must be set.
pub(super) fn is_required(schema: &Schema, oneof: &Oneof) -> bool {
    let said = rules::of_oneof(schema, oneof);
    said.is_some_and(|said| said.one(schema, "required") == Some(&Value::Bool(true)))
}

struct Words<'a> {
    schema: &'a Schema,
    of_enum: Option<contract::schema::EnumId>,
}

impl Words<'_> {
    /// `buf.validate.FieldRules`.
    fn field(&self, said: &tree::Message) -> Vec<Markup> {
        let mut phrases = Vec::new();
        match said.one(self.schema, "ignore").and_then(Value::as_integer) {
            Some(3) => return vec![html! { "not checked" }],
            Some(1) => phrases.push(html! { "checked unless it is empty" }),
            _ => {}
        }
        if said.one(self.schema, "required") == Some(&Value::Bool(true)) {
            phrases.push(html! { strong { "required" } });
        }
        let families = self.schema.message_at(said.of).fields.iter().filter(|field| field.oneof.is_some());
        for family in families {
            if let Some(Slot::One(Value::Message(of))) = said.fields.get(&family.number) {
                phrases.extend(self.family(&family.name, of));
            }
        }
        phrases.extend(self.expressions(said));
        phrases
    }

    fn family(&self, family: &str, said: &tree::Message) -> Vec<Markup> {
        let mut phrases = self.fixed(said);
        match family {
            "string" => phrases.extend(self.text(said, "character")),
            "bytes" => phrases.extend(self.text(said, "byte")),
            "repeated" => {
                phrases.extend(self.counted(said, "min_items", "max_items", "item"));
                if said.one(self.schema, "unique") == Some(&Value::Bool(true)) {
                    phrases.push(html! { "all different" });
                }
                phrases.extend(self.each(said, "items", "each"));
            }
            "map" => {
                phrases.extend(self.counted(said, "min_pairs", "max_pairs", "entry"));
                phrases.extend(self.each(said, "keys", "each key"));
                phrases.extend(self.each(said, "values", "each value"));
            }
            "enum" if said.one(self.schema, "defined_only") == Some(&Value::Bool(true)) => {
                phrases.push(html! { "one of its values" });
            }
            "timestamp" => phrases.extend(self.moment(said)),
            _ => phrases.extend(self.range(said)),
        }
        if said.one(self.schema, "finite") == Some(&Value::Bool(true)) {
            phrases.push(html! { "finite" });
        }
        phrases
    }

    /// `const`, `in` and `not_in` of every family.
    fn fixed(&self, said: &tree::Message) -> Vec<Markup> {
        let mut phrases = Vec::new();
        if let Some(constant) = said.one(self.schema, "const") {
            phrases.push(html! { "always " (self.code(constant)) });
        }
        for (name, word) in [("in", "one of "), ("not_in", "none of ")] {
            let list = said.list(self.schema, name);
            if !list.is_empty() {
                phrases.push(html! { (word) (self.codes(list)) });
            }
        }
        phrases
    }

    /// Strings and bytes.
    fn text(&self, said: &tree::Message, unit: &str) -> Vec<Markup> {
        let one = |name| said.one(self.schema, name);
        let mut phrases = Vec::new();
        if let Some(length) = one("len").and_then(Value::as_integer) {
            phrases.push(html! { "exactly " (counted(length, unit)) });
        }
        phrases.extend(self.counted(said, "min_len", "max_len", unit));
        if let Some(length) = one("len_bytes").and_then(Value::as_integer) {
            phrases.push(html! { "exactly " (counted(length, "byte")) });
        }
        phrases.extend(self.counted(said, "min_bytes", "max_bytes", "byte"));
        let parts = [
            ("pattern", "matches "),
            ("prefix", "begins with "),
            ("suffix", "ends with "),
            ("contains", "contains "),
            ("not_contains", "does not contain "),
        ];
        for (name, words) in parts {
            phrases.extend(one(name).map(|value| html! { (words) (self.code(value)) }));
        }
        phrases.extend(
            FORMATS
                .iter()
                .filter(|(name, _)| one(name) == Some(&Value::Bool(true)))
                .map(|(_, words)| html! { (*words) }),
        );
        match one("well_known_regex").and_then(Value::as_integer) {
            Some(1) => phrases.push(html! { "the name of an HTTP header" }),
            Some(2) => phrases.push(html! { "the value of an HTTP header" }),
            _ => {}
        }
        phrases
    }

    fn counted(&self, said: &tree::Message, least: &str, most: &str, unit: &str) -> Option<Markup> {
        let number = |name| said.one(self.schema, name).and_then(Value::as_integer);
        Some(match (number(least), number(most)) {
            (Some(least), Some(most)) if least == most => html! { "exactly " (counted(least, unit)) },
            (Some(least), Some(most)) => html! { (grouped(least)) " to " (counted(most, unit)) },
            (Some(least), None) => html! { "at least " (counted(least, unit)) },
            (None, Some(most)) => html! { "at most " (counted(most, unit)) },
            (None, None) => return None,
        })
    }

    fn range(&self, said: &tree::Message) -> Option<Markup> {
        let one = |name| said.one(self.schema, name);
        let low =
            one("gte").map(|value| ("at least ", value)).or(one("gt").map(|value| ("more than ", value)));
        let high =
            one("lte").map(|value| ("at most ", value)).or(one("lt").map(|value| ("less than ", value)));
        let shown = |value: &Value| self.shown(value);
        Some(match (low, high) {
            (Some((_, low)), Some((_, high))) if self.is_outside(low, high) => {
                html! { "above " (shown(low)) " or below " (shown(high)) }
            }
            (Some(("at least ", low)), Some(("at most ", high))) => {
                html! { (shown(low)) " to " (shown(high)) }
            }
            (Some((above, low)), Some((below, high))) => {
                html! { (above) (shown(low)) ", " (below) (shown(high)) }
            }
            (Some((words, value)), None) | (None, Some((words, value))) => html! { (words) (shown(value)) },
            (None, None) => return None,
        })
    }

    fn is_outside(&self, low: &Value, high: &Value) -> bool {
        match (low.as_integer(), high.as_integer(), low, high) {
            (Some(low), Some(high), ..) => low > high,
            (_, _, Value::Double(low), Value::Double(high)) => low > high,
            _ => false,
        }
    }

    fn moment(&self, said: &tree::Message) -> Vec<Markup> {
        let flag = |name| said.one(self.schema, name) == Some(&Value::Bool(true));
        let mut phrases: Vec<Markup> = self.range(said).into_iter().collect();
        if flag("lt_now") {
            phrases.push(html! { "in the past" });
        }
        if flag("gt_now") {
            phrases.push(html! { "in the future" });
        }
        if let Some(within) = said.one(self.schema, "within") {
            phrases.push(html! { "within " (self.shown(within)) " of now" });
        }
        phrases
    }

    /// The rules of items, keys and values.
    fn each(&self, said: &tree::Message, name: &str, words: &str) -> Option<Markup> {
        let phrases = self.field(said.message(self.schema, name)?);
        (!phrases.is_empty()).then(|| {
            html! {
                (words) ": "
                @for (position, phrase) in phrases.iter().enumerate() {
                    @if position > 0 { ", " }
                    (phrase)
                }
            }
        })
    }

    /// Rules in CEL: what they say of themselves, and the expression.
    fn expressions(&self, said: &tree::Message) -> Vec<Markup> {
        let text = |rule: &tree::Message, name: &str| {
            rule.one(self.schema, name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let named = said.list(self.schema, "cel").iter().filter_map(|rule| match rule {
            Value::Message(rule) => Some(html! {
                @let message = text(rule, "message");
                @if !message.is_empty() { (message) " " }
                code.cel title=(text(rule, "id")) { (text(rule, "expression")) }
            }),
            _ => None,
        });
        let bare = said.list(self.schema, "cel_expression").iter().filter_map(Value::as_str);
        named.chain(bare.map(|text| html! { code.cel { (text) } })).collect()
    }

    fn codes(&self, values: &[Value]) -> Markup {
        html! {
            @for (position, value) in values.iter().enumerate() {
                @if position > 0 { ", " }
                (self.code(value))
            }
        }
    }

    fn code(&self, value: &Value) -> Markup {
        html! { code { (self.shown(value)) } }
    }

    fn shown(&self, value: &Value) -> String {
        match value {
            Value::Bool(value) => value.to_string(),
            Value::Int(number) => {
                self.enum_name(i128::from(*number)).unwrap_or_else(|| grouped((*number).into()))
            }
            Value::Uint(value) => grouped((*value).into()),
            Value::Double(value) => value.to_string(),
            Value::String(text) => text.clone(),
            Value::Enum(number) => number.to_string(),
            Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Value::Message(message) => match sample::json(self.schema, message) {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            },
        }
    }

    /// Rules of enums name values by number.
    fn enum_name(&self, number: i128) -> Option<String> {
        let of = self.schema.enum_at(self.of_enum?);
        of.values.iter().find(|value| i128::from(value.number) == number).map(|value| value.name.clone())
    }
}

const FORMATS: [(&str, &str); 20] = [
    ("email", "an email address"),
    ("hostname", "a host name"),
    ("ip", "an IP address"),
    ("ipv4", "an IPv4 address"),
    ("ipv6", "an IPv6 address"),
    ("uri", "a URI"),
    ("uri_ref", "a URI, or a reference to one"),
    ("address", "a host name or an IP address"),
    ("uuid", "a UUID"),
    ("tuuid", "a UUID without hyphens"),
    ("ulid", "a ULID"),
    ("ip_with_prefixlen", "an IP address with its prefix length"),
    ("ipv4_with_prefixlen", "an IPv4 address with its prefix length"),
    ("ipv6_with_prefixlen", "an IPv6 address with its prefix length"),
    ("ip_prefix", "an IP prefix"),
    ("ipv4_prefix", "an IPv4 prefix"),
    ("ipv6_prefix", "an IPv6 prefix"),
    ("host_and_port", "a host and a port"),
    ("protobuf_fqn", "a protobuf name"),
    ("protobuf_dot_fqn", "a protobuf name with a leading dot"),
];

/// "1 item", "1,000 entries".
fn counted(number: i128, unit: &str) -> String {
    match (number, unit) {
        (1, unit) => format!("1 {unit}"),
        (number, "entry") => format!("{} entries", grouped(number)),
        (number, unit) => format!("{} {unit}s", grouped(number)),
    }
}

/// "-1,000,000".
fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = if number < 0 { "−".to_owned() } else { String::new() };
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
