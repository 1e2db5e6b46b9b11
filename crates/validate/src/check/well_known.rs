//! Messages that mean a value: wrappers, durations, timestamps, field masks, `Any`.

use super::{Checker, report::At, scalar::Scalar, scratch::Body};
use crate::{
    compiled::{MessageProgram, Read, ValueRules},
    failure::Malformed,
    rules::Checks,
    steps::Exhausted,
    value::{Value, int32},
    wire::{Raw, Reader, Span},
};
use contract::schema::FieldKind;

impl<'c> Checker<'c, '_> {
    /// The standard and predefined rules of a message as a value.
    pub(super) fn judge_well_known(
        &mut self,
        rules: &'c ValueRules,
        program: &'c MessageProgram,
        body: Body,
        at: At<'_>,
    ) -> Result<(), Malformed> {
        if let Some(kind) = rules.wrapped {
            let scalar = self.wrapped(kind, body)?;
            self.judge_checks(&rules.checks, &scalar, at);
            for expression in &rules.predefined {
                self.judge_expression(expression, &scalar.value(), at);
            }
            return Ok(());
        }
        match &rules.checks {
            Checks::Duration(checks) => {
                let time = self.time(body)?;
                self.judge_number(checks, time, at);
            }
            Checks::Timestamp(checks) => {
                let (time, now) = (self.time(body)?, self.now_in_nanos());
                for (check, site) in checks {
                    if !check.holds(time, now) {
                        self.report(*site, at);
                    }
                }
            }
            Checks::Mask(checks) => {
                for (check, site) in checks {
                    if !check.holds(|| self.strings(body, 1)) {
                        self.report(*site, at);
                    }
                }
            }
            Checks::Any(checks) => {
                let url = self.strings(body, 1).last().unwrap_or_default();
                let url = std::str::from_utf8(url).map_err(|_| Malformed::Utf8)?;
                for (check, site) in checks {
                    match check.broken(url, *site, self.steps) {
                        Ok(None) => {}
                        Ok(Some(site)) => self.report(site, at),
                        Err(Exhausted) => self.exhausted(*site),
                    }
                }
            }
            _ => {}
        }
        if !rules.predefined.is_empty() {
            let this = Value::Message(self.view(program, body));
            for expression in &rules.predefined {
                self.judge_expression(expression, &this, at);
            }
        }
        Ok(())
    }

    /// Field 1 of a wrapper.
    fn wrapped(&self, kind: FieldKind, body: Body) -> Result<Scalar<'c>, Malformed> {
        let mut scalar = match kind {
            FieldKind::String => Scalar::Text(""),
            FieldKind::Bytes => Scalar::Blob(&[]),
            kind => Scalar::number(kind, 0),
        };
        self.each(body, |number, raw| {
            if number != 1 {
                return Ok(());
            }
            match (Read::of(kind), raw) {
                (Read::Varint, Raw::Varint(bits)) | (Read::Fixed64, Raw::Fixed64(bits)) => {
                    scalar = Scalar::number(kind, bits);
                }
                (Read::Fixed32, Raw::Fixed32(bits)) => scalar = Scalar::number(kind, bits.into()),
                (Read::Bytes, Raw::Bytes(span)) if kind == FieldKind::String => {
                    scalar = Scalar::Text(self.text(span)?);
                }
                (Read::Bytes, Raw::Bytes(span)) => scalar = Scalar::Blob(span.of(self.bytes)),
                // Of another wire type: an unknown field.
                _ => {}
            }
            Ok(())
        })?;
        Ok(scalar)
    }

    /// Seconds (1) and nanoseconds (2), in nanoseconds.
    fn time(&self, body: Body) -> Result<i128, Malformed> {
        let (mut seconds, mut nanos) = (0_i64, 0_i32);
        self.each(body, |number, raw| {
            match (number, raw) {
                (1, Raw::Varint(bits)) => seconds = bits.cast_signed(),
                (2, Raw::Varint(bits)) => nanos = int32(bits),
                _ => {}
            }
            Ok(())
        })?;
        Ok(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
    }

    fn each(
        &self,
        body: Body,
        mut of_record: impl FnMut(u32, Raw) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        for span in self.stretches(body) {
            let mut reader = Reader::new(self.bytes, span, 0);
            while let Some((number, raw)) = reader.record()? {
                of_record(number, raw)?;
            }
        }
        Ok(())
    }

    /// The strings of a field, as far as the bytes are sound.
    fn strings(&self, body: Body, wanted: u32) -> impl Iterator<Item = &'c [u8]> {
        let bytes = self.bytes;
        let records = self.stretches(body).flat_map(move |span| {
            let mut reader = Reader::new(bytes, span, 0);
            std::iter::from_fn(move || reader.record().ok().flatten())
        });
        records.filter_map(move |(number, raw)| match raw {
            Raw::Bytes(span) if number == wanted => Some(span.of(bytes)),
            _ => None,
        })
    }

    fn stretches(&self, body: Body) -> impl Iterator<Item = Span> {
        let (one, first) = match body {
            Body::One(span) => (Some(span), 0),
            Body::Chain(first) => (None, first),
        };
        let chain = std::iter::successors(self.scratch.node(first), |node| self.scratch.node(node.next));
        one.into_iter().chain(chain.map(|node| node.span))
    }
}
