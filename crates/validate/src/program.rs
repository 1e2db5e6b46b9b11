//! Programs: the rules of a message type, compiled.

use crate::{
    check,
    compile::compile,
    compiled::Compiled,
    failure::{CompileError, Failure},
    steps::Steps,
};
use contract::schema::Schema;
use std::{fmt, sync::Arc, time::SystemTime};

/// The rules of all messages that one message type reaches. Cheap to clone.
#[derive(Clone)]
pub struct Program(Arc<Compiled>);

impl Program {
    /// Compiles the rules of the message type of this full name.
    ///
    /// # Errors
    /// When a rule does not fit its field, an expression does not type-check, or there is no such type.
    pub fn compile(schema: &Schema, message: &str) -> Result<Self, CompileError> {
        compile(schema, message).map(|compiled| Self(Arc::new(compiled)))
    }

    /// Whether no message that the type reaches has a rule. Checking costs nothing then.
    pub fn is_empty(&self) -> bool {
        self.0.messages.first().is_none_or(|root| !root.judged)
    }

    /// Whether the encoded message obeys the rules. Without any rule it does, whatever the bytes; else they
    /// must be a sound message down to the last one within.
    ///
    /// # Errors
    /// What is wrong with it: at most a hundred violations.
    pub fn check(&self, bytes: &[u8], now: SystemTime) -> Result<(), Failure> {
        if self.is_empty() { Ok(()) } else { self.examine(bytes, now) }
    }

    /// The same, but even without any rule the bytes must be a sound message.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn examine(&self, bytes: &[u8], now: SystemTime) -> Result<(), Failure> {
        self.examine_within(bytes, now, &mut Steps::for_message(bytes.len()))
    }

    /// The same, and `steps` tells what it took: whatever the message is, no more than there were. How many that are
    /// depends on the rules and the message, and a little on what the patterns have seen before.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn examine_within(&self, bytes: &[u8], now: SystemTime, steps: &mut Steps) -> Result<(), Failure> {
        check::check(&self.0, bytes, now, steps)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Program({} message types, {} rules)", self.0.messages.len(), self.0.sites.len())
    }
}
