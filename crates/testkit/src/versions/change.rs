//! What may change from one version of a file to the next.

use super::{
    choices::Choices,
    grow,
    model::{Field, File, Kind, Label, Message, SCALARS},
};

macro_rules! changes {
    ($($name:ident),* $(,)?) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "they are what they are called")]
        pub enum Change {
            $($name),*
        }

        /// All of them.
        pub const CHANGES: &[Change] = &[$(Change::$name),*];
    };
}

changes! {
    Scalar,
    Type,
    Renumber,
    Rename,
    JsonName,
    Packed,
    Repeat,
    MapToEntries,
    EntriesToMap,
    MapKey,
    Oneof,
    Presence,
    Required,
    Default,
    AddValue,
    RemoveValue,
    RenameValue,
    RenumberValue,
    AliasValue,
    Delimiting,
    AddField,
    RemoveField,
    RemoveFieldReserved,
    SwapNames,
    RenameType,
    CopyType,
    Syntax,
    Wrapper,
    Extension,
}

use Change::*;

/// Makes this change somewhere in the file, where there is a place for it. Whether there was one.
pub fn change(file: &mut File, what: Change, choices: &mut Choices<'_>) -> bool {
    let before = file.clone();
    match what {
        AddField => {
            let field = grow::field(file, choices);
            let at = choices.below(3);
            file.messages[at].fields.push(field);
        }
        AddValue | RemoveValue | RenameValue | RenumberValue | AliasValue => value(file, what, choices),
        RenameType => {
            let at = 1 + choices.below(file.messages.len() - 1);
            let fresh = file.fresh();
            file.messages[at].name = format!("T{fresh}");
        }
        Syntax => syntax(file),
        SwapNames => {
            let fields = &mut message(file, choices).fields;
            if fields.len() > 1 {
                let at = choices.below(fields.len() - 1);
                let (one, other) = (fields[at].name.clone(), fields[at + 1].name.clone());
                if fields[at].extension == fields[at + 1].extension {
                    (fields[at].name, fields[at + 1].name) = (other, one);
                }
            }
        }
        RemoveField | RemoveFieldReserved => {
            let message = message(file, choices);
            let at = choices.below(message.fields.len().max(1));
            if message.fields.len() > 1 {
                let gone = message.fields.remove(at);
                if what == RemoveFieldReserved && !gone.extension {
                    message.reserved = vec![gone.number.to_string(), format!("\"{}\"", gone.name)];
                }
            }
        }
        _ => a_field(file, what, choices),
    }
    normalize(file);
    *file != before
}

/// One of those that have fields.
fn message<'f>(file: &'f mut File, choices: &mut Choices<'_>) -> &'f mut Message {
    let at = choices.below(4);
    &mut file.messages[at]
}

/// Changes the first field for which the change means something, from a random one on.
fn a_field(file: &mut File, what: Change, choices: &mut Choices<'_>) {
    let places: Vec<(usize, usize)> = (0..4)
        .flat_map(|at| (0..file.messages[at].fields.len()).map(move |field| (at, field)))
        .filter(|(at, field)| {
            suits(file, &file.messages[*at].fields[*field], what) && (*at < 3 || what == Scalar)
        })
        .collect();
    if places.is_empty() {
        return;
    }
    let (at, position) = places[choices.below(places.len())];
    let mut field = file.messages[at].fields[position].clone();
    edit(file, &mut field, what, choices);
    file.messages[at].fields[position] = field;
}

fn suits(file: &File, field: &Field, what: Change) -> bool {
    let singular = matches!(field.label, Label::Plain | Label::Optional);
    let map = matches!(field.label, Label::Map(_));
    match what {
        Scalar => matches!(field.kind, Kind::Scalar(_)),
        Packed => field.label == Label::Repeated && packable(field.kind),
        Repeat => !map,
        MapToEntries | MapKey => map,
        EntriesToMap => field.label == Label::Repeated && field.kind == Kind::Message(3),
        Oneof => singular && !field.extension,
        Presence => {
            singular && field.oneof.is_none() && !matches!(field.kind, Kind::Message(_) | Kind::Group(_))
        }
        Required => {
            file.proto2
                && (singular || field.label == Label::Required)
                && field.oneof.is_none()
                && !field.extension
        }
        Default => file.proto2 && !map && field.label != Label::Repeated,
        Delimiting => file.proto2 && !map && matches!(field.kind, Kind::Message(3) | Kind::Group(_)),
        CopyType => matches!(field.kind, Kind::Message(_)),
        Wrapper => {
            singular && matches!(field.kind, Kind::Scalar(_)) || matches!(field.kind, Kind::WellKnown(_))
        }
        Extension => file.proto2 && !map && field.oneof.is_none() && field.label != Label::Required,
        Renumber | Rename | JsonName => !field.extension,
        _ => true,
    }
}

