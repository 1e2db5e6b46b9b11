//! Rules of `google.protobuf.Timestamp`. All times are nanoseconds since 1970, UTC.

use super::Number;

/// A rule of a timestamp.
#[derive(Clone, Debug)]
pub(crate) enum Moment {
    Fixed(Number<i128>),
    /// Not after now.
    BeforeNow,
    /// Not before now.
    AfterNow,
    /// At most so long before or after now.
    NearNow(i128),
}

impl Moment {
    pub(crate) fn holds(&self, time: i128, now: i128) -> bool {
        match self {
            Self::Fixed(number) => number.holds(time),
            Self::BeforeNow => time <= now,
            Self::AfterNow => time >= now,
            Self::NearNow(distance) => time >= now - distance && time <= now + distance,
        }
    }
}
