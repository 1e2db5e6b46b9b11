//! The signals that end a process.

use std::{future::Future, io};
use tokio::signal::unix::{SignalKind, signal as listen};

/// Ready at the first SIGTERM or SIGINT. Listens from the moment of the call.
///
/// # Errors
/// The runtime cannot listen for signals.
pub fn signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
