//! Scalars, and their standard rules.

use super::{Checker, report::At, scratch::Slot};
use crate::{
    compiled::{FieldProgram, Read, Shape, ValueRules},
    failure::{Malformed, RuntimeError},
    rules::{Blob, Checks, Number, Ordered, SiteId, Verdict, readable},
    steps::Exhausted,
    value::{Value, int32, sint32, sint64},
    wire::Span,
};
use contract::{
    Origin,
    schema::{EnumId, FieldKind},
};
use std::borrow::Cow;

/// The value of a field, item, key or wrapper that is no message.
#[derive(Clone, Debug)]
pub(super) enum Scalar<'c> {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(&'c str),
    /// A string that is no UTF-8, where the schema does not demand it.
    Octets(&'c [u8]),
    Blob(&'c [u8]),
    Enum(EnumId, i32),
}

impl<'c> Scalar<'c> {
    /// A number, from what stands on the wire.
    #[inline]
    pub(super) fn number(kind: FieldKind, bits: u64) -> Self {
        match kind {
            FieldKind::Bool => Self::Bool(bits != 0),
            FieldKind::Int32 | FieldKind::Sfixed32 => Self::Int(int32(bits).into()),
            FieldKind::Sint32 => Self::Int(sint32(bits).into()),
            FieldKind::Sint64 => Self::Int(sint64(bits)),
            FieldKind::Uint32 | FieldKind::Fixed32 => Self::Uint(bits & u64::from(u32::MAX)),
            FieldKind::Uint64 | FieldKind::Fixed64 => Self::Uint(bits),
            FieldKind::Double => Self::Double(f64::from_bits(bits)),
            FieldKind::Float => Self::Double(f32::from_bits(int32(bits).cast_unsigned()).into()),
            FieldKind::Enum(id) => Self::Enum(id, int32(bits)),
            _ => Self::Int(bits.cast_signed()),
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Bool(value) => !value,
            Self::Int(value) => *value == 0,
            Self::Uint(value) => *value == 0,
            Self::Double(value) => *value == 0.0,
            Self::Text(value) => value.is_empty(),
            Self::Octets(value) | Self::Blob(value) => value.is_empty(),
            Self::Enum(_, value) => *value == 0,
        }
    }

    pub(super) fn value(&self) -> Value<'c> {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Uint(value) => Value::Uint(*value),
            Self::Double(value) => Value::Double(*value),
            Self::Text(value) => Value::String(Cow::Borrowed(value)),
            Self::Octets(value) => Value::String(readable(value)),
            Self::Blob(value) => Value::Bytes(value),
            Self::Enum(id, value) => Value::Enum(*id, *value),
        }
    }
}

/// Whether a field counts as set.
pub(super) fn is_set(field: &FieldProgram, slot: Slot) -> bool {
    if field.shape != Shape::One {
        return slot.bits > 0;
    }
    if field.presence || slot.seen == 0 {
        return slot.seen > 0;
    }
    match (field.read, field.kind) {
        (Read::Bytes, _) => !slot.span().is_empty(),
        (Read::Varint, FieldKind::Bool | FieldKind::Int64 | FieldKind::Uint64 | FieldKind::Sint64) => {
            slot.bits != 0
        }
        (Read::Varint, _) => int32(slot.bits) != 0,
        _ => slot.bits != 0,
    }
}

