//! Sets of numbers: what rules of numbers, times and lengths accept, so that "accepts less than before" is
//! arithmetic and not guessing.

/// Below every number that occurs (nanoseconds of the largest duration need 94 bits).
pub(super) const LOW: i128 = -(1 << 120);
/// Above every number that occurs.
pub(super) const HIGH: i128 = 1 << 120;

/// Disjoint closed intervals, ascending, none of which touches the next; and whether NaN is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    spans: Vec<(i128, i128)>,
    /// Of floating-point numbers only.
    pub(super) nan: bool,
}

impl Set {
    pub(super) fn all() -> Self {
        Self { spans: vec![(LOW, HIGH)], nan: true }
    }

    pub(super) const fn none() -> Self {
        Self { spans: Vec::new(), nan: false }
    }

    /// From one to the other, both included; empty where they are the wrong way round.
    pub(super) fn between(low: i128, high: i128) -> Self {
        Self { spans: if low <= high { vec![(low, high)] } else { Vec::new() }, nan: false }
    }

    pub(super) fn of(values: impl IntoIterator<Item = i128>) -> Self {
        Self { spans: values.into_iter().map(|value| (value, value)).collect(), nan: false }.tidy()
    }

    pub(super) fn or(mut self, other: &Self) -> Self {
        self.spans.extend_from_slice(&other.spans);
        self.nan |= other.nan;
        self.tidy()
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let (mut one, mut two) = (self.spans.iter().peekable(), other.spans.iter().peekable());
        let mut spans = Vec::new();
        while let (Some(&&(low, high)), Some(&&(least, most))) = (one.peek(), two.peek()) {
            if low.max(least) <= high.min(most) {
                spans.push((low.max(least), high.min(most)));
            }
            if high < most {
                one.next();
            } else {
                two.next();
            }
        }
        Self { spans, nan: self.nan && other.nan }
    }

    pub(super) fn complement(&self) -> Self {
        let mut spans = Vec::new();
        let mut from = LOW;
        for (low, high) in &self.spans {
            if from < *low {
                spans.push((from, low - 1));
            }
            from = high + 1;
        }
        if from <= HIGH {
            spans.push((from, HIGH));
        }
        Self { spans, nan: !self.nan }
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.and(&other.complement())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.spans.is_empty() && !self.nan
    }

    pub(super) fn contains(&self, value: i128) -> bool {
        self.spans.iter().any(|(low, high)| (*low..=*high).contains(&value))
    }

    pub(super) fn spans(&self) -> &[(i128, i128)] {
        &self.spans
    }

    pub(super) fn least(&self) -> Option<i128> {
        self.spans.first().map(|(low, _)| *low)
    }

    pub(super) fn most(&self) -> Option<i128> {
        self.spans.last().map(|(_, high)| *high)
    }

    /// The number in it that is easiest to read: the one nearest to zero.
    pub(super) fn plainest(&self) -> Option<i128> {
        let nearest = |(low, high): &(i128, i128)| 0_i128.clamp(*low, *high);
        self.spans.iter().map(nearest).min_by_key(|value| (value.unsigned_abs(), *value < 0))
    }

    /// So many numbers in it, from the plainest of each interval on, in both directions.
    pub(super) fn some(&self, count: usize) -> Vec<i128> {
        let mut found = Vec::new();
        for (low, high) in &self.spans {
            let start = 0_i128.clamp(*low, *high);
            let up = (start..=*high).take(count);
            let down = (*low..start).rev().take(count);
            found.extend(up.chain(down).take(count));
        }
        found.sort_by_key(|value| (value.unsigned_abs(), *value < 0));
        found.truncate(count);
        found
    }

    fn tidy(mut self) -> Self {
        self.spans.sort_unstable();
        let mut spans: Vec<(i128, i128)> = Vec::with_capacity(self.spans.len());
        for (low, high) in self.spans {
            match spans.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => spans.push((low, high)),
            }
        }
        Self { spans, nan: self.nan }
    }
}

/// The position of a `double` among all of them. Both zeros share one; NaN has none.
pub(super) fn of_double(value: f64) -> i128 {
    let bits = value.to_bits().cast_signed();
    i128::from(if bits >= 0 { bits } else { i64::MIN.wrapping_sub(bits) })
}

/// The `double` at a position.
pub(super) fn double_at(position: i128) -> f64 {
    let position = i64::try_from(position).unwrap_or(if position < 0 { i64::MIN + 1 } else { i64::MAX });
    let bits = if position >= 0 { position } else { i64::MIN.wrapping_sub(position) };
    f64::from_bits(bits.cast_unsigned())
}

/// The position of a `float` among all of them.
pub(super) fn of_float(value: f32) -> i128 {
    let bits = value.to_bits().cast_signed();
    i128::from(if bits >= 0 { bits } else { i32::MIN.wrapping_sub(bits) })
}

/// The `float` at a position.
pub(super) fn float_at(position: i128) -> f32 {
    let position = i32::try_from(position).unwrap_or(if position < 0 { i32::MIN + 1 } else { i32::MAX });
    let bits = if position >= 0 { position } else { i32::MIN.wrapping_sub(position) };
    f32::from_bits(bits.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set() -> impl Strategy<Value = Set> {
        let spans = prop::collection::vec((-20_i128..20, 0_i128..6), 0..5);
        (spans, any::<bool>()).prop_map(|(spans, nan)| {
            let sets = spans.into_iter().map(|(low, length)| Set::between(low, low + length));
            let mut all = sets.fold(Set::none(), |all, next| all.or(&next));
            all.nan = nan;
            all
        })
    }

    proptest! {
        #[test]
        fn sets_do_what_their_members_say(one in set(), other in set(), value in -30_i128..30) {
            let (here, there) = (one.contains(value), other.contains(value));
            prop_assert_eq!(one.and(&other).contains(value), here && there);
            prop_assert_eq!(one.minus(&other).contains(value), here && !there);
            prop_assert_eq!(one.clone().or(&other).contains(value), here || there);
            prop_assert_eq!(one.complement().complement(), one.clone());
            prop_assert!(one.some(5).into_iter().all(|value| one.contains(value)));
        }

        #[test]
        fn positions_of_doubles_keep_their_order(one in any::<f64>(), other in any::<f64>()) {
            prop_assume!(!one.is_nan() && !other.is_nan());
            prop_assert_eq!(of_double(one).cmp(&of_double(other)), one.partial_cmp(&other).unwrap());
            prop_assert_eq!(double_at(of_double(one)), one);
            let float = one as f32;
            prop_assert_eq!(float_at(of_float(float)), float);
        }
    }
}
