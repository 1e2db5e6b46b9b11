//! One value in JSON: whether the form that one type writes is one that another reads.

use super::{
    raw::Question,
    scalar::{Change, Relation, outside},
    well_known::Shape,
};
use crate::{
    example::{
        json,
        value::{self, Value},
    },
    level::Level,
};
use contract::schema::FieldKind;

/// In JSON.
pub(crate) fn relation<'a>(asked: &Question<'a>, written: FieldKind, read: FieldKind) -> Relation<'a> {
    let shapes = (Shape::of(asked.writer, written), Shape::of(asked.reader, read));
    let plain = || value::plain(asked.writer, written);
    match shapes {
        (Shape::Object(one), Shape::Object(other)) => Relation::Messages(one, other),
        (Shape::Scalar(one), Shape::Scalar(other)) => {
            Scalars { asked, written: one, read: other, declared: written }.relation()
        }
        (one, other) if one == other => Relation::Same,
        (_, Shape::Value) | (Shape::Object(_), Shape::Struct) => Relation::Same,
        (text, Shape::Scalar(FieldKind::String)) if text.is_text() => Relation::Same,
        (Shape::Null, _) => Relation::Change(Change {
            rule: "json-form",
            level: Level::Lossy,
            when: Some("for null".to_owned()),
            sample: plain(),
            outcome: Some("not set".to_owned()),
        }),
        (Shape::Scalar(FieldKind::String), text) if text.is_text() => some(
            &format!("for text that is no {}", text.describe().trim_start_matches("a ")),
            Value::Text("a_b".to_owned()),
        ),
        (Shape::Value, other) => some("for values of another form", value_unlike(asked, written, other)),
        (Shape::Struct, Shape::Object(_)) => some("for keys that are no fields", something(asked, written)),
        (_, other) => {
            let message = value_of_message(asked, written);
            Relation::Change(Change {
                rule: "json-form",
                level: Level::Breaking,
                when: None,
                outcome: Some(format!("refused: it is not {}", other.describe())),
                sample: message.unwrap_or_else(plain),
            })
        }
    }
}

fn text_sample<'a>() -> Value<'a> {
    Value::Text("a".to_owned())
}

fn some<'a>(when: &str, sample: Value<'a>) -> Relation<'a> {
    Relation::Change(Change {
        rule: "json-form",
        level: Level::Breaking,
        outcome: Some(format!("refused {when}")),
        when: Some(when.to_owned()),
        sample,
    })
}

/// A message with something in it.
fn something<'a>(asked: &Question<'a>, kind: FieldKind) -> Value<'a> {
    match kind.message() {
        Some(id) => value::filled(asked.writer, asked.writer.message_at(id)),
        None => value::plain(asked.writer, kind),
    }
}

/// A `google.protobuf.Value`: true, or a text where the reader takes that for something.
fn value_unlike<'a>(asked: &Question<'a>, kind: FieldKind, read: Shape) -> Value<'a> {
    let of = kind.message().map(|id| asked.writer.message_at(id));
    let text = of.and_then(|of| Some((of, of.field(3)?)));
    match (read, text) {
        (Shape::Scalar(FieldKind::Bool), Some((of, field))) => {
            Value::Message(value::complete(asked.writer, of, vec![(field, text_sample())]))
        }
        _ => value::plain(asked.writer, kind),
    }
}

/// Where it is an ordinary message, one with something in it.
fn value_of_message<'a>(asked: &Question<'a>, kind: FieldKind) -> Option<Value<'a>> {
    matches!(Shape::of(asked.writer, kind), Shape::Object(_)).then(|| something(asked, kind))
}

/// Of scalars and enums, alone or in wrappers.
struct Scalars<'q, 'a> {
    asked: &'q Question<'a>,
    written: FieldKind,
    read: FieldKind,
    /// The writer's type, which may be a wrapper.
    declared: FieldKind,
}

