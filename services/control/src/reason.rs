//! The names of what the control plane refuses. There are no others: `docs/errors.md` lists them all.

use std::fmt;

/// Why something is refused: UPPER_SNAKE_CASE, stable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reason(&'static str);

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! reasons {
    ($($name:ident),* $(,)?) => {
        impl Reason {
            $(pub(crate) const $name: Self = Self(stringify!($name));)*

            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

reasons! {
    // Of calls.
    ARGUMENT_INVALID,
    CALLER_UNAUTHENTICATED,
    CONTROL_PLANE_FAILED,
    CONTROL_PLANE_LEAVING,
    CSR_INVALID,
    DESCRIPTOR_SET_UNKNOWN,
    INSTANCES_TOO_MANY,
    INSTANCE_SUPERSEDED,
    REGISTRATION_MALFORMED,
    WORKLOAD_UNKNOWN,
    // Of join tokens.
    TOKEN_EXPIRED,
    TOKEN_FOR_OTHER_WORKLOAD,
    TOKEN_UNKNOWN,
    TOKEN_USED,
    // Of instances: treaty.v1.Refusal.
    ADDRESS_CLAIMED,
    ADDRESS_INVALID,
    ADDRESS_MISSING,
    CALLS_DENIED,
    CONSUMER_METHOD_UNKNOWN,
    CONSUMER_VIEW_MISSING,
    CONTRACT_AMBIGUOUS,
    CONTRACT_BREAKS,
    CONTRACT_CLAIMED,
    CONTRACT_RESERVED,
    DESCRIPTOR_SETS_TOO_LARGE,
    DESCRIPTOR_SETS_TOO_MANY,
    DESCRIPTOR_SET_MISMATCH,
    DESCRIPTOR_SET_UNSOUND,
    DIGEST_INVALID,
    LINT_ERROR,
    REFUSALS_OMITTED,
    RULE_UNENFORCEABLE,
    SERVICE_UNKNOWN,
    SUNSET_PASSED,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_in_the_documentation() {
        let documentation = include_str!("../../../docs/errors.md");
        for reason in Reason::ALL {
            assert!(documentation.contains(&format!("| `{reason:?}` |")), "docs/errors.md lacks {reason:?}");
        }
    }
}
