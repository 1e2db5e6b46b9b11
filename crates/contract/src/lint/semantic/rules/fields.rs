//! Rules about what fields say of themselves.

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule::error(
        "key-not-scalar",
        "The key is one string or number",
        "Only a single value can be hashed to the same endpoint by everybody.",
    )
    .shown_by(
        "message PayRequest {\n  repeated string customers = 1 [(treaty.v1.field).key = true];\n}",
        "message PayRequest {\n  string customer = 1 [(treaty.v1.field).key = true];\n}",
    ),
    Rule::error("several-keys", "A request has one key", "Which of several is meant nobody could tell.").shown_by(
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string customer = 1 [(treaty.v1.field).key = true];\n  string order = 2 [(treaty.v1.field).key = true];\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string customer = 1 [(treaty.v1.field).key = true];\n  string order = 2;\n}",
    ),
    Rule::warning(
        "key-without-effect",
        "A key is a field of a request",
        "Only a field of the request itself is looked at, not one of a message within it or of a response.",
    )
    .shown_by(
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  Customer customer = 1;\n}\n\nmessage Customer {\n  string name = 1 [(treaty.v1.field).key = true];\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string customer = 1 [(treaty.v1.field).key = true];\n}",
    ),
    Rule::error(
        "attribute-on-masked-field",
        "What is masked is no span attribute",
        "Spans are read by more people than the field is meant for.",
    )
    .shown_by(
        "message PayRequest {\n  string card = 1 [debug_redact = true, (treaty.v1.field).attribute = \"till.card\"];\n}",
        "message PayRequest {\n  string card = 1 [debug_redact = true];\n}",
    ),
    Rule::warning(
        "attribute-not-scalar",
        "A span attribute is one text, number or truth value",
        "Traces have no form for messages, lists and bytes that readers could search by.",
    )
    .shown_by(
        "message PayRequest {\n  repeated string coupons = 1 [(treaty.v1.field).attribute = \"till.coupons\"];\n}",
        "message PayRequest {\n  string coupon = 1 [(treaty.v1.field).attribute = \"till.coupon\"];\n}",
    ),
    Rule::warning(
        "bad-attribute",
        "Names of span attributes are lower case words, with dots between",
        "OpenTelemetry names attributes so; whoever searches for one would not find the other.",
    )
    .shown_by(
        "message PayRequest {\n  string coupon = 1 [(treaty.v1.field).attribute = \"Till Coupon\"];\n}",
        "message PayRequest {\n  string coupon = 1 [(treaty.v1.field).attribute = \"till.coupon\"];\n}",
    ),
    Rule::warning(
        "attribute-twice",
        "The fields of one call have different span attributes",
        "The later one overwrites the other.",
    )
    .shown_by(
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string from = 1 [(treaty.v1.field).attribute = \"till.account\"];\n  string to = 2 [(treaty.v1.field).attribute = \"till.account\"];\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string from = 1 [(treaty.v1.field).attribute = \"till.from\"];\n  string to = 2 [(treaty.v1.field).attribute = \"till.to\"];\n}",
    ),
    Rule::warning(
        "mask-without-effect",
        "What says how to mask it is masked",
        "`mask` chooses what is shown instead; `debug_redact`, or a sensitivity of PII and above, masks.",
    )
    .shown_by(
        "message PayRequest {\n  string card = 1 [(treaty.v1.field).mask = MASK_LAST4];\n}",
        "message PayRequest {\n  string card = 1 [(treaty.v1.field) = { sensitivity: PAYMENT mask: MASK_LAST4 }];\n}",
    ),
    Rule::warning(
        "mask-not-text",
        "Only texts have last characters",
        "MASK_LAST4 shows the last four characters; numbers, truth values and messages have none.",
    )
    .shown_by(
        "message PayRequest {\n  int64 card = 1 [debug_redact = true, (treaty.v1.field).mask = MASK_LAST4];\n}",
        "message PayRequest {\n  string card = 1 [debug_redact = true, (treaty.v1.field).mask = MASK_LAST4];\n}",
    ),
    Rule::warning(
        "claim-not-scalar",
        "What equals a claim is one text, number or truth value",
        "A claim of a token is one value: a list or a message equals none.",
    )
    .shown_by(
        "message PayRequest {\n  repeated string customers = 1 [(treaty.v1.field).claim = \"sub\"];\n}",
        "message PayRequest {\n  string customer = 1 [(treaty.v1.field).claim = \"sub\"];\n}",
    ),
    Rule::warning(
        "claim-without-effect",
        "What equals a claim comes through the gateway",
        "The end user's token is the gateway's to read, and no method of the package is public.",
    )
    .shown_by(
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string customer = 1 [(treaty.v1.field).claim = \"sub\"];\n}",
        "service Till {\n  option (treaty.v1.service).public = true;\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string customer = 1 [(treaty.v1.field).claim = \"sub\"];\n}",
    ),
    Rule::warning(
        "bad-visible-to",
        "An entry of `visible_to` is a workload or a scope",
        "What is neither sees nothing.",
    )
    .shown_by(
        "message Order {\n  string note = 1 [(treaty.v1.field).visible_to = \"the till\"];\n}",
        "message Order {\n  string note = 1 [(treaty.v1.field).visible_to = \"shop/till\"];\n}",
    ),
    Rule::warning(
        "visible-to-twice",
        "`visible_to` names everybody once",
        "One of the two was meant to be somebody else.",
    )
    .shown_by(
        "message Order {\n  string note = 1 [(treaty.v1.field) = { visible_to: [\"shop/till\", \"shop/till\"] }];\n}",
        "message Order {\n  string note = 1 [(treaty.v1.field) = { visible_to: [\"shop/till\", \"shop/web\"] }];\n}",
    ),
];
