//! Where buf and we differ, and why.

use crate::oracle::Found;

/// Rules that we map to ids which buf has in configurations of version v1 only: weak imports are not compiled any
/// more.
const UNKNOWN_TO_BUF: [&str; 1] = ["IMPORT_NO_WEAK"];
/// What rules of `buf.validate` mean is known to another crate, and compared there.
const ELSEWHERE: [&str; 1] = ["PROTOVALIDATE"];

pub(crate) fn is_compared(id: &str) -> bool {
    !UNKNOWN_TO_BUF.contains(&id) && !ELSEWHERE.contains(&id)
}

/// Who alone finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    OnlyBuf,
    OnlyOurs,
}

/// Rule, who alone finds it, and why that is right.
const DIFFERENCES: &[(&str, Difference, &str)] = &[(
    "PACKAGE_SAME_DIRECTORY",
    Difference::OnlyBuf,
    "files without a package, in several folders: each of them is told to have one, which mends both",
)];

/// What is about a file as a whole: buf points at its first line, we at nothing, or at the package.
const WHOLE_FILES: [&str; 10] = [
    "FILE_LOWER_SNAKE_CASE",
    "PACKAGE_DEFINED",
    "PACKAGE_SAME_CSHARP_NAMESPACE",
    "PACKAGE_SAME_GO_PACKAGE",
    "PACKAGE_SAME_JAVA_MULTIPLE_FILES",
    "PACKAGE_SAME_JAVA_PACKAGE",
    "PACKAGE_SAME_PHP_NAMESPACE",
    "PACKAGE_SAME_RUBY_PACKAGE",
    "PACKAGE_SAME_SWIFT_PREFIX",
    "SYNTAX_SPECIFIED",
];

/// The line that both name.
pub(crate) fn comparable(rule: &str, line: u32) -> u32 {
    if WHOLE_FILES.contains(&rule) { 0 } else { line }
}

pub(crate) fn explains(found: &Found, by: Difference) -> bool {
    DIFFERENCES.iter().any(|(rule, who, _)| *rule == found.rule && *who == by)
}
