//! Messages that mean a value.

use super::{
    Author, Spot,
    field::{Of, family},
};
use crate::{
    tree::{Message, Slot, Value},
    values::{time, words},
};
use contract::schema::{Cardinality, MessageId};

impl Author<'_> {
    /// A message that its field's rules speak of as a value.
    pub(super) fn ruled(&self, id: MessageId, of: Of<'_>, spot: &Spot) -> Option<Message> {
        let name = self.schema.message_at(id).name.strip_prefix("google.protobuf.")?;
        let spot = &self.entered(spot);
        let mut dice = self.dice(spot);
        let rules = |family| of.rules.and_then(|rules| rules.message(self.schema, family));
        let empty = Message::empty(id);
        Some(match name {
            "Timestamp" => {
                let want = self.want(of, rules("timestamp"), spot);
                time::message(empty, time::timestamp(&want, self.now, &mut dice), false)
            }
            "Duration" => {
                let want = self.want(of, rules("duration"), spot);
                time::message(empty, time::duration(&want, &mut dice), true)
            }
            "FieldMask" => self.mask(id, of, rules("field_mask"), spot),
            "Any" => self.any(id, of, rules("any"), spot),
            name if name.ends_with("Value") && name.len() > 5 => {
                let inner = self.schema.message_at(id).field(1).filter(|field| field.name == "value")?;
                let want = self.want(of, rules(family(inner.kind)), spot);
                let mut wrapper = empty;
                wrapper.fields.insert(1, Slot::One(self.scalar(inner.kind, &want, &mut dice)));
                wrapper
            }
            _ => return None,
        })
    }

    /// The JSON-like ones, whatever their field says.
    pub(super) fn well_known(&self, id: MessageId, spot: &Spot) -> Option<Message> {
        let of = self.schema.message_at(id);
        let text = || words::slug(spot.theme);
        let mut message = Message::empty(id);
        match of.name.as_str() {
            "google.protobuf.Value" => {
                message
                    .fields
                    .insert(of.field_named("string_value")?.number, Slot::One(Value::String(text())));
            }
            "google.protobuf.ListValue" => {
                let value = self.well_known(self.schema.message_id("google.protobuf.Value")?, spot)?;
                message.fields.insert(1, Slot::List(vec![Value::Message(value)]));
            }
            "google.protobuf.Struct" => {
                let value = self.well_known(self.schema.message_id("google.protobuf.Value")?, spot)?;
                let entry = (Value::String("example".to_owned()), Value::Message(value));
                message.fields.insert(1, Slot::Map(vec![entry]));
            }
            // As an item of something that has no rules of its own.
            "google.protobuf.Timestamp" | "google.protobuf.Duration" => {
                let at = i128::from(spot.theme % 24) * 86_400_000_000_000;
                let of_duration = of.name.ends_with("Duration");
                let nanos = if of_duration { 5_000_000_000 } else { 1_768_469_400_000_000_000 + at };
                return Some(time::message(message, nanos, of_duration));
            }
            _ => return None,
        }
        Some(message)
    }

    /// Paths that a rule allows; else those of a message beside the mask.
    fn mask(&self, id: MessageId, of: Of<'_>, rules: Option<&Message>, spot: &Spot) -> Message {
        let mut mask = Message::empty(id);
        if let Some(constant) = rules.and_then(|rules| rules.message(self.schema, "const")) {
            return constant.clone();
        }
        let listed = rules.map_or(&[][..], |rules| rules.list(self.schema, "in"));
        let refused = rules.map_or(&[][..], |rules| rules.list(self.schema, "not_in"));
        let named =
            listed.iter().filter_map(Value::as_str).filter(|path| *path != "*").map(ToOwned::to_owned);
        let mut paths: Vec<String> = named.collect();
        if listed.is_empty() {
            let beside = of.message.fields.iter().find(|field| {
                let plain = field.cardinality == Cardinality::Singular && field.number != of.field.number;
                plain && field.kind.message().is_some()
            });
            let beside = beside.and_then(|field| field.kind.message()).map(|id| self.schema.message_at(id));
            let fields = beside.map_or(&[][..], |message| message.fields.as_slice());
            let scalars =
                fields.iter().filter(|field| field.kind.message().is_none() && field.name != "name");
            paths.extend(scalars.map(|field| field.name.clone()));
        }
        paths.retain(|path| !refused.iter().filter_map(Value::as_str).any(|refused| refused == path));
        let mut dice = self.dice(spot);
        let start = if spot.wild == 0 { 0 } else { dice.index(paths.len()) };
        let chosen: Vec<Value> = paths.into_iter().skip(start).take(1).map(Value::String).collect();
        if !chosen.is_empty() {
            mask.fields.insert(1, Slot::List(chosen));
        }
        mask
    }

    /// Something of a type that a rule allows; else an empty message of the type around it.
    fn any(&self, id: MessageId, of: Of<'_>, rules: Option<&Message>, spot: &Spot) -> Message {
        let mut dice = self.dice(spot);
        let listed = rules.map_or(&[][..], |rules| rules.list(self.schema, "in"));
        let urls: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
        let url = match dice.pick(&urls) {
            Some(url) => (*url).to_owned(),
            None => format!("type.googleapis.com/{}", of.message.name),
        };
        let mut any = Message::empty(id);
        any.fields.insert(1, Slot::One(Value::String(url)));
        any
    }
}
