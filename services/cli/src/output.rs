//! For whom a command prints, and that it did.

use std::io::{self, Write as _};

/// Readable text, or JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// For people; colour only on a terminal.
    #[default]
    Human,
    /// For machines.
    Json,
}

/// To standard output, as it is; colour only on a terminal.
///
/// # Errors
/// It cannot be written (a full disk), for people. A reader that went away had enough.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = anstream::stdout().lock();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// What became of standard output.
///
/// # Errors
/// As [`print`].
pub(crate) fn written(done: io::Result<()>) -> Result<(), String> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}
