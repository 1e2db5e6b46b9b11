//! The orderly end of a socket.
//!
//! A client that is told to go away may have sent more in the meantime. The kernel answers bytes that nobody reads
//! with a reset, and a reset overtakes what the client has not read yet: an alert, or the GOAWAY that says which
//! requests were not processed. So they are read before the socket is closed.

use super::preface::{Hearing, Preface};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    sync::oneshot,
    time::timeout,
};
use tokio_rustls::server::TlsStream;

/// How long a client may go on.
const LINGER: Duration = Duration::from_millis(500);
/// For how many bytes: more than the windows of HTTP/2 let it send.
const LINGER_BYTES: u64 = 4 * 1024 * 1024;

/// Says that nothing more will come, and reads until the client closes its side, too.
pub(super) async fn linger(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut rest = stream.take(LINGER_BYTES);
    let _ = timeout(LINGER, async {
        let mut buffer = [0; 1024];
        while rest.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}

/// A stream that hands its socket back when HTTP/2 drops it. On the way it hears what the client says first.
pub(super) struct Borrowed {
    hearing: Hearing,
    stream: Option<TlsStream<TcpStream>>,
    owner: Option<oneshot::Sender<TcpStream>>,
}

impl Borrowed {
    pub(super) fn new(
        stream: TlsStream<TcpStream>,
        preface: &Arc<Preface>,
    ) -> (Self, oneshot::Receiver<TcpStream>) {
        let (owner, returned) = oneshot::channel();
        let hearing = Hearing::new(preface);
        (Self { hearing, stream: Some(stream), owner: Some(owner) }, returned)
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TlsStream<TcpStream>>> {
        // Gone only while it is being dropped.
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let (Some(stream), Some(owner)) = (self.stream.take(), self.owner.take()) {
            let _ = owner.send(stream.into_inner().0);
        }
    }
}

impl AsyncRead for Borrowed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.hearing.over() {
            return self.stream()?.poll_read(context, buffer);
        }
        let before = buffer.filled().len();
        let polled = self.stream()?.poll_read(context, buffer);
        self.hearing.listen(buffer.filled().get(before..).unwrap_or_default());
        polled
    }
}

impl AsyncWrite for Borrowed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }
}
