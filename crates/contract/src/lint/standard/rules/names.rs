//! Rules about names.

use crate::lint::rule::Rule;

const EVERYBODY: &str = "Generators make each language's own form of a name out of this one; out of another one they make surprises.";

pub(super) const RULES: &[Rule] = &[
    Rule::standard("file-lower-snake-case", "FILE_LOWER_SNAKE_CASE", "Files are in lower_snake_case", EVERYBODY).shown_by(
        "// file: shop/till/v1/cashDesk.proto\nsyntax = \"proto3\";\npackage shop.till.v1;",
        "// file: shop/till/v1/cash_desk.proto\nsyntax = \"proto3\";\npackage shop.till.v1;",
    ),
    Rule::standard("message-pascal-case", "MESSAGE_PASCAL_CASE", "Messages are in PascalCase", EVERYBODY)
        .shown_by("message cash_drawer {}", "message CashDrawer {}"),
    Rule::standard("field-lower-snake-case", "FIELD_LOWER_SNAKE_CASE", "Fields are in lower_snake_case", EVERYBODY)
        .shown_by("message Drawer {\n  string openedBy = 1;\n}", "message Drawer {\n  string opened_by = 1;\n}"),
    Rule::standard("oneof-lower-snake-case", "ONEOF_LOWER_SNAKE_CASE", "Oneofs are in lower_snake_case", EVERYBODY).shown_by(
        "message Payment {\n  oneof paidWith {\n    string card = 1;\n    string cash = 2;\n  }\n}",
        "message Payment {\n  oneof paid_with {\n    string card = 1;\n    string cash = 2;\n  }\n}",
    ),
    Rule::standard("service-pascal-case", "SERVICE_PASCAL_CASE", "Services are in PascalCase", EVERYBODY)
        .shown_by("service cash_desk {}", "service CashDesk {}"),
    Rule::standard("rpc-pascal-case", "RPC_PASCAL_CASE", "Methods are in PascalCase", EVERYBODY)
        .shown_by("rpc pay(PayRequest) returns (PayResponse);", "rpc Pay(PayRequest) returns (PayResponse);"),
    Rule::standard("enum-pascal-case", "ENUM_PASCAL_CASE", "Enums are in PascalCase", EVERYBODY).shown_by(
        "enum drawer_state {\n  DRAWER_STATE_UNSPECIFIED = 0;\n}",
        "enum DrawerState {\n  DRAWER_STATE_UNSPECIFIED = 0;\n}",
    ),
    Rule::standard(
        "enum-value-upper-snake-case",
        "ENUM_VALUE_UPPER_SNAKE_CASE",
        "Values of enums are in UPPER_SNAKE_CASE",
        EVERYBODY,
    )
    .shown_by(
        "enum State {\n  STATE_UNSPECIFIED = 0;\n  STATE_open = 1;\n}",
        "enum State {\n  STATE_UNSPECIFIED = 0;\n  STATE_OPEN = 1;\n}",
    ),
    Rule::standard(
        "enum-value-prefix",
        "ENUM_VALUE_PREFIX",
        "Values of an enum begin with its name",
        "Values stand beside their enum, as in C++: two enums with an `OPEN` each clash within one message or package.",
    )
    .shown_by(
        "enum State {\n  STATE_UNSPECIFIED = 0;\n  OPEN = 1;\n}",
        "enum State {\n  STATE_UNSPECIFIED = 0;\n  STATE_OPEN = 1;\n}",
    ),
    Rule::standard(
        "enum-zero-value-suffix",
        "ENUM_ZERO_VALUE_SUFFIX",
        "The zero value of an enum ends with `_UNSPECIFIED`",
        "Zero is what a reader sees where nobody wrote anything: it must not mean anything else. \
         `enum_zero_value_suffix` in treaty.toml chooses another ending.",
    )
    .shown_by(
        "enum State {\n  STATE_OPEN = 0;\n}",
        "enum State {\n  STATE_UNSPECIFIED = 0;\n  STATE_OPEN = 1;\n}",
    ),
    Rule::standard(
        "rpc-request-standard-name",
        "RPC_REQUEST_STANDARD_NAME",
        "A request is called by its method",
        "Whoever sees the type knows the method; and it is nobody else's, so that it may grow.",
    )
    .shown_by("rpc Pay(Payment) returns (PayResponse);", "rpc Pay(PayRequest) returns (PayResponse);"),
    Rule::standard(
        "rpc-response-standard-name",
        "RPC_RESPONSE_STANDARD_NAME",
        "A response is called by its method",
        "Whoever sees the type knows the method; and it is nobody else's, so that it may grow. Interfaces of resources \
         (AIP-131) answer with the resource itself: suppress it there, with that reason.",
    )
    .shown_by("rpc Pay(PayRequest) returns (Receipt);", "rpc Pay(PayRequest) returns (PayResponse);"),
    Rule::standard(
        "service-suffix",
        "SERVICE_SUFFIX",
        "A service ends with `Service`",
        "So that it does not clash with a message of its name. Off by default: set `service_suffix` in treaty.toml.",
    )
    .shown_by("service Till {}", "service TillService {}")
    .off(),
];
