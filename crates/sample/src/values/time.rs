//! Timestamps and durations, in nanoseconds.

use super::{Hint, Want};
use crate::{
    dice::Dice,
    tree::{Message, Slot, Value},
};

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;
/// 2026-01-15T09:30:00Z: when things happen in examples.
const USUAL: i128 = 1_768_469_400 * SECOND;
/// 2099-12-31T00:00:00Z: what lies in the future today, and will for a while.
const FAR: i128 = 4_102_358_400 * SECOND;
/// 9999-12-31T23:59:59Z.
const LAST: i128 = 253_402_300_799 * SECOND;
/// 0001-01-01T00:00:00Z.
const FIRST: i128 = -62_135_596_800 * SECOND;

/// A time that obeys the standard rules, as far as one is found.
pub(crate) fn timestamp(want: &Want<'_>, now: i128, dice: &mut Dice) -> i128 {
    if let Some(constant) = one(want, "const") {
        return constant;
    }
    let now = now - now.rem_euclid(SECOND);
    let within = one(want, "within");
    let past = want.flag("lt_now").then_some(now);
    let future = want.flag("gt_now").then_some(now + SECOND);
    let near = |sign: i128| within.map(|within| now + sign * (within - SECOND).max(0));
    let low = [one(want, "gte"), one(want, "gt").map(|time| time + 1), future, near(-1)]
        .into_iter()
        .flatten()
        .max();
    let high =
        [one(want, "lte"), one(want, "lt").map(|time| time - 1), past, near(1)].into_iter().flatten().min();
    if let (0, Some(example)) = (want.wild, list(want, "example").pop()) {
        return example;
    }
    let usual = usual_time(want, dice);
    let usual = if future.is_some() { usual.max(FAR) } else { usual };
    let usual = if within.is_some() { now } else { usual };
    if let Some(Hint::Text(text)) = want.hint(dice).filter(|_| want.wild > 0)
        && let Ok(time) = text.parse::<jiff::Timestamp>()
    {
        return time.as_nanosecond();
    }
    let wanted = match (want.wild, dice.below(4)) {
        (0, _) => usual,
        (_, 0) => now,
        (_, 1) => now + DAY * dice.between(-400, 400),
        _ => USUAL + SECOND * dice.between(-5_000, 5_000_000),
    };
    between(wanted, low, high, FIRST, LAST)
}

/// Things begin before they end.
fn usual_time(want: &Want<'_>, dice: &mut Dice) -> i128 {
    let theme = i128::from(want.theme % 24);
    let morning = USUAL + theme * DAY + SECOND * dice.between(0, 3599);
    let name = want.name.to_ascii_lowercase();
    let word = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if word(&["expire", "sunset", "deadline", "due"]) {
        morning + 30 * DAY
    } else if word(&["end", "delete", "close", "finish"]) {
        morning + 2 * DAY
    } else if word(&["update", "modif", "change", "ship", "deliver"]) {
        morning + DAY / 12
    } else {
        morning
    }
}

/// A duration that obeys the standard rules, as far as one is found.
pub(crate) fn duration(want: &Want<'_>, dice: &mut Dice) -> i128 {
    if let Some(constant) = one(want, "const") {
        return constant;
    }
    let refused = list(want, "not_in");
    let listed: Vec<i128> = list(want, "in").into_iter().filter(|value| !refused.contains(value)).collect();
    if let Some(value) = dice.pick(&listed) {
        return *value;
    }
    if let (0, Some(example)) = (want.wild, list(want, "example").pop()) {
        return example;
    }
    let low = [one(want, "gte"), one(want, "gt").map(|time| time + 1)].into_iter().flatten().max();
    let high = [one(want, "lte"), one(want, "lt").map(|time| time - 1)].into_iter().flatten().min();
    for turn in 0..40 {
        let usual = [SECOND / 4, SECOND, 5 * SECOND, 30 * SECOND, 300 * SECOND];
        let mut wanted = dice.pick(&usual).copied().unwrap_or(SECOND) + turn;
        if want.wild > 0 {
            wanted = match want.hint(dice) {
                Some(Hint::Text(text)) => text
                    .strip_suffix('s')
                    .and_then(|text| text.parse().ok())
                    .map_or(wanted, |s: i64| i128::from(s) * SECOND),
                Some(Hint::Integer(value)) => value.saturating_mul(SECOND),
                _ => SECOND / 100 * dice.between(-100, 100_000),
            };
        }
        let value = between(wanted, low, high, -315_576_000_000 * SECOND, 315_576_000_000 * SECOND);
        if !refused.contains(&value) {
            return value;
        }
    }
    SECOND
}

/// The time itself, or one within the ends; where these are the wrong way round, one outside of them.
fn between(wanted: i128, low: Option<i128>, high: Option<i128>, first: i128, last: i128) -> i128 {
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) if low > high => (low, last),
        (low, high) => (low.unwrap_or(first), high.unwrap_or(last)),
    };
    if (low..=high).contains(&wanted) {
        return wanted;
    }
    let whole = (low + SECOND - 1).div_euclid(SECOND) * SECOND;
    if wanted < low {
        if whole <= high { whole } else { low }
    } else {
        let whole = high.div_euclid(SECOND) * SECOND;
        if whole >= low { whole } else { high }
    }
}

fn one(want: &Want<'_>, name: &str) -> Option<i128> {
    nanos(want, want.rules?.message(want.schema, name)?)
}

fn list(want: &Want<'_>, name: &str) -> Vec<i128> {
    let values = want.rules.map_or(&[][..], |rules| rules.list(want.schema, name));
    let time = |value: &Value| if let Value::Message(time) = value { nanos(want, time) } else { None };
    values.iter().filter_map(time).collect()
}

fn nanos(want: &Want<'_>, time: &Message) -> Option<i128> {
    let part = |name| time.one(want.schema, name).map_or(Some(0), Value::as_integer);
    Some(part("seconds")? * SECOND + part("nanos")?)
}

/// Seconds and nanoseconds as fields 1 and 2 of a message.
pub(crate) fn message(mut of: Message, nanos: i128, of_duration: bool) -> Message {
    let (seconds, rest) = if of_duration {
        (nanos / SECOND, nanos % SECOND)
    } else {
        (nanos.div_euclid(SECOND), nanos.rem_euclid(SECOND))
    };
    for (number, value) in [(1, seconds), (2, rest)] {
        if value != 0 {
            of.fields.insert(number, Slot::One(Value::Int(i64::try_from(value).unwrap_or_default())));
        }
    }
    of
}
