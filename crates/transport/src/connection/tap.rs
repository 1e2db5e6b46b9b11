//! Hears the peer's first word.
//!
//! In TLS 1.3 a client's handshake is finished before the server has looked at its certificate (RFC 8446,
//! section 4.4). Only what the server says next tells: its SETTINGS, or an alert.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
};

/// What came first: bytes, the end, or an error.
pub(super) type FirstWord = io::Result<()>;

/// Passes bytes through, and reports the first word once.
pub(super) struct Tap<S> {
    stream: S,
    first: Option<oneshot::Sender<FirstWord>>,
}

impl<S> Tap<S> {
    pub(super) fn new(stream: S) -> (Self, oneshot::Receiver<FirstWord>) {
        let (first, heard) = oneshot::channel();
        (Self { stream, first: Some(first) }, heard)
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
        if self.first.is_none() {
            return polled;
        }
        let Poll::Ready(result) = polled else { return Poll::Pending };
        let Some(first) = self.first.take() else { return Poll::Ready(result) };
        match result {
            Ok(()) if buffer.filled().len() > before => {
                let _ = first.send(Ok(()));
                Poll::Ready(Ok(()))
            }
            Ok(()) => {
                let _ = first.send(Err(io::ErrorKind::UnexpectedEof.into()));
                Poll::Ready(Ok(()))
            }
            // The error itself is for whoever waits for the first word; h2 needs only its kind.
            Err(error) => {
                let kind = error.kind();
                let _ = first.send(Err(error));
                Poll::Ready(Err(kind.into()))
            }
        }
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
