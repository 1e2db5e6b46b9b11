//! One value in JSON: whether the form that one type writes is one that another reads.

use super::{
    field::FOR_NULL,
    form::Form,
    raw::Question,
    scalar::{Change, Relation, outside},
    well_known::{self, Shape},
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
    match shapes {
        (Shape::Object(one), Shape::Object(other)) => Relation::Messages(one, other),
        // What it may hold is looked at there.
        (Shape::Any, Shape::Any) => match (written.message(), read.message()) {
            (Some(one), Some(other)) => Relation::Messages(one, other),
            _ => Relation::Same,
        },
        (Shape::Scalar(one), Shape::Scalar(other)) => {
            Scalars { asked, written: one, read: other, declared: written }.relation()
        }
        (one, other) if one == other => Relation::Same,
        (_, Shape::Value) | (Shape::Object(_) | Shape::Any, Shape::Struct) => Relation::Same,
        (text, Shape::Scalar(FieldKind::String)) if text.is_text() => Relation::Same,
        (Shape::Null, _) => Relation::Change(Change {
            rule: "json-form",
            level: Level::Lossy,
            when: Some(FOR_NULL.to_owned()),
            sample: Value::Number(0),
            outcome: Some("not set".to_owned()),
        }),
        (Shape::Scalar(FieldKind::String), text) if text.is_text() => some(
            &format!("for text that is no {}", text.describe().trim_start_matches("a ")),
            Value::Text("a_b".to_owned()),
        ),
        (Shape::Value, other) => some(ANOTHER_FORM, well_known::unlike(asked, written, other)),
        (Shape::Struct, Shape::Object(of)) => well_known::as_object(asked, written, of),
        (_, other) => always(asked, written, read, other),
    }
}

/// When a Value, or what is made of them, is not what the reader takes.
pub(crate) const ANOTHER_FORM: &str = "for values of another form";

pub(crate) fn some<'a>(when: &str, sample: Value<'a>) -> Relation<'a> {
    Relation::Change(Change {
        rule: "json-form",
        level: Level::Breaking,
        outcome: Some(format!("refused {when}")),
        when: Some(when.to_owned()),
        sample,
    })
}

/// What is written is never what the reader takes.
fn always<'a>(asked: &Question<'a>, written: FieldKind, read: FieldKind, shape: Shape) -> Relation<'a> {
    let from = Shape::of(asked.writer, written);
    let sample = match from {
        Shape::Object(_) => something(asked, written),
        Shape::Struct => {
            let inner = well_known::of_bool(asked, written);
            inner
                .and_then(|inner| well_known::in_struct(asked, written, inner))
                .unwrap_or_else(|| something(asked, written))
        }
        _ => value::plain(asked.writer, written),
    };
    let outcome = match (from, shape) {
        (Shape::Any, Shape::Object(_)) if asked.lenient => "what it holds is passed over".to_owned(),
        (text, Shape::Scalar(FieldKind::Enum(_))) if asked.lenient && text.is_text() => {
            "its text is passed over".to_owned()
        }
        // Some read any number as the enum that it is.
        (Shape::Scalar(_), Shape::Null) => "refused, or no null".to_owned(),
        // Some read an object without anything as an Any without anything.
        (Shape::Object(id), Shape::Any) if asked.writer.message_at(id).fields.is_empty() => {
            "refused, or an empty one".to_owned()
        }
        _ => format!("refused: it is not {}", kind_of(shape, read)),
    };
    Relation::Change(Change {
        rule: "json-form",
        level: Level::Breaking,
        when: None,
        outcome: Some(outcome),
        sample,
    })
}

fn kind_of(shape: Shape, read: FieldKind) -> &'static str {
    match shape {
        Shape::Scalar(_) if read.message().is_none() => Form::of(read).describe(),
        shape => shape.describe(),
    }
}

