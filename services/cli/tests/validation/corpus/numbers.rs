//! Rules of numbers, and the numbers around them.

use super::{Value, fields::Ruled, wire::zigzag};
use contract::schema::FieldKind;

/// Kinds by their names in sources.
pub(crate) const KINDS: [(&str, FieldKind); 12] = [
    ("double", FieldKind::Double),
    ("float", FieldKind::Float),
    ("int32", FieldKind::Int32),
    ("int64", FieldKind::Int64),
    ("uint32", FieldKind::Uint32),
    ("uint64", FieldKind::Uint64),
    ("sint32", FieldKind::Sint32),
    ("sint64", FieldKind::Sint64),
    ("fixed32", FieldKind::Fixed32),
    ("fixed64", FieldKind::Fixed64),
    ("sfixed32", FieldKind::Sfixed32),
    ("sfixed64", FieldKind::Sfixed64),
];

const fn is_float(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Double | FieldKind::Float)
}

const fn limits(kind: FieldKind) -> (i128, i128) {
    match kind {
        FieldKind::Uint32 | FieldKind::Fixed32 => (0, u32::MAX as i128),
        FieldKind::Uint64 | FieldKind::Fixed64 => (0, u64::MAX as i128),
        FieldKind::Int64 | FieldKind::Sint64 | FieldKind::Sfixed64 => (i64::MIN as i128, i64::MAX as i128),
        FieldKind::Bool => (0, 1),
        _ => (i32::MIN as i128, i32::MAX as i128),
    }
}

/// The encoded integer; `None` where the kind does not hold it.
pub(crate) fn integer(kind: FieldKind, value: i128) -> Option<Value> {
    let (least, most) = limits(kind);
    if value < least || value > most {
        return None;
    }
    Some(match kind {
        FieldKind::Sint32 | FieldKind::Sint64 => Value::Varint(zigzag(value as i64)),
        FieldKind::Fixed32 | FieldKind::Sfixed32 => Value::Bits32(value as u32),
        FieldKind::Fixed64 | FieldKind::Sfixed64 => Value::Bits64(value as u64),
        _ => Value::Varint(value as u64),
    })
}

fn float(kind: FieldKind, value: f64) -> Value {
    match kind {
        FieldKind::Float => Value::Bits32((value as f32).to_bits()),
        _ => Value::Bits64(value.to_bits()),
    }
}

/// Numbers that are of interest whatever the rules.
pub(crate) fn common(kind: FieldKind) -> Vec<Value> {
    if is_float(kind) {
        let known =
            [0.0, -0.0, 1.0, -1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 3.0e38, f64::MIN_POSITIVE];
        return known.iter().map(|value| float(kind, *value)).collect();
    }
    let (least, most) = limits(kind);
    let mut values: Vec<_> =
        [least, -1, 0, 1, 2, 7, most].iter().filter_map(|value| integer(kind, *value)).collect();
    if matches!(kind, FieldKind::Int32 | FieldKind::Uint32) {
        // More than 32 bits: a reader cuts them off.
        values.push(Value::Varint(0x1_0000_0005));
    }
    values
}

/// Values at `border` and next to it.
fn around(kind: FieldKind, border: i128) -> Vec<Value> {
    if !is_float(kind) {
        return [border - 1, border, border + 1].iter().filter_map(|value| integer(kind, *value)).collect();
    }
    let border = border as f64;
    if kind == FieldKind::Float {
        let border = border as f32;
        return [border.next_down(), border, border.next_up()]
            .map(|value| Value::Bits32(value.to_bits()))
            .into();
    }
    [border.next_down(), border, border.next_up()].map(|value| Value::Bits64(value.to_bits())).into()
}

/// Every rule of the kind, by itself and with others.
pub(crate) fn ruled(name: &'static str, kind: FieldKind) -> Vec<Ruled> {
    let mut rules: Vec<(String, Vec<i128>)> = vec![
        ("const: 7".into(), vec![7]),
        ("const: 0".into(), vec![0]),
        ("lt: 7".into(), vec![7]),
        ("lte: 7".into(), vec![7]),
        ("gt: 7".into(), vec![7]),
        ("gte: 7".into(), vec![7]),
        ("gt: 3, lt: 7".into(), vec![3, 7]),
        ("gte: 3, lte: 7".into(), vec![3, 7]),
        ("gt: 7, lt: 3".into(), vec![3, 7]),
        ("gte: 7, lte: 3".into(), vec![3, 7]),
        ("gte: 3, lt: 7".into(), vec![3, 7]),
        ("gt: 7, lte: 3".into(), vec![3, 7]),
        ("gte: 5, lte: 5".into(), vec![5]),
        ("gt: 5, lt: 5".into(), vec![5]),
        ("in: [2, 7]".into(), vec![2, 7]),
        ("not_in: [2, 7]".into(), vec![2, 7]),
        ("gt: 3, not_in: [5]".into(), vec![3, 5]),
        ("const: 7, gt: 8, in: [1]".into(), vec![1, 7, 8]),
    ];
    let (least, most) = limits(kind);
    if is_float(kind) {
        rules.push(("finite: true".into(), vec![]));
        rules.push(("finite: true, gt: 0".into(), vec![0]));
        rules.push(("gt: inf".into(), vec![]));
        rules.push(("lt: nan".into(), vec![]));
        rules.push(("const: nan".into(), vec![]));
        rules.push(("in: [nan, 1.5, -0]".into(), vec![1]));
        rules.push(("not_in: [nan, 0.1, 0]".into(), vec![1]));
        rules.push(("const: 0.1".into(), vec![]));
    } else {
        rules.push((format!("gt: {least}"), vec![least]));
        rules.push((format!("lt: {most}"), vec![most]));
        rules.push((format!("lte: {most}, gte: {least}"), vec![least, most]));
    }
    let of_rule = |(text, borders): (String, Vec<i128>)| {
        let mut values = common(kind);
        values.extend(borders.into_iter().flat_map(|border| around(kind, border)));
        if is_float(kind) {
            values.extend([0.1, 0.1_f32.into()].map(|value| float(kind, value)));
        }
        Ruled { type_name: name, rules: format!("{name}: {{ {text} }}"), values }
    };
    rules.into_iter().map(of_rule).collect()
}
