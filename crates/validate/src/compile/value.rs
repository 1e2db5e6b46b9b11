//! The rules of one value: of a field, of an item, of a map's key or value.

use super::{
    Compiler, bytes, enums, number,
    options::Rules,
    standard::{self, FAMILIES, Family, common},
    text, time,
};
use crate::{
    compiled::{Ignore, ValueRules},
    failure::CompileError,
    rules::Checks,
    value::Type,
    violation::PathElement,
};
use contract::schema::FieldKind;

/// `FieldRules.ignore`; nothing where it is not said.
pub(super) fn ignore(rules: &Rules<'_>) -> Option<Ignore> {
    rules.count(common::IGNORE).map(|value| match value {
        1 => Ignore::IfZero,
        3 => Ignore::Always,
        _ => Ignore::Unset,
    })
}

impl<'s> Compiler<'s> {
    /// The rules of an item, key or value.
    pub(super) fn item(
        &mut self,
        kind: FieldKind,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<ValueRules, CompileError> {
        match ignore(rules) {
            Some(Ignore::Always) => Ok(ValueRules { ignore_always: true, ..ValueRules::default() }),
            ignore => {
                let ignore_zero = ignore == Some(Ignore::IfZero);
                Ok(ValueRules { ignore_zero, ..self.one(kind, rules, prefix)? })
            }
        }
    }

    /// The rules of one value, whether it is to be passed by or not.
    pub(super) fn one(
        &mut self,
        kind: FieldKind,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<ValueRules, CompileError> {
        let this = Type::One(kind);
        let expressions = self.field_expressions(rules, this, prefix)?;
        let mut found = ValueRules { expressions, ..ValueRules::default() };
        let (expected, wrapped) = standard::expected(self.schema, kind);
        let Some((family, rules)) = self.family(rules, expected)? else { return Ok(found) };
        let inner = wrapped.unwrap_or(kind);
        let (checks, known) = self.checks(family, inner, &rules, prefix)?;
        // Rules of numbers have `example` right behind the others.
        let known: Vec<u32> = known.iter().copied().chain(example(family)).collect();
        found.checks = checks;
        found.wrapped = wrapped;
        found.predefined = self.predefined(family, &rules, &known, Type::One(inner), prefix)?;
        Ok(found)
    }

    /// The family that the rules choose, and its message. It must be the one expected.
    pub(super) fn family(
        &self,
        rules: &Rules<'s>,
        expected: Option<u32>,
    ) -> Result<Option<(Family, Rules<'s>)>, CompileError> {
        let Some(number) = rules.chosen_message(&FAMILIES) else { return Ok(None) };
        let chosen = standard::family(number);
        if expected != Some(number) {
            let chosen = chosen.map_or("unknown", |family| family.name);
            let right = match expected.and_then(standard::family) {
                Some(family) => format!("`{}` rules belong here", family.name),
                None => "no standard rules fit its type".to_owned(),
            };
            let place = rules.place.within(number);
            return Err(place.error(format!("`{chosen}` rules do not fit `{}`: {right}", place.of)));
        }
        let Some(message) = rules.message_among(number, &FAMILIES)? else { return Ok(None) };
        Ok(chosen.map(|family| (family, message)))
    }

    fn checks(
        &mut self,
        family: Family,
        kind: FieldKind,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<(Checks, &'static [u32]), CompileError> {
        Ok(match family.number {
            1 | 2 => {
                let mut checks = self.numbers::<f64>(family, kind, rules, prefix)?;
                checks.extend(self.finite(family, rules, prefix));
                (Checks::Double(checks), &[1, 2, 3, 4, 5, 6, 7, 8])
            }
            3 | 4 | 7 | 8 | 11 | 12 => {
                (Checks::Int(self.numbers(family, kind, rules, prefix)?), &number::KNOWN)
            }
            5 | 6 | 9 | 10 => (Checks::Uint(self.numbers(family, kind, rules, prefix)?), &number::KNOWN),
            13 => (Checks::Bool(self.flags(family, rules, prefix)), &[1]),
            14 => (Checks::Text(self.text(family, rules, prefix)?), &text::KNOWN),
            15 => (Checks::Blob(self.blob(family, rules, prefix)?), &bytes::KNOWN),
            16 => match kind {
                FieldKind::Enum(id) => {
                    let (defined, checks) = self.enumeration(family, id, rules, prefix);
                    (Checks::Enum(defined, checks), &enums::KNOWN)
                }
                _ => (Checks::None, &enums::KNOWN),
            },
            20 => (Checks::Any(self.any(family, rules, prefix)), &time::KNOWN_ANY),
            21 => (Checks::Duration(self.duration(family, rules, prefix)?), &time::KNOWN_DURATION),
            22 => (Checks::Timestamp(self.timestamp(family, rules, prefix)?), &time::KNOWN_TIMESTAMP),
            28 => (Checks::Mask(self.mask(family, rules, prefix)?), &time::KNOWN_MASK),
            _ => (Checks::None, &[]),
        })
    }
}

/// The number of a family's `example`, which is no rule.
const fn example(family: Family) -> Option<u32> {
    match family.number {
        1 | 2 | 4 | 21 => Some(9),
        3 | 5..=12 => Some(8),
        13 => Some(2),
        14 => Some(34),
        15 => Some(14),
        16 => Some(5),
        22 => Some(10),
        28 => Some(4),
        _ => None,
    }
}
