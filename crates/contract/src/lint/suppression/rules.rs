//! Rules about suppressions.

use crate::lint::rule::Rule;

pub(in crate::lint) const RULES: &[&[Rule]] = &[&[
    Rule::warning(
        "suppression-without-reason",
        "A suppression says why",
        "Whoever reads it later must be able to judge whether it still holds. Without a reason nothing is suppressed.",
    )
    .shown_by(
        "message Order {\n  // treaty:ignore field-lower-snake-case\n  string orderId = 1;\n}",
        "message Order {\n  // treaty:ignore field-lower-snake-case: the old till sends this name in JSON\n  string orderId = 1;\n}",
    ),
    Rule::warning(
        "suppression-of-unknown-rule",
        "A suppression names rules that there are",
        "What is misspelt suppresses nothing, and nobody would notice.",
    )
    .shown_by(
        "message Order {\n  // treaty:ignore field-snake-case: the old till sends this name in JSON\n  string orderId = 1;\n}",
        "message Order {\n  // treaty:ignore field-lower-snake-case: the old till sends this name in JSON\n  string orderId = 1;\n}",
    ),
    Rule::warning(
        "suppression-refused",
        "A suppression names no rule that the control plane insists on",
        "The control plane refuses the contract all the same: the comment would only hide why.",
    )
    .shown_by(
        "service Till {\n  // treaty:ignore bad-duration: half a minute\n  rpc Pay(PayRequest) returns (PayResponse) {\n    option (treaty.v1.method).timeout = \"30\";\n  }\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse) {\n    option (treaty.v1.method).timeout = \"30s\";\n  }\n}",
    ),
    Rule::warning(
        "suppression-unused",
        "A suppression suppresses something",
        "What it was for has been mended, or never was there: it would hide the next mistake.",
    )
    .shown_by(
        "message Order {\n  // treaty:ignore field-lower-snake-case: the old till sends this name in JSON\n  string order_id = 1;\n}",
        "message Order {\n  string order_id = 1;\n}",
    ),
]];
