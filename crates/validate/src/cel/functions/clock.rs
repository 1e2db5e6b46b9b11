//! What calendar and clock show of a timestamp, in a time zone; the parts of a duration.

use super::none;
use crate::cel::eval::Val;
use crate::cel::fault::Fault;
use crate::cel::overloads::Func;
use crate::cel::time::{Civil, Duration, Timestamp};
use jiff::tz::TimeZoneDatabase;

const NANOS: i128 = 1_000_000_000;

pub(in crate::cel) const fn is_of_clock(func: Func) -> bool {
    matches!(
        func,
        Func::Date
            | Func::DayOfMonth
            | Func::DayOfWeek
            | Func::DayOfYear
            | Func::FullYear
            | Func::Hours
            | Func::Milliseconds
            | Func::Minutes
            | Func::Month
            | Func::Seconds
    )
}

pub(super) fn call<'v>(func: Func, first: &Val<'v>, rest: &[Val<'v>]) -> Result<Val<'v>, Fault> {
    Ok(Val::Int(match (first, rest) {
        (Val::Timestamp(at), []) => part(func, &at.civil(0)),
        (Val::Timestamp(at), [Val::String(zone)]) => part(func, &at.civil(offset(zone.as_str(), *at)?)),
        (Val::Duration(span), []) => whole(func, *span),
        _ => return Err(none(func, first, rest)),
    }))
}

fn part(func: Func, civil: &Civil) -> i64 {
    match func {
        Func::Date => civil.day,
        Func::DayOfMonth => civil.day - 1,
        Func::DayOfWeek => civil.weekday,
        Func::DayOfYear => civil.day_of_year,
        Func::FullYear => civil.year,
        Func::Hours => civil.hour,
        Func::Milliseconds => civil.millisecond,
        Func::Minutes => civil.minute,
        Func::Month => civil.month - 1,
        _ => civil.second,
    }
}

/// Of a duration: how many in all, but the milliseconds, which are those beyond the second.
fn whole(func: Func, span: Duration) -> i64 {
    match func {
        Func::Hours => span.whole(3600 * NANOS),
        Func::Minutes => span.whole(60 * NANOS),
        Func::Seconds => span.whole(NANOS),
        _ => span.whole(1_000_000),
    }
}

/// Whether a time zone is one.
pub(in crate::cel) fn check_zone(zone: &str) -> Result<(), Fault> {
    offset(zone, Timestamp::of_fields(0, 0)).map(drop)
}

/// Seconds east of UTC at a point in time. A zone is "UTC", "+02:00", or a name of the IANA database, a copy of
/// which comes with the program.
fn offset(zone: &str, at: Timestamp) -> Result<i32, Fault> {
    if zone.is_empty() || zone == "UTC" {
        return Ok(0);
    }
    let unknown =
        || Fault::new("a time zone is no offset such as \"+02:00\", nor a name of the IANA database");
    if zone.contains(':') {
        return fixed(zone).ok_or_else(unknown);
    }
    let name = zone;
    let zone = TimeZoneDatabase::bundled().get(name).map_err(|_| unknown())?;
    // The database does not mind capitals; the official runtimes do.
    if zone.iana_name() != Some(name) {
        return Err(unknown());
    }
    // Beyond what the calendar reaches, what holds at its end does.
    let second = at.seconds().clamp(jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
    let at = jiff::Timestamp::from_second(second).map_err(|_| unknown())?;
    Ok(zone.to_offset(at).seconds())
}

fn fixed(zone: &str) -> Option<i32> {
    let (negative, clock) = match zone.strip_prefix('-') {
        Some(clock) => (true, clock),
        None => (false, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let (hours, minutes) = clock.split_once(':')?;
    let number = |digits: &str| {
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i32>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    Some(if negative { -seconds } else { seconds })
}
