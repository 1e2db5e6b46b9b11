//! Rules about contracts as a whole.

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule::error(
        "does-not-compile",
        "The sources compile",
        "Nothing can be said about what is no protobuf. The compiler names the first mistake.",
    )
    .shown_by("message Order { string name = 1 }", "message Order { string name = 1; }"),
    Rule::error(
        "unsound-contract",
        "The descriptor set is sound, and its options are those of this mesh's vocabulary",
        "An option that this build does not know it would not enforce: it is refused, and never ignored.",
    ),
    Rule::error(
        "unenforceable-rule",
        "Every rule of `buf.validate` can be enforced",
        "A rule that does not compile (CEL that is none, a rule for another type) holds nowhere. buf reports it as \
         part of PROTOVALIDATE.",
    )
    .shown_by(
        "message Order {\n  string name = 1 [(buf.validate.field).int32.gt = 0];\n}",
        "message Order {\n  string name = 1 [(buf.validate.field).string.min_len = 1];\n}",
    ),
    Rule::warning(
        "findings-omitted",
        "Findings are few enough to be read",
        "Of errors and of warnings the first thousand are shown each; this says how many more there are.",
    ),
];
