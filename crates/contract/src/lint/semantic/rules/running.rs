//! Rules about balancing, ejection, roll-outs, mirroring and validation.

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule::warning(
        "ring-hash-without-key",
        "What is balanced by key has keys",
        "Requests without a key have nothing to hash: they go anywhere.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service).balance = RING_HASH;\n  rpc Pay(PayRequest) returns (PayResponse);\n}",
        "service Till {\n  option (treaty.v1.service).balance = RING_HASH;\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string customer = 1 [(treaty.v1.field).key = true];\n}",
    ),
    Rule::error("bad-percent", "A percentage is 1 to 100", "More than all is nothing that can be reached.").shown_by(
        "service Till {\n  option (treaty.v1.service).eject.max_percent = 200;\n}",
        "service Till {\n  option (treaty.v1.service).eject.max_percent = 20;\n}",
    ),
    Rule::warning(
        "eject-everybody",
        "Some endpoints are always left",
        "With `max_percent: 100` a fault that all endpoints share takes all of them out at once, and with them the service.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service).eject.max_percent = 100;\n}",
        "service Till {\n  option (treaty.v1.service).eject.max_percent = 50;\n}",
    ),
    Rule::warning(
        "eject-shorter-than-interval",
        "An ejection outlasts the interval of verdicts",
        "An endpoint that is back before the next verdict falls is hardly ever out.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service).eject = { interval: \"30s\" base: \"5s\" };\n}",
        "service Till {\n  option (treaty.v1.service).eject = { interval: \"5s\" base: \"30s\" };\n}",
    ),
    Rule::error(
        "bad-rollout-steps",
        "The steps of a roll-out rise from above 0 to 100",
        "A step that does not rise is none, and one that does not reach 100 never ends.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service).rollout = { steps: [50, 10] };\n}",
        "service Till {\n  option (treaty.v1.service).rollout = { steps: [10, 50, 100] };\n}",
    ),
    Rule::warning(
        "mirror-with-side-effects",
        "What is mirrored changes nothing",
        "Copied traffic has its effect twice. `idempotency_level = NO_SIDE_EFFECTS` promises that there is none.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).mirror = true;\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).mirror = true;\n}",
    ),
    Rule::warning(
        "gateway-validates-nothing",
        "The gateway judges requests of public methods only",
        "It never sees a request of this method: SERVER says the same, and does not puzzle anybody.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).validate.requests = GATEWAY;\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method) = { public: true validate: { requests: GATEWAY } };\n}",
    ),
    Rule::warning(
        "validate-without-rules",
        "What is validated has rules",
        "The messages carry no rule of `buf.validate`: nothing is judged.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).validate.responses = REFUSE;\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse) {\n    option (treaty.v1.method).validate.responses = REFUSE;\n  }\n}\n\nmessage PayResponse {\n  string receipt = 1 [(buf.validate.field).string.min_len = 1];\n}",
    ),
];
