//! Where Treaty judges otherwise than both official runtimes, and why. A difference that is not here fails the
//! test.

use crate::differential::Answers;

/// A difference that is meant.
pub(crate) struct Difference {
    pub(crate) reason: &'static str,
    pub(crate) covers: fn(&Answers<'_>) -> bool,
}

pub(crate) const MEANT: [Difference; 6] = [
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
    Difference {
        reason: "Go's decoder panicked over a damaged map and Python's readers drop what is odd in one",
        covers: |answers| answers.go.says("malformed: panic"),
    },
];
