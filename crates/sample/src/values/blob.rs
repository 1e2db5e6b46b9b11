//! Bytes.

use super::{Hint, Want};
use crate::{
    dice::Dice,
    limits::BYTES,
    pattern::Shape,
    tree::{Slot, Value},
};

/// Bytes that obey the standard rules, as far as they are found.
pub(crate) fn blob(want: &Want<'_>, dice: &mut Dice) -> Vec<u8> {
    if let Some(constant) = said(want, "const").pop() {
        return constant;
    }
    let refused = said(want, "not_in");
    let listed: Vec<_> = said(want, "in").into_iter().filter(|bytes| !refused.contains(bytes)).collect();
    if let Some(one) = dice.pick(&listed) {
        return one.clone();
    }
    if let (0, Some(example)) = (want.wild, said(want, "example").pop()) {
        return example;
    }
    for stretch in 0..12 {
        let found = once(want, stretch, dice);
        if !refused.contains(&found) {
            return found;
        }
    }
    Vec::new()
}

fn once(want: &Want<'_>, stretch: u32, dice: &mut Dice) -> Vec<u8> {
    let some = |length: usize, dice: &mut Dice| -> Vec<u8> {
        std::iter::repeat_with(|| dice.below(256) as u8).take(length).collect()
    };
    if want.flag("ipv6") || want.flag("uuid") {
        return some(16, dice);
    }
    if want.flag("ip") || want.flag("ipv4") {
        return some(4, dice);
    }
    let shape = want.said("pattern").and_then(Shape::of);
    let mut core = match shape.and_then(|shape| shape.text(dice, stretch)) {
        Some(text) => return text.into_bytes(),
        None => match want.hint(dice) {
            Some(Hint::Text(text)) if want.wild > 0 => text.clone().into_bytes(),
            _ => some(8, dice),
        },
    };
    let (prefix, part, suffix) = (said(want, "prefix"), said(want, "contains"), said(want, "suffix"));
    let (prefix, suffix) = (prefix.concat(), suffix.concat());
    core.splice(0..0, part.concat());
    let exactly = want.count("len");
    let around = (prefix.len() + suffix.len()) as u64;
    let bound = |value: Option<u64>, other: u64| value.unwrap_or(other).saturating_sub(around);
    let least = bound(exactly.or(want.count("min_len")), 0).min(BYTES);
    let most = bound(exactly.or(want.count("max_len")), u64::MAX).min(BYTES);
    core.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    while (core.len() as u64) < least {
        core.push(dice.below(256) as u8);
    }
    [prefix, core, suffix].concat()
}

fn said(want: &Want<'_>, name: &str) -> Vec<Vec<u8>> {
    let bytes = |value: &Value| if let Value::Bytes(bytes) = value { Some(bytes.clone()) } else { None };
    match want.rules.and_then(|rules| rules.slot(want.schema, name)) {
        Some(Slot::List(values)) => values.iter().filter_map(bytes).collect(),
        Some(Slot::One(value)) => bytes(value).into_iter().collect(),
        _ => Vec::new(),
    }
}
