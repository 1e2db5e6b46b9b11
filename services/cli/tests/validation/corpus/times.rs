//! Rules of durations, timestamps, masks and `Any`.

use super::{Value, fields::Ruled, wire::seconds_and_nanos};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn ruled() -> Vec<Ruled> {
    let mut all = Vec::new();
    let of = |type_name, field: &str, rules: &[&str], values: &[Value], all: &mut Vec<Ruled>| {
        for text in rules {
            let rules = format!("{field}: {{ {text} }}");
            all.push(Ruled { type_name, rules, values: values.to_vec() });
        }
    };
    let ranges = [
        "const: { seconds: 3, nanos: 500000000 }",
        "lt: { seconds: 3 }",
        "lte: { seconds: 3 }",
        "gt: { seconds: 3 }",
        "gte: { seconds: 3, nanos: 1 }",
        "gt: { seconds: 3 }, lt: { seconds: 5 }",
        "gte: { seconds: 5 }, lte: { seconds: 3 }",
        "gt: { seconds: 5 }, lt: { seconds: 3 }",
        "gte: { seconds: 3 }, lt: { seconds: 5 }",
        "gt: { nanos: -1 }, lte: {}",
    ];
    let parts = [
        (0, 0),
        (2, 999_999_999),
        (3, 0),
        (3, 1),
        (3, 500_000_000),
        (4, 0),
        (5, 0),
        (4, 999_999_999),
        (5, 1),
        (-1, 0),
        (-1, -1),
        (0, -1),
        (315_576_000_000, 0),
    ];
    let near: Vec<_> = parts.iter().map(|(seconds, nanos)| seconds_and_nanos(*seconds, *nanos)).collect();
    of("google.protobuf.Duration", "duration", &ranges, &near, &mut all);
    let lists = ["in: [{ seconds: 3 }, { seconds: 5 }]", "not_in: [{ seconds: 3 }, { nanos: -1 }]"];
    of("google.protobuf.Duration", "duration", &lists, &near, &mut all);
    let parts = parts.iter().filter(|(_, nanos)| *nanos >= 0);
    let near: Vec<_> = parts.map(|(seconds, nanos)| seconds_and_nanos(*seconds, *nanos)).collect();
    of("google.protobuf.Timestamp", "timestamp", &ranges, &near, &mut all);
    of("google.protobuf.Timestamp", "timestamp", &NOW, &around_now(), &mut all);
    let masks: Vec<_> = ["", "a", "a.b", "a.b.c", "ab", "b", "a,b", "a.b,b", "c", "*"]
        .iter()
        .map(|text| mask(text))
        .collect();
    let rules = [
        "const: { paths: ['a', 'b'] }",
        "in: ['a', 'b']",
        "in: ['a.b']",
        "not_in: ['a']",
        "not_in: ['a.b', 'c']",
    ];
    of("google.protobuf.FieldMask", "field_mask", &rules, &masks, &mut all);
    let urls = ["", "type.googleapis.com/t.A", "type.googleapis.com/t.B", "t.A"];
    let anys: Vec<_> = urls.iter().map(|url| Value::Bytes(Value::Bytes((*url).into()).record(1))).collect();
    let rules = ["in: ['type.googleapis.com/t.A']", "not_in: ['type.googleapis.com/t.A', '']"];
    of("google.protobuf.Any", "any", &rules, &anys, &mut all);
    all
}

/// Judged by the clock: the values are far enough from where the judgement turns.
const NOW: [&str; 5] = [
    "lt_now: true",
    "gt_now: true",
    "within: { seconds: 3600 }",
    "lt_now: true, within: { seconds: 86400 }",
    "gt_now: true, within: { seconds: 86400 }",
];

fn around_now() -> Vec<Value> {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let far = [-90_000, -80_000, -4_500, -1_800, 1_800, 4_500, 80_000, 90_000];
    let mut values: Vec<_> = far.iter().map(|far| seconds_and_nanos(now + far, 0)).collect();
    values.push(seconds_and_nanos(0, 0));
    values.push(seconds_and_nanos(-62_135_596_800, 0));
    values.push(seconds_and_nanos(253_402_300_799, 999_999_999));
    values
}

fn mask(paths: &str) -> Value {
    let paths = paths.split(',').filter(|path| !path.is_empty());
    Value::Bytes(paths.flat_map(|path| Value::Bytes(path.into()).record(1)).collect())
}
