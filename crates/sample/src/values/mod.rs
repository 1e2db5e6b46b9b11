//! Values of scalars and well-known types: what is plausible, within what is allowed.

pub(crate) mod blob;
pub(crate) mod example;
pub(crate) mod number;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod words;

use crate::{dice::Dice, tree::Message};
use contract::schema::Schema;

/// Where a value is wanted.
pub(crate) struct Want<'a> {
    pub(crate) schema: &'a Schema,
    /// The field's name.
    pub(crate) name: &'a str,
    /// What the message around it is about: "Product" of "GetProductRequest".
    pub(crate) noun: &'a str,
    /// Whether the message around it is known by a display name too.
    pub(crate) titled: bool,
    /// The field's comment.
    pub(crate) comment: &'a str,
    /// The rules of its family: `buf.validate.StringRules` and its like.
    pub(crate) rules: Option<&'a Message>,
    /// What expressions around it mention.
    pub(crate) hints: &'a [Hint],
    /// Says what it is about: equal themes give values that belong together.
    pub(crate) theme: u64,
    /// How far to go from what is plausible.
    pub(crate) wild: u32,
}

/// A literal of an expression: what a rule says is likely near what it asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Hint {
    Integer(i128),
    Double(f64),
    Text(String),
    /// A regular expression that something is to match.
    Pattern(String),
}

impl Want<'_> {
    /// A count among the rules.
    fn count(&self, name: &str) -> Option<u64> {
        let value = self.rules?.one(self.schema, name)?.as_integer()?;
        u64::try_from(value).ok()
    }

    /// A text among the rules.
    fn said(&self, name: &str) -> Option<&str> {
        self.rules?.one(self.schema, name)?.as_str()
    }

    /// A list of texts among the rules.
    fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.rules.map_or(&[][..], |rules| rules.list(self.schema, name));
        list.iter().filter_map(crate::tree::Value::as_str).collect()
    }

    /// Whether a bool among the rules is set.
    fn flag(&self, name: &str) -> bool {
        let value = self.rules.and_then(|rules| rules.one(self.schema, name));
        value == Some(&crate::tree::Value::Bool(true))
    }

    fn hint(&self, dice: &mut Dice) -> Option<&Hint> {
        if dice.chance(50) { dice.pick(self.hints) } else { None }
    }
}
