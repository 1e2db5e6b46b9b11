//! File descriptors, which all servers of a process share, with everything else in it that needs some.
//!
//! A process that has used them up cannot accept, dial, or open its own files. So connections are let in only
//! as far as some stay free.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// As many are asked for, if the operating system gives so many.
const WANTED: u64 = 65_536;
/// What stays free for other things: a quarter, within these bounds.
const RESERVE: std::ops::RangeInclusive<u64> = 64..=4096;

/// A place for each connection that the process may have.
pub(super) fn places() -> Arc<Semaphore> {
    static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
        let places = for_connections(raise());
        tracing::debug!(places, "file descriptors for connections");
        Arc::new(Semaphore::new(places))
    });
    Arc::clone(&PLACES)
}

/// Raises the soft limit towards the hard one; returns what holds then. `None`: no limit.
fn raise() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(WANTED).min(WANTED);
    match current {
        Some(soft) if soft < wanted => {
            let raised = Rlimit { current: Some(wanted), maximum };
            // Whoever may not is left with what there is.
            let now = if setrlimit(Resource::Nofile, raised).is_ok() { wanted } else { soft };
            Some(now)
        }
        other => other,
    }
}

/// How many of `limit` descriptors may be connections.
fn for_connections(limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return Semaphore::MAX_PERMITS };
    let reserve = (limit / 4).clamp(*RESERVE.start(), *RESERVE.end()).min(limit / 2);
    usize::try_from(limit - reserve)
        .map_or(Semaphore::MAX_PERMITS, |places| places.clamp(1, Semaphore::MAX_PERMITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_stay_free() {
        let places = [0, 1, 100, 1024, 65_536].map(|limit| for_connections(Some(limit)));
        assert_eq!(places, [1, 1, 50, 768, 61_440]);
        assert_eq!(for_connections(None), Semaphore::MAX_PERMITS);
    }

    #[test]
    fn the_soft_limit_follows_the_hard_one() {
        let limit = raise();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(limit, current);
        assert!(current.is_none_or(|soft| soft >= maximum.unwrap_or(WANTED).min(WANTED)));
    }
}