fn edit(file: &mut File, field: &mut Field, what: Change, choices: &mut Choices<'_>) {
    match what {
        Scalar => field.kind = Kind::Scalar(choices.pick(&SCALARS)),
        Type => field.kind = grow::kind(choices),
        Renumber => field.number = file.fresh(),
        Rename => field.name = format!("r_{}", file.fresh()),
        JsonName => {
            field.json_name = match &field.json_name {
                Some(_) => None,
                None if choices.one_in(2) => Some(format!("j{}", file.fresh())),
                None => Some(field.name.clone()),
            }
        }
        Packed => field.packed = Some(!field.packed.unwrap_or(!file.proto2)),
        Repeat if field.label == Label::Repeated => field.label = Label::Plain,
        Repeat => (field.label, field.oneof) = (Label::Repeated, None),
        MapToEntries => map_to_entries(file, field),
        EntriesToMap => entries_to_map(file, field),
        MapKey => field.label = Label::Map(grow::key(choices)),
        Oneof => field.oneof = if field.oneof.is_some() { None } else { Some(choices.below(3) as u32) },
        Presence if field.label == Label::Optional => field.label = Label::Plain,
        Presence => field.label = Label::Optional,
        Required if field.label == Label::Required => field.label = Label::Optional,
        Required => field.label = Label::Required,
        Default => {
            field.default = match (field.default, choices.below(2)) {
                (None, which) => Some(which),
                (Some(_), 0) => None,
                (Some(which), _) => Some(which + 1),
            }
        }
        Delimiting => {
            field.kind = match field.kind {
                Kind::Message(at) => Kind::Group(at),
                Kind::Group(at) => Kind::Message(at),
                kind => kind,
            }
        }
        CopyType => copy_type(file, field),
        Wrapper => field.kind = wrapper(field.kind),
        Extension if field.extension => field.extension = false,
        Extension => (field.extension, field.json_name) = (true, None),
        _ => {}
    }
}

fn map_to_entries(file: &mut File, field: &mut Field) {
    let Label::Map(key) = field.label else { return };
    let part = |number: u32, kind: Kind| Field {
        number,
        name: ["", "key", "value"][number as usize].into(),
        kind,
        label: Label::Plain,
        json_name: None,
        packed: None,
        default: None,
        oneof: None,
        extension: false,
    };
    let fields = vec![part(1, Kind::Scalar(key)), part(2, field.kind)];
    file.messages.push(Message { name: format!("X{}", file.fresh), fields, reserved: Vec::new() });
    field.label = Label::Repeated;
    field.kind = Kind::Message(file.messages.len() - 1);
}

fn entries_to_map(file: &File, field: &mut Field) {
    let [key, value] = file.messages[3].fields.as_slice() else { return };
    if let Kind::Scalar(kind) = key.kind
        && !matches!(kind, "float" | "double" | "bytes")
    {
        (field.label, field.kind) = (Label::Map(kind), value.kind);
    }
}

/// The same fields under another name.
fn copy_type(file: &mut File, field: &mut Field) {
    let Kind::Message(at) = field.kind else { return };
    let mut copy = file.messages[at].clone();
    copy.name = format!("C{}", file.fresh());
    copy.fields.retain(|field| !field.extension);
    file.messages.push(copy);
    field.kind = Kind::Message(file.messages.len() - 1);
}

fn wrapper(kind: Kind) -> Kind {
    const PAIRS: [(&str, &str); 8] = [
        ("int32", "Int32Value"),
        ("int64", "Int64Value"),
        ("string", "StringValue"),
        ("bool", "BoolValue"),
        ("double", "DoubleValue"),
        ("bytes", "BytesValue"),
        ("uint32", "UInt32Value"),
        ("float", "FloatValue"),
    ];
    let found = PAIRS.iter().find_map(|(scalar, wrapper)| match kind {
        Kind::Scalar(name) if name == *scalar => Some(Kind::WellKnown(wrapper)),
        Kind::WellKnown(name) if name == *wrapper => Some(Kind::Scalar(scalar)),
        _ => None,
    });
    found.unwrap_or(kind)
}

fn value(file: &mut File, what: Change, choices: &mut Choices<'_>) {
    let fresh = file.fresh();
    let number = i32::try_from(fresh).expect("a small number") + 10;
    let at = choices.below(file.enums.len());
    let of = &mut file.enums[at];
    let name = format!("{}_X{fresh}", of.name);
    let last = of.values.len() - 1;
    let chosen = 1 + choices.below(last.max(1));
    match what {
        AddValue => of.values.push((name, number)),
        AliasValue => {
            let (_, same) = of.values[last];
            let place = if choices.one_in(2) { last } else { last + 1 };
            of.values.insert(place.max(1), (name, same));
        }
        RenameValue if choices.one_in(3) => of.values[0].0 = name,
        _ if last == 0 => {}
        RemoveValue => _ = of.values.remove(chosen.min(last)),
        RenameValue => of.values[chosen.min(last)].0 = name,
        _ => of.values[chosen.min(last)].1 = number,
    }
}

/// proto2 becomes proto3 and back, and with it what the syntaxes mean.
fn syntax(file: &mut File) {
    file.proto2 = !file.proto2;
}

fn packable(kind: Kind) -> bool {
    match kind {
        Kind::Scalar(name) => !matches!(name, "string" | "bytes"),
        Kind::Enum(_) => true,
        _ => false,
    }
}

/// Takes away what the syntax, or the rest of a field, does not allow.
fn normalize(file: &mut File) {
    let proto2 = file.proto2;
    for field in file.messages.iter_mut().flat_map(|message| &mut message.fields) {
        if matches!(field.label, Label::Repeated | Label::Map(_) | Label::Required) {
            field.oneof = None;
        }
        if field.label != Label::Repeated || !packable(field.kind) {
            field.packed = None;
        }
        if field.label == Label::Required && matches!(field.kind, Kind::Message(_) | Kind::Group(_)) {
            field.label = Label::Plain;
        }
        if let (Label::Map(_), Kind::Group(at)) = (field.label, field.kind) {
            field.kind = Kind::Message(at);
        }
        if proto2 {
            match (field.extension, field.number >= 1000) {
                (true, false) => field.number += 1000,
                (false, true) => field.number -= 1000,
                _ => {}
            }
            continue;
        }
        field.default = None;
        if field.label == Label::Required {
            field.label = Label::Optional;
        }
        if let Kind::Group(at) = field.kind {
            field.kind = Kind::Message(at);
        }
        if std::mem::take(&mut field.extension) {
            field.number -= 1000;
        }
    }
}
