//! Encoded bytes against a program.
//!
//! A message is walked once: what its rules ask for is noted in slots (the last value of a scalar, the
//! stretches of a message, the items of a list), and everything is checked for soundness on the way. Then
//! its rules are applied to the notes, in the order in which they are written, and messages within are
//! judged in the same manner. Notes live in a [`Scratch`] that each thread keeps, so that nothing is
//! allocated while the message is fine.

mod field;
mod list;
mod map;
mod message;
mod report;
mod scalar;
mod scratch;
mod walk;
mod well_known;

use crate::{
    compiled::{Compiled, MessageProgram},
    failure::{Failure, Malformed, RuntimeError},
    rules::SiteId,
    steps::Steps,
    value::{MessageValue, Parts, Source},
    violation::{Violation, Violations},
    wire::Span,
};
use scratch::{Body, Scratch};
use std::{
    cell::RefCell,
    time::{SystemTime, UNIX_EPOCH},
};

/// Violations that are told; whoever breaks more rules learns of the others later.
pub const MAX_VIOLATIONS: usize = 100;

/// How many stretches of bytes are listed at the price of a step.
const SPANS_A_STEP: usize = 4;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Whether the message obeys.
pub(crate) fn check(
    compiled: &Compiled,
    root: u32,
    bytes: &[u8],
    now: SystemTime,
    steps: &mut Steps,
) -> Result<(), Failure> {
    SCRATCH.with(|kept| match kept.try_borrow_mut() {
        Ok(mut scratch) => {
            let verdict = Checker::new(compiled, bytes, now, steps, &mut scratch).run(root);
            scratch.clear();
            verdict
        }
        Err(_) => Checker::new(compiled, bytes, now, steps, &mut Scratch::default()).run(root),
    })
}

struct Checker<'c, 's> {
    compiled: &'c Compiled,
    bytes: &'c [u8],
    now: SystemTime,
    /// One purse for all that rules do.
    steps: &'s mut Steps,
    scratch: &'s mut Scratch,
    found: Vec<Violation>,
    runtime: Option<RuntimeError>,
    /// Whether no rule can change the verdict: only soundness is looked at from here on.
    decided: bool,
    /// Whether rules in CEL are left out.
    standard_only: bool,
    /// Whether any rule in CEL was evaluated.
    evaluated: bool,
}

impl<'c, 's> Checker<'c, 's> {
    const fn new(
        compiled: &'c Compiled,
        bytes: &'c [u8],
        now: SystemTime,
        steps: &'s mut Steps,
        scratch: &'s mut Scratch,
    ) -> Self {
        Self {
            compiled,
            bytes,
            now,
            steps,
            scratch,
            found: Vec::new(),
            runtime: None,
            decided: false,
            standard_only: false,
            evaluated: false,
        }
    }

    fn run(mut self, root: u32) -> Result<(), Failure> {
        let (program, whole) = (self.program(root)?, Body::One(Span::whole(self.bytes)?));
        self.judge(program, whole, 0, None)?;
        if self.is_too_dear() && self.found.is_empty() && self.evaluated {
            self.judge_again(program, whole)?;
        }
        // What breaks rules for certain is refused for that, whatever it would have cost to judge the rest.
        let broken = !self.found.is_empty();
        match self.runtime {
            Some(error) if !(error.too_dear && broken) => Err(Failure::Runtime(error)),
            _ if broken => Err(Failure::Violations(Violations(self.found))),
            _ => Ok(()),
        }
    }

    /// What costs too much is often what breaks a bound: the standard rules alone, with steps of their own.
    #[cold]
    fn judge_again(&mut self, program: &'c MessageProgram, whole: Body) -> Result<(), Malformed> {
        let mut steps = Steps::for_message(self.bytes.len());
        let mut again = Checker::new(self.compiled, self.bytes, self.now, &mut steps, self.scratch);
        again.standard_only = true;
        again.judge(program, whole, 0, None)?;
        self.found = again.found;
        Ok(())
    }

    fn is_too_dear(&self) -> bool {
        self.runtime.as_ref().is_some_and(|error| error.too_dear)
    }

