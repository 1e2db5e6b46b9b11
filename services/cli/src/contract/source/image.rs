//! Descriptor sets and buf images, binary or JSON.

use super::{
    super::style,
    finding::{self, Input, Refusal},
};
use protojson::image::{self, ImageError, MAX_BYTES};
use std::{
    io::{self, Read as _},
    path::PathBuf,
};

pub(super) fn from_stdin(includes: &[PathBuf]) -> Result<Input, Refusal> {
    let mut bytes = Vec::new();
    // One more, so that what is too large is known to be.
    let read = io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    let failed = |error: io::Error| Refusal::Unreadable(format!("standard input: {error}"));
    read.map_err(failed)?;
    self::read(bytes, "standard input", includes)
}

/// What is too large is not read at all.
pub(super) fn bounded(length: u64, name: &str) -> Result<(), Refusal> {
    if length <= MAX_BYTES as u64 {
        return Ok(());
    }
    Err(Refusal::Unreadable(format!("{name}: {}{}", ImageError::TooLarge, finding::SMALLER)))
}

/// `name` is for people.
pub(super) fn read(bytes: Vec<u8>, name: &str, includes: &[PathBuf]) -> Result<Input, Refusal> {
    bounded(bytes.len() as u64, name)?;
    let image = image::read(bytes).map_err(|error| Refusal::Unreadable(format!("{name}: {error}")))?;
    for option in image.left_out {
        style::warn(&format!("the option ({option}) is declared nowhere in the set, and left out"));
    }
    finding::understood(&image.set, name, includes)
}
