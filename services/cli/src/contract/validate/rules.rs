//! The rules of a set of descriptors, compiled as they are asked for.

use super::sets;
use contract::{
    ReadError,
    compile::{self, Sources},
    schema::Schema,
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};
use validate::{Failure, Program, Violation};

/// The schema that messages are judged by, and its sources.
pub(super) struct Rules {
    pub(super) schema: Schema,
    pub(super) sources: Sources,
}

/// What became of one message.
pub(super) enum Answer {
    /// It could be judged; without violations it is valid.
    Judged(Vec<Violation>),
    /// Its contract's fault: there is no such type, or its rules cannot be enforced.
    CompilationError(String),
    /// The message cannot be read, or a rule not be evaluated on it.
    RuntimeError(String),
}

impl Rules {
    pub(super) fn read(descriptors: &Path, includes: &[PathBuf]) -> Result<Self, String> {
        let is_folder = fs::metadata(descriptors).map_err(|error| unreadable(descriptors, &error))?.is_dir();
        let sets = if is_folder { sets::below(descriptors)? } else { vec![descriptors.to_owned()] };
        let (bytes, sources) = match sets.as_slice() {
            [] => {
                let compiled = compile::paths(&[descriptors.to_owned()], includes)
                    .map_err(|error| format!("{error:?}"))?;
                (compiled.bytes, compiled.sources)
            }
            sets => (sets::merged(sets)?, Sources::below(includes)),
        };
        let schema = Schema::read_own(&bytes)
            .map_err(|error: ReadError| format!("{}: {error}", descriptors.display()))?;
        Ok(Self { schema, sources })
    }

    /// The program of a type, from the full name.
    pub(super) fn program(&self, type_name: &str) -> Result<Program, String> {
        if self.schema.message(type_name).is_none() {
            return Err(format!("there is no message `{type_name}` in the descriptors"));
        }
        Program::compile(&self.schema, type_name).map_err(|error| error.to_string())
    }

    pub(super) fn check(&self, type_name: &str, message: &[u8], now: SystemTime) -> Answer {
        match self.program(type_name) {
            Ok(program) => check(&program, message, now),
            Err(reason) => Answer::CompilationError(reason),
        }
    }
}

pub(super) fn check(program: &Program, message: &[u8], now: SystemTime) -> Answer {
    match program.examine(message, now) {
        Ok(()) => Answer::Judged(Vec::new()),
        Err(Failure::Violations(violations)) => Answer::Judged(violations.0),
        Err(Failure::Malformed(malformed)) => {
            Answer::RuntimeError(format!("the bytes are no such message: {malformed}"))
        }
        Err(Failure::Runtime(error)) => Answer::RuntimeError(error.to_string()),
    }
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
