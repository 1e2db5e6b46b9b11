//! How often a method is called: in each minute, hour and day, of all processes that report.
//!
//! A process says how many calls it made and in which time; they are spread evenly over that time. So what comes in one
//! lump after an outage is no peak, and what several processes did at once adds up. Of a number beyond a thousand,
//! the first three digits count: a day that is called on and on is not news every second.

use crate::peaks::{Measure, Peaks};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How many minutes, hours and days are counted on, the latest ones. What was called before counts no more.
const OPEN: u64 = 3;
/// Parts of a call.
const PARTS: u128 = 1000;

/// What is counted at the time. What came of it is among the peaks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rates(BTreeMap<Measure, BTreeMap<u64, u64>>);

impl Rates {
    /// Counts calls that were made in the time `over` until now, and adds to `peaks` what comes of it.
    pub(crate) fn count(&mut self, calls: u64, over: Duration, now: SystemTime, peaks: &mut Peaks) {
        let Ok(end) = now.duration_since(UNIX_EPOCH) else { return };
        for (measure, length) in Measure::RATES {
            let open = self.0.entry(measure).or_default();
            for (number, until, parts) in shares(calls, (end.saturating_sub(over), end), length, open) {
                let counted = open.entry(number).or_default();
                *counted = counted.saturating_add(parts);
                if let Some(at) = UNIX_EPOCH.checked_add(until) {
                    peaks.see(measure, round(whole(*counted)), at);
                }
            }
            let oldest = open.last_key_value().map_or(0, |(newest, _)| newest.saturating_sub(OPEN - 1));
            open.retain(|number, _| *number >= oldest);
        }
    }
}

/// The number of each piece of time, until when it was counted on, and the parts of calls that fell into it: of those
/// pieces that are open. A clock that is set back opens them anew.
fn shares(
    calls: u64,
    (start, end): (Duration, Duration),
    length: Duration,
    open: &mut BTreeMap<u64, u64>,
) -> Vec<(u64, Duration, u64)> {
    let [start, end, length] = [start, end, length].map(|time| time.as_millis());
    let last = if end > start { (end - 1) / length } else { end / length };
    let Ok(latest) = u64::try_from(last) else { return Vec::new() };
    if open.last_key_value().is_some_and(|(newest, _)| *newest > latest + 1) {
        open.clear();
    }
    let newest = open.last_key_value().map_or(latest, |(newest, _)| latest.max(*newest));
    let first = (start / length).max(u128::from(newest.saturating_sub(OPEN - 1)));
    let share = |number: u128| {
        let (from, until) = (start.max(number * length), end.min((number + 1) * length));
        let all = u128::from(calls) * PARTS;
        let parts = if end > start { all * until.saturating_sub(from) / (end - start) } else { all };
        let until = Duration::from_millis(u64::try_from(until).ok()?);
        Some((u64::try_from(number).ok()?, until, u64::try_from(parts).unwrap_or(u64::MAX)))
    };
    (first..=last).filter_map(share).collect()
}

/// Calls; a part that is lost to division is none.
fn whole(parts: u64) -> u64 {
    u64::try_from((u128::from(parts) + 5) / PARTS).unwrap_or(u64::MAX)
}

/// The first three digits.
fn round(mut value: u64) -> u64 {
    let mut unit = 1;
    while value >= 1000 {
        value /= 10;
        unit *= 10;
    }
    value * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const YEAR: Duration = Duration::from_secs(365 * 86_400);

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(100 * 86_400 + seconds)
    }

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Of reports (when, over how long, calls): the most in a minute, an hour and a day.
    fn most(reports: &[(u64, u64, u64)]) -> [u64; 3] {
        let (mut rates, mut peaks) = (Rates::default(), Peaks::default());
        for (when, over, calls) in reports {
            rates.count(*calls, secs(*over), at(*when), &mut peaks);
        }
        let most = |(measure, _)| peaks.most(measure, YEAR, at(0)).map_or(0, |(value, _)| value);
        Measure::RATES.map(most)
    }

    #[test]
    fn processes_add_up_and_pieces_of_time_do_not() {
        let steady: Vec<_> = (1..=360).flat_map(|n| [(n * 10, 10, 5), (n * 10 + 3, 10, 5)]).collect();
        assert_eq!(most(&steady), [60, 3590, 3600], "some of the second process is of the next hour");
        assert_eq!(most(&[(30, 10, 40), (90, 10, 40)]), [40, 80, 80]);
    }

    #[test]
    fn a_lump_after_an_outage_is_no_peak() {
        assert_eq!(most(&[(7200, 7200, 12_000)]), [100, 6000, 12_000]);
        assert_eq!(most(&[(86_400 * 9, 86_400 * 9, 90)]), [0, 0, 10]);
        assert_eq!(most(&[(60, 0, 7), (61, 10, 1)]), [7, 8, 8], "all at once");
    }

    #[test]
    fn a_clock_that_is_set_back_counts_anew() {
        assert_eq!(most(&[(86_400 * 30, 10, 50), (60, 10, 70), (70, 10, 70)]), [70, 140, 140]);
    }

    #[test]
    fn of_large_numbers_three_digits_count() {
        assert_eq!([0, 999, 1000, 1009, 123_456].map(round), [0, 999, 1000, 1000, 123_000]);
        assert_eq!(most(&[(60, 60, u64::MAX)])[0] / 1_000_000_000_000, 18_400);
    }

    proptest! {
        /// Never more than was called, and not less than three digits of it where all was in one piece of time.
        #[test]
        fn nothing_is_made_up(reports in prop::collection::vec((0u64..400, 0u64..100, 0u64..500), 1..30)) {
            let all: u64 = reports.iter().map(|(.., calls)| calls).sum();
            let [minute, hour, day] = most(&reports);
            prop_assert!(minute <= hour && hour <= day && day <= all);
            let inside = reports.iter().all(|(when, over, _)| when >= over);
            prop_assert!(!inside || day >= round(all));
        }
    }
}
