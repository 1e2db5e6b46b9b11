//! One pass over a message: is it sound, and what do its rules have to look at?

use super::{
    Checker,
    scratch::{Body, Slot},
};
use crate::{
    compiled::{FieldProgram, MessageProgram, NONE, Read, Shape},
    failure::Malformed,
    value::int32,
    wire::{MAX_DEPTH, Reader, Span},
};

/// Where a field's notes go.
#[derive(Clone, Copy)]
struct Spot<'c> {
    program: &'c MessageProgram,
    field: &'c FieldProgram,
    /// The field's position in the program.
    position: u32,
    /// The message's first slot.
    base: usize,
    depth: u32,
}

impl Spot<'_> {
    const fn slot(&self) -> usize {
        self.base + self.field.slot as usize
    }
}

impl<'c> Checker<'c, '_> {
    /// Walks a message; with `NOTE`, into the slots from `base` on.
    pub(super) fn walk<const NOTE: bool>(
        &mut self,
        program: &'c MessageProgram,
        body: Body,
        depth: u32,
        base: usize,
    ) -> Result<(), Malformed> {
        match body {
            // Nothing is no level.
            Body::Chain(0) => Ok(()),
            _ if depth > MAX_DEPTH => Err(Malformed::TooDeep),
            Body::One(span) => self.walk_span::<NOTE>(program, span, depth, base),
            Body::Chain(mut at) => {
                while let Some(node) = self.scratch.node(at) {
                    self.walk_span::<NOTE>(program, node.span, depth, base)?;
                    at = node.next;
                }
                Ok(())
            }
        }
    }

    fn walk_span<const NOTE: bool>(
        &mut self,
        program: &'c MessageProgram,
        span: Span,
        depth: u32,
        base: usize,
    ) -> Result<(), Malformed> {
        let mut reader = Reader::new(self.bytes, span, depth);
        while let Some((number, wire)) = reader.tag()? {
            let position = program.by_number.position(number);
            let Some(field) = program.fields.get(position as usize) else {
                reader.skip(number, wire)?;
                continue;
            };
            let spot = Spot { program, field, position, base, depth };
            match (field.read, wire) {
                (Read::Varint, 0) => {
                    let start = reader.position();
                    let bits = reader.varint()?;
                    self.scalar_record::<NOTE>(spot, bits, Span { start, end: reader.position() })?;
                }
                (Read::Fixed64, 1) => {
                    let start = reader.position();
                    let bits = reader.fixed64()?;
                    self.scalar_record::<NOTE>(spot, bits, Span { start, end: reader.position() })?;
                }
                (Read::Fixed32, 5) => {
                    let start = reader.position();
                    let bits = reader.fixed32()?.into();
                    self.scalar_record::<NOTE>(spot, bits, Span { start, end: reader.position() })?;
                }
                (Read::Bytes, 2) => {
                    let span = reader.delimited()?;
                    self.bytes_record::<NOTE>(spot, span)?;
                }
                (Read::Message, 2) => {
                    let span = reader.delimited()?;
                    self.message_record::<NOTE>(spot, span)?;
                }
                (Read::Group, 3) => {
                    let span = self.group(&mut reader, number)?;
                    self.message_record::<NOTE>(spot, span)?;
                }
                (Read::Varint | Read::Fixed64 | Read::Fixed32, 2) if field.shape == Shape::List => {
                    let run = reader.delimited()?;
                    let values = self.count_run(field, run)?;
                    if NOTE && field.slot != NONE && values > 0 {
                        self.scratch.add(spot.slot(), run, values);
                    }
                }
                _ => reader.skip(number, wire)?,
            }
        }
        Ok(())
    }

    /// A group's end is looked for once, whatever number of groups is around it.
    fn group(&mut self, reader: &mut Reader<'_>, number: u32) -> Result<Span, Malformed> {
        let groups = &mut self.scratch.groups;
        match groups.get(&reader.position()) {
            Some(group) => reader.pass(*group),
            None => {
                let found = reader.group_around(number, |start, group| _ = groups.insert(start, group));
                found.map(|group| group.span)
            }
        }
    }

    #[inline]
    fn scalar_record<const NOTE: bool>(
        &mut self,
        spot: Spot<'c>,
        bits: u64,
        span: Span,
    ) -> Result<(), Malformed> {
        if !NOTE || spot.field.slot == NONE {
            return Ok(());
        }
        let known = self.is_known(spot.field, bits);
        if spot.field.shape == Shape::List {
            if known {
                self.scratch.add(spot.slot(), span, 1);
            }
            return Ok(());
        }
        if known {
            self.displace(spot)?;
        }
        if let Some(slot) = self.scratch.slots.get_mut(spot.slot()) {
            if known {
                *slot = Slot { seen: 1, a: 0, b: 0, bits };
            } else {
                // Only maps ask: an entry with such a value is an unknown field as a whole.
                slot.a = 1;
            }
        }
        Ok(())
    }

    #[inline]
    fn bytes_record<const NOTE: bool>(&mut self, spot: Spot<'c>, span: Span) -> Result<(), Malformed> {
        if !NOTE || spot.field.slot == NONE {
            return if spot.field.utf8 { self.text(span).map(|_| ()) } else { Ok(()) };
        }
        if spot.field.shape == Shape::List {
            self.scratch.add(spot.slot(), span, 1);
            return Ok(());
        }
        self.displace(spot)?;
        let before = self.scratch.slot(spot.slot());
        if before.seen > 0 && spot.field.utf8 {
            self.text(before.span())?;
        }
        if let Some(slot) = self.scratch.slots.get_mut(spot.slot()) {
            *slot = Slot { seen: 1, a: span.start, b: span.end, bits: 0 };
        }
        Ok(())
    }

    #[inline]
    fn message_record<const NOTE: bool>(&mut self, spot: Spot<'c>, span: Span) -> Result<(), Malformed> {
        if !NOTE || spot.field.slot == NONE {
            return self.verify(spot.field.child, Body::One(span), spot.depth + 1);
        }
        self.displace(spot)?;
        match spot.field.shape {
            Shape::One => self.scratch.add_part(spot.slot(), span),
            Shape::List | Shape::Map => self.scratch.add(spot.slot(), span, 1),
        }
        Ok(())
    }

    /// Where the field is of a oneof, takes away the member that was set before. What is taken away must
    /// have been sound all the same.
    #[inline]
    fn displace(&mut self, spot: Spot<'c>) -> Result<(), Malformed> {
        if spot.field.oneof == NONE { Ok(()) } else { self.displace_other(spot) }
    }

    fn displace_other(&mut self, spot: Spot<'c>) -> Result<(), Malformed> {
        let Some(oneof) =
            spot.program.oneofs.get(spot.field.oneof as usize).filter(|oneof| oneof.slot != NONE)
        else {
            return Ok(());
        };
        let at = spot.base + oneof.slot as usize;
        let before = self.scratch.slot(at);
        let other = usize::try_from(before.bits).ok().and_then(|other| spot.program.fields.get(other));
        if let Some(other) = other.filter(|_| before.seen > 0 && before.bits != u64::from(spot.position)) {
            let slot = self.scratch.slot(spot.base + other.slot as usize);
            match other.read {
                Read::Message | Read::Group => self.verify(other.child, slot.chain(), spot.depth + 1)?,
                Read::Bytes if other.utf8 => _ = self.text(slot.span())?,
                _ => {}
            }
            if let Some(slot) = self.scratch.slots.get_mut(spot.base + other.slot as usize) {
                *slot = Slot::default();
            }
        }
        if let Some(slot) = self.scratch.slots.get_mut(at) {
            *slot = Slot { seen: 1, a: 0, b: 0, bits: spot.position.into() };
        }
        Ok(())
    }

    /// Whether a number is a value of the field's enum, or need not be.
    #[inline]
    pub(super) fn is_known(&self, field: &FieldProgram, bits: u64) -> bool {
        match field.closed {
            None => true,
            Some(id) => self.compiled.schema.enum_at(id).has(int32(bits)),
        }
    }

    /// How many values a packed run has that count.
    fn count_run(&self, field: &FieldProgram, run: Span) -> Result<u64, Malformed> {
        match field.read {
            Read::Fixed64 if run.len().is_multiple_of(8) => return Ok(u64::from(run.len() / 8)),
            Read::Fixed32 if run.len().is_multiple_of(4) => return Ok(u64::from(run.len() / 4)),
            Read::Varint => {}
            _ => return Err(Malformed::Truncated),
        }
        let mut reader = Reader::new(self.bytes, run, 0);
        let mut values = 0;
        while !reader.is_at_end() {
            let bits = reader.varint()?;
            values += u64::from(self.is_known(field, bits));
        }
        Ok(values)
    }

    /// A string that must be UTF-8.
    #[inline]
    pub(super) fn text(&self, span: Span) -> Result<&'c str, Malformed> {
        std::str::from_utf8(span.of(self.bytes)).map_err(|_| Malformed::Utf8)
    }
}
