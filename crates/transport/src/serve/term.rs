//! How long a connection may last.

use super::preface::Preface;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// When a client last began a call.
pub(super) struct Activity {
    opened: Instant,
    /// Milliseconds since then.
    latest: AtomicU64,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self { opened: Instant::now(), latest: AtomicU64::new(0) }
    }

    /// A call begins.
    pub(super) fn note(&self) {
        let millis = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.latest.store(millis, Ordering::Relaxed);
    }

    fn latest(&self) -> Instant {
        self.opened + Duration::from_millis(self.latest.load(Ordering::Relaxed))
    }
}

/// Why a connection's time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It is old, or the certificate that opened it has expired.
    Age,
    /// Its client, who showed no certificate, wants nothing.
    Idle,
    /// It has not said a word of HTTP/2.
    Silence,
}

impl End {
    /// For logs.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Idle => "idle",
            Self::Silence => "silence",
        }
    }
}

/// What a connection may last.
pub(super) struct Term {
    /// Until then the client has begun with HTTP/2.
    pub(super) first_word: Instant,
    pub(super) age: Option<Instant>,
    /// For whom no call may begin so long.
    pub(super) idle: Option<(Duration, Arc<Activity>)>,
}

impl Term {
    /// Returns when it is over.
    pub(super) async fn over(&self, preface: &Preface) -> End {
        loop {
            let silence = preface.room().is_none().then_some((self.first_word, End::Silence));
            let idle = self.idle.as_ref().map(|(idle, activity)| (activity.latest() + *idle, End::Idle));
            let age = self.age.map(|age| (age, End::Age));
            let Some((at, end)) = [silence, idle, age].into_iter().flatten().min_by_key(|(at, _)| *at) else {
                return std::future::pending().await;
            };
            if at <= Instant::now() {
                return end;
            }
            sleep_until(at).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::preface::Hearing;

    const SECOND: Duration = Duration::from_secs(1);

    fn term(idle: Option<(Duration, Arc<Activity>)>) -> Term {
        let now = Instant::now();
        Term { first_word: now + SECOND, age: Some(now + 60 * SECOND), idle }
    }

    fn heard() -> Arc<Preface> {
        let preface = Arc::default();
        let said = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        Hearing::new(&preface).listen(said);
        preface
    }

    #[tokio::test(start_paused = true)]
    async fn the_silent_go_first_then_the_idle_and_the_old_last() {
        let began = Instant::now();
        assert_eq!(term(None).over(&Preface::default()).await, End::Silence);
        assert_eq!(began.elapsed(), SECOND);
        assert_eq!(term(None).over(&heard()).await, End::Age);
        assert_eq!(began.elapsed(), 61 * SECOND);
        let activity = Arc::new(Activity::new());
        let idle = term(Some((5 * SECOND, Arc::clone(&activity))));
        let call = async {
            sleep_until(began + 64 * SECOND).await;
            activity.note();
        };
        let preface = heard();
        let (end, ()) = tokio::join!(idle.over(&preface), call);
        assert_eq!((end, began.elapsed()), (End::Idle, 69 * SECOND));
    }
}
