//! Rules of `google.protobuf.FieldMask`.

/// A rule of the paths of a mask.
#[derive(Clone, Debug)]
pub(crate) enum Mask {
    /// Exactly these, in this order.
    Const(Vec<String>),
    /// Each is one of these, or below one.
    In(Vec<String>),
    /// None is one of these, or below one.
    NotIn(Vec<String>),
}

impl Mask {
    /// Whether the paths obey. `paths` may be asked for several times.
    pub(crate) fn holds<'p, I: Iterator<Item = &'p [u8]>>(&self, paths: impl Fn() -> I) -> bool {
        match self {
            Self::Const(wanted) => paths().eq(wanted.iter().map(String::as_bytes)),
            Self::In(list) => paths().all(|path| covered(path, list)),
            Self::NotIn(list) => !paths().any(|path| covered(path, list)),
        }
    }
}

fn covered(path: &[u8], list: &[String]) -> bool {
    list.iter().any(|entry| match path.strip_prefix(entry.as_bytes()) {
        Some(rest) => rest.is_empty() || rest.starts_with(b"."),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_what_is_below_it() {
        let list = Mask::In(vec!["a".into(), "b.c".into()]);
        let holds = |path: &'static str| list.holds(|| std::iter::once(path.as_bytes()));
        assert_eq!(
            ["a", "a.b", "ab", "b", "b.c", "b.c.d", ""].map(holds),
            [true, true, false, false, true, true, false]
        );
    }
}
