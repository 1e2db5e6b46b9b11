//! Fields, lists and maps.

use super::{Author, Spot, hints};
use crate::{
    dice::Dice,
    limits::VALUES,
    rules,
    tree::{Message, Slot, Value},
    values::{Want, blob, number, text},
};
use contract::schema::{self, Cardinality, Field, FieldKind};
use std::rc::Rc;

/// How often an item that is there already is made anew.
const TRIES: u64 = 50;

/// A field whose values are made.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) message: &'a schema::Message,
    /// What its name and comment are taken from: for maps, not the entry's.
    pub(super) field: &'a Field,
    pub(super) kind: FieldKind,
    /// `buf.validate.FieldRules`.
    pub(super) rules: Option<&'a Message>,
}

impl Author<'_> {
    /// Nothing where it would lead too deep.
    pub(super) fn field(&self, message: &schema::Message, field: &Field, spot: &Spot) -> Option<Slot> {
        let rules = rules::of_field(self.schema, field);
        let mut spot = spot.clone();
        let mut found = rules.as_ref().map(|rules| hints::of(self.schema, rules)).unwrap_or_default();
        if self.tried(&spot) > 0 {
            found.extend(hints::of_extensions(field));
        }
        if !found.is_empty() {
            spot.hints = Rc::new([spot.hints.as_slice(), &found].concat());
        }
        let of = Of { message, field, kind: field.kind, rules: rules.as_ref() };
        match field.cardinality {
            Cardinality::Singular => self.value(of, &spot).map(Slot::One),
            Cardinality::List => self.list(of, &spot).map(Slot::List),
            Cardinality::Map => self.map(of, &spot).map(Slot::Map),
        }
    }

    fn list(&self, of: Of<'_>, spot: &Spot) -> Option<Vec<Value>> {
        let list = of.rules.and_then(|rules| rules.message(self.schema, "repeated"));
        let spot = self.entered(spot);
        let mut dice = self.dice(&spot);
        let bounds = [("min_items", 0), ("max_items", u64::MAX)];
        let length = self.length(list, bounds, &spot, &mut dice);
        let unique = list.and_then(|list| list.one(self.schema, "unique")) == Some(&Value::Bool(true));
        let items = list.and_then(|list| list.message(self.schema, "items"));
        let of = Of { rules: items, ..of };
        let mut values: Vec<Value> = Vec::new();
        for position in 0..length {
            if self.is_over(&spot) {
                break;
            }
            let at = spot.item(&position.to_string(), position);
            let tries = if unique { TRIES } else { 1 };
            let fresh = (0..tries).find_map(|turn| {
                let at = Spot {
                    salt: at.salt ^ (turn << 32),
                    theme: at.theme + turn,
                    wild: at.wild + u32::from(turn > 8),
                    ..at.clone()
                };
                self.value(of, &at).filter(|value| !unique || !values.contains(value))
            });
            values.extend(fresh);
        }
        (!values.is_empty()).then_some(values)
    }

    fn map(&self, of: Of<'_>, spot: &Spot) -> Option<Vec<(Value, Value)>> {
        let entry = self.schema.message_at(of.kind.message()?);
        let (keys, values) = (entry.field(1)?, entry.field(2)?);
        let map = of.rules.and_then(|rules| rules.message(self.schema, "map"));
        let spot = self.entered(spot);
        let mut dice = self.dice(&spot);
        let length = self.length(map, [("min_pairs", 0), ("max_pairs", u64::MAX)], &spot, &mut dice);
        let part = |name| map.and_then(|map| map.message(self.schema, name));
        let key_of = Of { kind: keys.kind, rules: part("keys"), ..of };
        let value_of = Of { kind: values.kind, rules: part("values"), ..of };
        let mut entries: Vec<(Value, Value)> = Vec::new();
        for position in 0..length {
            // Its path is not known before its key is.
            let key = (0..TRIES).find_map(|turn| {
                let at = spot.item("key", position);
                let at = Spot {
                    salt: at.salt ^ (turn << 32),
                    theme: at.theme + turn,
                    wild: at.wild + u32::from(turn > 8),
                    ..at
                };
                self.value(key_of, &at).filter(|key| entries.iter().all(|(known, _)| known != key))
            });
            let Some(key) = key else { break };
            let value = self.value(value_of, &spot.item(&subscript(&key), position))?;
            entries.push((key, value));
        }
        (!entries.is_empty()).then_some(entries)
    }

    /// How many: a few, within the bounds; more or fewer where that was wrong.
    fn length(&self, rules: Option<&Message>, bounds: [(&str, u64); 2], spot: &Spot, dice: &mut Dice) -> u64 {
        let [least, most] = bounds.map(|(name, default)| {
            let value = rules.and_then(|rules| rules.one(self.schema, name)?.as_integer());
            value.and_then(|value| u64::try_from(value).ok()).unwrap_or(default)
        });
        let usual = if spot.around.len() > 2 { 1 } else { 2 };
        let wanted =
            if spot.wild == 0 { usual } else { dice.below(5) + dice.below(u64::from(spot.wild.min(8))) };
        wanted.clamp(least.min(most), most).min(VALUES)
    }

    /// One value. Nothing where it would lead too deep.
    pub(super) fn value(&self, of: Of<'_>, spot: &Spot) -> Option<Value> {
        if self.is_over(spot) {
            return None;
        }
        if let Some(id) = of.kind.message() {
            return Some(Value::Message(match self.ruled(id, of, spot) {
                Some(known) => {
                    self.made.value(0);
                    known
                }
                None => self.message(id, spot),
            }));
        }
        let spot = self.entered(spot);
        let mut dice = self.dice(&spot);
        let family = of.rules.and_then(|rules| rules.message(self.schema, family(of.kind)));
        let want = self.want(of, family, &spot);
        Some(self.scalar(of.kind, &want, &mut dice))
    }

    pub(super) fn scalar(&self, kind: FieldKind, want: &Want<'_>, dice: &mut Dice) -> Value {
        let value = match kind {
            FieldKind::String => Value::String(text::text(want, dice)),
            FieldKind::Bytes => Value::Bytes(blob::blob(want, dice)),
            FieldKind::Bool => Value::Bool(number::bool(want, dice)),
            FieldKind::Enum(id) => Value::Enum(number::enumeration(want, self.schema.enum_at(id), dice)),
            kind => number::number(want, kind, dice),
        };
        self.made.value(match &value {
            Value::String(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        });
        value
    }

    pub(super) fn want<'w>(&'w self, of: Of<'w>, rules: Option<&'w Message>, spot: &'w Spot) -> Want<'w> {
        let full = of.message.name.rsplit('.').next().unwrap_or_default();
        let (noun, asked_for) = noun(full);
        let titled = asked_for
            || ["display_name", "title", "create_time", "update_time", "etag"]
                .iter()
                .any(|name| of.message.field_named(name).is_some());
        Want {
            schema: self.schema,
            name: &of.field.name,
            noun,
            titled,
            comment: self.comment(of.message, of.field),
            rules,
            hints: &spot.hints,
            theme: spot.theme,
            wild: spot.wild,
        }
    }
}

