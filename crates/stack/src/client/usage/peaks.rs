//! The most that calls of one method took: what a limit must not fall below.

use crate::limit::Direction;
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// The most that calls of one method took, each at its own time. Nothing was seen where it is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peaks {
    /// Bytes of a request message, as it is on the wire.
    pub request_bytes: u32,
    /// Bytes of a response message, as it is on the wire.
    pub response_bytes: u32,
    /// From a unary call to its answer, where that was OK; in whole milliseconds, rounded up.
    pub time: Duration,
    /// Calls of the same process at once with one instance of the provider, of all methods together.
    pub in_flight: u32,
}

impl Peaks {
    /// Whatever is more.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            request_bytes: self.request_bytes.max(other.request_bytes),
            response_bytes: self.response_bytes.max(other.response_bytes),
            time: self.time.max(other.time),
            in_flight: self.in_flight.max(other.in_flight),
        }
    }
}

/// The same, as it is being seen.
#[derive(Debug, Default)]
pub(super) struct Marks {
    request_bytes: AtomicU32,
    response_bytes: AtomicU32,
    millis: AtomicU32,
    in_flight: AtomicU32,
}

impl Marks {
    pub(super) fn message(&self, direction: Direction, bytes: u32) {
        match direction {
            Direction::Request => raise(&self.request_bytes, bytes),
            Direction::Response => raise(&self.response_bytes, bytes),
        }
    }

    pub(super) fn time(&self, took: Duration) {
        let millis = took.as_micros().div_ceil(1000);
        raise(&self.millis, u32::try_from(millis).unwrap_or(u32::MAX));
    }

    pub(super) fn in_flight(&self, calls: u32) {
        raise(&self.in_flight, calls);
    }

    /// What was seen since the last time.
    pub(super) fn take(&self) -> Peaks {
        let take = |mark: &AtomicU32| mark.swap(0, Ordering::Relaxed);
        Peaks {
            request_bytes: take(&self.request_bytes),
            response_bytes: take(&self.response_bytes),
            time: Duration::from_millis(take(&self.millis).into()),
            in_flight: take(&self.in_flight),
        }
    }
}

/// Most calls raise nothing: those only read.
fn raise(mark: &AtomicU32, to: u32) {
    if mark.load(Ordering::Relaxed) < to {
        mark.fetch_max(to, Ordering::Relaxed);
    }
}
