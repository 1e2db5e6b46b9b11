//! Rules of `buf.validate` that no message can keep.

use crate::{
    lint::{
        judge::Judge,
        set::{FileAt, options},
    },
    origin::Origin,
};

/// protovalidate's option of fields.
const VALIDATE: u32 = 1159;

pub(super) fn check(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    for (_, field, path) in file.fields() {
        if let Some(rules) = options::message(&field.options, VALIDATE) {
            let origin = file.places.at(&[path.as_slice(), &[8, 1159]].concat());
            of_value(&field.name, &rules, &origin, judge, 0);
        }
    }
}

/// Lists of lists of rules are as deep as somebody writes them.
const MAX_DEPTH: u32 = 8;

/// Least and most, and what is counted: kind of rules, numbers of the two, unit.
const BOUNDS: [(u32, u32, u32, &str); 5] = [
    (14, 2, 3, "characters"),
    (14, 4, 5, "bytes"),
    (15, 2, 3, "bytes"),
    (18, 1, 2, "items"),
    (19, 1, 2, "pairs"),
];

fn of_value(name: &str, rules: &[u8], origin: &Origin, judge: &mut Judge<'_>, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    for (kind, least, most, unit) in BOUNDS {
        let Some(of_kind) = options::message_in(rules, kind) else { continue };
        let (least, most) = (options::varint_in(&of_kind, least), options::varint_in(&of_kind, most));
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            let message = format!("`{name}` is to have at least {least} {unit}, and at most {most}");
            judge.found(
                "contradictory-rule",
                origin.clone(),
                message,
                "no message keeps both: mend one of them",
            );
        }
    }
    lengths(name, rules, origin, judge);
    lists(name, rules, origin, judge);
    for nested in [&[18, 4][..], &[19, 4], &[19, 5]] {
        if let Some(inner) = options::descend(rules, nested) {
            of_value(name, &inner, origin, judge, depth + 1);
        }
    }
}

/// An exact length outside of the bounds beside it.
fn lengths(name: &str, rules: &[u8], origin: &Origin, judge: &mut Judge<'_>) {
    for (kind, exact, least, most) in [(14, 19, 2, 3), (14, 20, 4, 5), (15, 13, 2, 3)] {
        let Some(of_kind) = options::message_in(rules, kind) else { continue };
        let Some(exact) = options::varint_in(&of_kind, exact) else { continue };
        let least = options::varint_in(&of_kind, least).filter(|least| exact < *least);
        let most = options::varint_in(&of_kind, most).filter(|most| exact > *most);
        if let Some(bound) = least.or(most) {
            let message = format!("the length of `{name}` is to be {exact}, and bounded by {bound}");
            judge.found(
                "contradictory-rule",
                origin.clone(),
                message,
                "keep the exact length, or the bounds",
            );
        }
    }
}

/// Kind of rules, numbers of `const`, `in` and `not_in`.
const LISTS: [(u32, u32, u32, u32); 13] = [
    (3, 1, 6, 7),
    (4, 1, 6, 7),
    (5, 1, 6, 7),
    (6, 1, 6, 7),
    (7, 1, 6, 7),
    (8, 1, 6, 7),
    (9, 1, 6, 7),
    (10, 1, 6, 7),
    (11, 1, 6, 7),
    (12, 1, 6, 7),
    (14, 1, 10, 11),
    (15, 1, 8, 9),
    (16, 1, 3, 4),
];

fn lists(name: &str, rules: &[u8], origin: &Origin, judge: &mut Judge<'_>) {
    for (kind, constant, allowed, forbidden) in LISTS {
        let Some(of_kind) = options::message_in(rules, kind) else { continue };
        let values = |number: u32| options::values(&of_kind, number);
        let (allowed, forbidden) = (values(allowed), values(forbidden));
        let constant = values(constant).pop();
        let nothing_left = !allowed.is_empty() && allowed.iter().all(|value| forbidden.contains(value));
        let outside = constant.as_ref().is_some_and(|value| {
            forbidden.contains(value) || (!allowed.is_empty() && !allowed.contains(value))
        });
        let message = match (nothing_left, outside) {
            (true, _) => format!("every value that `in` allows of `{name}`, `not_in` forbids"),
            (_, true) => format!("the value that `const` asks of `{name}`, its lists forbid"),
            _ => continue,
        };
        judge.found("contradictory-rule", origin.clone(), message, "no message keeps both: mend one of them");
    }
}
