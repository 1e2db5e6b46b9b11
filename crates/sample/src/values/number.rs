//! Numbers, enums and bools.

use super::{Hint, Want};
use crate::{
    dice::Dice,
    tree::{Slot, Value},
};
use contract::schema::{Enum, FieldKind};

/// How often another number is looked for where one is refused.
const TRIES: usize = 40;

/// A number of this kind that obeys the standard rules, as far as one is found.
pub(crate) fn number(want: &Want<'_>, kind: FieldKind, dice: &mut Dice) -> Value {
    let (least, most) = match kind {
        FieldKind::Double | FieldKind::Float => return Value::Double(double(want, dice)),
        FieldKind::Int32 | FieldKind::Sint32 | FieldKind::Sfixed32 => (i32::MIN.into(), i32::MAX.into()),
        FieldKind::Uint32 | FieldKind::Fixed32 => (0, u32::MAX.into()),
        FieldKind::Uint64 | FieldKind::Fixed64 => (0, i128::from(u64::MAX)),
        _ => (i64::MIN.into(), i64::MAX.into()),
    };
    let value = integer(want, least, most, dice);
    match kind {
        FieldKind::Uint32 | FieldKind::Fixed32 | FieldKind::Uint64 | FieldKind::Fixed64 => {
            Value::Uint(u64::try_from(value).unwrap_or_default())
        }
        _ => Value::Int(i64::try_from(value).unwrap_or_default()),
    }
}

