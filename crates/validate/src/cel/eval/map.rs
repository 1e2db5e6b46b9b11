//! Maps: few entries are searched, many are hashed.

use super::val::{Text, Val};
use crate::cel::fault::Fault;
use crate::value::MapValue;
use std::collections::HashMap;

/// From how many entries on they are hashed.
const HASHED: usize = 12;

/// A map, each key once.
#[derive(Debug)]
pub(in crate::cel) struct Map<'v> {
    pub(in crate::cel) entries: Vec<(Val<'v>, Val<'v>)>,
    positions: Option<HashMap<Key, usize>>,
}

/// A key. Those of different types differ in a map, and are equal when they are looked up.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Bool(bool),
    Int(i64),
    Uint(u64),
    String(Box<str>),
}

impl<'v> Map<'v> {
    pub(in crate::cel) fn of_field(map: &MapValue<'v>) -> Result<Self, Fault> {
        // A value that cannot be read matters only to whoever asks for it.
        let read = |(key, value)| Ok((Val::of(key)?, Val::of(value).unwrap_or_else(Val::Unreadable)));
        let entries = map.entries().into_iter().map(read).collect::<Result<Vec<_>, Fault>>()?;
        Ok(Self::index(entries))
    }

    /// Of a literal, whose keys must differ and be fit for keys.
    pub(in crate::cel) fn of_literal(entries: Vec<(Val<'v>, Val<'v>)>) -> Result<Self, Fault> {
        let mut seen = std::collections::HashSet::new();
        for (key, _) in &entries {
            let Some(key) = Key::of(key) else {
                return Err(Fault::new("a key of a map is bool, int, uint or string"));
            };
            if !seen.insert(key) {
                return Err(Fault::new("a map has the same key twice"));
            }
        }
        Ok(Self::index(entries))
    }

    fn index(entries: Vec<(Val<'v>, Val<'v>)>) -> Self {
        let positions = (entries.len() >= HASHED).then(|| {
            let keys = entries.iter().enumerate();
            keys.filter_map(|(position, (key, _))| Some((Key::of(key)?, position))).collect()
        });
        Self { entries, positions }
    }

    /// The value of a key, or of the same number as a key of another type. A double that is no whole number,
    /// and what is no key at all, finds nothing.
    pub(in crate::cel) fn find(&self, key: &Val<'_>) -> Option<&Val<'v>> {
        let [first, second] = Key::lookup(key);
        self.exactly(&first?).or_else(|| self.exactly(&second?))
    }

    fn exactly(&self, wanted: &Key) -> Option<&Val<'v>> {
        let found = match &self.positions {
            Some(positions) => self.entries.get(*positions.get(wanted)?),
            None => self.entries.iter().find(|(key, _)| Key::of(key).as_ref() == Some(wanted)),
        };
        found.map(|(_, value)| value)
    }

    pub(in crate::cel) fn find_name(&self, name: &str) -> Option<&Val<'v>> {
        if self.positions.is_some() {
            return self.find(&Val::String(Text::Borrowed(name)));
        }
        let is_named = |key: &Val<'_>| matches!(key, Val::String(text) if text.as_str() == name);
        self.entries.iter().find(|(key, _)| is_named(key)).map(|(_, value)| value)
    }
}

impl Key {
    fn of(key: &Val<'_>) -> Option<Self> {
        Some(match key {
            Val::Bool(key) => Self::Bool(*key),
            Val::Int(key) => Self::Int(*key),
            Val::Uint(key) => Self::Uint(*key),
            Val::String(key) => Self::String(key.as_str().into()),
            _ => return None,
        })
    }

    /// What is looked up first, and after that.
    fn lookup(key: &Val<'_>) -> [Option<Self>; 2] {
        match key {
            Val::Int(number) => [Some(Self::Int(*number)), u64::try_from(*number).ok().map(Self::Uint)],
            Val::Uint(number) => [Some(Self::Uint(*number)), i64::try_from(*number).ok().map(Self::Int)],
            Val::Double(number) => {
                let number = whole(*number);
                let int = number.and_then(|number| i64::try_from(number).ok()).map(Self::Int);
                let uint = number.and_then(|number| u64::try_from(number).ok()).map(Self::Uint);
                if int.is_some() { [int, uint] } else { [uint, None] }
            }
            other => [Self::of(other), None],
        }
    }
}

/// A double as a whole number, if it is one within 64 bits of either sign.
#[allow(clippy::cast_possible_truncation, reason = "whole and within range")]
pub(in crate::cel) fn whole(number: f64) -> Option<i128> {
    let within = (-9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&number);
    (within && number.fract() == 0.0).then_some(number as i128)
}
