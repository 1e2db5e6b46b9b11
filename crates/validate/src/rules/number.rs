//! Rules of what can be ordered: numbers, durations, enums; and of `bool`.

use std::cmp::Ordering;

/// One end of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound<T> {
    None,
    Inclusive(T),
    Exclusive(T),
}

/// A rule of a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number<T> {
    Const(T),
    In(Listed<T>),
    NotIn(Listed<T>),
    /// Above the one and below the other.
    Between(Bound<T>, Bound<T>),
    /// Above the one or below the other: where the lower end is the higher.
    Outside(Bound<T>, Bound<T>),
    /// Neither infinite nor NaN.
    Finite,
}

/// The values of a list, sorted. NaN, which equals nothing, is none of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed<T>(Vec<T>);

impl<T: PartialOrd + Copy> Listed<T> {
    /// Up to so many are compared one after the other.
    const FEW: usize = 8;

    pub(crate) fn of(mut values: Vec<T>) -> Self {
        values.retain(|value| value.partial_cmp(value).is_some());
        values.sort_unstable_by(|one, other| one.partial_cmp(other).unwrap_or(Ordering::Equal));
        Self(values)
    }

    #[inline]
    fn has(&self, value: T) -> bool {
        if self.0.len() <= Self::FEW {
            return self.0.contains(&value);
        }
        self.0.binary_search_by(|entry| entry.partial_cmp(&value).unwrap_or(Ordering::Less)).is_ok()
    }
}

/// What can be ordered, and may be beyond all order.
pub(crate) trait Ordered: PartialOrd + Copy {
    fn is_finite(self) -> bool;
}

impl Ordered for f64 {
    fn is_finite(self) -> bool {
        Self::is_finite(self)
    }
}

macro_rules! always_finite {
    ($($number:ty),*) => {$(
        impl Ordered for $number {
            fn is_finite(self) -> bool {
                true
            }
        }
    )*};
}
always_finite!(bool, i64, u64, i128);

impl<T: Ordered> Number<T> {
    /// Whether the value obeys. NaN lies in no range, and equals nothing.
    #[inline]
    pub(crate) fn holds(&self, value: T) -> bool {
        match self {
            Self::Const(constant) => value == *constant,
            Self::In(list) => list.has(value),
            Self::NotIn(list) => !list.has(value),
            Self::Between(low, high) => low.is_below(value) && high.is_above(value),
            Self::Outside(low, high) => low.is_below(value) || high.is_above(value),
            Self::Finite => value.is_finite(),
        }
    }
}

impl<T: PartialOrd + Copy> Bound<T> {
    #[inline]
    fn is_below(&self, value: T) -> bool {
        match self {
            Self::None => true,
            Self::Inclusive(low) => value >= *low,
            Self::Exclusive(low) => value > *low,
        }
    }

    #[inline]
    fn is_above(&self, value: T) -> bool {
        match self {
            Self::None => true,
            Self::Inclusive(high) => value <= *high,
            Self::Exclusive(high) => value < *high,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_in_no_range() {
        let below = Number::Between(Bound::None, Bound::Exclusive(1.0));
        assert!(below.holds(0.0));
        // With no lower end, only the upper one can refuse NaN.
        assert!(!below.holds(f64::NAN));
        assert!(!Number::Outside(Bound::Exclusive(5.0), Bound::Exclusive(1.0)).holds(f64::NAN));
        assert!(!Number::Const(f64::NAN).holds(f64::NAN));
        assert!(!Number::<f64>::Finite.holds(f64::NEG_INFINITY));
    }

    #[test]
    fn a_long_list_is_searched_as_a_short_one() {
        for length in [3_i32, 5000] {
            let list = (0..length).rev().map(|at| f64::from(at) * 2.0).chain([f64::NAN, -0.0]);
            let within = Number::In(Listed::of(list.collect()));
            let found = [0.0, -0.0, 2.0, 4.0, 3.0, -1.0, 1e9, f64::INFINITY].map(|value| within.holds(value));
            assert_eq!(found, [true, true, true, true, false, false, false, false]);
            // Not even a list that names NaN has it.
            assert!(!within.holds(f64::NAN));
            assert!(Number::NotIn(Listed::of(vec![f64::NAN])).holds(f64::NAN));
        }
        assert!(!Number::In(Listed::of(Vec::new())).holds(1_i64));
    }

    #[test]
    fn ends_belong_to_a_range_or_not() {
        let range = Number::Between(Bound::Inclusive(1_i64), Bound::Exclusive(3));
        assert_eq!([0, 1, 2, 3].map(|value| range.holds(value)), [false, true, true, false]);
        let outside = Number::Outside(Bound::Exclusive(3_i64), Bound::Inclusive(1));
        assert_eq!([0, 1, 2, 3, 4].map(|value| outside.holds(value)), [true, true, false, false, true]);
    }
}
