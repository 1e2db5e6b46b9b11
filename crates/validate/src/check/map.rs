//! Maps: of the entries with the same key the last one counts.

use super::{
    Checker,
    message::Scene,
    report::{At, Frame, Step},
    scalar::Scalar,
    scratch::{Body, Entry, Key, Node, Slot},
};
use crate::{
    compiled::{FieldProgram, MapRules, MessageProgram, Read},
    failure::Malformed,
    value::Value,
    wire::Span,
};
use contract::schema::FieldKind;
use std::cmp::Ordering;

/// Up to here keys are compared each with each.
const FEW: usize = 8;

impl<'c> Checker<'c, '_> {
    pub(super) fn judge_map(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
    ) -> Result<(), Malformed> {
        let slot = self.scratch.slot(scene.base + field.slot as usize);
        let program = self.program(field.child)?;
        if self.decided {
            return self.verify_entries(field, slot, scene.depth + 1);
        }
        let first = self.scratch.entries.len();
        self.read_entries(program, slot, scene.depth + 1)?;
        self.discard_overwritten(first);
        let entries = self.scratch.entries.get(first..).unwrap_or_default();
        let count = entries.iter().filter(|entry| entry.counts).count() as u64;
        let frame = Frame::new(scene.above, field, Step::Whole);
        let asked = self.is_asked(field, count > 0, &frame);
        let rules = field.rules.map.as_deref();
        if asked && !field.rules.is_empty() {
            self.judge_whole(scene, field, &frame);
            if let Some(rules) = rules {
                self.judge_size(rules, count, At::of(&frame));
            }
            self.judge_whole_predefined(scene, field, &frame);
        }
        let within =
            program.judged || rules.is_some_and(|rules| !rules.keys.is_empty() || !rules.values.is_empty());
        self.judge_entries(scene, field, program, first, asked && within)?;
        self.scratch.entries.truncate(first);
        Ok(())
    }

    fn verify_entries(&mut self, field: &FieldProgram, slot: Slot, depth: u32) -> Result<(), Malformed> {
        let mut at = slot.a;
        while let Some(Node { span, next }) = self.scratch.node(at) {
            self.verify(field.child, Body::One(span), depth)?;
            at = next;
        }
        Ok(())
    }

    fn judge_size(&mut self, rules: &'c MapRules, count: u64, at: At<'_>) {
        if let Some((least, site)) = rules.min
            && count < least
        {
            self.report(site, at);
        }
        if let Some((most, site)) = rules.max
            && count > most
        {
            self.report(site, at);
        }
    }

    /// Notes every entry with its key. Whether messages in them are sound is seen when they are judged.
    fn read_entries(&mut self, program: &'c MessageProgram, slot: Slot, depth: u32) -> Result<(), Malformed> {
        let mut at = slot.a;
        while let Some(Node { span, next }) = self.scratch.node(at) {
            at = next;
            let mark = self.scratch.open(program.slots);
            self.walk::<true>(program, Body::One(span), depth, mark.slots)?;
            let mut entry = Entry { span, key: Key::Number(0), counts: true };
            for field in &program.fields {
                let slot = self.scratch.slot(mark.slots + field.slot as usize);
                match (field.element.field_number, field.read) {
                    (Some(1), _) => entry.key = self.key(field, slot)?,
                    (_, Read::Bytes) => _ = self.stretch(field, slot.span())?,
                    (_, Read::Message | Read::Group) => {}
                    _ => entry.counts = slot.a == 0,
                }
            }
            self.scratch.close(mark);
            self.scratch.entries.push(entry);
        }
        Ok(())
    }

    /// Whether any entry counts.
    pub(super) fn has_entries(
        &mut self,
        field: &'c FieldProgram,
        slot: Slot,
        depth: u32,
    ) -> Result<bool, Malformed> {
        let program = self.program(field.child)?;
        if self.decided || !program.fields.iter().any(|field| field.closed.is_some()) {
            return Ok(slot.bits > 0);
        }
        // Several rules may ask. Where nothing is left, the first rule that is judged behind says so.
        _ = self.steps.spend(usize::try_from(slot.bits).unwrap_or(usize::MAX));
        let first = self.scratch.entries.len();
        self.read_entries(program, slot, depth)?;
        let has = self.scratch.entries.get(first..).is_some_and(|all| all.iter().any(|entry| entry.counts));
        self.scratch.entries.truncate(first);
        Ok(has)
    }

    fn key(&self, field: &FieldProgram, slot: Slot) -> Result<Key, Malformed> {
        Ok(match self.scalar(field, slot)? {
            Scalar::Text(_) | Scalar::Octets(_) => Key::Text(slot.span()),
            Scalar::Bool(key) => Key::Number(key.into()),
            Scalar::Uint(key) => Key::Number(key),
            Scalar::Int(key) => Key::Number(key.cast_unsigned()),
            _ => Key::Number(0),
        })
    }

    /// Of the entries from `first` on with the same key, only the last one counts. One that counts as an
    /// unknown field takes nothing's place.
    fn discard_overwritten(&mut self, first: usize) {
        let bytes = self.bytes;
        let Some(entries) = self.scratch.entries.get_mut(first..) else { return };
        if entries.len() <= FEW {
            for at in 1..entries.len() {
                if let Some((before, [entry, ..])) = entries.split_at_mut_checked(at).filter(|_| true) {
                    let same = |other: &&mut Entry| order(other.key, entry.key, bytes).is_eq();
                    before
                        .iter_mut()
                        .filter(|_| entry.counts)
                        .filter(same)
                        .for_each(|other| other.counts = false);
                }
            }
            return;
        }
        let mut positions = std::mem::take(&mut self.scratch.order);
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        positions.extend((0..count).filter(|at| entries.get(*at as usize).is_some_and(|entry| entry.counts)));
        let key = |at: u32| entries.get(at as usize).map_or(Key::Number(0), |entry| entry.key);
        positions.sort_unstable_by(|one, other| order(key(*one), key(*other), bytes).then(one.cmp(other)));
        for pair in positions.windows(2) {
            let [one, other] = pair else { continue };
            let key = |at: u32| entries.get(at as usize).map_or(Key::Number(0), |entry| entry.key);
            if order(key(*one), key(*other), bytes).is_eq()
                && let Some(entry) = entries.get_mut(*one as usize)
            {
                entry.counts = false;
            }
        }
        positions.clear();
        self.scratch.order = positions;
    }

    /// The rules of keys and values, and those within values; entries without verdict must be sound all the same.
    fn judge_entries(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
        program: &'c MessageProgram,
        first: usize,
        judged: bool,
    ) -> Result<(), Malformed> {
        let mut at = first;
        while let Some(entry) = self.scratch.entries.get(at).copied() {
            at += 1;
            if judged && entry.counts && !self.decided {
                self.judge_entry(scene, field, program, entry.span)?;
            } else {
                self.verify(field.child, Body::One(entry.span), scene.depth + 1)?;
            }
        }
        Ok(())
    }

    fn judge_entry(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
        program: &'c MessageProgram,
        span: Span,
    ) -> Result<(), Malformed> {
        let depth = scene.depth + 1;
        let mark = self.scratch.open(program.slots);
        self.walk::<true>(program, Body::One(span), depth, mark.slots)?;
        let of = |number: i32| program.fields.iter().find(|field| field.element.field_number == Some(number));
        if let (Some(key_field), Some(value_field)) = (of(1), of(2)) {
            let slot = self.scratch.slot(mark.slots + key_field.slot as usize);
            let key = self.scalar(key_field, slot)?;
            let frame = Frame::new(scene.above, field, Step::Key(&key));
            let rules = field.rules.map.as_deref();
            if let Some(rules) = rules {
                self.judge_scalar(&rules.keys, &key, At::key(&frame));
            }
            let slot = self.scratch.slot(mark.slots + value_field.slot as usize);
            match (value_field.kind, rules) {
                (FieldKind::Message(_) | FieldKind::Group(_), Some(rules)) => {
                    self.judge_message(&rules.values, value_field, slot.chain(), depth + 1, &frame)?;
                }
                (FieldKind::Message(_) | FieldKind::Group(_), None) => {
                    let child = self.program(value_field.child)?;
                    self.judge(child, slot.chain(), depth + 1, Some(&frame))?;
                }
                (_, Some(rules)) => {
                    let value = self.scalar(value_field, slot)?;
                    self.judge_scalar(&rules.values, &value, At::of(&frame));
                }
                (_, None) => {}
            }
        }
        self.scratch.close(mark);
        Ok(())
    }

    /// The expressions of a list or map as a whole.
    pub(super) fn judge_whole(&mut self, scene: Scene<'c, '_>, field: &'c FieldProgram, frame: &Frame<'_>) {
        if field.rules.expressions.is_empty() || self.decided || self.standard_only {
            return;
        }
        if let Some(this) = self.whole(scene, field) {
            for expression in &field.rules.expressions {
                self.judge_expression(expression, &this, self.at_whole(field, frame));
            }
        }
    }

    /// The predefined rules of a list or map as a whole.
    pub(super) fn judge_whole_predefined(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
        frame: &Frame<'_>,
    ) {
        if field.rules.predefined.is_empty() || self.decided || self.standard_only {
            return;
        }
        if let Some(this) = self.whole(scene, field) {
            for expression in &field.rules.predefined {
                self.judge_expression(expression, &this, self.at_whole(field, frame));
            }
        }
    }

    fn at_whole<'f>(&self, field: &FieldProgram, frame: &'f Frame<'f>) -> At<'f> {
        let within = self.compiled.messages.get(field.child as usize).is_some_and(|child| child.masked);
        At::of(frame).or_within(within)
    }

    fn whole(&mut self, scene: Scene<'c, '_>, field: &FieldProgram) -> Option<Value<'c>> {
        let view = self.view(scene.program, scene.body);
        let declared = view.descriptor().fields.get(field.position)?;
        Some(view.field(declared))
    }
}

fn order(one: Key, other: Key, bytes: &[u8]) -> Ordering {
    match (one, other) {
        (Key::Number(one), Key::Number(other)) => one.cmp(&other),
        (Key::Text(one), Key::Text(other)) => one.of(bytes).cmp(other.of(bytes)),
        (Key::Number(_), Key::Text(_)) => Ordering::Less,
        (Key::Text(_), Key::Number(_)) => Ordering::Greater,
    }
}
