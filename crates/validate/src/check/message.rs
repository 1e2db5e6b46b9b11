//! Messages: their own rules, then those of their fields.

use super::{
    Checker,
    report::{At, Frame},
    scalar::is_set,
    scratch::Body,
};
use crate::{
    compiled::{FieldProgram, MessageProgram, Shape},
    failure::Malformed,
    value::Value,
};

/// A message while its rules are applied.
#[derive(Clone, Copy)]
pub(super) struct Scene<'c, 'f> {
    pub(super) program: &'c MessageProgram,
    pub(super) body: Body,
    /// Its first slot.
    pub(super) base: usize,
    pub(super) depth: u32,
    /// The way to it; none to the root.
    pub(super) above: Option<&'f Frame<'f>>,
}

impl<'c> Checker<'c, '_> {
    /// Walks a message and applies all rules within.
    pub(super) fn judge(
        &mut self,
        program: &'c MessageProgram,
        body: Body,
        depth: u32,
        above: Option<&Frame<'_>>,
    ) -> Result<(), Malformed> {
        if !self.is_to_be_judged(program) {
            return self.walk::<false>(program, body, depth, 0);
        }
        let mark = self.scratch.open(program.slots);
        self.walk::<true>(program, body, depth, mark.slots)?;
        let scene = Scene { program, body, base: mark.slots, depth, above };
        self.judge_itself(scene)?;
        for position in &program.tracked {
            if let Some(field) = program.fields.get(*position as usize) {
                self.judge_field(scene, field)?;
            }
        }
        self.scratch.close(mark);
        Ok(())
    }

    fn judge_itself(&mut self, scene: Scene<'c, '_>) -> Result<(), Malformed> {
        let Scene { program, body, base, above, .. } = scene;
        let at = At::message(above).or_within(program.masked);
        if !program.expressions.is_empty() {
            let this = Value::Message(self.view(program, body));
            for expression in &program.expressions {
                self.judge_expression(expression, &this, at);
            }
        }
        for rule in &program.one_of {
            let mut set = 0;
            for position in &rule.fields {
                if let Some(field) = program.fields.get(*position as usize) {
                    set += u32::from(self.is_there(scene, field)?);
                }
            }
            if set > 1 {
                self.report(rule.several, at);
            } else if set == 0 && rule.required {
                self.report(rule.none, at);
            }
        }
        for oneof in &program.oneofs {
            if let Some(site) = oneof.required
                && self.scratch.slot(base + oneof.slot as usize).seen == 0
            {
                self.report_oneof(site, at, &oneof.element);
            }
        }
        Ok(())
    }

    fn is_there(&mut self, scene: Scene<'c, '_>, field: &'c FieldProgram) -> Result<bool, Malformed> {
        let slot = self.scratch.slot(scene.base + field.slot as usize);
        match field.shape {
            Shape::Map => self.has_entries(field, slot, scene.depth + 1),
            _ => Ok(is_set(field, slot)),
        }
    }
}
