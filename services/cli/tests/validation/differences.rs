//! Where Treaty judges otherwise than both official runtimes, and where these judge otherwise than each other: why,
//! and whom Treaty follows. A difference that is not here fails the test; those that no generated message shows are in
//! `remaining.rs`.

use crate::differential::Answers;

/// A difference that is meant.
pub(crate) struct Difference {
    pub(crate) reason: &'static str,
    pub(crate) covers: fn(&Answers<'_>) -> bool,
}

pub(crate) const MEANT: [Difference; 5] = [
    Difference {
        reason: "a contract is judged before any message: its faults are reported for messages too that cannot be read",
        covers: |answers| {
            answers.ours.refuses_rules() && (answers.python.is_malformed() || answers.go.is_malformed())
        },
    },
    Difference {
        reason: "an expression that fails whatever the message is refused where it is written; theirs fail at each call",
        covers: |answers| {
            answers.ours.refuses_rules() && answers.python.is_runtime_error() && answers.go.is_runtime_error()
        },
    },
    Difference {
        reason: "a range that ends at NaN is refused where it is written; theirs silently lets every value pass",
        covers: |answers| answers.ours.says("NaN is the end of no range"),
    },
    Difference {
        reason: "an expression that may take too long is refused where it is written; theirs have no bounds",
        covers: |answers| answers.ours.says("the expression may need"),
    },
    Difference {
        reason: "no more than a hundred violations are told of one message",
        covers: |answers| answers.ours.is_part_of(&answers.python, 100),
    },
];

/// Where the official runtimes disagree. Treaty judges as one of them, which the test sees to.
pub(crate) const SPLIT: [Difference; 11] = [
    Difference {
        reason: "Go's decoder demands proto2's required fields; Treaty, as Python, leaves them to whoever decodes",
        covers: |answers| answers.go.says("required field"),
    },
    Difference {
        reason: "Python reads numbers of more than 64 bits; Treaty, as Go, refuses them",
        covers: |answers| answers.go.is_malformed() && answers.ours.says("longer than 64 bits"),
    },
    Difference {
        reason: "Go takes unknown numbers of a closed enum for values; Treaty, as Python, for unknown fields",
        covers: |answers| answers.ours.is(&answers.python) && answers.differ_only(&["closed", "defaulted"]),
    },
    Difference {
        reason: "in Go and Treaty, milliseconds are those of a whole duration, and nothing split by nothing has no parts; \
                 in Python, those beyond the second, and one",
        covers: |answers| {
            answers.ours.is(&answers.go) && answers.differ_only(&["getMilliseconds", ".split("])
        },
    },
    Difference {
        reason: "Python drops an entry of a map with something odd in it; Treaty, as Go, drops what is odd",
        covers: |answers| answers.ours.is(&answers.go) && answers.go.contains(&answers.python),
    },
    Difference {
        reason: "what does not type-check is refused where it is written, as Go does; Python notices when it gets there",
        covers: |answers| answers.go.refuses_rules() && answers.ours.refuses_rules(),
    },
    Difference {
        reason: "a class of Unicode has one name, as RE2 and Python have it; Go minds no capitals",
        covers: |answers| answers.ours.says("no class that RE2 knows") && answers.python.refuses_rules(),
    },
    Difference {
        reason: "Python refuses rules with times before the first second; Treaty, as Go, compares with them",
        covers: |answers| answers.python.says("timestamp rule value out of range"),
    },
    Difference {
        reason: "Go's formats differ where control characters are: in zones, references, header values; Treaty judges as Python",
        covers: |answers| {
            let ids =
                ["[string.ip]", "[string.ipv6]", "[string.address]", "[string.uri_ref]", "header_value]"];
            answers.ours.is(&answers.python) && answers.differ_only(&ids)
        },
    },
    Difference {
        reason: "Python's CEL does not resolve enums of the own package, nor ends a substring beyond the text; Treaty does as Go",
        covers: |answers| {
            answers.python.says("No value with name")
                || answers.python.says("is greater than <string>.size()")
        },
    },
    Difference {
        reason: "Go panics over a message that stands where a predefined rule wants a number",
        covers: |answers| answers.go.says("panic: type mismatch"),
    },
];
