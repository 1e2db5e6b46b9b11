//! A second opinion: the standard rules of a schema, judged over decoded values in the most straightforward way.
//!
//! Shares nothing with the crate but the schema. Knows what `world.proto` uses, and fails on a rule that it does not.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "shared by tests, which may end here"
)]

use prost_reflect::{DynamicMessage, FieldDescriptor, MapKey, MessageDescriptor, ReflectMessage, Value};
use std::{cmp::Ordering, collections::BTreeSet};

/// "path rule_id" of each violation; a `*` behind the path is for a key.
pub fn judge(message: &DynamicMessage, now: i64) -> BTreeSet<String> {
    let mut oracle = Oracle { now, found: BTreeSet::new() };
    oracle.message(message, "");
    oracle.found
}

struct Oracle {
    /// In seconds since 1970.
    now: i64,
    found: BTreeSet<String>,
}

/// The rules that options carry, under a name of `buf.validate`.
fn rules(options: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    let pool = options.descriptor().parent_pool().clone();
    let extension = pool.get_extension_by_name(&format!("buf.validate.{name}")).unwrap();
    options.has_extension(&extension).then(|| options.get_extension(&extension).as_message().unwrap().clone())
}

/// The value of a rule, if it is said.
fn said(rules: &DynamicMessage, name: &str) -> Option<Value> {
    rules.has_field_by_name(name).then(|| rules.get_field_by_name(name).unwrap().into_owned())
}

fn count(rules: &DynamicMessage, name: &str) -> Option<usize> {
    said(rules, name).map(|value| usize::try_from(value.as_u64().unwrap()).unwrap())
}

fn is(rules: &DynamicMessage, name: &str) -> bool {
    said(rules, name).is_some_and(|value| value.as_bool() == Some(true))
}

fn ignore(rules: Option<&DynamicMessage>) -> i32 {
    rules.and_then(|rules| said(rules, "ignore")).map_or(0, |value| value.as_enum_number().unwrap())
}

const IF_ZERO: i32 = 1;
const ALWAYS: i32 = 3;

impl Oracle {
    fn report(&mut self, path: &str, id: &str) {
        self.found.insert(format!("{path} {id}"));
    }

    fn check(&mut self, holds: bool, path: &str, id: &str) {
        if !holds {
            self.report(path, id);
        }
    }

    fn message(&mut self, message: &DynamicMessage, path: &str) {
        let descriptor = message.descriptor();
        let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let together = exclusive(&descriptor);
        for (names, required) in &together {
            let set = names.iter().filter(|name| message.has_field_by_name(name)).count();
            self.check(set < 2 && (set == 1 || !required), path, "message.oneof");
        }
        for oneof in descriptor.oneofs() {
            if let Some(rules) = rules(&oneof.options(), "oneof")
                && is(&rules, "required")
            {
                let set = oneof.fields().any(|field| message.has_field(&field));
                self.check(set, &within(oneof.name()), "required");
            }
        }
        for field in descriptor.fields() {
            let named = together.iter().any(|(names, _)| names.iter().any(|name| name == field.name()));
            self.field(message, &field, named, &within(field.name()));
        }
    }

    fn field(&mut self, message: &DynamicMessage, field: &FieldDescriptor, named: bool, path: &str) {
        let rules = rules(&field.options(), "field");
        let mut ignored = ignore(rules.as_ref());
        if ignored == 0 && named && rules.is_some() {
            ignored = IF_ZERO;
        }
        if ignored == ALWAYS {
            return;
        }
        if !message.has_field(field) {
            if rules.as_ref().is_some_and(|rules| is(rules, "required")) {
                return self.report(path, "required");
            }
            if field.supports_presence() || ignored == IF_ZERO {
                return;
            }
        }
        let value = message.get_field(field);
        match value.as_ref() {
            Value::List(items) => self.list(items, rules.as_ref(), path),
            Value::Map(entries) => {
                let rules = rules.and_then(|rules| said(&rules, "map"));
                let rules = rules.as_ref().and_then(Value::as_message);
                self.check(at_least(rules, "min_pairs", entries.len()), path, "map.min_pairs");
                self.check(at_most(rules, "max_pairs", entries.len()), path, "map.max_pairs");
                let part = |name| {
                    rules.and_then(|rules| said(rules, name)).and_then(|part| part.as_message().cloned())
                };
                let (keys, values) = (part("keys"), part("values"));
                for (key, value) in entries {
                    let at = format!("{path}[{}]", shown(key));
                    self.value(&of_key(key), keys.as_ref(), &format!("{at}*"));
                    self.value(value, values.as_ref(), &at);
                }
            }
            value => self.value_always(value, rules.as_ref(), path),
        }
    }

