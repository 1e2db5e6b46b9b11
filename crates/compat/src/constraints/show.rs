//! Values of rules as people read them.

use super::{
    rules::Space,
    set::{HIGH, LOW, Set, double_at, float_at},
};
use contract::schema::FieldKind;

pub(super) fn list<T>(values: &[T], one: impl Fn(&T) -> String) -> String {
    let few: Vec<_> = values.iter().take(8).map(&one).collect();
    let more = if values.len() > 8 { ", …" } else { "" };
    format!("[{}{more}]", few.join(", "))
}

/// As much of a text as one reads.
pub(super) fn cut(text: &str) -> String {
    const SHOWN: usize = 160;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The number of a kind at a position.
pub(super) fn number(kind: FieldKind, position: i128) -> String {
    match kind {
        FieldKind::Float => format!("{:?}", float_at(position)),
        FieldKind::Double => format!("{:?}", double_at(position)),
        FieldKind::Bool => (position != 0).to_string(),
        _ => position.to_string(),
    }
}

/// Text in quotes; what is none, in hexadecimal.
pub(super) fn octets(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => format!("{:?}", cut(text)),
        Err(_) => value.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Seconds, without trailing zeros: "1.5s".
pub(super) fn duration(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let fraction = format!("{:09}", nanos % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}s", nanos / 1_000_000_000)
}

/// Seconds since 1970: contracts rarely say more than a day, and whoever wrote it reads it there.
pub(super) fn timestamp(nanos: i128) -> String {
    format!("{} since 1970", duration(nanos))
}

/// "for values above 50": what a rule refuses.
pub(super) fn refused(space: Space, kind: FieldKind, all: &Set, set: &Set) -> String {
    let show = |value: i128| match space {
        Space::Duration => duration(value),
        Space::Timestamp => timestamp(value),
        _ => number(kind, value),
    };
    spans("value", (all.least().unwrap_or(LOW), all.most().unwrap_or(HIGH)), set, show)
}

/// "for lengths from 51 on"; `what` is one of them: "length", "length in bytes".
pub(super) fn counts(what: &str, set: &Set) -> String {
    spans(what, (LOW, HIGH), set, |value| value.to_string())
}

/// `first`, `last`: the least and the most that there is.
fn spans(what: &str, (first, last): (i128, i128), set: &Set, show: impl Fn(i128) -> String) -> String {
    let (one, unit) =
        what.split_once(' ').map_or((what, String::new()), |(one, unit)| (one, format!(" {unit}")));
    if let ([(low, high)], false) = (set.spans(), set.nan)
        && low == high
    {
        return format!("for the {one} {}{unit}", show(*low));
    }
    let what = format!("{one}s{unit}");
    let mut parts: Vec<String> = Vec::new();
    for (low, high) in set.spans().iter().take(4) {
        parts.push(match (*low <= first, *high >= last) {
            (false, _) | (_, false) if low == high => show(*low),
            (true, true) => "of any size".to_owned(),
            (true, false) => format!("up to {}", show(*high)),
            (false, true) => format!("from {} on", show(*low)),
            (false, false) => format!("from {} to {}", show(*low), show(*high)),
        });
    }
    if set.spans().len() > 4 {
        parts.push("and others".to_owned());
    }
    if set.nan {
        parts.push("NaN".to_owned());
    }
    format!("for {what} {}", parts.join(", "))
}