    fn program(&self, number: u32) -> Result<&'c MessageProgram, Malformed> {
        // Numbers come from the compiler, so that the other case does not happen.
        self.compiled.messages.get(number as usize).ok_or(Malformed::WireType)
    }

    /// What is sound, but stands where no rule looks.
    fn verify(&mut self, program: u32, body: Body, depth: u32) -> Result<(), Malformed> {
        self.walk::<false>(self.program(program)?, body, depth, 0)
    }

    /// Pays for looking at every field of a message, which may be more than it has bytes; or finds that nothing need
    /// be looked at any more.
    #[inline]
    fn is_to_be_judged(&mut self, program: &MessageProgram) -> bool {
        if !program.judged || self.decided {
            return false;
        }
        if self.steps.spend(program.toll).is_err() {
            self.exhausted(program.site);
        }
        !self.decided
    }

    /// A rule has no verdict: the steps are spent. What is not judged by then will not be.
    #[cold]
    fn exhausted(&mut self, site: SiteId) {
        let reason = "the message needs more steps than a check may take".to_owned();
        self.cannot_tell(site, reason, true);
    }

    /// A rule has no verdict; only the first one that has none is told.
    #[cold]
    fn cannot_tell(&mut self, site: SiteId, reason: String, too_dear: bool) {
        let Some(site) = self.compiled.sites.get(site as usize).filter(|_| !self.decided) else { return };
        self.runtime.get_or_insert_with(|| RuntimeError {
            rule_id: site.rule_id.clone(),
            origin: site.origin.clone(),
            reason,
            too_dear,
        });
        self.decided = true;
    }

    const fn source(&self) -> Source<'c> {
        Source { schema: &self.compiled.schema, bytes: self.bytes }
    }

    /// A view of a message. Listing the parts of one that was split is paid for; where nothing is left, the rule that
    /// looks at it says so.
    fn view(&mut self, program: &MessageProgram, body: Body) -> MessageValue<'c> {
        let parts = self.scratch.parts(body);
        if let Parts::Many(spans) = &parts {
            _ = self.steps.spend(spans.len() / SPANS_A_STEP);
        }
        MessageValue::new(self.source(), program.message, parts)
    }

    /// Nanoseconds since 1970.
    fn now_in_nanos(&self) -> i128 {
        let nanos = |duration: std::time::Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
        match self.now.duration_since(UNIX_EPOCH) {
            Ok(after) => nanos(after),
            Err(before) => -nanos(before.duration()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{compile, schema::Schema};

    /// One look for the outermost one finds the ends of all.
    #[test]
    fn groups_within_groups_are_looked_through_once() {
        let text = "syntax = \"proto2\"; package p; import \"buf/validate/validate.proto\"; message M { \
                    optional group G = 1 { optional M m = 2; optional group H = 3 { \
                    optional int32 a = 1 [(buf.validate.field).int32.gt = 5]; optional group K = 4 {} } } }";
        let schema = Schema::read(&compile::texts(&[("t.proto", text)]).unwrap().bytes).unwrap();
        let (compiled, roots) = crate::compile::compile(&schema, &["p.M"]).unwrap();
        let judge = |bytes: &[u8]| {
            let (mut scratch, mut steps) = (Scratch::default(), Steps::endless());
            let verdict =
                Checker::new(&compiled, bytes, UNIX_EPOCH, &mut steps, &mut scratch).run(roots[0].program);
            let mut known: Vec<u32> = scratch.groups.keys().copied().collect();
            known.sort_unstable();
            (verdict.map_err(|error| error.to_string()), known)
        };
        let inner = [&[0x1b, 8, 9][..], &[0x23, 0x24], &[0x1c]].concat();
        let whole = [&[0x0b][..], &inner, &[0x0c]].concat();
        assert_eq!(judge(&whole), (Ok(()), vec![2, 5]));
        // Of a message in a group nobody has looked at the inside.
        let below = [&[0x0b, 0x12, 8][..], &whole, &inner, &[0x0c]].concat();
        assert_eq!(judge(&below), (Ok(()), vec![5, 8, 12, 15]));
        let small = [&[0x0b, 0x1b, 8, 1][..], &[0x23, 0x24, 0x1c, 0x0c]].concat();
        assert_eq!(judge(&small).0, Err("g.h.a: must be greater than 5".to_owned()));
        let ended = [&[0x0b, 0x1b, 8, 9][..], &[0x23, 0x1c, 0x24, 0x0c]].concat();
        assert_eq!(judge(&ended).0, Err("a group ends that did not begin".to_owned()));
    }
}
