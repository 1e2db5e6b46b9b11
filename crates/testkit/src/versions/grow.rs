//! Random files.

use super::{
    choices::Choices,
    model::{Enum, Field, File, Kind, Label, Message, SCALARS, WELL_KNOWN},
};

const KEYS: [&str; 6] = ["int32", "string", "bool", "int64", "uint32", "sint64"];

/// A file: `M`, up to two messages that it may use, two enums, and what an entry of a map looks like.
pub fn grow(choices: &mut Choices<'_>) -> File {
    let proto2 = choices.one_in(2);
    let enums = vec![
        Enum { name: "E".into(), values: vec![("E_0".into(), 0), ("E_1".into(), 1), ("E_2".into(), -2)] },
        Enum { name: "F".into(), values: vec![("F_0".into(), 0), ("F_1".into(), 1), ("F_7".into(), 7)] },
    ];
    let names = ["M", "P", "Q", "Entry"];
    let messages =
        names.map(|name| Message { name: name.into(), fields: Vec::new(), reserved: Vec::new() }).to_vec();
    let mut file = File { proto2, messages, enums, fresh: 1 };
    for at in 0..3 {
        let fields = [4, 3, 2][at];
        for _ in 0..1 + choices.below(fields) {
            let field = field(&mut file, choices);
            file.messages[at].fields.push(field);
        }
    }
    let key = *KEYS.get(choices.below(2)).expect("a type of keys");
    for (number, kind) in [(1, Kind::Scalar(key)), (2, kind(choices))] {
        let name = ["", "key", "value"][number as usize].to_owned();
        let kind = if matches!(kind, Kind::Group(_)) { Kind::Message(1) } else { kind };
        file.messages[3].fields.push(Field { number, name, ..plain(kind) });
    }
    file
}

/// A singular field without a number.
fn plain(kind: Kind) -> Field {
    Field {
        number: 0,
        name: String::new(),
        json_name: None,
        label: Label::Plain,
        kind,
        packed: None,
        default: None,
        oneof: None,
        extension: false,
    }
}

/// A type; groups are made of messages by a change.
pub(super) fn kind(choices: &mut Choices<'_>) -> Kind {
    match choices.below(8) {
        0..=3 => Kind::Scalar(choices.pick(&SCALARS)),
        4 => Kind::Enum(choices.below(2)),
        5 | 6 => Kind::Message(choices.below(3)),
        _ => Kind::WellKnown(choices.pick(&WELL_KNOWN)),
    }
}

/// A type of keys of maps.
pub(super) fn key(choices: &mut Choices<'_>) -> &'static str {
    choices.pick(&KEYS)
}

/// A field with a number and a name of its own.
pub(super) fn field(file: &mut File, choices: &mut Choices<'_>) -> Field {
    let number = file.fresh();
    let mut field = Field { number, name: format!("f_{number}"), ..plain(kind(choices)) };
    match choices.below(10) {
        0..=3 => {}
        4 => field.label = Label::Optional,
        5 | 6 => field.label = Label::Repeated,
        7 => field.label = Label::Map(key(choices)),
        8 if file.proto2 && !matches!(field.kind, Kind::Message(_)) => field.label = Label::Required,
        8 => (field.label, field.kind) = (Label::Repeated, Kind::Message(3)),
        _ => field.oneof = Some(choices.below(2) as u32),
    }
    if file.proto2 && choices.one_in(4) {
        field.default = Some(choices.below(2));
    }
    if file.proto2 && choices.one_in(6) {
        let message = matches!(field.kind, Kind::Message(_)) && !matches!(field.label, Label::Map(_));
        if let (true, Kind::Message(of)) = (message && of_group(field.kind), field.kind) {
            field.kind = Kind::Group(of);
        }
    }
    field
}

/// Groups hold no groups: only messages that come after `M` and have none that lead back are made one.
fn of_group(kind: Kind) -> bool {
    matches!(kind, Kind::Message(3))
}
