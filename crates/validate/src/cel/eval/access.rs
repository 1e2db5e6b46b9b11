//! Into messages, maps and lists.

use super::Machine;
use super::map::whole;
use super::val::{List, Val};
use crate::cel::fault::Fault;
use crate::cel::node::Node;
use crate::value::MessageValue;
use contract::schema::Field;

/// What reading an entry of a map costs, in steps.
const ENTRY: usize = 8;

impl<'v> Machine<'v, '_> {
    /// The field at a position of the type that the check found.
    pub(super) fn field(&mut self, of: &Val<'v>, index: usize) -> Result<Val<'v>, Fault> {
        let Val::Message(message) = of else { return Err(no_fields(of)) };
        self.spend_message(message)?;
        match message.descriptor().fields.get(index) {
            Some(field) => self.read(message, field),
            None => Err(Fault::new("no such field")),
        }
    }

    /// A map is hashed when it is read, which costs more than its bytes say.
    fn read(&mut self, message: &MessageValue<'v>, field: &'v Field) -> Result<Val<'v>, Fault> {
        let value = Val::of_field(message, field)?;
        if let Val::Map(map) = &value {
            self.spend(map.entries.len().saturating_mul(ENTRY))?;
        }
        Ok(value)
    }

    pub(super) fn has_field(&mut self, of: &Val<'v>, index: usize) -> Result<bool, Fault> {
        let Val::Message(message) = of else { return Err(no_fields(of)) };
        self.spend_message(message)?;
        Ok(message.descriptor().fields.get(index).is_some_and(|field| message.has(field)))
    }

    pub(in crate::cel) fn named(&mut self, of: &Val<'v>, name: &str) -> Result<Val<'v>, Fault> {
        match of {
            Val::Message(message) => {
                self.spend_message(message)?;
                match message.descriptor().field_named(name) {
                    Some(field) => self.read(message, field),
                    None => Err(no_such_field(of, name)),
                }
            }
            Val::Map(map) => match map.find_name(name) {
                Some(value) => value.clone().readable(),
                None => Err(Fault::of(format!("a map has no key {name:?}"))),
            },
            other => Err(no_fields(other)),
        }
    }

    pub(super) fn has_named(&mut self, of: &Val<'v>, name: &str) -> Result<bool, Fault> {
        match of {
            Val::Message(message) => {
                self.spend_message(message)?;
                match message.descriptor().field_named(name) {
                    Some(field) => Ok(message.has(field)),
                    None => Err(no_such_field(of, name)),
                }
            }
            Val::Map(map) => Ok(map.find_name(name).is_some()),
            Val::Null => Ok(false),
            other => Err(no_fields(other)),
        }
    }

    pub(super) fn index(&mut self, of: &Val<'v>, index: &Val<'v>) -> Result<Val<'v>, Fault> {
        match of {
            Val::List(list) => self.item(list, index),
            Val::Map(map) => {
                let found = map.find(index).cloned();
                found.ok_or_else(|| Fault::new("a map does not have the key"))?.readable()
            }
            other => Err(Fault::no_overload("[]", &[other.type_name(), index.type_name()])),
        }
    }

    fn item(&mut self, list: &List<'v>, index: &Val<'v>) -> Result<Val<'v>, Fault> {
        let position = match index {
            Val::Int(index) => i128::from(*index),
            Val::Uint(index) => i128::from(*index),
            Val::Double(index) => {
                whole(*index).ok_or_else(|| Fault::new("an index of a list must be a whole number"))?
            }
            other => return Err(Fault::no_overload("[]", &["list", other.type_name()])),
        };
        let missing = || Fault::new("an index is outside of the list");
        let position = usize::try_from(position).map_err(|_| missing())?;
        match list {
            List::Made(range) if position < range.len() => {
                self.made_item(range.start + position).ok_or_else(missing)?.readable()
            }
            List::Made(_) => Err(missing()),
            List::Field(field) => {
                self.spend(position)?;
                field.at(position).map_or_else(|| Err(missing()), Val::of)
            }
        }
    }

    /// Whether a list or the keys of a map have an item. A list of constants is not built for that.
    pub(super) fn is_in(&mut self, item: &'v Node, of: &'v Node) -> Result<bool, Fault> {
        let item = self.eval(item)?;
        if let Node::List(items) = of
            && items.iter().all(Node::is_const)
        {
            for candidate in items {
                let candidate = self.eval(candidate)?;
                if self.equal(&item, &candidate)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        match self.eval(of)? {
            Val::List(list) => {
                let mut walk = list.walk();
                while let Some(candidate) = self.next(&mut walk) {
                    self.spend(1)?;
                    if self.equal(&item, &candidate?)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Val::Map(map) => Ok(map.find(&item).is_some()),
            other => Err(Fault::no_overload("in", &[item.type_name(), other.type_name()])),
        }
    }
}

fn no_fields(of: &Val<'_>) -> Fault {
    Fault::of(format!("a value of type {} has no fields", of.type_name()))
}

fn no_such_field(of: &Val<'_>, name: &str) -> Fault {
    Fault::of(format!("{} has no field {name:?}", of.type_name()))
}