/// A message with something in it.
fn something<'a>(asked: &Question<'a>, kind: FieldKind) -> Value<'a> {
    match kind.message() {
        Some(id) => value::filled(asked.writer, asked.writer.message_at(id)),
        None => value::plain(asked.writer, kind),
    }
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
            (Kind::Double, Kind::Float) => self.narrowed(),
            (Kind::Float, Kind::Double) => self.widened(),
            (Kind::Bytes, Kind::String) => self.always(Value::Bytes(vec![1]), "the text \"AQ==\""),
            (Kind::String, Kind::Bytes) => {
                let (when, outcome) = ("for text that is no base64", "refused: \"~\" is no base64");
                self.some(Level::Breaking, when, Value::Text("~".to_owned()), outcome)
            }
            _ => self.forms(),
        }
    }

    /// A double that becomes a float.
    fn narrowed(&self) -> Relation<'a> {
        let (when, outcome) = ("for values above 3.4028235e38", "refused: 1e300 is no float");
        let far = self.change(Level::Breaking, when, Value::Double(1e300), outcome);
        let (when, outcome) = ("for values that no float is", "the nearest float, 0.10000000149011612");
        Relation::Changes(vec![far, self.change(Level::Lossy, when, Value::Double(0.1), outcome)])
    }

    /// A float is written with as few digits as tell it from other floats, and a double has others behind them.
    fn widened(&self) -> Relation<'a> {
        const WHEN: &str = "for values with more digits than JSON has of a float";
        let outcome = "0.1, and 0.10000000149011612 was written";
        self.some(Level::Lossy, WHEN, Value::Double(f64::from(0.1_f32)), outcome)
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
            (Form::Whole { quoted: true }, Form::Text) => {
                let outcome = format!("the text {}", self.shown(&plain()));
                self.some(Level::Lossy, NOT_ZERO, plain(), &outcome)
            }
            (Form::Name, Form::Text) => self.names_as_text(),
            (Form::Text, Form::Whole { .. } | Form::Float | Form::Name) => {
                let when = format!("for text that is not {}", other.describe());
                let outcome = match other {
                    Form::Name if self.asked.lenient => "\"~\" is passed over".to_owned(),
                    _ => format!("refused: \"~\" is not {}", other.describe()),
                };
                self.some(Level::Breaking, &when, Value::Text("~".to_owned()), &outcome)
            }
            _ if one == other => Relation::Same,
            _ => {
                let (sample, what) = match self.declared_value() {
                    // Zero may be what nobody writes; of an open enum there are other numbers.
                    Value::Number(0) if self.is_open() => self.undeclared(other),
                    value => (value, other.describe()),
                };
                let outcome = format!("refused: {} is not {what}", self.shown(&sample));
                self.always(sample, &outcome)
            }
        }
    }

    /// The plain value; of an enum one that has a name, rather not zero's.
    fn declared_value(&self) -> Value<'a> {
        match self.written {
            FieldKind::Enum(id) => value::declared(self.asked.writer.enum_at(id)),
            kind => value::plain(self.asked.writer, kind),
        }
    }

    fn is_open(&self) -> bool {
        matches!(self.written, FieldKind::Enum(id) if !self.asked.writer.enum_at(id).closed)
    }

    /// A number that an enum of nothing but zero does not have, and why the reader does not take it; zero, if it
    /// does.
    fn undeclared(&self, other: Form) -> (Value<'a>, &'static str) {
        let lost = match other.is_number() {
            true => outside(self.asked, self.written, self.read).map(|(_, number)| Value::Number(number)),
            false => return (value::plain(self.asked.writer, self.written), other.describe()),
        };
        match (lost, precision(self.written, self.read)) {
            (Some(number), _) => (number, "in range"),
            (None, Some((_, number))) if other == Form::Float => (Value::Number(number), "exact"),
            _ => (Value::Number(0), other.describe()),
        }
    }

    /// An enum's values become their names; numbers without one are no text.
    fn names_as_text(&self) -> Relation<'a> {
        let FieldKind::Enum(id) = self.written else { return Relation::Same };
        let of_enum = self.asked.writer.enum_at(id);
        let sample = self.declared_value();
        let named =
            self.change(Level::Lossy, NOT_ZERO, sample.clone(), &format!("the text {}", self.shown(&sample)));
        if of_enum.closed {
            return Relation::Change(named);
        }
        let when = format!("for numbers that {} does not have", of_enum.name);
        let number = value::undeclared(of_enum);
        let outcome = format!("refused: {number} is not text");
        Relation::Changes(vec![
            named,
            self.change(Level::Breaking, &when, Value::Number(number.into()), &outcome),
        ])
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
        Relation::Change(self.change(level, when, sample, outcome))
    }

    fn change(&self, level: Level, when: &str, sample: Value<'a>, outcome: &str) -> Change<'a> {
        let numbers = Form::of(self.written).is_number() && Form::of(self.read).is_number();
        Change {
            rule: if numbers { "field-range" } else { "field-type" },
            level,
            when: Some(when.to_owned()),
            sample: self.wrapped(sample),
            outcome: Some(outcome.to_owned()),
        }
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

    /// A value of what is written, as JSON has it.
    fn shown(&self, value: &Value<'_>) -> String {
        let mut out = String::new();
        json::scalar(self.asked.writer, self.written, value, &mut out);
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

const NOT_ZERO: &str = "for values that are not zero";
