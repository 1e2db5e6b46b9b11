//! Rules about numbers, imports, types and rules of `buf.validate`.

use crate::lint::rule::Rule;

const CASH: &str = "// file: shop/till/v1/cash.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\nimport public \"shop/money/v1/money.proto\";\nmessage Cash {\n  shop.money.v1.Money total = 1;\n}\n// file: shop/money/v1/money.proto\nsyntax = \"proto3\";\npackage shop.money.v1;\nmessage Money {}";
const CASH_RIGHT: &str = "// file: shop/till/v1/cash.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\nimport \"shop/money/v1/money.proto\";\nmessage Cash {\n  shop.money.v1.Money total = 1;\n}\n// file: shop/money/v1/money.proto\nsyntax = \"proto3\";\npackage shop.money.v1;\nmessage Money {}";

pub(super) const RULES: &[Rule] = &[
    Rule::standard(
        "syntax-specified",
        "SYNTAX_SPECIFIED",
        "A file says its syntax",
        "Without a word it is proto2, with other defaults, presence and enums than the reader has in mind.",
    )
    .shown_by(
        "// file: shop/till/v1/till.proto\npackage shop.till.v1;\nmessage Drawer {}",
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\nmessage Drawer {}",
    ),
    Rule::standard(
        "enum-first-value-zero",
        "ENUM_FIRST_VALUE_ZERO",
        "The first value of an enum is 0",
        "The first value is proto2's default, and 0 is proto3's: they should be one.",
    )
    .shown_by(
        "// file: shop/till/v1/till.proto\nsyntax = \"proto2\";\npackage shop.till.v1;\nenum State {\n  STATE_OPEN = 1;\n  STATE_UNSPECIFIED = 0;\n}",
        "// file: shop/till/v1/till.proto\nsyntax = \"proto2\";\npackage shop.till.v1;\nenum State {\n  STATE_UNSPECIFIED = 0;\n  STATE_OPEN = 1;\n}",
    ),
    Rule::standard(
        "enum-no-allow-alias",
        "ENUM_NO_ALLOW_ALIAS",
        "A number of an enum has one name",
        "In JSON either name may come, and which is written depends on the language.",
    )
    .shown_by(
        "enum State {\n  option allow_alias = true;\n  STATE_UNSPECIFIED = 0;\n  STATE_OPEN = 1;\n  STATE_OPENED = 1;\n}",
        "enum State {\n  STATE_UNSPECIFIED = 0;\n  STATE_OPEN = 1;\n}",
    ),
    Rule::standard(
        "field-not-required",
        "FIELD_NOT_REQUIRED",
        "No field is required",
        "A required field can never be taken away: readers that are not rebuilt refuse every message without it. \
         `(buf.validate.field).required` asks for the same, and can be changed.",
    )
    .shown_by(
        "// file: shop/till/v1/till.proto\nsyntax = \"proto2\";\npackage shop.till.v1;\nmessage Drawer {\n  required string name = 1;\n}",
        "// file: shop/till/v1/till.proto\nsyntax = \"proto2\";\npackage shop.till.v1;\nmessage Drawer {\n  optional string name = 1;\n}",
    ),
    Rule::standard(
        "import-no-public",
        "IMPORT_NO_PUBLIC",
        "No import is public",
        "Whoever imports this file depends on the other one without saying so; not all languages know of it.",
    )
    .shown_by(CASH, CASH_RIGHT),
    Rule::standard(
        "import-no-weak",
        "IMPORT_NO_WEAK",
        "No import is weak",
        "Weak imports are Google's own, and do nothing elsewhere. buf has this rule in configurations of version v1 only.",
    )
    .shown_by(
        "// file: shop/till/v1/cash.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\nimport weak \"shop/money/v1/money.proto\";\nmessage Cash {\n  shop.money.v1.Money total = 1;\n}\n// file: shop/money/v1/money.proto\nsyntax = \"proto3\";\npackage shop.money.v1;\nmessage Money {}",
        CASH_RIGHT,
    ),
    Rule::standard(
        "import-used",
        "IMPORT_USED",
        "An import is used",
        "Generated code depends on what it imports, used or not; and a reader looks for what is used of it.",
    )
    .shown_by(
        "// file: shop/till/v1/cash.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\nimport \"shop/money/v1/money.proto\";\nmessage Cash {}\n// file: shop/money/v1/money.proto\nsyntax = \"proto3\";\npackage shop.money.v1;\nmessage Money {}",
        CASH_RIGHT,
    ),
    Rule::standard(
        "rpc-request-response-unique",
        "RPC_REQUEST_RESPONSE_UNIQUE",
        "A message is the request or response of one method",
        "Methods grow apart: what one needs more would be the other's too. Interfaces of resources (AIP-131) answer \
         with the resource itself: suppress it there, with that reason.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse);\nrpc Refund(PayRequest) returns (RefundResponse);",
        "rpc Pay(PayRequest) returns (PayResponse);\nrpc Refund(RefundRequest) returns (RefundResponse);",
    ),
    Rule::standard(
        "contradictory-rule",
        "PROTOVALIDATE",
        "Rules of `buf.validate` can be kept, and each has an effect",
        "Rules that contradict each other refuse every message, and so does a type that needs one of its own type in \
         it. A rule that another leaves nothing to say, an example that its own rules refuse, an id that two \
         expressions share: something else was meant. Rules that do not compile are `unenforceable-rule`.",
    )
    .shown_by(
        "message Order {\n  string name = 1 [(buf.validate.field).string = {min_len: 10, max_len: 5}];\n}",
        "message Order {\n  string name = 1 [(buf.validate.field).string = {min_len: 5, max_len: 10}];\n}",
    ),
];
