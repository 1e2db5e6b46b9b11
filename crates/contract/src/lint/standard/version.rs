//! Versions of packages, as buf has them (`private/bufpkg/bufprotosource`, `protoversion`).

/// The version that a package's last part is: "v1", "v1beta1", "v1p1alpha", "v2test3".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint) struct Version {
    /// Neither alpha, beta nor test.
    pub(in crate::lint) stable: bool,
}

impl Version {
    /// `None` where the package has none, or nothing in front of it.
    pub(in crate::lint) fn of_package(package: &str) -> Option<Self> {
        let (_, last) = package.rsplit_once('.')?;
        Self::of(last)
    }

    fn of(text: &str) -> Option<Self> {
        let rest = number(text.strip_prefix('v')?)?;
        if rest.is_empty() {
            return Some(Self { stable: true });
        }
        if rest.starts_with("test") {
            return Some(Self { stable: false });
        }
        let rest = match rest.strip_prefix('p') {
            Some(patch) => number(patch)?,
            None => rest,
        };
        let end = rest.strip_prefix("alpha").or_else(|| rest.strip_prefix("beta"))?;
        (end.is_empty() || number(end) == Some("")).then_some(Self { stable: false })
    }
}

/// What follows a number above 0.
fn number(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    digits.contains(|c| c != '0').then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let of = |package: &str| Version::of_package(package).map(|version| version.stable);
        assert_eq!((of("shop.till.v1"), of("a.v01")), (Some(true), Some(true)));
        for unstable in ["a.v1alpha1", "a.v1beta", "a.v2p1beta3", "a.v1test", "a.v1testing"] {
            assert_eq!(of(unstable), Some(false), "{unstable}");
        }
        for none in ["v1", "a.b", "a.v", "a.v0", "a.v1rc1", "a.v1p1", "a.vbeta", "a.v1alpha0", ""] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
