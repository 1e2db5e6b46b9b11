//! Into messages, maps and lists.

use super::Machine;
use super::map::{LOOKUP, Map, whole};
use super::val::{List, Val};
use crate::cel::fault::Fault;
use crate::cel::node::Node;
use crate::value::{Items, ListValue, MessageValue, Value};
use contract::schema::Field;

/// Among how many names one is looked for, at the price of a step.
const NAMES_A_STEP: usize = 4;

/// Where an item of a repeated field was found: whoever asks for the next one need not begin anew.
pub(super) struct Cursor<'v> {
    list: ListValue<'v>,
    /// What comes after it.
    rest: Items<'v>,
    /// The position of what comes next.
    next: usize,
}

impl<'v> Machine<'v, '_> {
    /// The field at a position of the type that the check found.
    pub(super) fn field(&mut self, of: &Val<'v>, index: usize) -> Result<Val<'v>, Fault> {
        let Val::Message(message) = of else { return Err(no_fields(of)) };
        match message.descriptor().fields.get(index) {
            Some(field) => self.read(message, field),
            None => Err(Fault::new("no such field")),
        }
    }

    fn read(&mut self, message: &MessageValue<'v>, field: &'v Field) -> Result<Val<'v>, Fault> {
        let value = Val::of_field(message, field);
        self.pay()?;
        value
    }

    pub(super) fn has_field(&mut self, of: &Val<'v>, index: usize) -> Result<bool, Fault> {
        let Val::Message(message) = of else { return Err(no_fields(of)) };
        let has = message.descriptor().fields.get(index).is_some_and(|field| message.has(field));
        self.pay().map(|()| has)
    }

    pub(in crate::cel) fn named(&mut self, of: &Val<'v>, name: &str) -> Result<Val<'v>, Fault> {
        match of {
            Val::Message(message) => {
                self.spend(message.descriptor().fields.len() / NAMES_A_STEP)?;
                match message.descriptor().field_named(name) {
                    Some(field) => self.read(message, field),
                    None => Err(no_such_field(of, name)),
                }
            }
            Val::Map(map) => match self.found_name(map, name)? {
                Some(value) => value.clone().readable(),
                None => Err(Fault::of(format!("a map has no key {name:?}"))),
            },
            other => Err(no_fields(other)),
        }
    }

    pub(super) fn has_named(&mut self, of: &Val<'v>, name: &str) -> Result<bool, Fault> {
        match of {
            Val::Message(message) => {
                self.spend(message.descriptor().fields.len() / NAMES_A_STEP)?;
                match message.descriptor().field_named(name) {
                    Some(field) => {
                        let has = message.has(field);
                        self.pay().map(|()| has)
                    }
                    None => Err(no_such_field(of, name)),
                }
            }
            Val::Map(map) => Ok(self.found_name(map, name)?.is_some()),
            Val::Null => Ok(false),
            other => Err(no_fields(other)),
        }
    }

    pub(super) fn index(&mut self, of: &Val<'v>, index: &Val<'v>) -> Result<Val<'v>, Fault> {
        match of {
            Val::List(list) => self.item(list, index),
            Val::Map(map) => {
                let found = self.found(map, index)?.cloned();
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
            List::Field(field) => self.field_item(field, position)?.map_or_else(|| Err(missing()), Val::of),
        }
    }

    /// From where the last one was found, if that is before it.
    fn field_item(&mut self, list: &ListValue<'v>, position: usize) -> Result<Option<Value<'v>>, Fault> {
        let before = self.cursor.take().filter(|cursor| cursor.next <= position && cursor.list.is(list));
        let mut cursor = before.unwrap_or_else(|| Cursor { list: list.clone(), rest: list.iter(), next: 0 });
        let mut found = None;
        while cursor.next <= position {
            found = cursor.rest.next();
            self.spend(1)?;
            self.pay()?;
            if found.is_none() {
                return Ok(None);
            }
            cursor.next += 1;
        }
        self.cursor = Some(cursor);
        Ok(found)
    }

    /// The value of a key.
    pub(super) fn found<'m>(
        &mut self,
        map: &'m Map<'v>,
        key: &Val<'v>,
    ) -> Result<Option<&'m Val<'v>>, Fault> {
        if let Val::String(text) = key {
            self.spend_bytes(text.as_str().len())?;
        }
        self.spend(LOOKUP)?;
        Ok(map.find(key))
    }

    fn found_name<'m>(&mut self, map: &'m Map<'v>, name: &str) -> Result<Option<&'m Val<'v>>, Fault> {
        self.spend_bytes(name.len())?;
        self.spend(LOOKUP)?;
        Ok(map.find_name(name))
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
            Val::Map(map) => Ok(self.found(&map, &item)?.is_some()),
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
