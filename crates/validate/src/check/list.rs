//! Lists: rules of the whole, then of each item.

use super::{
    Checker,
    message::Scene,
    report::{At, Frame, Step},
    scalar::Scalar,
    scratch::{Body, Node, Slot},
};
use crate::{
    compiled::{FieldProgram, Ignore, ListRules, Read, ValueRules},
    failure::Malformed,
    wire::{Reader, Span},
};

impl<'c> Checker<'c, '_> {
    pub(super) fn judge_list(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
    ) -> Result<(), Malformed> {
        let slot = self.scratch.slot(scene.base + field.slot as usize);
        let frame = Frame::new(scene.above, field, Step::Whole);
        let asked = !self.decided && self.is_asked(field, slot.bits > 0, &frame);
        let rules = field.rules.list.as_deref();
        if asked && !field.rules.is_empty() {
            self.judge_whole(scene, field, &frame);
            if let Some(rules) = rules {
                self.judge_list_rules(rules, field, slot, At::of(&frame))?;
            }
            self.judge_whole_predefined(scene, field, &frame);
        }
        let items = rules.map(|rules| &rules.items).filter(|_| asked);
        self.judge_items(scene, field, slot, items)
    }

    fn judge_list_rules(
        &mut self,
        rules: &'c ListRules,
        field: &'c FieldProgram,
        slot: Slot,
        at: At<'_>,
    ) -> Result<(), Malformed> {
        if let Some((least, site)) = rules.min
            && slot.bits < least
        {
            self.report(site, at);
        }
        if let Some((most, site)) = rules.max
            && slot.bits > most
        {
            self.report(site, at);
        }
        if let Some(site) = rules.unique
            && slot.bits > 1
            && !self.is_unique(field, slot)?
        {
            self.report(site, at);
        }
        Ok(())
    }

    /// Every item: its rules where `rules` apply, and in any case whether it is sound.
    fn judge_items(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
        slot: Slot,
        rules: Option<&'c ValueRules>,
    ) -> Result<(), Malformed> {
        let packable = !matches!(field.read, Read::Bytes | Read::Message | Read::Group);
        let judged = rules.is_some_and(|rules| !rules.is_empty());
        if packable && (!judged || self.decided) {
            return Ok(());
        }
        let mut index = 0_u64;
        let mut at = slot.a;
        while let Some(Node { span, next }) = self.scratch.node(at) {
            at = next;
            match field.read {
                Read::Message | Read::Group => {
                    let frame = Frame::new(scene.above, field, Step::Item(index));
                    self.judge_item_message(scene, field, span, rules, &frame)?;
                    index += 1;
                }
                Read::Bytes => {
                    let scalar = self.stretch(field, span)?;
                    self.judge_item(scene, field, index, &scalar, rules);
                    index += 1;
                }
                Read::Varint | Read::Fixed64 | Read::Fixed32 => {
                    let mut reader = Reader::new(self.bytes, span, 0);
                    while let Some(scalar) = self.next_item(field, &mut reader)?.filter(|_| !self.decided) {
                        self.judge_item(scene, field, index, &scalar, rules);
                        index += 1;
                    }
                }
            }
        }
        Ok(())
    }

    fn judge_item(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
        index: u64,
        scalar: &Scalar<'c>,
        rules: Option<&'c ValueRules>,
    ) {
        if let Some(rules) = rules.filter(|_| !self.decided) {
            let frame = Frame::new(scene.above, field, Step::Item(index));
            self.judge_scalar(rules, scalar, At::of(&frame));
        }
    }

    fn judge_item_message(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
        span: Span,
        rules: Option<&'c ValueRules>,
        frame: &Frame<'_>,
    ) -> Result<(), Malformed> {
        let (body, depth) = (Body::One(span), scene.depth + 1);
        match rules {
            _ if field.ignore == Ignore::Always => self.verify(field.child, body, depth),
            Some(rules) => self.judge_message(rules, field, body, depth, frame),
            None => self.judge(self.program(field.child)?, body, depth, Some(frame)),
        }
    }

    /// The next value of a run that counts.
    fn next_item(
        &self,
        field: &FieldProgram,
        reader: &mut Reader<'_>,
    ) -> Result<Option<Scalar<'c>>, Malformed> {
        while !reader.is_at_end() {
            let bits = match field.read {
                Read::Fixed64 => reader.fixed64()?,
                Read::Fixed32 => reader.fixed32()?.into(),
                _ => reader.varint()?,
            };
            if self.is_known(field, bits) {
                return Ok(Some(Scalar::number(field.kind, bits)));
            }
        }
        Ok(None)
    }

    /// Whether no item comes twice. NaN is never the same; minus zero is zero.
    fn is_unique(&mut self, field: &FieldProgram, slot: Slot) -> Result<bool, Malformed> {
        let (numbers, spans) = (self.scratch.numbers.len(), self.scratch.spans.len());
        let mut at = slot.a;
        while let Some(Node { span, next }) = self.scratch.node(at) {
            at = next;
            if field.read == Read::Bytes {
                self.scratch.spans.push(span);
                continue;
            }
            let mut reader = Reader::new(self.bytes, span, 0);
            while let Some(scalar) = self.next_item(field, &mut reader)? {
                self.scratch.numbers.extend(comparable(&scalar));
            }
        }
        let bytes = self.bytes;
        let unique = are_unique(self.scratch.numbers.get_mut(numbers..), Ord::cmp)
            && are_unique(self.scratch.spans.get_mut(spans..), |one, other| {
                one.of(bytes).cmp(other.of(bytes))
            });
        self.scratch.numbers.truncate(numbers);
        self.scratch.spans.truncate(spans);
        Ok(unique)
    }
}

fn comparable(scalar: &Scalar<'_>) -> Option<u64> {
    match scalar {
        Scalar::Bool(value) => Some(u64::from(*value)),
        Scalar::Int(value) => Some(value.cast_unsigned()),
        Scalar::Uint(value) => Some(*value),
        Scalar::Enum(_, value) => Some(i64::from(*value).cast_unsigned()),
        Scalar::Double(value) if value.is_nan() => None,
        Scalar::Double(value) => Some((value + 0.0).to_bits()),
        Scalar::Text(_) | Scalar::Octets(_) | Scalar::Blob(_) => None,
    }
}

fn are_unique<T>(items: Option<&mut [T]>, order: impl Fn(&T, &T) -> std::cmp::Ordering) -> bool {
    let Some(items) = items else { return true };
    items.sort_unstable_by(&order);
    items.windows(2).all(|pair| match pair {
        [one, other] => order(one, other).is_ne(),
        _ => true,
    })
}
