//! The most that calls took, and when: what a limit must not fall below.

use contracts::treaty::v1 as wire;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

/// What is remembered of one measure: the largest, the largest after that one, and so on.
const REMEMBERED: usize = 8;

/// What is measured of the calls of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Measure {
    /// Bytes of a request message.
    RequestBytes,
    /// Bytes of a response message.
    ResponseBytes,
    /// Milliseconds from a unary call to its answer.
    Millis,
    /// Calls at once from one process to one instance.
    InFlight,
    /// Calls within a minute, of all processes.
    CallsPerMinute,
    /// Within an hour.
    CallsPerHour,
    /// Within a day.
    CallsPerDay,
}

impl Measure {
    /// Those of calls within a time, and the time.
    pub(crate) const RATES: [(Self, Duration); 3] = [
        (Self::CallsPerMinute, Duration::from_secs(60)),
        (Self::CallsPerHour, Duration::from_secs(3600)),
        (Self::CallsPerDay, Duration::from_secs(86_400)),
    ];
}

/// What was seen at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    value: u64,
    at: SystemTime,
}

/// The most that calls of a method took. In which order it becomes known does not matter, as long as no more than a
/// few falls of the most are remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Peaks(BTreeMap<Measure, Vec<Seen>>);

impl Peaks {
    /// What somebody reports.
    pub(crate) fn reported(said: &wire::Peaks, at: SystemTime) -> Self {
        let millis =
            said.time.and_then(|time| Duration::try_from(time).ok()).map_or(0, |time| time.as_millis());
        let measures = [
            (Measure::RequestBytes, said.request_bytes.into()),
            (Measure::ResponseBytes, said.response_bytes.into()),
            (Measure::Millis, u64::try_from(millis).unwrap_or(u64::MAX)),
            (Measure::InFlight, said.in_flight.into()),
        ];
        let seen = measures.into_iter().filter(|(_, value)| *value > 0);
        Self(seen.map(|(measure, value)| (measure, vec![Seen { value, at }])).collect())
    }

    /// What somebody counted.
    pub(crate) fn see(&mut self, measure: Measure, value: u64, at: SystemTime) {
        if value > 0 {
            add(self.0.entry(measure).or_default(), Seen { value, at });
        }
    }

    /// Takes more of the same.
    pub(crate) fn add(&mut self, more: Self) {
        for (measure, more) in more.0 {
            let known = self.0.entry(measure).or_default();
            more.into_iter().for_each(|seen| add(known, seen));
        }
    }

    /// The most within the `window` before `now`, and when that was.
    pub(crate) fn most(
        &self,
        measure: Measure,
        window: Duration,
        now: SystemTime,
    ) -> Option<(u64, SystemTime)> {
        let lately = |seen: &&Seen| now.duration_since(seen.at).map_or(true, |ago| ago < window);
        self.0.get(&measure)?.iter().find(lately).map(|seen| (seen.value, seen.at))
    }

    /// Whether the most is the same, whenever it was.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let most =
            |peaks: &Self| peaks.0.iter().map(|(measure, seen)| (*measure, value(seen))).collect::<Vec<_>>();
        most(self) == most(other)
    }

    /// As it is shown.
    pub(crate) fn shown(&self, window: Duration, now: SystemTime) -> Option<wire::Peaks> {
        let most = |measure| self.most(measure, window, now).map_or(0, |(value, _)| value);
        let small = |measure| u32::try_from(most(measure)).unwrap_or(u32::MAX);
        let shown = wire::Peaks {
            request_bytes: small(Measure::RequestBytes),
            response_bytes: small(Measure::ResponseBytes),
            time: Some(most(Measure::Millis))
                .filter(|millis| *millis > 0)
                .and_then(|millis| Duration::from_millis(millis).try_into().ok()),
            in_flight: small(Measure::InFlight),
        };
        (shown != wire::Peaks::default()).then_some(shown)
    }

    /// How often, as it is shown.
    pub(crate) fn rates(&self, window: Duration, now: SystemTime) -> Option<wire::Rates> {
        let most = |measure| self.most(measure, window, now).map_or(0, |(value, _)| value);
        let [per_minute, per_hour, per_day] = Measure::RATES.map(|(measure, _)| most(measure));
        let shown = wire::Rates { per_minute, per_hour, per_day };
        (shown != wire::Rates::default()).then_some(shown)
    }
}

fn value(seen: &[Seen]) -> u64 {
    seen.first().map_or(0, |most| most.value)
}

/// Keeps a staircase: each was seen after the one before, and is less.
fn add(known: &mut Vec<Seen>, seen: Seen) {
    if known.iter().any(|old| old.value >= seen.value && old.at >= seen.at) {
        return;
    }
    known.retain(|old| old.value > seen.value || old.at > seen.at);
    let place = known.partition_point(|old| old.value > seen.value);
    known.insert(place, seen);
    if known.len() > REMEMBERED {
        // The largest is remembered for somewhat longer than it should.
        if let [most, next, ..] = known.as_mut_slice() {
            most.at = next.at;
        }
        known.remove(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn day(number: u32) -> SystemTime {
        SystemTime::UNIX_EPOCH + DAY * number
    }

    fn bytes(value: u32, at: u32) -> Peaks {
        Peaks::reported(&wire::Peaks { request_bytes: value, ..wire::Peaks::default() }, day(at))
    }

    fn most(peaks: &Peaks, window: u32, now: u32) -> u64 {
        peaks.most(Measure::RequestBytes, DAY * window, day(now)).map_or(0, |(value, _)| value)
    }

    #[test]
    fn what_was_most_long_ago_gives_way_to_what_was_most_lately() {
        let mut peaks = bytes(900, 1);
        [bytes(100, 5), bytes(1000, 2), bytes(300, 4)].into_iter().for_each(|more| peaks.add(more));
        assert_eq!(
            [most(&peaks, 30, 6), most(&peaks, 4, 6), most(&peaks, 3, 6), most(&peaks, 1, 6)],
            [1000, 300, 300, 0]
        );
        assert_eq!(peaks.most(Measure::Millis, DAY, day(6)), None);
    }

    proptest! {
        #[test]
        fn the_most_is_what_was_seen_or_more(seen in prop::collection::vec((1u32..50, 0u32..60), 1..40), window in 1u32..60) {
            let mut peaks = Peaks::default();
            seen.iter().for_each(|(value, at)| peaks.add(bytes(*value, *at)));
            let lately = seen.iter().filter(|(_, at)| 60 - at < window);
            let really = lately.map(|(value, _)| u64::from(*value)).max().unwrap_or(0);
            prop_assert!(most(&peaks, window, 60) >= really);
            prop_assert!(peaks.0[&Measure::RequestBytes].len() <= REMEMBERED);
            let largest = seen.iter().map(|(value, _)| u64::from(*value)).max().unwrap();
            prop_assert_eq!(most(&peaks, 100, 60), largest);
        }
    }
}
