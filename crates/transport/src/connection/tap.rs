//! Hears the peer's first word.
//!
//! In TLS 1.3 a client's handshake is finished before the server has looked at its certificate (RFC 8446,
//! section 4.4). Only what the server says next tells: its SETTINGS, or an alert.

use crate::settings::{self, First, Settings};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
};

/// The peer's settings, or what came instead of them.
pub(super) type FirstWord = io::Result<Settings>;

/// Passes bytes through, and reports the first word.
pub(super) struct Tap<S> {
    stream: S,
    listening: Option<Listening>,
}

struct Listening {
    heard: Vec<u8>,
    report: oneshot::Sender<FirstWord>,
}

impl<S> Tap<S> {
    pub(super) fn new(stream: S) -> (Self, oneshot::Receiver<FirstWord>) {
        let (report, first) = oneshot::channel();
        (Self { stream, listening: Some(Listening { heard: Vec::new(), report }) }, first)
    }

    /// After a read: `before` bytes were in the buffer already.
    fn listen(&mut self, result: io::Result<()>, buffer: &ReadBuf<'_>, before: usize) -> io::Result<()> {
        let Some(mut listening) = self.listening.take() else { return result };
        let fresh = buffer.filled().get(before..).unwrap_or_default();
        listening.heard.extend_from_slice(fresh);
        let word = match (result, settings::first(&listening.heard)) {
            // The error itself is for whoever waits for the first word; h2 needs only its kind.
            (Err(error), _) => {
                let kind = error.kind();
                let _ = listening.report.send(Err(error));
                return Err(kind.into());
            }
            (Ok(()), _) if fresh.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            (Ok(()), First::Settings(settings)) => Ok(settings),
            (Ok(()), First::Foreign) => Err(io::ErrorKind::InvalidData.into()),
            (Ok(()), First::Incomplete) => {
                self.listening = Some(listening);
                return Ok(());
            }
        };
        let _ = listening.report.send(word);
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.listening.is_none() {
            return polled;
        }
        polled.map(|result| self.listen(result, buffer, before))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
