//! Where buf and we differ, and why.

use crate::oracle::Found;

/// Rules that we map to ids which buf has in configurations of version v1 only: weak imports are not compiled any
/// more.
pub(crate) const UNKNOWN_TO_BUF: [&str; 1] = ["IMPORT_NO_WEAK"];

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

/// No value keeps both, which buf does not see.
pub(crate) const RULES_ONLY_WE_CALL_CONTRADICTORY: &[&str] = &[
    "string = {in: [\"a\", \"b\"], not_in: [\"b\", \"a\"]}",
    "int32 = {in: [1, 2], not_in: [2, 1]}",
    "map.values.int64 = {in: [1], not_in: [1]}",
];

/// Rules that can be kept, and why buf does not like them.
pub(crate) const RULES_ONLY_BUF_CALLS_WRONG: &[(&str, &str)] = &[
    ("string = {min_len: 5, max_len: 5}", "it could be said with `len`"),
    ("string = {len: 5, max_len: 6}", "the bound says nothing new"),
    ("uint64 = {gte: 3, lte: 3}", "it could be said with `const`"),
];