/// The integers of a list of rules, or of the one value of a rule.
fn said(want: &Want<'_>, name: &str) -> Vec<i128> {
    match want.rules.and_then(|rules| rules.slot(want.schema, name)) {
        Some(Slot::List(values)) => values.iter().filter_map(Value::as_integer).collect(),
        Some(Slot::One(value)) => value.as_integer().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn integer(want: &Want<'_>, least: i128, most: i128, dice: &mut Dice) -> i128 {
    let one = |name| said(want, name).pop();
    if let Some(constant) = one("const") {
        return constant;
    }
    let refused = said(want, "not_in");
    let listed = said(want, "in");
    let free: Vec<i128> = listed.iter().copied().filter(|value| !refused.contains(value)).collect();
    if let Some(value) = chosen(want, &free, dice) {
        return value;
    }
    let low = one("gte").or(one("gt").map(|value| value + 1)).unwrap_or(least);
    let high = one("lte").or(one("lt").map(|value| value - 1)).unwrap_or(most);
    // Where the ends are the wrong way round, what lies outside of them is meant.
    let (low, high) = if low > high { (low, most) } else { (low, high) };
    let bounded = one("gte").is_some() || one("gt").is_some();
    let examples = said(want, "example");
    let ranged = Range { low: low.max(least), high: high.min(most), bounded };
    for turn in 0..TRIES {
        let value = match (want.wild, turn) {
            (0, 0) => examples.first().copied().unwrap_or_else(|| ranged.near(usual(want, dice))),
            (0, turn) => ranged.near(usual(want, dice) + i128::try_from(turn).unwrap_or_default()),
            _ => ranged.varied(want, dice),
        };
        if !refused.contains(&value) && (ranged.low..=ranged.high).contains(&value) {
            return value;
        }
    }
    ranged.low
}

/// One of a list that a rule gives.
fn chosen<T: Copy>(want: &Want<'_>, list: &[T], dice: &mut Dice) -> Option<T> {
    let at = usize::try_from(want.theme).unwrap_or_default().checked_rem(list.len())?;
    if want.wild == 0 { list.get(at).copied() } else { dice.pick(list).copied() }
}

#[derive(Clone, Copy)]
struct Range {
    low: i128,
    high: i128,
    /// Whether a rule says so, and not the type.
    bounded: bool,
}

impl Range {
    /// The number itself, or one near the end that it lies beyond.
    fn near(self, value: i128) -> i128 {
        if (self.low..=self.high).contains(&value) {
            value
        } else if value < self.low && self.bounded {
            self.low.saturating_add(value.rem_euclid(7)).min(self.high)
        } else {
            self.high.saturating_sub(value.rem_euclid(7)).max(self.low)
        }
    }

    fn varied(self, want: &Want<'_>, dice: &mut Dice) -> i128 {
        let hint = match want.hint(dice) {
            Some(Hint::Integer(value)) => Some(*value),
            #[allow(clippy::cast_possible_truncation, reason = "any number near it will do")]
            Some(Hint::Double(value)) => Some(*value as i128),
            _ => None,
        };
        let value = match hint {
            Some(value) => value.saturating_add(dice.between(-1, 1)),
            None => match dice.below(8) {
                0 => 0,
                1 => self.low,
                2 => self.high,
                3 => dice.between(self.low, self.high),
                4 => dice.between(-10, 10),
                5 => dice.between(self.low, self.low.saturating_add(100).min(self.high)),
                _ => dice.between(0, 1000),
            },
        };
        value.clamp(self.low, self.high)
    }
}

/// What numbers of such names usually are.
fn usual(want: &Want<'_>, dice: &mut Dice) -> i128 {
    let name = want.name.to_ascii_lowercase();
    let among = |list: &[i128], dice: &mut Dice| dice.pick(list).copied().unwrap_or(1);
    match name.rsplit('_').next().unwrap_or(&name) {
        "nanos" | "nano" => among(&[0, 500_000_000, 950_000_000, 990_000_000], dice),
        "quantity" | "count" | "attempts" | "copies" | "parcels" => dice.between(1, 5),
        "reserved" => dice.between(0, 4),
        "size" if name.contains("page") => 25,
        "limit" => 25,
        "offset" | "skip" | "index" => 0,
        "units" | "price" | "cost" | "amount" => dice.between(5, 80),
        "cents" => among(&[1295, 450, 2900, 7990], dice),
        "year" => 2026,
        "month" => dice.between(1, 12),
        "day" => dice.between(1, 28),
        "hour" | "hours" => dice.between(8, 18),
        "minute" | "minutes" | "second" | "seconds" => dice.between(5, 45),
        "age" => dice.between(20, 60),
        "port" => 8443,
        "percent" | "percentage" => among(&[10, 20, 25, 50], dice),
        "version" | "revision" | "generation" => dice.between(1, 9),
        "bytes" | "size" | "length" => among(&[512, 2048, 65536], dice),
        "ms" | "millis" | "latency" => dice.between(5, 250),
        "id" | "number" => dice.between(1000, 9999),
        "available" | "stock" => dice.between(10, 120),
        "rating" | "stars" | "rank" | "priority" | "level" => dice.between(1, 5),
        _ => dice.between(1, 100),
    }
}

fn doubles(want: &Want<'_>, name: &str) -> Vec<f64> {
    let number = |value: &Value| if let Value::Double(value) = value { Some(*value) } else { None };
    match want.rules.and_then(|rules| rules.slot(want.schema, name)) {
        Some(Slot::List(values)) => values.iter().filter_map(number).collect(),
        Some(Slot::One(value)) => number(value).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn double(want: &Want<'_>, dice: &mut Dice) -> f64 {
    let one = |name| doubles(want, name).pop();
    if let Some(constant) = one("const") {
        return constant;
    }
    let refused = doubles(want, "not_in");
    let free: Vec<f64> = doubles(want, "in").into_iter().filter(|value| !refused.contains(value)).collect();
    if let Some(value) = chosen(want, &free, dice) {
        return value;
    }
    let (low, high) = (one("gte").or(one("gt")), one("lte").or(one("lt")));
    let examples = doubles(want, "example");
    for turn in 0..TRIES {
        let value = match (want.wild, turn) {
            (0, 0) => {
                examples.first().copied().unwrap_or_else(|| within(usual_double(want, dice), low, high, dice))
            }
            (0, _) => within(usual_double(want, dice), low, high, dice),
            _ => varied_double(want, low, high, dice),
        };
        let above = one("gte").is_none_or(|low| value >= low) && one("gt").is_none_or(|low| value > low);
        let below = one("lte").is_none_or(|high| value <= high) && one("lt").is_none_or(|high| value < high);
        let outside = low.zip(high).is_some_and(|(low, high)| low > high);
        let ranged = if outside { above || below } else { above && below };
        if ranged && !refused.contains(&value) {
            return value;
        }
    }
    low.or(high).unwrap_or(1.0)
}

/// The number itself, or one between the ends.
fn within(value: f64, low: Option<f64>, high: Option<f64>, dice: &mut Dice) -> f64 {
    let share = f64::from(u32::try_from(dice.between(1, 99)).unwrap_or(50)) / 100.0;
    match (low, high) {
        (Some(low), Some(high)) if low <= high && !(low..=high).contains(&value) => {
            low + (high - low) * share
        }
        (Some(low), _) if value <= low => low + (low.abs() * f64::EPSILON * 4.0).max(1.0 + share.round()),
        (None, Some(high)) if value >= high => {
            high - (high.abs() * f64::EPSILON * 4.0).max(1.0 + share.round())
        }
        _ => value,
    }
}

fn varied_double(want: &Want<'_>, low: Option<f64>, high: Option<f64>, dice: &mut Dice) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "any number near it will do")]
    let hint = match want.hint(dice) {
        Some(Hint::Double(value)) => Some(*value),
        Some(Hint::Integer(value)) => Some(*value as f64),
        _ => None,
    };
    let value = match (hint, dice.below(6)) {
        (Some(value), part) => {
            value + [0.0, 0.5, -0.5, 1.0, -1.0, 0.0].get(part as usize).copied().unwrap_or_default()
        }
        (None, 0) => 0.0,
        (None, 1) => low.unwrap_or(-1.0),
        (None, 2) => high.unwrap_or(1.0),
        (None, 3) => 0.5,
        (None, _) => usual_double(want, dice),
    };
    within(value, low, high, dice)
}

fn usual_double(want: &Want<'_>, dice: &mut Dice) -> f64 {
    let name = want.name.to_ascii_lowercase();
    let among = |list: &[f64], dice: &mut Dice| dice.pick(list).copied().unwrap_or(1.0);
    match name.rsplit('_').next().unwrap_or(&name) {
        "latitude" | "lat" => 52.52,
        "longitude" | "lng" | "lon" => 13.405,
        "price" | "amount" | "cost" | "total" => among(&[12.5, 4.95, 29.0, 79.9], dice),
        "ratio" | "share" | "probability" | "score" | "confidence" => among(&[0.25, 0.5, 0.75, 0.9], dice),
        "rating" => among(&[3.5, 4.0, 4.5], dice),
        _ => among(&[1.5, 2.25, 10.0, 42.5], dice),
    }
}

/// A value of an enum, by number.
pub(crate) fn enumeration(want: &Want<'_>, of: &Enum, dice: &mut Dice) -> i32 {
    let number = |value: i128| i32::try_from(value).ok();
    if let Some(constant) = said(want, "const").pop().and_then(number) {
        return constant;
    }
    let refused = said(want, "not_in");
    let listed = said(want, "in");
    let all: Vec<i32> = if listed.is_empty() {
        of.values.iter().map(|value| value.number).collect()
    } else {
        listed.into_iter().filter_map(number).collect()
    };
    let free: Vec<i32> = all.into_iter().filter(|value| !refused.contains(&(*value).into())).collect();
    let telling: Vec<i32> = free.iter().copied().filter(|value| *value != 0).collect();
    let from = if telling.is_empty() || want.wild > 1 { &free } else { &telling };
    chosen(want, from, dice).unwrap_or_default()
}

pub(crate) fn bool(want: &Want<'_>, dice: &mut Dice) -> bool {
    match want.rules.and_then(|rules| rules.one(want.schema, "const")) {
        Some(Value::Bool(constant)) => *constant,
        _ if want.wild > 0 => dice.chance(50),
        _ => want.theme.is_multiple_of(2) || dice.chance(50),
    }
}
