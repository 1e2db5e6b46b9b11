//! Programs: the rules of a message type, compiled.

use crate::failure::{CompileError, Failure};
use contract::schema::Schema;
use std::{sync::Arc, time::SystemTime};

/// The rules of all messages that one message type reaches. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Program(Arc<()>);

impl Program {
    /// Compiles the rules of the message type of this full name.
    ///
    /// # Errors
    /// When a rule does not fit its field, an expression does not type-check, or there is no such type.
    pub fn compile(schema: &Schema, message: &str) -> Result<Self, CompileError> {
        let _ = (schema, message);
        Ok(Self(Arc::new(())))
    }

    /// Whether no message that the type reaches has a rule. Checking costs nothing then.
    pub fn is_empty(&self) -> bool {
        true
    }

    /// Whether the encoded message obeys the rules.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, bytes: &[u8], now: SystemTime) -> Result<(), Failure> {
        let _ = (bytes, now, &self.0);
        Ok(())
    }
}