/// What a request is about, and whether the message is one.
fn noun(message: &str) -> (&str, bool) {
    const VERBS: [&str; 12] = [
        "BatchGet", "Get", "List", "Create", "Update", "Delete", "Watch", "Cancel", "Commit", "Release",
        "Search", "Place",
    ];
    match message.strip_suffix("Request") {
        Some(rest) => (VERBS.iter().find_map(|verb| rest.strip_prefix(verb)).unwrap_or(rest), true),
        None => (message.strip_suffix("Response").unwrap_or(message), false),
    }
}

/// The field of `buf.validate.FieldRules` for values of this kind.
pub(super) const fn family(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Float => "float",
        FieldKind::Double => "double",
        FieldKind::Int32 => "int32",
        FieldKind::Int64 => "int64",
        FieldKind::Uint32 => "uint32",
        FieldKind::Uint64 => "uint64",
        FieldKind::Sint32 => "sint32",
        FieldKind::Sint64 => "sint64",
        FieldKind::Fixed32 => "fixed32",
        FieldKind::Fixed64 => "fixed64",
        FieldKind::Sfixed32 => "sfixed32",
        FieldKind::Sfixed64 => "sfixed64",
        FieldKind::Bool => "bool",
        FieldKind::String => "string",
        FieldKind::Bytes => "bytes",
        FieldKind::Enum(_) => "enum",
        FieldKind::Message(_) | FieldKind::Group(_) => "",
    }
}

/// As violations write it.
fn subscript(key: &Value) -> String {
    match key {
        Value::Bool(key) => key.to_string(),
        Value::Int(key) => key.to_string(),
        Value::Uint(key) => key.to_string(),
        Value::String(key) => format!("{key:?}"),
        _ => String::new(),
    }
}
