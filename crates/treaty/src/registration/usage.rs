//! What this process called, as the registry is told. No stream and no clock.

use contract::Digest;
use contracts::treaty::v1::{self as wire, MethodUse, RegisterRequest, UsageReport, register_request};
use stack::client::usage::{Peaks, Usage, Used};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

/// Methods of one report; what is beyond comes with the next one.
const MAX_USES: usize = 1000;

/// Tells what is new.
///
/// The registry does not say that it heard. What was told last is told again if the stream breaks before the
/// next time: rather is a call counted twice than is it unknown that somebody calls.
#[derive(Debug, Default)]
pub(super) struct Reporter {
    usage: Usage,
    untold: Calls,
    /// Told last, on the stream that is open.
    told: Calls,
    /// Since when `untold` was called; `None`: some of it may have come through before.
    since: Option<Instant>,
}

/// By method and contract.
type Calls = BTreeMap<(String, String), Call>;

#[derive(Clone, Debug, Default, PartialEq)]
struct Call {
    calls: u64,
    written: BTreeSet<Vec<u32>>,
    peaks: Peaks,
}

impl Reporter {
    pub(super) fn new(usage: Usage, now: Instant) -> Self {
        Self { usage, since: Some(now), ..Self::default() }
    }

    /// What is new; `None` if nothing is. What was told before has come through.
    pub(super) fn report(&mut self, now: Instant) -> Option<RegisterRequest> {
        for Used { method, digest, calls, written, peaks } in self.usage.take() {
            add(&mut self.untold, key(method, &digest), Call { calls, written, peaks });
        }
        let rest = match self.untold.keys().nth(MAX_USES).cloned() {
            Some(next) => self.untold.split_off(&next),
            None => Calls::new(),
        };
        self.told = std::mem::replace(&mut self.untold, rest);
        let uses: Vec<_> = self.told.iter().map(message).collect();
        let over = self.since.and_then(|since| now.saturating_duration_since(since).try_into().ok());
        if self.untold.is_empty() {
            self.since = Some(now);
        }
        let event = register_request::Event::Usage(UsageReport { uses, over });
        (!self.told.is_empty()).then_some(RegisterRequest { event: Some(event) })
    }

    /// The stream broke.
    pub(super) fn lost(&mut self) {
        if !self.told.is_empty() {
            self.since = None;
        }
        for (key, call) in std::mem::take(&mut self.told) {
            add(&mut self.untold, key, call);
        }
    }
}

fn key(method: String, digest: &Digest) -> (String, String) {
    (method, digest.to_string())
}

fn add(calls: &mut Calls, key: (String, String), more: Call) {
    let known = calls.entry(key).or_default();
    known.calls = known.calls.saturating_add(more.calls);
    known.written.extend(more.written);
    known.peaks = known.peaks.max(more.peaks);
}

fn message(((method, digest), call): (&(String, String), &Call)) -> MethodUse {
    MethodUse {
        method: method.clone(),
        digest: digest.clone(),
        calls: call.calls,
        written: call.written.iter().map(|path| dotted(path)).collect(),
        peaks: (call.peaks != Peaks::default()).then(|| peaks(&call.peaks)),
    }
}

fn peaks(peaks: &Peaks) -> wire::Peaks {
    let &Peaks { request_bytes, response_bytes, time, in_flight } = peaks;
    let time = (!time.is_zero()).then(|| time.try_into().ok()).flatten();
    wire::Peaks { request_bytes, response_bytes, time, in_flight }
}

/// "4.2".
fn dotted(path: &[u32]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn told(reporter: &mut Reporter) -> Vec<(String, u64, Vec<String>)> {
        let Some(RegisterRequest { event: Some(register_request::Event::Usage(report)) }) =
            reporter.report(Instant::now())
        else {
            return Vec::new();
        };
        report.uses.into_iter().map(|one| (one.method, one.calls, one.written)).collect()
    }

    fn called(reporter: &mut Reporter, method: &str, calls: u64, written: &[&[u32]]) {
        let written = written.iter().map(|path| path.to_vec()).collect();
        add(
            &mut reporter.untold,
            key(method.to_owned(), &Digest::of(b"")),
            Call { calls, written, ..Call::default() },
        );
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        let mut reporter = Reporter::default();
        assert_eq!(reporter.report(Instant::now()), None);
        called(&mut reporter, "a.B/C", 2, &[&[4, 2], &[1]]);
        assert_eq!(told(&mut reporter), [("a.B/C".to_owned(), 2, vec!["1".to_owned(), "4.2".to_owned()])]);
        assert_eq!(reporter.report(Instant::now()), None);
    }

    #[test]
    fn what_may_be_lost_is_told_again_with_what_came_meanwhile() {
        let mut reporter = Reporter::default();
        called(&mut reporter, "a.B/C", 2, &[&[1]]);
        reporter.report(Instant::now());
        reporter.lost();
        called(&mut reporter, "a.B/C", 3, &[&[2]]);
        let both = [("a.B/C".to_owned(), 5, vec!["1".to_owned(), "2".to_owned()])];
        assert_eq!(told(&mut reporter), both);
        // The next time, all is well, and a stream that breaks later loses nothing.
        assert_eq!(reporter.report(Instant::now()), None);
        reporter.lost();
        assert_eq!(reporter.report(Instant::now()), None);
    }

    #[test]
    fn the_time_in_which_calls_were_made_is_told_unless_they_may_be_told_twice() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut reporter = Reporter::new(Usage::default(), start);
        let over = |reporter: &mut Reporter, seconds| {
            called(reporter, "a.B/C", 2, &[]);
            let event = reporter.report(after(seconds)).and_then(|request| request.event);
            let Some(register_request::Event::Usage(report)) = event else { panic!("{event:?}") };
            report.over.map(|over| over.seconds)
        };
        assert_eq!([over(&mut reporter, 10), over(&mut reporter, 25)], [Some(10), Some(15)]);
        assert_eq!(reporter.report(after(100)), None);
        assert_eq!(over(&mut reporter, 101), Some(1), "nothing was called before");
        reporter.lost();
        assert_eq!([over(&mut reporter, 500), over(&mut reporter, 510)], [None, Some(10)]);
        reporter.report(after(520));
        reporter.lost();
        assert_eq!(over(&mut reporter, 600), Some(80), "an outage when nothing was under way");
    }

    #[test]
    fn a_long_report_comes_in_parts() {
        let mut reporter = Reporter::default();
        (0..2500).for_each(|n| called(&mut reporter, &format!("a.B/C{n:04}"), 1, &[]));
        let parts: Vec<_> = (0..4).map(|_| told(&mut reporter).len()).collect();
        assert_eq!(parts, [1000, 1000, 500, 0]);
    }
}
