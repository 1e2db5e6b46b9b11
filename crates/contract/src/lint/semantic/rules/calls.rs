//! Rules about deadlines, retries, hedges and limits.

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule::error(
        "bad-duration",
        "A duration is a whole number and ms, s, m or h",
        "What is no duration bounds nothing; the default would hold in its place, and nobody would notice.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).timeout = \"1.5s\";\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).timeout = \"1500ms\";\n}",
    ),
    Rule::warning(
        "defaults-without-effect",
        "What `defaults` say reaches a method",
        "`retry` and `hedge` of `defaults` reach methods only whose `idempotency_level` permits, `timeout` only unary ones.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service) = { defaults: { retry: { attempts: 2 } } };\n  rpc Pay(PayRequest) returns (PayResponse);\n}",
        "service Till {\n  option (treaty.v1.service) = { defaults: { retry: { attempts: 2 } } };\n  rpc Pay(PayRequest) returns (PayResponse) {\n    option idempotency_level = IDEMPOTENT;\n  }\n}",
    ),
    Rule::error(
        "retry-without-idempotency",
        "What is tried again promises that this is safe",
        "A failure does not tell whether the call had its effect: a payment that is tried again is paid twice.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).retry.attempts = 3;\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option idempotency_level = IDEMPOTENT;\n  option (treaty.v1.method).retry.attempts = 3;\n}",
    ),
    Rule::warning(
        "retry-attempts",
        "At most five attempts",
        "gRPC clients take more for five (gRFC A6), so that data planes would disagree.",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).retry.attempts = 9;\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).retry.attempts = 5;\n}",
    ),
    Rule::error("retry-on-ok", "Nothing is tried again after OK", "OK is no failure.").shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).retry.on = OK;\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).retry.on = UNAVAILABLE;\n}",
    ),
    Rule::warning(
        "retry-code-not-portable",
        "What is retried on, every data plane retries on",
        "gRPC's own xDS clients retry on CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED and UNAVAILABLE, \
         and ignore the rest (gRFC A44).",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).retry.on = ABORTED;\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).retry.on = UNAVAILABLE;\n}",
    ),
    Rule::warning("retry-code-twice", "`retry.on` names each code once", "One of the two was meant to be another one.")
        .shown_by(
            "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { retry: { on: [INTERNAL, INTERNAL] } };\n}",
            "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { retry: { on: [INTERNAL, UNAVAILABLE] } };\n}",
        ),
    Rule::warning(
        "retry-without-effect",
        "A method with one attempt says nothing more about retries",
        "Without a second attempt there is no pause and no code to try again on.",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option (treaty.v1.method) = { retry: { attempts: 1 backoff: \"50ms\" } };\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option (treaty.v1.method) = { retry: { attempts: 1 } };\n}",
    ),
    Rule::warning(
        "per-try-beyond-timeout",
        "A try is shorter than the call",
        "Where one try may take the whole time there is none left for another one.",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { timeout: \"1s\" retry: { per_try: \"1s\" } };\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { timeout: \"1s\" retry: { per_try: \"300ms\" } };\n}",
    ),
    Rule::warning(
        "backoff-beyond-timeout",
        "The first pause is shorter than the call",
        "The deadline passes while the caller pauses: there is never a second try.",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { timeout: \"1s\" retry: { backoff: \"2s\" } };\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { timeout: \"1s\" retry: { backoff: \"50ms\" } };\n}",
    ),
    Rule::error(
        "hedge-without-idempotency",
        "What is raced promises that calling it twice is safe",
        "All attempts of a hedge may have their effect.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).hedge = { attempts: 2 delay: \"50ms\" };\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option idempotency_level = IDEMPOTENT;\n  option (treaty.v1.method).hedge = { attempts: 2 delay: \"50ms\" };\n}",
    ),
    Rule::error(
        "hedge-with-retry",
        "A method retries or hedges, not both",
        "gRPC knows either (gRFC A6); both together multiply.",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { retry: { attempts: 2 } hedge: { attempts: 2 delay: \"50ms\" } };\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { hedge: { attempts: 2 delay: \"50ms\" } };\n}",
    ),
    Rule::error(
        "hedge-incomplete",
        "A hedge has at least two attempts and a delay",
        "One attempt is no race, and without a delay every call is made twice.",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).hedge.attempts = 2;\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).hedge = { attempts: 2 delay: \"50ms\" };\n}",
    ),
    Rule::warning(
        "hedge-attempts",
        "A hedge races at most five attempts",
        "gRPC clients take more for five (gRFC A6), and each of them is a whole call to its provider.",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).hedge = { attempts: 8 delay: \"50ms\" };\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method).hedge = { attempts: 2 delay: \"50ms\" };\n}",
    ),
    Rule::warning(
        "hedge-beyond-timeout",
        "A hedge's delay is shorter than the call",
        "The deadline passes before the second attempt begins.",
    )
    .shown_by(
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { timeout: \"1s\" hedge: { attempts: 2 delay: \"1s\" } };\n}",
        "rpc Get(GetRequest) returns (GetResponse) {\n  option idempotency_level = NO_SIDE_EFFECTS;\n  option (treaty.v1.method) = { timeout: \"1s\" hedge: { attempts: 2 delay: \"200ms\" } };\n}",
    ),
    Rule::error(
        "limit-incomplete",
        "A limit says how many requests in how long",
        "One without the other limits nothing, or everything.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).limit.requests = 100;\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).limit = { requests: 100 per: \"1s\" };\n}",
    ),
    Rule::error(
        "limit-by-key-without-key",
        "What is limited by key has a key",
        "Without a key there is nothing to tell one limit from another by.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).limit = { requests: 1 per: \"1s\" by: BY_KEY };\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse) {\n    option (treaty.v1.method).limit = { requests: 1 per: \"1s\" by: BY_KEY };\n  }\n}\n\nmessage PayRequest {\n  string customer = 1 [(treaty.v1.field).key = true];\n}",
    ),
    Rule::warning(
        "message-limit-not-portable",
        "No message may be larger than 2 GiB",
        "gRPC's implementations, and protobuf's, count sizes in signed numbers of 32 bits: above 2,147,483,647 they disagree.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).max_request_bytes = 4000000000;\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).max_request_bytes = 65536;\n}",
    ),
];
