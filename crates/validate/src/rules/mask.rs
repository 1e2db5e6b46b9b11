//! Rules of `google.protobuf.FieldMask`.

/// A rule of the paths of a mask.
#[derive(Clone, Debug)]
pub(crate) enum Mask {
    /// Exactly these, in this order.
    Const(Vec<String>),
    /// Each is one of these, or below one.
    In(Paths),
    /// None is one of these, or below one.
    NotIn(Paths),
}

impl Mask {
    /// Whether the paths obey. `paths` may be asked for several times.
    pub(crate) fn holds<'p, I: Iterator<Item = &'p [u8]>>(&self, paths: impl Fn() -> I) -> bool {
        match self {
            Self::Const(wanted) => paths().eq(wanted.iter().map(String::as_bytes)),
            Self::In(list) => paths().all(|path| list.cover(path)),
            Self::NotIn(list) => !paths().any(|path| list.cover(path)),
        }
    }
}

/// The paths of a list.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    sorted: Vec<String>,
    /// The length of the longest one.
    longest: usize,
}

impl Paths {
    pub(crate) fn of(mut paths: Vec<String>) -> Self {
        paths.sort_unstable();
        Self { longest: paths.iter().map(String::len).max().unwrap_or_default(), sorted: paths }
    }

    /// Whether a path is one of them, or below one: whatever its length, only so much of it is looked at as one of
    /// them may be.
    fn cover(&self, path: &[u8]) -> bool {
        let has = |part: &[u8]| self.sorted.binary_search_by(|entry| entry.as_bytes().cmp(part)).is_ok();
        let above = path.iter().take(self.longest + 1).enumerate().filter(|(_, byte)| **byte == b'.');
        let mut above = above.filter_map(|(at, _)| path.get(..at));
        (path.len() <= self.longest && has(path)) || above.any(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_what_is_below_it() {
        let list = Mask::In(Paths::of(vec!["b.c".into(), "a".into()]));
        let holds = |path: &'static str| list.holds(|| std::iter::once(path.as_bytes()));
        assert!(!holds("b.d.....................") && holds("b.c....................."));
        assert_eq!(
            ["a", "a.b", "ab", "b", "b.c", "b.c.d", ""].map(holds),
            [true, true, false, false, true, true, false]
        );
    }
}
