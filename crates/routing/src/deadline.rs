//! Deadlines and the `grpc-timeout` header (gRPC over HTTP/2, "Requests").
//!
//! A deadline is an instant, a timeout a duration; only timeouts travel.

use std::{
    error::Error,
    fmt,
    time::{Duration, Instant},
};

/// More digits than this are malformed.
const MAX_DIGITS: usize = 8;

/// A `grpc-timeout` header that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutError {
    /// No digit, or something else than digits before the unit.
    NoNumber,
    /// More than eight digits.
    TooLong,
    /// Not one of H M S m u n.
    NoUnit,
}

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNumber => {
                "the caller's grpc-timeout does not start with a number; write for example \"250m\""
            }
            Self::TooLong => "the caller's grpc-timeout has more than 8 digits; use a larger unit",
            Self::NoUnit => "the caller's grpc-timeout ends in no unit; use one of H M S m u n",
        })
    }
}

impl Error for TimeoutError {}

/// The timeout in a `grpc-timeout` header.
///
/// # Errors
/// The caller's mistake, if it is no timeout.
pub fn parse_timeout(value: &[u8]) -> Result<Duration, TimeoutError> {
    let (unit, digits) = value.split_last().ok_or(TimeoutError::NoNumber)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(TimeoutError::NoNumber);
    }
    if digits.len() > MAX_DIGITS {
        return Err(TimeoutError::TooLong);
    }
    let number = digits.iter().fold(0, |sum: u64, digit| sum * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Ok(Duration::from_secs(number * 3600)),
        b'M' => Ok(Duration::from_secs(number * 60)),
        b'S' => Ok(Duration::from_secs(number)),
        b'm' => Ok(Duration::from_millis(number)),
        b'u' => Ok(Duration::from_micros(number)),
        b'n' => Ok(Duration::from_nanos(number)),
        _ => Err(TimeoutError::NoUnit),
    }
}

/// The text of a `grpc-timeout` header, without an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutText {
    bytes: [u8; MAX_DIGITS + 1],
    start: usize,
}

impl TimeoutText {
    /// For example `15000000u`.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

/// `timeout` as a `grpc-timeout` header, in the finest unit that fits. Rounds down: nobody gains time
/// by passing it on.
pub fn format_timeout(timeout: Duration) -> TimeoutText {
    const LIMIT: u128 = 100_000_000;
    let nanos = timeout.as_nanos();
    let units = [
        (b'n', 1),
        (b'u', 1_000),
        (b'm', 1_000_000),
        (b'S', 1_000_000_000),
        (b'M', 60 * 1_000_000_000),
        (b'H', 3600 * 1_000_000_000),
    ];
    let fitting = units.into_iter().find(|(_, size)| nanos / size < LIMIT);
    let (unit, mut number) = fitting.map_or((b'H', LIMIT - 1), |(unit, size)| (unit, nanos / size));
    let mut bytes = [unit; MAX_DIGITS + 1];
    let mut start = MAX_DIGITS;
    for (index, digit) in bytes.iter_mut().enumerate().take(MAX_DIGITS).rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        start = index;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    TimeoutText { bytes, start }
}

/// When a call must be over: the earliest of what its caller `asked` for, what the call it serves has
/// left (`inherited`), and the contract's `ceiling`. `None`: it may last.
pub fn effective_deadline(
    now: Instant,
    asked: Option<Duration>,
    inherited: Option<Instant>,
    ceiling: Option<Duration>,
) -> Option<Instant> {
    // A timeout beyond what an instant can say is no bound.
    let ends = |timeout: Option<Duration>| timeout.and_then(|timeout| now.checked_add(timeout));
    [ends(asked), inherited, ends(ceiling)].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use testkit::FakeClock;

    fn text(timeout: Duration) -> String {
        String::from_utf8(format_timeout(timeout).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn every_unit_is_read() {
        let read = |text: &str| parse_timeout(text.as_bytes());
        assert_eq!(read("2H"), Ok(Duration::from_secs(7200)));
        assert_eq!(read("3M"), Ok(Duration::from_secs(180)));
        assert_eq!(read("00000007S"), Ok(Duration::from_secs(7)));
        assert_eq!(read("250m"), Ok(Duration::from_millis(250)));
        assert_eq!(read("99999999u"), Ok(Duration::from_micros(99_999_999)));
        assert_eq!(read("0n"), Ok(Duration::ZERO));
    }

    #[test]
    fn malformed_timeouts_are_the_callers_mistake() {
        let read = |text: &str| parse_timeout(text.as_bytes()).unwrap_err();
        assert_eq!(read(""), TimeoutError::NoNumber);
        assert_eq!(read("S"), TimeoutError::NoNumber);
        assert_eq!(read("-1S"), TimeoutError::NoNumber);
        assert_eq!(read("1.5S"), TimeoutError::NoNumber);
        assert_eq!(read("123456789S"), TimeoutError::TooLong);
        assert_eq!(read("15"), TimeoutError::NoUnit);
        assert_eq!(read("15s"), TimeoutError::NoUnit);
    }

    #[test]
    fn the_finest_unit_that_fits_is_written() {
        assert_eq!(text(Duration::from_secs(15)), "15000000u");
        assert_eq!(text(Duration::from_millis(99)), "99000000n");
        assert_eq!(text(Duration::from_secs(100)), "100000m");
        assert_eq!(text(Duration::ZERO), "0n");
        assert_eq!(text(Duration::MAX), "99999999H");
    }

    #[test]
    fn the_earliest_bound_wins() {
        let now = FakeClock::new().steady;
        let second = Duration::from_secs(1);
        assert_eq!(effective_deadline(now, None, None, None), None);
        assert_eq!(effective_deadline(now, Some(second * 3), None, Some(second)), Some(now + second));
        assert_eq!(effective_deadline(now, Some(second), Some(now), Some(second)), Some(now));
        assert_eq!(effective_deadline(now, Some(Duration::MAX), None, None), None);
    }

    proptest! {
        #[test]
        fn passing_a_timeout_on_never_gains_time(nanos in any::<u64>()) {
            let timeout = Duration::from_nanos(nanos);
            let passed = parse_timeout(format_timeout(timeout).as_bytes()).unwrap();
            prop_assert!(passed <= timeout);
            // At least seven digits are kept, or the unit is already the nanosecond.
            prop_assert!((timeout - passed).as_nanos() <= timeout.as_nanos() / 1_000_000);
        }

        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..16)) {
            let _ = parse_timeout(&bytes);
        }

        #[test]
        fn a_deadline_is_never_later_than_any_of_its_bounds(
            asked in proptest::option::of(0_u64..1_000_000),
            inherited in proptest::option::of(0_u64..1_000_000),
            ceiling in proptest::option::of(0_u64..1_000_000),
        ) {
            let now = FakeClock::new().steady;
            let ms = Duration::from_millis;
            let deadline = effective_deadline(now, asked.map(ms), inherited.map(|i| now + ms(i)), ceiling.map(ms));
            let bounds = [asked, inherited, ceiling];
            prop_assert_eq!(deadline, bounds.into_iter().flatten().min().map(|least| now + ms(least)));
        }
    }
}