impl<'a> Scalars<'_, 'a> {
    fn relation(&self) -> Relation<'a> {
        use FieldKind as Kind;
        match (self.written, self.read) {
            (Kind::Enum(one), Kind::Enum(other)) => Relation::Enums(one, other),
            (Kind::Double, Kind::Float) => {
                let (when, outcome) = ("for values above 3.4028235e38", "refused: 1e300 is no float");
                self.some(Level::Breaking, when, Value::Double(1e300), outcome)
            }
            (Kind::Bytes, Kind::String) => self.always(Value::Bytes(vec![1]), "the text \"AQ==\""),
            (Kind::String, Kind::Bytes) => {
                let (when, outcome) = ("for text that is no base64", "refused: \"~\" is no base64");
                self.some(Level::Breaking, when, Value::Text("~".to_owned()), outcome)
            }
            _ => self.forms(),
        }
    }

    fn forms(&self) -> Relation<'a> {
        let (one, other) = (Form::of(self.written), Form::of(self.read));
        let plain = || value::plain(self.asked.writer, self.written);
        match (one, other) {
            (Form::Whole { .. }, Form::Whole { .. }) | (Form::Whole { quoted: false }, Form::Name) => {
                self.whole()
            }
            (Form::Whole { .. }, Form::Float) => match precision(self.written, self.read) {
                None => Relation::Same,
                Some((limit, sample)) => {
                    let when = format!("for values beyond {limit}");
                    let outcome = "the nearest number that it can hold";
                    self.some(Level::Lossy, &when, Value::Number(sample), outcome)
                }
            },
            (Form::Float, Form::Whole { .. }) => {
                let when = "for values that are no whole numbers of the reader's range";
                self.some(Level::Breaking, when, Value::Double(1.5), "refused: 1.5 is no whole number")
            }
            (Form::Whole { quoted: true } | Form::Name, Form::Text) => {
                let outcome = format!("the text {}", self.shown());
                self.some(Level::Lossy, "for values that are not zero", plain(), &outcome)
            }
            (Form::Text, Form::Whole { .. } | Form::Float | Form::Name) => {
                let when = format!("for text that is not {}", other.describe());
                let outcome = format!("refused: \"a\" is not {}", other.describe());
                self.some(Level::Breaking, &when, text_sample(), &outcome)
            }
            _ if one == other => Relation::Same,
            _ => self.always(plain(), &format!("refused: {} is not {}", self.shown(), other.describe())),
        }
    }

    fn whole(&self) -> Relation<'a> {
        match outside(self.asked, self.written, self.read) {
            None => Relation::Same,
            Some((when, sample)) => {
                let outcome = format!("refused: {sample} is out of range");
                self.some(Level::Breaking, &when, Value::Number(sample), &outcome)
            }
        }
    }

    fn some(&self, level: Level, when: &str, sample: Value<'a>, outcome: &str) -> Relation<'a> {
        let numbers = Form::of(self.written).is_number() && Form::of(self.read).is_number();
        Relation::Change(Change {
            rule: if numbers { "field-range" } else { "field-type" },
            level,
            when: Some(when.to_owned()),
            sample: self.wrapped(sample),
            outcome: Some(outcome.to_owned()),
        })
    }

    fn always(&self, sample: Value<'a>, outcome: &str) -> Relation<'a> {
        Relation::Change(Change {
            rule: "field-type",
            level: Level::Breaking,
            when: None,
            sample: self.wrapped(sample),
            outcome: Some(outcome.to_owned()),
        })
    }

    /// A value in the wrapper that the writer declares.
    fn wrapped(&self, value: Value<'a>) -> Value<'a> {
        let message = self.declared.message().map(|id| self.asked.writer.message_at(id));
        match message.and_then(|message| Some((message, message.field(1)?))) {
            Some((message, field)) => {
                Value::Message(value::complete(self.asked.writer, message, vec![(field, value)]))
            }
            None => value,
        }
    }

    /// The plain value of what is written.
    fn shown(&self) -> String {
        let mut out = String::new();
        let plain = value::plain(self.asked.writer, self.written);
        json::scalar(self.asked.writer, self.written, &plain, &mut out);
        out
    }
}

/// Up to where every whole number of the writer is a number of the reader, and one beyond.
fn precision(written: FieldKind, read: FieldKind) -> Option<(&'static str, i128)> {
    let wide = matches!(Form::of(written), Form::Whole { quoted: true });
    match (wide, read) {
        (_, FieldKind::Float) => Some(("2^24", (1 << 24) + 1)),
        (true, _) => Some(("2^53", (1 << 53) + 1)),
        (false, _) => None,
    }
}

/// How scalars look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A number without a fraction; those of 64 bits are quoted.
    Whole {
        quoted: bool,
    },
    Float,
    Bool,
    Text,
    Base64,
    /// An enum's.
    Name,
}

impl Form {
    const fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Double | FieldKind::Float => Self::Float,
            FieldKind::Int64
            | FieldKind::Uint64
            | FieldKind::Fixed64
            | FieldKind::Sfixed64
            | FieldKind::Sint64 => Self::Whole { quoted: true },
            FieldKind::Bool => Self::Bool,
            FieldKind::String => Self::Text,
            FieldKind::Bytes => Self::Base64,
            FieldKind::Enum(_) => Self::Name,
            _ => Self::Whole { quoted: false },
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::Whole { .. } | Self::Float)
    }

    const fn describe(self) -> &'static str {
        match self {
            Self::Whole { .. } => "a whole number",
            Self::Float => "a number",
            Self::Bool => "true or false",
            Self::Text => "text",
            Self::Base64 => "base64",
            Self::Name => "the name of a value",
        }
    }
}

/// Keys of maps, which are text whatever their type.
pub(crate) fn key<'a>(asked: &Question<'a>, written: FieldKind, read: FieldKind) -> Relation<'a> {
    let (one, other) = (Form::of(written), Form::of(read));
    let some = |when: &str, sample: Value<'a>, outcome: String| {
        Relation::Change(Change {
            rule: "field-type",
            level: Level::Breaking,
            when: Some(when.to_owned()),
            sample,
            outcome: Some(outcome),
        })
    };
    match (one, other) {
        (Form::Whole { .. }, Form::Whole { .. }) => match outside(asked, written, read) {
            None => Relation::Same,
            Some((when, number)) => {
                some(&when, Value::Number(number), format!("refused: the key {number} is out of range"))
            }
        },
        (_, Form::Text) => Relation::Same,
        (Form::Text, _) => {
            let when = format!("for keys that are not {}", other.describe());
            some(&when, text_sample(), format!("refused: the key \"a\" is not {}", other.describe()))
        }
        _ if one == other => Relation::Same,
        _ => Relation::Change(Change {
            rule: "field-type",
            level: Level::Breaking,
            when: None,
            sample: value::plain(asked.writer, written),
            outcome: Some(format!("refused: the key is not {}", other.describe())),
        }),
    }
}
