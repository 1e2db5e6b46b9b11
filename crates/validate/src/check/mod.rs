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
    value::{MessageValue, Source},
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
}

impl<'c, 's> Checker<'c, 's> {
    const fn new(
        compiled: &'c Compiled,
        bytes: &'c [u8],
        now: SystemTime,
        steps: &'s mut Steps,
        scratch: &'s mut Scratch,
    ) -> Self {
        Self { compiled, bytes, now, steps, scratch, found: Vec::new(), runtime: None }
    }

    fn run(mut self, root: u32) -> Result<(), Failure> {
        let whole = Body::One(Span::whole(self.bytes)?);
        self.judge(self.program(root)?, whole, 0, None)?;
        match (self.runtime, self.found.is_empty()) {
            (Some(error), _) => Err(Failure::Runtime(error)),
            (None, true) => Ok(()),
            (None, false) => Err(Failure::Violations(Violations(self.found))),
        }
    }

    fn program(&self, number: u32) -> Result<&'c MessageProgram, Malformed> {
        // Numbers come from the compiler, so that the other case does not happen.
        self.compiled.messages.get(number as usize).ok_or(Malformed::WireType)
    }

    /// What is sound, but stands where no rule looks.
    fn verify(&mut self, program: u32, body: Body, depth: u32) -> Result<(), Malformed> {
        self.walk::<false>(self.program(program)?, body, depth, 0)
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
        let Some(site) = self.compiled.sites.get(site as usize) else { return };
        self.runtime.get_or_insert_with(|| RuntimeError {
            rule_id: site.rule_id.clone(),
            origin: site.origin.clone(),
            reason,
            too_dear,
        });
    }

    const fn source(&self) -> Source<'c> {
        Source { schema: &self.compiled.schema, bytes: self.bytes }
    }

    fn view(&self, program: &MessageProgram, body: Body) -> MessageValue<'c> {
        MessageValue::new(self.source(), program.message, self.scratch.parts(body))
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
