//! The judge of one direction of one method.

use super::{
    refusal,
    rulebook::{Programs, Typed},
};
use crate::{
    limit::{Bounds, Direction},
    status::MeshError,
};
use contract::{Sourced, ValidatePolicy, ValidateRequests, ValidateResponses};
use std::time::SystemTime;

/// Judges the messages of one direction of one method.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    pub(super) path: Box<str>,
    pub(super) direction: Direction,
    /// Of the messages.
    pub(super) typed: Typed,
    /// Whether what breaks rules is only reported.
    pub(super) reports: bool,
    max_bytes: Sourced<u32>,
}

impl Judge {
    /// Of requests; none where nobody asks for one.
    pub(crate) fn of_requests(
        path: &str,
        programs: &Programs,
        policy: ValidatePolicy,
        max_bytes: &Sourced<u32>,
    ) -> Option<Self> {
        let wanted = policy.requests != ValidateRequests::Nobody && !programs.request.program.is_empty();
        wanted.then(|| Self {
            path: path.into(),
            direction: Direction::Request,
            typed: programs.request.clone(),
            reports: false,
            max_bytes: max_bytes.clone(),
        })
    }

    /// Of responses; none where nobody asks for one.
    pub(crate) fn of_responses(
        path: &str,
        programs: &Programs,
        policy: ValidatePolicy,
        max_bytes: &Sourced<u32>,
    ) -> Option<Self> {
        let wanted = policy.responses != ValidateResponses::Ignore && !programs.response.program.is_empty();
        wanted.then(|| Self {
            path: path.into(),
            direction: Direction::Response,
            typed: programs.response.clone(),
            reports: policy.responses == ValidateResponses::Report,
            max_bytes: max_bytes.clone(),
        })
    }

    /// Whether a message obeys. `compressed`: its bytes are not the message's own.
    pub(super) fn judge(&self, message: &[u8], compressed: bool) -> Result<(), MeshError> {
        let verdict = if compressed {
            Err(refusal::of_compressed(self))
        } else {
            let mut steps = self.typed.program.steps(message.len());
            let verdict = self.typed.program.examine_within(message, SystemTime::now(), &mut steps);
            verdict.map_err(|failure| refusal::of(self, failure, &steps))
        };
        match verdict {
            Err(error) if self.reports => {
                let metadata = &error.metadata;
                let told = |key| metadata.get(key).map_or("", String::as_str);
                tracing::warn!(
                    method = &*self.path,
                    rule = told("rule"),
                    field = told("field"),
                    origin = told("origin"),
                    "a response breaks its contract, and was delivered"
                );
                Ok(())
            }
            verdict => verdict,
        }
    }
}

impl Bounds for Judge {
    fn path(&self) -> &str {
        &self.path
    }
    fn max(&self, _: Direction) -> &Sourced<u32> {
        &self.max_bytes
    }
}