impl<'c> Checker<'c, '_> {
    /// What a slot holds of a field that is no message.
    // A call would hand the value back through memory, and take it from there in pieces: dear, field by field.
    #[inline(always)]
    pub(super) fn scalar(&self, field: &FieldProgram, slot: Slot) -> Result<Scalar<'c>, Malformed> {
        match field.read {
            Read::Bytes => self.stretch(field, slot.span()),
            _ => Ok(Scalar::number(field.kind, slot.bits)),
        }
    }

    /// A string or bytes.
    #[inline(always)]
    pub(super) fn stretch(&self, field: &FieldProgram, span: Span) -> Result<Scalar<'c>, Malformed> {
        Ok(match field.kind {
            FieldKind::String if field.utf8 => Scalar::Text(self.text(span)?),
            FieldKind::String => {
                let octets = span.of(self.bytes);
                std::str::from_utf8(octets).map_or(Scalar::Octets(octets), Scalar::Text)
            }
            _ => Scalar::Blob(span.of(self.bytes)),
        })
    }

    /// The rules of a value that is no message.
    pub(super) fn judge_scalar(&mut self, rules: &'c ValueRules, scalar: &Scalar<'c>, at: At<'_>) {
        if rules.ignore_always || (rules.ignore_zero && scalar.is_zero()) {
            return;
        }
        for expression in &rules.expressions {
            self.judge_expression(expression, &scalar.value(), at);
        }
        self.judge_checks(&rules.checks, scalar, at);
        for expression in &rules.predefined {
            self.judge_expression(expression, &scalar.value(), at);
        }
    }

    pub(super) fn judge_checks(&mut self, checks: &'c Checks, scalar: &Scalar<'c>, at: At<'_>) {
        match (checks, scalar) {
            (Checks::Text(checks), Scalar::Text(text)) => {
                for (check, site) in checks {
                    let broken = check.broken(text, *site, self.steps);
                    self.judged(broken, *site, at);
                }
            }
            (Checks::Text(checks), Scalar::Octets(octets)) => {
                for (check, site) in checks {
                    let broken = check.broken_by_octets(octets, *site, self.steps);
                    self.judged(broken, *site, at);
                }
            }
            (Checks::Int(checks), Scalar::Int(value)) => self.judge_number(checks, *value, at),
            (Checks::Uint(checks), Scalar::Uint(value)) => self.judge_number(checks, *value, at),
            (Checks::Double(checks), Scalar::Double(value)) => self.judge_number(checks, *value, at),
            (Checks::Bool(checks), Scalar::Bool(value)) => self.judge_number(checks, *value, at),
            (Checks::Enum(defined, checks), Scalar::Enum(_, value)) => {
                self.judge_number(checks, i64::from(*value), at);
                if let Some((numbers, site)) = defined
                    && numbers.binary_search(value).is_err()
                {
                    self.report(*site, at);
                }
            }
            (Checks::Blob(checks), Scalar::Blob(bytes)) => self.judge_blob(checks, bytes, at),
            (Checks::None, _) => {}
            _ => self.misfit(),
        }
    }

    #[inline]
    fn judged(&mut self, broken: Result<Option<SiteId>, Exhausted>, site: SiteId, at: At<'_>) {
        match broken {
            Ok(None) => {}
            Ok(Some(site)) => self.report(site, at),
            Err(Exhausted) => self.exhausted(site),
        }
    }

    /// Rules meet values of their own kind only: the compiler sees to it. If they ever do not, nothing may pass
    /// for that.
    #[cold]
    fn misfit(&mut self) {
        self.runtime.get_or_insert_with(|| RuntimeError {
            rule_id: String::new(),
            origin: Origin::Default,
            reason: "a rule was applied to a value of another kind".to_owned(),
            too_dear: false,
        });
        self.decided = true;
    }

    #[inline]
    pub(super) fn judge_number<T: Ordered>(&mut self, checks: &[(Number<T>, SiteId)], value: T, at: At<'_>) {
        for (check, site) in checks {
            if !check.holds(value) {
                self.report(*site, at);
            }
        }
    }

    fn judge_blob(&mut self, checks: &[(Blob, SiteId)], bytes: &[u8], at: At<'_>) {
        for (check, site) in checks {
            match check.judge(bytes, *site, self.steps) {
                Ok(Verdict::Holds) => {}
                Ok(Verdict::Broken(site)) => self.report(site, at),
                Ok(Verdict::NotText) => {
                    self.cannot_tell(*site, "must be valid UTF-8 to apply regexp".to_owned(), false);
                }
                Err(Exhausted) => self.exhausted(*site),
            }
        }
    }
}
