//! Maps: few entries are searched, many are hashed.

use super::val::{Text, Val};
use crate::cel::fault::Fault;
use crate::ledger;
use crate::value::MapValue;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::{Hash, Hasher};

/// What looking a key up costs, in steps.
pub(super) const LOOKUP: usize = 4;
/// What reading an entry costs beside its bytes, in steps.
const READ: usize = 16;
/// What an entry takes, in bytes: two values, and a key and a position that are hashed.
pub(in crate::cel) const ENTRY: usize = 2 * size_of::<Val<'static>>() + 80;
/// From how many entries on they are hashed.
const HASHED: usize = 12;

/// A map, each key once.
#[derive(Debug)]
pub(in crate::cel) struct Map<'v> {
    pub(in crate::cel) entries: Vec<(Val<'v>, Val<'v>)>,
    positions: Option<HashMap<Key<'v>, usize>>,
    /// How much room it took, in bytes.
    taken: usize,
}

/// A key. Those of different types differ in a map, and are equal when they are looked up.
#[derive(Debug)]
enum Key<'v> {
    Bool(bool),
    Int(i64),
    Uint(u64),
    String(Text<'v>),
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Int(one), Self::Int(other)) => one == other,
            (Self::Uint(one), Self::Uint(other)) => one == other,
            (Self::String(one), Self::String(other)) => one.as_str() == other.as_str(),
            _ => false,
        }
    }
}

impl Eq for Key<'_> {}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Bool(key) => key.hash(state),
            Self::Int(key) => key.hash(state),
            Self::Uint(key) => key.hash(state),
            Self::String(key) => key.as_str().hash(state),
        }
    }
}

impl Drop for Map<'_> {
    fn drop(&mut self) {
        ledger::give_back(self.taken);
    }
}

impl<'v> Map<'v> {
    pub(in crate::cel) fn of_field(map: &MapValue<'v>) -> Result<Self, Fault> {
        let written = map.written();
        if !ledger::fits(written.saturating_mul(ENTRY)) {
            return Err(Fault::new("a map is too large"));
        }
        let mut entries: Vec<(Val<'v>, Val<'v>)> = Vec::with_capacity(written);
        let mut positions: Option<HashMap<Key<'v>, usize>> =
            (written >= HASHED).then(|| HashMap::with_capacity(written));
        for (key, value) in map.all() {
            ledger::owe(READ);
            let key = Val::of(key)?;
            // A value that cannot be read matters only to whoever asks for it.
            let value = Val::of(value).unwrap_or_else(Val::Unreadable);
            let Some(named) = Key::of(&key) else { continue };
            let known = match &mut positions {
                Some(positions) => match positions.entry(named) {
                    Entry::Occupied(known) => Some(*known.get()),
                    Entry::Vacant(place) => {
                        place.insert(entries.len());
                        None
                    }
                },
                None => entries.iter().position(|(other, _)| Key::of(other).as_ref() == Some(&named)),
            };
            match known.and_then(|at| entries.get_mut(at)) {
                Some(entry) => entry.1 = value,
                None => entries.push((key, value)),
            }
        }
        Ok(Self::of_entries(entries, positions))
    }

    fn of_entries(entries: Vec<(Val<'v>, Val<'v>)>, positions: Option<HashMap<Key<'v>, usize>>) -> Self {
        let taken = entries.capacity().saturating_mul(ENTRY);
        ledger::take(taken);
        Self { entries, positions, taken }
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
        Self::of_entries(entries, positions)
    }

    /// The value of a key, or of the same number as a key of another type. A double that is no whole number,
    /// and what is no key at all, finds nothing.
    pub(in crate::cel) fn find<'k>(&self, key: &Val<'k>) -> Option<&Val<'v>>
    where
        'v: 'k,
    {
        let [first, second] = Key::lookup(key);
        self.exactly(&first?).or_else(|| self.exactly(&second?))
    }

    fn exactly<'k>(&self, wanted: &Key<'k>) -> Option<&Val<'v>>
    where
        'v: 'k,
    {
        let positions: Option<&HashMap<Key<'k>, usize>> = self.positions.as_ref();
        let found = match positions {
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

impl<'v> Key<'v> {
    fn of(key: &Val<'v>) -> Option<Self> {
        Some(match key {
            Val::Bool(key) => Self::Bool(*key),
            Val::Int(key) => Self::Int(*key),
            Val::Uint(key) => Self::Uint(*key),
            Val::String(key) => Self::String(key.clone()),
            _ => return None,
        })
    }

    /// What is looked up first, and after that.
    fn lookup(key: &Val<'v>) -> [Option<Self>; 2] {
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
