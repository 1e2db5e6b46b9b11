//! Keys of maps in JSON.

use super::{
    form::Form,
    raw::Question,
    scalar::{Change, Relation, outside},
};
use crate::{
    example::value::{self, Value},
    level::Level,
};
use contract::schema::FieldKind;

/// Keys of maps, which are text whatever their type.
pub(crate) fn relation<'a>(asked: &Question<'a>, written: FieldKind, read: FieldKind) -> Relation<'a> {
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
            some(
                &when,
                Value::Text("a".to_owned()),
                format!("refused: the key \"a\" is not {}", other.describe()),
            )
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
