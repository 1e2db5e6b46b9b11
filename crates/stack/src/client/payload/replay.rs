//! A request stream that can start over, until an answer begins or too much has been sent (gRFC A6, "When
//! Retries are Valid").

use super::KEPT;
use crate::{
    Body,
    client::{route::Route, usage::Sampler},
    limit::{Direction, Meter, too_large},
    status::{Fault, MeshError},
};
use bytes::Bytes;
use http_body::Body as _;
use parking_lot::Mutex;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tonic::Status;

/// The stream, and what was already taken from it.
pub(crate) struct Replay {
    state: Mutex<State>,
    route: Arc<Route>,
}

struct State {
    source: Body,
    meter: Meter,
    /// Sees what comes from the source.
    sampler: Option<Box<Sampler>>,
    /// What was taken, as long as it may be wanted again.
    taken: Vec<Bytes>,
    taken_bytes: usize,
    ended: bool,
    /// Nothing more is kept; what was taken before may be incomplete.
    over: bool,
    /// Whether the stream can start over.
    replayable: bool,
    /// Which try may read.
    turn: u32,
    fault: Option<MeshError>,
}

impl Replay {
    /// `first` was taken from `source` already, and is too long to be kept.
    pub(super) fn new(
        source: Body,
        first: Option<Bytes>,
        meter: Meter,
        route: &Arc<Route>,
        sampler: Option<Box<Sampler>>,
    ) -> Arc<Self> {
        let mut state = State {
            source,
            meter,
            sampler,
            taken: Vec::new(),
            taken_bytes: 0,
            ended: false,
            over: false,
            replayable: true,
            turn: 0,
            fault: None,
        };
        if let Some(first) = first {
            state.judge(&first, route);
            state.taken_bytes = first.len();
            state.taken.push(first);
        }
        Arc::new(Self { state: Mutex::new(state), route: Arc::clone(route) })
    }

    /// From the beginning, for another try.
    pub(super) fn start(this: &Arc<Self>) -> Replayed {
        let mut state = this.state.lock();
        state.turn += 1;
        Replayed { turn: state.turn, next: 0, replay: Arc::clone(this) }
    }

    pub(super) fn replayable(&self) -> bool {
        let state = self.state.lock();
        state.replayable && state.fault.is_none()
    }

    pub(super) fn commit(&self) {
        let mut state = self.state.lock();
        state.over = true;
        state.replayable = false;
    }

    /// Bytes of the longest message that was read.
    pub(super) fn largest(&self) -> u32 {
        self.state.lock().meter.largest()
    }

    /// Why the stream broke off, if the mesh broke it off.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.state.lock().fault.clone().map(Fault::Mesh)
    }
}

impl State {
    fn judge(&mut self, data: &[u8], route: &Arc<Route>) {
        if let Err(found) = self.meter.feed(data) {
            self.fault = Some(too_large(&**route, Direction::Request, found.length));
        } else if let Some(sampler) = &mut self.sampler {
            sampler.feed(data);
        }
    }

    /// The next data from the source itself.
    fn poll_source(
        &mut self,
        cx: &mut Context<'_>,
        route: &Arc<Route>,
    ) -> Poll<Option<Result<Bytes, Status>>> {
        while !self.ended {
            match ready!(Pin::new(&mut self.source).poll_frame(cx)) {
                None => self.ended = true,
                Some(Err(status)) => {
                    // The caller broke off; there is nothing to start over.
                    self.replayable = false;
                    return Poll::Ready(Some(Err(status)));
                }
                Some(Ok(frame)) => {
                    // An end that came as an empty frame would go on as one that is not the end: peers count those as a
                    // flood, and end the connection (h2: 100 of them).
                    if let Some(data) = frame.into_data().ok().filter(|data| !data.is_empty()) {
                        self.judge(&data, route);
                        return Poll::Ready(match &self.fault {
                            Some(error) => Some(Err(error.clone().into())),
                            None => Some(Ok(data)),
                        });
                    }
                }
            }
        }
        Poll::Ready(None)
    }

    /// Keeps `data` for the next try, or forgets everything.
    fn keep(&mut self, data: &Bytes) {
        if self.over {
            return;
        }
        self.taken_bytes += data.len();
        self.taken.push(data.clone());
        if self.taken_bytes > KEPT {
            self.over = true;
            self.replayable = false;
        }
    }
}

/// One try's reading of the stream.
pub(crate) struct Replayed {
    replay: Arc<Replay>,
    turn: u32,
    next: usize,
}

impl Replayed {
    /// Whether all was read, as far as that is known without waiting.
    pub(super) fn is_end(&self) -> bool {
        let state = self.replay.state.lock();
        let current = state.turn == self.turn && state.fault.is_none() && self.next >= state.taken.len();
        current && (state.ended || state.source.is_end_stream())
    }

    pub(super) fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Status>>> {
        let mut state = self.replay.state.lock();
        if state.turn != self.turn {
            return Poll::Ready(Some(Err(Status::cancelled("another try has taken over"))));
        }
        if let Some(error) = &state.fault {
            return Poll::Ready(Some(Err(error.clone().into())));
        }
        if let Some(data) = state.taken.get(self.next).cloned() {
            self.next += 1;
            if self.next == state.taken.len() && state.over {
                state.taken = Vec::new();
                self.next = 0;
            }
            return Poll::Ready(Some(Ok(data)));
        }
        let polled = ready!(state.poll_source(cx, &self.replay.route));
        if let Some(Ok(data)) = &polled {
            state.keep(data);
            self.next = if state.over { 0 } else { state.taken.len() };
            if state.over {
                state.taken = Vec::new();
            }
        }
        Poll::Ready(polled)
    }
}
