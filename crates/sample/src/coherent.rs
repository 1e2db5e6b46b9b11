//! What fields of one message say of each other.
//!
//! No rule asks for it, but whoever reads an order takes offence at a reason for cancelling one that was shipped,
//! and at a sum that is none.

use crate::tree::{Message, Slot, Value};
use contract::schema::{Cardinality, Field, FieldKind, MessageId, Schema};
use validate::Needs;

const BILLION: i128 = 1_000_000_000;

/// The message, with nothing in it that its other fields contradict.
pub(crate) fn settled(schema: &Schema, needs: &Needs, message: &Message) -> Message {
    let inner = |value: &Value| match value {
        Value::Message(message) => Value::Message(settled(schema, needs, message)),
        other => other.clone(),
    };
    let slot = |slot: &Slot| match slot {
        Slot::One(value) => Slot::One(inner(value)),
        Slot::List(values) => Slot::List(values.iter().map(inner).collect()),
        Slot::Map(entries) => {
            Slot::Map(entries.iter().map(|(key, value)| (key.clone(), inner(value))).collect())
        }
    };
    let fields = message.fields.iter().map(|(number, value)| (*number, slot(value))).collect();
    let mut message = Message { of: message.of, fields };
    drop_untrue(schema, needs, &mut message);
    add_up(schema, &mut message);
    message
}

/// Takes away `cancel_reason` and its like where a state that could be "cancelled" is not.
fn drop_untrue(schema: &Schema, needs: &Needs, message: &mut Message) {
    const ABOUT: [&str; 8] = ["reason", "time", "at", "by", "message", "error", "detail", "note"];
    let of = schema.message_at(message.of);
    let mut untrue = Vec::new();
    for (position, field) in of.fields.iter().enumerate() {
        let about = field
            .name
            .split_once('_')
            .filter(|(_, rest)| ABOUT.contains(&rest.rsplit('_').next().unwrap_or_default()));
        let Some((event, _)) = about.filter(|_| message.fields.contains_key(&field.number)) else { continue };
        if !needs.demands(of.id, position) && is_untrue(schema, message, event) {
            untrue.push(field.number);
        }
    }
    untrue.iter().for_each(|number| _ = message.fields.remove(number));
}

/// Whether a state of the message could be this, and is something else: "cancel" where it is `SHIPPED`.
fn is_untrue(schema: &Schema, message: &Message, event: &str) -> bool {
    let stem = ["led", "ed"].iter().find_map(|end| event.strip_suffix(end)).unwrap_or(event);
    let is_it = |name: &str| name.to_ascii_lowercase().split('_').any(|word| word.starts_with(stem));
    stem.len() >= 4
        && schema.message_at(message.of).fields.iter().any(|field| {
            let (FieldKind::Enum(id), Some(Slot::One(Value::Enum(state)))) =
                (field.kind, message.fields.get(&field.number))
            else {
                return false;
            };
            let values = &schema.enum_at(id).values;
            let telling =
                values.iter().any(|value| is_it(&value.name)) && !values.iter().all(|v| is_it(&v.name));
            telling && !values.iter().any(|value| value.number == *state && is_it(&value.name))
        })
}

/// Makes `total` the sum of its lines, each so many times its price.
fn add_up(schema: &Schema, message: &mut Message) {
    const SUMS: [&str; 5] = ["total", "sum", "subtotal", "total_price", "total_amount"];
    let of = schema.message_at(message.of);
    let is_sum = |field: &&Field| {
        field.cardinality == Cardinality::Singular
            && SUMS.contains(&field.name.as_str())
            && message.fields.contains_key(&field.number)
    };
    let Some(sum) = of.fields.iter().find(is_sum) else { return };
    let Some(money) = sum.kind.message() else { return };
    let total = of.fields.iter().find_map(|field| match message.fields.get(&field.number)? {
        Slot::List(lines) => lines.iter().map(|line| amount(schema, money, line)).sum::<Option<i128>>(),
        _ => None,
    });
    let (Some(total), Some(Slot::One(Value::Message(written)))) = (total, message.fields.get(&sum.number))
    else {
        return;
    };
    let mut written = written.clone();
    for (name, value) in [("units", total / BILLION), ("nanos", total % BILLION)] {
        let Some(field) = schema.message_at(money).field_named(name) else { return };
        match i64::try_from(value) {
            Ok(0) => _ = written.fields.remove(&field.number),
            Ok(value) => _ = written.fields.insert(field.number, Slot::One(Value::Int(value))),
            Err(_) => return,
        }
    }
    message.fields.insert(sum.number, Slot::One(Value::Message(written)));
}

/// Billionths: the price of a line, so many times; nothing where it has none of this type of money.
fn amount(schema: &Schema, money: MessageId, line: &Value) -> Option<i128> {
    let Value::Message(line) = line else { return None };
    let of = schema.message_at(line.of);
    let is_price = |field: &&Field| field.kind.message() == Some(money) && field.name.contains("price");
    let price = of.fields.iter().find(is_price)?.number;
    let Slot::One(Value::Message(price)) = line.fields.get(&price)? else { return None };
    let part = |name| price.one(schema, name).map_or(Some(0), Value::as_integer);
    let each = part("units")? * BILLION + part("nanos")?;
    let times = ["quantity", "count"].iter().find_map(|name| line.one(schema, name)?.as_integer());
    each.checked_mul(times.unwrap_or(1))
}
