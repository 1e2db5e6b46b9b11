//! Patterns in RE2's syntax, which protovalidate prescribes, for the crates `regex-syntax` and `regex-automata`.
//!
//! The two agree on almost everything; where they do not, RE2 is what the author meant
//! (<https://github.com/google/re2/wiki/Syntax>):
//! - `\d`, `\w`, `\s` and `\b` know ASCII only; `\s` leaves out the vertical tab;
//! - `\Q…\E` quotes; `\<` and `\>` are those characters; `\012` is octal;
//! - between brackets stand characters, ranges and classes, and no sets of sets: `[`, `&&`, `--` and `~~` are what
//!   they are, and a `-` behind a class is itself;
//! - `\p{…}` knows general categories and scripts by the names that RE2 has for them, and nothing else;
//! - a brace that opens no repetition is a brace; nothing is repeated twice in a row, nor more than a thousand
//!   times, repetitions within repetitions multiplied;
//! - the flags are `i`, `m`, `s` and `U`; names of groups may start with a digit, and come again.

mod class;
mod engine;
mod escape;
mod flags;
mod names;
mod shared;
mod translate;

pub(crate) use engine::SEARCH;
pub use shared::Patterns;

use crate::steps::{Exhausted, Steps};
use std::{fmt, sync::Arc};

/// How large a compiled pattern may become, in bytes. RE2 admits about as much.
const MAX_SIZE: usize = 32 << 20;
/// Of one that comes with a message.
const MAX_SIZE_SENT: usize = 1 << 20;
/// How long it may be, in bytes: every class of Unicode in it is spelled out before its size is known.
const MAX_LENGTH: usize = 64 << 10;
/// Of one that comes with a message.
const MAX_LENGTH_SENT: usize = 1 << 10;

/// A compiled pattern. Cheap to clone.
#[derive(Clone)]
pub struct Pattern {
    translated: Arc<str>,
    engine: Arc<engine::Engine>,
}

impl Pattern {
    /// The pattern as the crate `regex` writes it, to be read as a pattern of bytes.
    pub fn translated(&self) -> &str {
        &self.translated
    }

    /// How much it takes, in bytes: the automaton, without the states that texts build.
    pub fn size(&self) -> usize {
        self.engine.size()
    }

    /// Whether it matches anywhere, however long that takes: for texts that nobody sent.
    pub fn is_match(&self, text: &str) -> bool {
        self.engine.is_match(text.as_bytes(), &mut Steps::endless()).unwrap_or(false)
    }

    /// Whether it matches anywhere.
    pub(crate) fn is_match_within(&self, text: &str, steps: &mut Steps) -> Result<bool, Exhausted> {
        self.engine.is_match(text.as_bytes(), steps)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({})", self.translated)
    }
}

/// Compiles a pattern of RE2's syntax.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn compile(pattern: &str) -> Result<Pattern, String> {
    compile_within(pattern, MAX_LENGTH, MAX_SIZE)
}

/// The same for a pattern that somebody sent: for its size, compiling it must not cost more than a message may.
///
/// # Errors
/// As for [`compile`].
pub(crate) fn compile_sent(pattern: &str) -> Result<Pattern, String> {
    compile_within(pattern, MAX_LENGTH_SENT, MAX_SIZE_SENT)
}

fn compile_within(pattern: &str, length: usize, size: usize) -> Result<Pattern, String> {
    if pattern.len() > length {
        return Err(format!("the pattern is longer than {length} bytes"));
    }
    let translated = translate::translate(pattern)?;
    let engine = engine::Engine::new(&translated, size)?;
    Ok(Pattern { translated: translated.into(), engine: Arc::new(engine) })
}

#[cfg(test)]
mod tests;