    fn list(&mut self, items: &[Value], rules: Option<&DynamicMessage>, path: &str) {
        let rules = rules.and_then(|rules| said(rules, "repeated"));
        let rules = rules.as_ref().and_then(Value::as_message);
        self.check(at_least(rules, "min_items", items.len()), path, "repeated.min_items");
        self.check(at_most(rules, "max_items", items.len()), path, "repeated.max_items");
        if rules.is_some_and(|rules| is(rules, "unique")) {
            let twice =
                items.iter().enumerate().any(|(at, item)| items.iter().take(at).any(|other| other == item));
            self.check(!twice, path, "repeated.unique");
        }
        let each = rules.and_then(|rules| said(rules, "items"));
        for (index, item) in items.iter().enumerate() {
            self.value(item, each.as_ref().and_then(Value::as_message), &format!("{path}[{index}]"));
        }
    }

    /// An item, key or value of a map, which may be passed by.
    fn value(&mut self, value: &Value, rules: Option<&DynamicMessage>, path: &str) {
        match ignore(rules) {
            ALWAYS => {}
            IF_ZERO if is_zero(value) => {}
            _ => self.value_always(value, rules, path),
        }
    }

    fn value_always(&mut self, value: &Value, rules: Option<&DynamicMessage>, path: &str) {
        let family = rules.and_then(|rules| {
            rules.fields().find_map(|(field, family)| {
                field
                    .containing_oneof()
                    .map(|_| (field.name().to_owned(), family.as_message().unwrap().clone()))
            })
        });
        if let Some((name, rules)) = &family {
            self.standard(value, name, rules, path);
        }
        if let Value::Message(message) = value {
            self.message(message, path);
        }
    }

    fn standard(&mut self, value: &Value, family: &str, rules: &DynamicMessage, path: &str) {
        if let Value::Message(message) = value {
            return self.well_known(message, family, rules, path);
        }
        for (rule, argument) in rules.fields() {
            let id = format!("{family}.{}", rule.name());
            let holds = match (rule.name(), value, &argument) {
                ("gt" | "gte" | "lt" | "lte", ..) => continue,
                ("const", Value::EnumNumber(value), constant) => constant.as_i32() == Some(*value),
                ("const", value, constant) => value == *constant,
                ("not_in", Value::EnumNumber(value), list) => {
                    !list.as_list().unwrap().iter().any(|one| one.as_i32() == Some(*value))
                }
                ("not_in", value, list) => !list.as_list().unwrap().contains(value),
                ("finite", Value::F64(value), _) => value.is_finite(),
                // Of the enum that `world.proto` has.
                ("defined_only", Value::EnumNumber(value), _) => (0..=2).contains(value),
                ("min_len", Value::String(text), least) => {
                    text.chars().count() as u64 >= least.as_u64().unwrap()
                }
                ("max_len", Value::String(text), most) => {
                    text.chars().count() as u64 <= most.as_u64().unwrap()
                }
                ("max_bytes", Value::String(text), most) => text.len() as u64 <= most.as_u64().unwrap(),
                ("len", Value::String(text), length) => {
                    text.chars().count() as u64 == length.as_u64().unwrap()
                }
                ("len", Value::Bytes(bytes), length) => bytes.len() as u64 == length.as_u64().unwrap(),
                ("prefix", Value::String(text), prefix) => text.starts_with(prefix.as_str().unwrap()),
                (rule, value, _) => panic!("the oracle knows no `{family}.{rule}` of {value:?}"),
            };
            self.check(holds, path, &id);
        }
        self.range(family, path, |name| said(rules, name).map(|end| compare(value, &end)));
    }

