//! Programs: the rules of a message type, compiled.

use crate::{
    check,
    compile::{Root, compile},
    compiled::{Compiled, NONE},
    failure::{CompileError, Failure},
    steps::Steps,
};
use contract::schema::{MessageId, Schema};
use std::{fmt, sync::Arc, time::SystemTime};

/// The rules of all messages that one message type reaches. Cheap to clone.
#[derive(Clone)]
pub struct Program {
    /// Perhaps of several message types, of which this is one.
    compiled: Arc<Compiled>,
    root: Root,
}

impl Program {
    /// Compiles the rules of the message type of this full name.
    ///
    /// # Errors
    /// When a rule does not fit its field, an expression does not type-check, or there is no such type.
    pub fn compile(schema: &Schema, message: &str) -> Result<Self, CompileError> {
        let (compiled, roots) = compile(schema, &[message])?;
        let root = roots.first().copied().unwrap_or(Root { program: NONE, steps: 0 });
        Ok(Self { compiled: Arc::new(compiled), root })
    }

    /// Compiles the rules of several message types, which are those of a contract: what they reach in common is
    /// compiled once.
    ///
    /// # Errors
    /// As for [`Self::compile`].
    pub fn compile_all(schema: &Schema, messages: &[&str]) -> Result<Vec<Self>, CompileError> {
        let (compiled, roots) = compile(schema, messages)?;
        let compiled = Arc::new(compiled);
        Ok(roots.into_iter().map(|root| Self { compiled: compiled.clone(), root }).collect())
    }

    /// The rules of a type that this one reaches, as they are within it: nothing is compiled again. A check of it may
    /// spend what one of the whole may.
    pub fn within(&self, message: MessageId) -> Option<Self> {
        let position = self.compiled.messages.iter().position(|known| known.message == message)?;
        let program = u32::try_from(position).ok()?;
        Some(Self { compiled: self.compiled.clone(), root: Root { program, ..self.root } })
    }

    /// Whether no message that the type reaches has a rule. Checking costs nothing then.
    pub fn is_empty(&self) -> bool {
        self.compiled.messages.get(self.root.program as usize).is_none_or(|root| !root.judged)
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
        self.examine_within(bytes, now, &mut self.steps(bytes.len()))
    }

    /// What a check of a message of so many bytes may spend: as [`Steps::for_message`], or as much as the rules need for
    /// any message within the bounds that they set, if that is more.
    pub fn steps(&self, bytes: usize) -> Steps {
        Steps::within(self.root.steps, bytes)
    }

    /// The same, and `steps` tells what it took: whatever the message is, no more than there were. How many that are
    /// depends on the rules and the message, and a little on what the patterns have seen before.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn examine_within(&self, bytes: &[u8], now: SystemTime, steps: &mut Steps) -> Result<(), Failure> {
        check::check(&self.compiled, self.root.program, bytes, now, steps)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Program({} message types, {} rules)",
            self.compiled.messages.len(),
            self.compiled.sites.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::compile;
    use std::fmt::Write as _;

    const PERSON: &str = r#"
        syntax = "proto3"; package t; import "buf/validate/validate.proto";
        message Person {
          string name = 1 [(buf.validate.field).string.pattern = "^\\pL[\\pL '-]{0,99}$"];
          string city = 2 [(buf.validate.field).string.pattern = "^\\pL[\\pL '-]{0,99}$"];
        }
    "#;

    #[test]
    fn a_type_within_is_judged_by_its_own_rules() {
        let text = "syntax = \"proto3\"; package t; import \"buf/validate/validate.proto\";
            message Outer { Inner inner = 1; string name = 2 [(buf.validate.field).string.min_len = 1]; }
            message Inner { string code = 1 [(buf.validate.field).string.len = 2]; }
            message Other {}";
        let schema = Schema::read(&compile::texts(&[("t.proto", text)]).unwrap().bytes).unwrap();
        let outer = Program::compile(&schema, "t.Outer").unwrap();
        let within = |name: &str| outer.within(schema.message_id(name).unwrap());
        let inner = within("t.Inner").unwrap();
        assert!(inner.check(b"\x0a\x02ab", SystemTime::UNIX_EPOCH).is_ok());
        assert!(inner.check(b"\x0a\x01a", SystemTime::UNIX_EPOCH).is_err());
        assert!(within("t.Outer").unwrap().check(b"", SystemTime::UNIX_EPOCH).is_err());
        assert!(within("t.Other").is_none());
    }

    #[test]
    fn what_several_messages_reach_is_compiled_once() {
        let mut text = PERSON.to_owned();
        for at in 0..150 {
            _ = write!(
                text,
                "message R{at} {{ Person person = 1; }} message A{at} {{ repeated R{at} all = 1; }}"
            );
        }
        let schema = Schema::read(&compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap();
        let names: Vec<String> = (0..150).flat_map(|at| [format!("t.R{at}"), format!("t.A{at}")]).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let programs = Program::compile_all(&schema, &names).unwrap();
        let compiled = &programs[0].compiled;
        assert!(programs.iter().all(|program| Arc::ptr_eq(&program.compiled, compiled)));
        assert_eq!((compiled.messages.len(), compiled.sites.len()), (301, 2));
        // Each is its own all the same.
        let person = [&[0x0a, 3, 0x0a, 1][..], b"7"].concat();
        let alone = Program::compile(&schema, "t.R0").unwrap();
        for program in [&programs[0], &programs[298], &alone] {
            let Err(Failure::Violations(found)) = program.check(&person, SystemTime::UNIX_EPOCH) else {
                panic!()
            };
            assert_eq!(found.0[0].rule_id, "string.pattern");
        }
        assert_eq!(
            programs[1].check(&person, SystemTime::UNIX_EPOCH).unwrap_err().to_string().lines().count(),
            1
        );
    }
}
