//! The rules of this category.

use crate::lint::rule::Rule;

pub(in crate::lint) const RULES: &[&[Rule]] = &[SERVICES, MESSAGES];

const SERVICES: &[Rule] = &[
    Rule::design(
        "missing-owner",
        "Somebody answers for each service",
        "Refusals and the catalogue name the owner: whoever is in trouble must know whom to ask.",
    )
    .shown_by("service Till {}", "service Till {\n  option (treaty.v1.service).owner = \"shop-till\";\n}"),
    Rule::design(
        "service-without-methods",
        "A service has methods",
        "A service that nobody can call is a plan, and plans change: its name is taken all the same.",
    )
    .shown_by("service Till {}", "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}"),
    Rule::design(
        "foreign-request-type",
        "Requests and responses are of the method's own package",
        "A field more, for this method, would be a field more for everybody who uses the type; `google.protobuf.Empty` \
         can never get one at all.",
    )
    .shown_by(
        "rpc Ping(google.protobuf.Empty) returns (PingResponse);",
        "rpc Ping(PingRequest) returns (PingResponse);",
    ),
    Rule::design(
        "list-without-pages",
        "A method that lists does so page by page",
        "What fits into one message today does not in a year, and pages cannot be added later: old callers would take \
         the first one for all. `page_size`, `page_token` and `next_page_token` as in AIP-158.",
    )
    .shown_by(
        "service Till {\n  rpc ListReceipts(ListReceiptsRequest) returns (ListReceiptsResponse);\n}\n\nmessage ListReceiptsRequest {}\n\nmessage ListReceiptsResponse {\n  repeated string receipts = 1;\n}",
        "service Till {\n  rpc ListReceipts(ListReceiptsRequest) returns (ListReceiptsResponse);\n}\n\nmessage ListReceiptsRequest {\n  int32 page_size = 1;\n  string page_token = 2;\n}\n\nmessage ListReceiptsResponse {\n  repeated string receipts = 1;\n  string next_page_token = 2;\n}",
    ),
    Rule::design(
        "repetition-unsaid",
        "A method says what calling it twice does",
        "A caller whose connection breaks does not know whether the call had its effect. `idempotency_level` tells the \
         mesh that it may try again; a `request_id` (AIP-155) or an `idempotency_key` lets the caller do so.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse);",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n  rpc Read(ReadRequest) returns (ReadResponse) {\n    option idempotency_level = NO_SIDE_EFFECTS;\n  }\n}\n\nmessage PayRequest {\n  string request_id = 1;\n}",
    ),
    Rule::design(
        "update-without-mask",
        "A method that updates says which fields",
        "Without a `google.protobuf.FieldMask` a caller that does not know a field yet clears it (AIP-134).",
    )
    .shown_by(
        "service Till {\n  rpc UpdateDrawer(UpdateDrawerRequest) returns (UpdateDrawerResponse);\n}\n\nmessage UpdateDrawerRequest {\n  Drawer drawer = 1;\n}\n\nmessage Drawer {\n  string name = 1;\n}",
        "service Till {\n  rpc UpdateDrawer(UpdateDrawerRequest) returns (UpdateDrawerResponse);\n}\n\nmessage UpdateDrawerRequest {\n  Drawer drawer = 1;\n  google.protobuf.FieldMask update_mask = 2;\n}\n\nmessage Drawer {\n  string name = 1;\n}",
    ),
    Rule::design(
        "deprecated-without-way-out",
        "What is deprecated says what to call instead, or until when it stays",
        "A warning without either is one that callers cannot act upon.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).replaced_by = \"shop.till.v2.Till/Pay\";\n}",
    ),
    Rule::design(
        "stable-imports-unstable",
        "A stable package imports no unstable one",
        "What may change at any time is then part of what was promised not to.",
    )
    .as_buf("STABLE_PACKAGE_NO_IMPORT_UNSTABLE")
    .shown_by(
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\nimport \"shop/money/v1beta1/money.proto\";\nmessage Drawer {\n  shop.money.v1beta1.Money total = 1;\n}\n// file: shop/money/v1beta1/money.proto\nsyntax = \"proto3\";\npackage shop.money.v1beta1;\nmessage Money {}",
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\nimport \"shop/money/v1/money.proto\";\nmessage Drawer {\n  shop.money.v1.Money total = 1;\n}\n// file: shop/money/v1/money.proto\nsyntax = \"proto3\";\npackage shop.money.v1;\nmessage Money {}",
    ),
];

const MESSAGES: &[Rule] = &[
    Rule::design(
        "money-as-float",
        "Money is no floating point number",
        "0.1 + 0.2 is not 0.3: sums are wrong sooner or later, and two programs round differently. Write whole units \
         and billionths, as `google.type.Money` does, or cents.",
    )
    .shown_by(
        "message Product {\n  double unit_price = 1;\n}",
        "message Product {\n  Money unit_price = 1;\n}\n\nmessage Money {\n  string currency_code = 1;\n  int64 units = 2;\n  int32 nanos = 3;\n}",
    ),
    Rule::design(
        "time-as-text",
        "A moment is a `google.protobuf.Timestamp`",
        "A text has a format that nobody wrote down, and a number a unit and a zone.",
    )
    .shown_by(
        "message Receipt {\n  int64 create_time = 1;\n}",
        "message Receipt {\n  google.protobuf.Timestamp create_time = 1;\n}",
    ),
    Rule::design(
        "duration-as-number",
        "A span of time is a `google.protobuf.Duration`",
        "A unit in a name is read over, and cannot be changed to a finer one.",
    )
    .shown_by(
        "message Till {\n  int32 lock_seconds = 1;\n}",
        "message Till {\n  google.protobuf.Duration lock_after = 1;\n}",
    ),
    Rule::design(
        "unbounded-list-in-request",
        "Lists and maps of requests are bounded",
        "One request with a million entries costs as much as a million requests with one. \
         `(buf.validate.field).repeated.max_items` and `.map.max_pairs` refuse it at the door.",
    )
    .shown_by(
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  repeated string items = 1;\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  repeated string items = 1 [(buf.validate.field).repeated.max_items = 100];\n}",
    ),
    Rule::design(
        "unbounded-text-in-request",
        "Texts and bytes of requests are bounded",
        "What is stored for each request should not be as large as a caller likes. `max_request_bytes` bounds the whole \
         in any case: so this is off by default.",
    )
    .shown_by(
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string note = 1;\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}\n\nmessage PayRequest {\n  string note = 1 [(buf.validate.field).string.max_len = 500];\n}",
    )
    .off(),
    Rule::design(
        "secret-in-the-clear",
        "Secrets are masked",
        "What is not marked is shown in logs and traces. `debug_redact = true`, or a sensitivity of PII and above, masks.",
    )
    .shown_by(
        "message LoginRequest {\n  string password = 1;\n}",
        "message LoginRequest {\n  string password = 1 [debug_redact = true, (treaty.v1.field).sensitivity = SECRET];\n}",
    ),
];
