//! Rules of what can be ordered: numbers, durations, enums; and of `bool`.

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
    In(Vec<T>),
    NotIn(Vec<T>),
    /// Above the one and below the other.
    Between(Bound<T>, Bound<T>),
    /// Above the one or below the other: where the lower end is the higher.
    Outside(Bound<T>, Bound<T>),
    /// Neither infinite nor NaN.
    Finite,
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
            Self::In(list) => list.contains(&value),
            Self::NotIn(list) => !list.contains(&value),
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
    fn ends_belong_to_a_range_or_not() {
        let range = Number::Between(Bound::Inclusive(1_i64), Bound::Exclusive(3));
        assert_eq!([0, 1, 2, 3].map(|value| range.holds(value)), [false, true, true, false]);
        let outside = Number::Outside(Bound::Exclusive(3_i64), Bound::Inclusive(1));
        assert_eq!([0, 1, 2, 3, 4].map(|value| outside.holds(value)), [true, true, false, false, true]);
    }
}
