//! The body of an answer: what was waited for, then what still comes.

use super::carried::Carried;
use crate::{
    client::{deadline::Expiry, payload::Replay, route::Route},
    deadline::DeadlineBody,
    limit::{Bounds, Direction, Meter, Metered},
    record::status_in,
    status::Fault,
};
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

type Live = DeadlineBody<Metered<Carried>, Expiry>;

pin_project! {
    /// Data, then trailers, then whatever still comes.
    pub(crate) struct AnswerBody {
        first: Option<Bytes>,
        more: VecDeque<Bytes>,
        trailers: Option<HeaderMap>,
        #[pin]
        live: Option<Live>,
        sending: Option<Arc<Replay>>,
    }
}

impl AnswerBody {
    /// Everything is there.
    pub(super) const fn gathered(
        first: Option<Bytes>,
        more: VecDeque<Bytes>,
        trailers: Option<HeaderMap>,
    ) -> Self {
        Self { first, more, trailers, live: None, sending: None }
    }

    /// Everything is still to come.
    pub(super) fn streamed(
        carried: Carried,
        meter: Meter,
        route: &Arc<Route>,
        expiry: Option<&Expiry>,
    ) -> Self {
        Self::begun(None, VecDeque::new(), carried, meter, route, expiry)
    }

    /// Some of it is there.
    pub(super) fn begun(
        first: Option<Bytes>,
        more: VecDeque<Bytes>,
        carried: Carried,
        meter: Meter,
        route: &Arc<Route>,
        expiry: Option<&Expiry>,
    ) -> Self {
        let bounds = Arc::clone(route) as Arc<dyn Bounds>;
        let metered = Metered::resume(carried, meter, bounds, Direction::Response);
        let live = Some(DeadlineBody::new(metered, expiry.cloned()));
        Self { first, more, trailers: None, live, sending: None }
    }

    /// The trailers, if everything is there.
    pub(super) const fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// Whether everything is there, and all went well.
    pub(crate) fn is_success(&self) -> bool {
        self.trailers().and_then(status_in) == Some(0)
    }

    /// With the request that is still being sent: if that breaks off, it is the reason why this does.
    pub(crate) fn while_sending(mut self, sending: Option<Arc<Replay>>) -> Self {
        self.sending = sending;
        self
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let mut this = self.project();
        if let Some(data) = this.first.take().or_else(|| this.more.pop_front()) {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if let Some(trailers) = this.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        let Some(live) = this.live.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let frame = ready!(live.poll_frame(cx));
        let sending = this.sending.as_ref();
        Poll::Ready(
            frame.map(|frame| {
                frame.map_err(|fault| sending.and_then(|sending| sending.fault()).unwrap_or(fault))
            }),
        )
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none()
            && self.more.is_empty()
            && self.trailers.is_none()
            && self.live.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
