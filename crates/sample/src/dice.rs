//! Random numbers that are the same on every machine and in every year (SplitMix64).

/// A source of them.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Of a seed and whatever else is to make a difference.
    pub(crate) fn of(seed: u64, more: &[u64]) -> Self {
        let mixed = more.iter().fold(seed, |state, part| Self(state ^ part.rotate_left(17)).next());
        Self(mixed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`; 0 where that is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// A position in something of this length; 0 where it is empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// In `percent` of 100 calls.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// From the one to the other, both included.
    pub(crate) fn between(&mut self, low: i128, high: i128) -> i128 {
        let width = high.saturating_sub(low).max(0).unsigned_abs();
        let wide = u128::from(self.next()) << 64 | u128::from(self.next());
        let step = if width == u128::MAX { wide } else { wide % (width + 1) };
        low.saturating_add(i128::try_from(step).unwrap_or(i128::MAX))
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = self.index(from.len());
        from.get(at)
    }
}

/// FNV-1a: a number for a text, the same everywhere.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
