//! Fields with at most one value.

use super::{
    Checker,
    message::Scene,
    report::{At, Frame, Step},
    scalar::is_set,
    scratch::Body,
};
use crate::{
    compiled::{FieldProgram, Ignore, MessageProgram, Read, Shape, ValueRules},
    failure::Malformed,
    ledger,
    steps::Exhausted,
    value::Value,
};

impl<'c> Checker<'c, '_> {
    pub(super) fn judge_field(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
    ) -> Result<(), Malformed> {
        match (field.shape, field.read) {
            (Shape::Map, _) => self.judge_map(scene, field),
            (Shape::List, _) => self.judge_list(scene, field),
            (Shape::One, Read::Message | Read::Group) => self.judge_message_field(scene, field),
            (Shape::One, _) => self.judge_scalar_field(scene, field),
        }
    }

    fn judge_scalar_field(&mut self, scene: Scene<'c, '_>, field: &'c FieldProgram) -> Result<(), Malformed> {
        let slot = self.scratch.slot(scene.base + field.slot as usize);
        // Read whether a rule asks or not: it must be sound in any case.
        let scalar = self.scalar(field, slot)?;
        if self.decided {
            return Ok(());
        }
        let frame = Frame::new(scene.above, field, Step::Whole);
        if self.is_asked(field, is_set(field, slot), &frame) {
            self.judge_scalar(&field.rules, &scalar, At::of(&frame));
        }
        Ok(())
    }

    fn judge_message_field(
        &mut self,
        scene: Scene<'c, '_>,
        field: &'c FieldProgram,
    ) -> Result<(), Malformed> {
        let slot = self.scratch.slot(scene.base + field.slot as usize);
        let frame = Frame::new(scene.above, field, Step::Whole);
        if self.is_asked(field, slot.seen > 0, &frame) {
            self.judge_message(&field.rules, field, slot.chain(), scene.depth + 1, &frame)
        } else {
            self.verify(field.child, slot.chain(), scene.depth + 1)
        }
    }

    /// Whether the rules of a field apply, given whether it is set.
    pub(super) fn is_asked(&mut self, field: &'c FieldProgram, set: bool, frame: &Frame<'_>) -> bool {
        if field.ignore == Ignore::Always {
            return false;
        }
        if set {
            return true;
        }
        if let Some(site) = field.required {
            self.report(site, At::of(frame));
            return false;
        }
        !field.presence && field.ignore != Ignore::IfZero
    }

    /// Whether nothing is set in a message. Where that is too dear to tell, the rules that ask for it have no verdict.
    fn is_empty(&mut self, rules: &ValueRules, program: &'c MessageProgram, body: Body) -> bool {
        ledger::open(usize::MAX);
        let view = self.view(program, body);
        let empty = view.is_empty_within(|| self.steps.spend(ledger::owed()));
        empty.unwrap_or_else(|Exhausted| {
            self.exhausted(rules.first_site().unwrap_or(program.site));
            true
        })
    }

    /// A message as a value: the rules for it, then those within it.
    pub(super) fn judge_message(
        &mut self,
        rules: &'c ValueRules,
        field: &'c FieldProgram,
        body: Body,
        depth: u32,
        frame: &Frame<'_>,
    ) -> Result<(), Malformed> {
        let program = self.program(field.child)?;
        if self.decided || rules.ignore_always || (rules.ignore_zero && self.is_empty(rules, program, body)) {
            return self.verify(field.child, body, depth);
        }
        if !rules.is_empty() {
            let at = At::of(frame).or_within(program.masked);
            if !rules.expressions.is_empty() {
                let this = Value::Message(self.view(program, body));
                for expression in &rules.expressions {
                    self.judge_expression(expression, &this, at);
                }
            }
            self.judge_well_known(rules, program, body, at)?;
        }
        self.judge(program, body, depth, Some(frame))
    }
}
