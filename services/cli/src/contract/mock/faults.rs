//! Answers that are late, and calls that fail: as often as was asked for, and the same ones each time.

use crate::duration;
use std::{
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tonic::{Code, Status};

/// How long answers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Latency {
    least: Duration,
    most: Duration,
}

impl FromStr for Latency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let (least, most) = (duration::parse(least)?, duration::parse(most)?);
        if least > most {
            return Err(format!("`{text}` ends before it begins; write the shorter one first"));
        }
        Ok(Self { least, most })
    }
}

/// A part of all calls, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share(u64);

const WHOLE: u64 = 1_000_000;

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no share of all calls: write 5% or 0.05");
        let (digits, scale) = match text.strip_suffix('%') {
            Some(digits) => (digits, 100.0),
            None => (text, 1.0),
        };
        let share: f64 = digits.trim().parse().map_err(|_| wrong())?;
        let share = share / scale;
        if !(0.0..=1.0).contains(&share) {
            return Err(wrong());
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to a million")]
        Ok(Self((share * 1e6).round() as u64))
    }
}

/// A status that is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ErrorCode(contract::Code);

impl FromStr for ErrorCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.to_ascii_uppercase();
        let errors = (1..=16).filter_map(contract::Code::from_number);
        let known: Vec<_> = errors.collect();
        known.iter().find(|code| code.as_str() == wanted).copied().map(Self).ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|code| code.as_str()).collect();
            format!("`{text}` is no error; there are {}", names.join(", "))
        })
    }
}

/// Which calls fail, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Errors {
    share: u64,
    code: contract::Code,
}

impl Errors {
    pub(super) fn of(share: Option<Share>, code: Option<ErrorCode>) -> Option<Self> {
        if share.is_none() && code.is_none() {
            return None;
        }
        let code = code.map_or(contract::Code::Unavailable, |code| code.0);
        Some(Self { share: share.map_or(WHOLE, |share| share.0), code })
    }
}

/// What goes wrong, call by call.
#[derive(Debug)]
pub(super) struct Faults {
    latency: Option<Latency>,
    errors: Option<Errors>,
    seed: u64,
    drawn: AtomicU64,
}

impl Faults {
    pub(super) fn new(latency: Option<Latency>, errors: Option<Errors>, seed: u64) -> Self {
        Self { latency, errors, seed, drawn: AtomicU64::new(0) }
    }

    /// Waits as long as an answer takes.
    pub(super) async fn wait(&self) {
        if let Some(Latency { least, most }) = self.latency {
            let part = u32::try_from(self.draw() % 1_000_001).unwrap_or_default();
            tokio::time::sleep(least + (most - least) * part / 1_000_000).await;
        }
    }

    /// Whether this call is one of those that fail.
    ///
    /// # Errors
    /// It is.
    pub(super) fn fail(&self) -> Result<(), Status> {
        match self.errors {
            Some(errors) if self.draw() % WHOLE < errors.share => Err(Status::new(
                Code::from_i32(errors.code.number()),
                "made by `treaty contract mock`, as --error and --error-rate ask for",
            )),
            _ => Ok(()),
        }
    }

    /// SplitMix64: numbers that are the same on each run.
    fn draw(&self) -> u64 {
        let turn = self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let mut mixed = self.seed.wrapping_add(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_understood() {
        let latency: Latency = "50ms..200ms".parse().unwrap();
        assert_eq!(latency.least.as_millis(), 50);
        assert_eq!("1s".parse::<Latency>().unwrap().most.as_secs(), 1);
        assert!("2s..1s".parse::<Latency>().unwrap_err().contains("shorter one first"));
        assert_eq!("5%".parse::<Share>(), Ok(Share(50_000)));
        assert_eq!("0.05".parse::<Share>(), Ok(Share(50_000)));
        assert!("5".parse::<Share>().is_err() && "-1%".parse::<Share>().is_err());
        assert_eq!("unavailable".parse(), Ok(ErrorCode(contract::Code::Unavailable)));
        assert!("OK".parse::<ErrorCode>().unwrap_err().contains("DEADLINE_EXCEEDED"));
    }

    #[test]
    fn as_many_calls_fail_as_were_asked_for() {
        let share = Errors::of(Some(Share(200_000)), None);
        let outcomes = |seed| {
            let faults = Faults::new(None, share, seed);
            (0..2000).map(move |_| faults.fail().is_err()).collect::<Vec<_>>()
        };
        let failed = outcomes(1).iter().filter(|failed| **failed).count();
        assert!((300..500).contains(&failed), "{failed}");
        assert_eq!(outcomes(1), outcomes(1));
        assert_ne!(outcomes(1), outcomes(2));
        assert!(
            Faults::new(None, Errors::of(None, Some(ErrorCode(contract::Code::Aborted))), 1).fail().is_err()
        );
        assert!(Faults::new(None, None, 1).fail().is_ok());
    }
}
