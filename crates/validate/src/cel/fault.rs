//! Why an expression has no value.

use std::borrow::Cow;

/// An error of CEL: `&&` and `||` may still decide without it. Says nothing of the values involved, which may
/// be somebody's secret.
#[derive(Clone, Debug)]
pub(super) struct Fault(Cow<'static, str>);

impl Fault {
    pub(super) const fn new(reason: &'static str) -> Self {
        Self(Cow::Borrowed(reason))
    }

    pub(super) fn of(reason: impl Into<String>) -> Self {
        Self(Cow::Owned(reason.into()))
    }

    /// No form of the operator or function takes such values.
    pub(super) fn no_overload(name: &str, arguments: &[&str]) -> Self {
        Self::of(format!("nothing called `{name}` takes ({})", arguments.join(", ")))
    }

    pub(super) fn into_reason(self) -> String {
        one_line(&self.0)
    }
}

/// How long an error may be, in characters.
const LONGEST: usize = 300;

/// An error in one line: names in it are whatever somebody wrote.
pub(super) fn one_line(error: &str) -> String {
    error.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}
