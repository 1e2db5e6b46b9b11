//! A body whose messages are judged as they pass.

use super::{Judge, Verdict};
use crate::status::{Fault, MeshError};
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// A flag, then the length in network order (gRPC over HTTP/2, "Length-Prefixed-Message").
const PREFIX: usize = 5;

pin_project! {
    /// A body that lets no message pass that breaks a rule: it ends before it.
    pub(crate) struct Judged<B> {
        #[pin]
        inner: B,
        bench: Option<Box<Bench>>,
    }
}

/// Where messages wait until they are whole.
struct Bench {
    judge: Arc<Judge>,
    verdict: Verdict,
    /// The beginning of a message.
    held: BytesMut,
    /// How many bytes `held` must have before there is something to judge.
    wanted: usize,
    /// What comes next.
    next: Option<Result<Frame<Bytes>, MeshError>>,
    over: bool,
}

impl<B> Judged<B> {
    /// Nothing is judged.
    pub(crate) const fn unseen(inner: B) -> Self {
        Self { inner, bench: None }
    }

    /// What is refused is told to `verdict` too.
    pub(crate) fn new(inner: B, judge: Arc<Judge>, verdict: Verdict) -> Self {
        let bench = Bench { judge, verdict, held: BytesMut::new(), wanted: PREFIX, next: None, over: false };
        Self { inner, bench: Some(Box::new(bench)) }
    }
}

impl<B> Judged<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Fault>,
{
    /// Ready when the first message is judged, or there is none.
    pub(super) fn poll_first(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        let this = self.project();
        let Some(bench) = this.bench else { return Poll::Ready(Ok(())) };
        match ready!(bench.poll_next(this.inner, cx)) {
            Some(Ok(frame)) => bench.next = Some(Ok(frame)),
            Some(Err(fault)) => return Poll::Ready(Err(fault)),
            None => {}
        }
        Poll::Ready(Ok(()))
    }
}

impl Bench {
    fn poll_next<B>(
        &mut self,
        mut inner: Pin<&mut B>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Fault>,
    {
        loop {
            match self.next.take() {
                Some(Err(refusal)) => {
                    self.over = true;
                    self.verdict.refuse(refusal.clone());
                    return Poll::Ready(Some(Err(refusal.into())));
                }
                Some(Ok(frame)) => return Poll::Ready(Some(Ok(frame))),
                None if self.over => return Poll::Ready(None),
                None => {}
            }
            match ready!(inner.as_mut().poll_frame(cx)) {
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        let sound = self.feed(data);
                        if !sound.is_empty() {
                            return Poll::Ready(Some(Ok(Frame::data(sound))));
                        }
                    }
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                None => {
                    self.over = true;
                    // Half a message: whoever reads it knows best what to say.
                    let rest = std::mem::take(&mut self.held).freeze();
                    self.next = (!rest.is_empty()).then(|| Ok(Frame::data(rest)));
                }
            }
        }
    }

    /// Takes more bytes, and gives the messages that are whole and obey. A refusal comes `next`.
    fn feed(&mut self, data: Bytes) -> Bytes {
        let mut bytes = if self.held.is_empty() {
            data
        } else {
            self.held.extend_from_slice(&data);
            if self.held.len() < self.wanted {
                return Bytes::new();
            }
            std::mem::take(&mut self.held).freeze()
        };
        let mut sound = 0;
        self.wanted = PREFIX;
        while let Some((compressed, length)) = bytes.get(sound..).and_then(prefix) {
            let end = sound + PREFIX + length;
            let Some(message) = bytes.get(sound + PREFIX..end) else {
                self.wanted = PREFIX + length;
                break;
            };
            if let Err(refusal) = self.judge.judge(message, compressed) {
                self.next = Some(Err(refusal));
                bytes.truncate(sound);
                return bytes;
            }
            sound = end;
        }
        let whole = bytes.split_to(sound);
        // Room for what is missing is made as it comes: the length is only announced.
        self.held.extend_from_slice(&bytes);
        whole
    }
}

fn prefix(bytes: &[u8]) -> Option<(bool, usize)> {
    let (prefix, _) = bytes.split_first_chunk::<PREFIX>()?;
    let [flag, length @ ..] = *prefix;
    Some((flag != 0, u32::from_be_bytes(length) as usize))
}

impl<B> Body for Judged<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Fault>,
{
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = self.project();
        match this.bench {
            Some(bench) => bench.poll_next(this.inner, cx),
            None => this.inner.poll_frame(cx).map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.bench {
            Some(bench) => {
                bench.next.is_none() && (bench.over || (bench.held.is_empty() && self.inner.is_end_stream()))
            }
            None => self.inner.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