    fn well_known(&mut self, message: &DynamicMessage, family: &str, rules: &DynamicMessage, path: &str) {
        let field = |name: &str| message.get_field_by_name(name).unwrap().into_owned();
        let nanos = |of: &DynamicMessage| {
            let part = |name: &str| of.get_field_by_name(name).unwrap().into_owned();
            i128::from(part("seconds").as_i64().unwrap()) * 1_000_000_000
                + i128::from(part("nanos").as_i32().unwrap())
        };
        match family {
            "duration" => {
                let of = nanos(message);
                let end = |name: &str| said(rules, name).map(|end| nanos(end.as_message().unwrap()));
                self.range("duration", path, |name| end(name).map(|end| of.partial_cmp(&end)));
            }
            "timestamp" => {
                let now = i128::from(self.now) * 1_000_000_000;
                self.check(nanos(message) < now || !is(rules, "lt_now"), path, "timestamp.lt_now");
            }
            "field_mask" => {
                let allowed = list(rules, "in");
                let covers = |path: &Value| {
                    let path = path.as_str().unwrap();
                    allowed.iter().any(|part| {
                        path.strip_prefix(part.as_str().unwrap())
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                    })
                };
                let paths = field("paths");
                self.check(paths.as_list().unwrap().iter().all(covers), path, "field_mask.in");
            }
            "any" => {
                let known = list(rules, "in").contains(&field("type_url"));
                self.check(known, path, "any.in");
            }
            // A wrapper.
            _ => self.standard(&field("value"), family, rules, path),
        }
    }

    /// `against` tells how the value compares to an end of the range, if there is that end.
    fn range(&mut self, family: &str, path: &str, against: impl Fn(&str) -> Option<Option<Ordering>>) {
        let above = [("gt", false), ("gte", true)].into_iter().find_map(|(name, equal)| {
            let order = against(name)?;
            Some((name, order.is_some_and(|order| order.is_gt() || (equal && order.is_eq())), order))
        });
        let below = [("lt", false), ("lte", true)].into_iter().find_map(|(name, equal)| {
            let order = against(name)?;
            Some((name, order.is_some_and(|order| order.is_lt() || (equal && order.is_eq())), order))
        });
        match (above, below) {
            (Some((name, holds, _)), None) | (None, Some((name, holds, _))) => {
                self.check(holds, path, &format!("{family}.{name}"));
            }
            (Some((low, above, _)), Some((high, below, _))) => {
                // `tilt` alone has its ends crossed, so that everything but what is between them holds.
                let crossed = path.ends_with("tilt");
                let holds = if crossed { above || below } else { above && below };
                let exclusive = if crossed { "_exclusive" } else { "" };
                self.check(holds, path, &format!("{family}.{low}_{high}{exclusive}"));
            }
            (None, None) => {}
        }
    }
}

/// `(buf.validate.message).oneof`: names, and whether one of them must be set.
fn exclusive(descriptor: &MessageDescriptor) -> Vec<(Vec<String>, bool)> {
    let Some(rules) = rules(&descriptor.options(), "message") else { return Vec::new() };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |rule: &Value| {
        let rule = rule.as_message().unwrap();
        (list(rule, "fields").iter().map(text).collect(), is(rule, "required"))
    };
    list(&rules, "oneof").iter().map(of).collect()
}

fn list(rules: &DynamicMessage, name: &str) -> Vec<Value> {
    rules.get_field_by_name(name).unwrap().as_list().unwrap().to_vec()
}

fn at_least(rules: Option<&DynamicMessage>, name: &str, length: usize) -> bool {
    rules.and_then(|rules| count(rules, name)).is_none_or(|least| length >= least)
}

fn at_most(rules: Option<&DynamicMessage>, name: &str, length: usize) -> bool {
    rules.and_then(|rules| count(rules, name)).is_none_or(|most| length <= most)
}

fn compare(value: &Value, end: &Value) -> Option<Ordering> {
    match (value, end) {
        (Value::I32(value), Value::I32(end)) => Some(value.cmp(end)),
        (Value::I64(value), Value::I64(end)) => Some(value.cmp(end)),
        (Value::U32(value), Value::U32(end)) => Some(value.cmp(end)),
        (Value::U64(value), Value::U64(end)) => Some(value.cmp(end)),
        (Value::F32(value), Value::F32(end)) => value.partial_cmp(end),
        (Value::F64(value), Value::F64(end)) => value.partial_cmp(end),
        other => panic!("the oracle does not compare {other:?}"),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        other => panic!("the oracle passes no {other:?} by"),
    }
}

fn of_key(key: &MapKey) -> Value {
    match key {
        MapKey::Bool(key) => Value::Bool(*key),
        MapKey::I32(key) => Value::I32(*key),
        MapKey::I64(key) => Value::I64(*key),
        MapKey::U32(key) => Value::U32(*key),
        MapKey::U64(key) => Value::U64(*key),
        MapKey::String(key) => Value::String(key.clone()),
    }
}

fn shown(key: &MapKey) -> String {
    match key {
        MapKey::String(key) => format!("{key:?}"),
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
    }
}
