//! Rules about promises, and how they end.

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule::error(
        "bad-sunset",
        "`sunset` is a day as YYYY-MM-DD",
        "What is no day never comes, and callers cannot plan by it.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).sunset = \"30.6.2027\";\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).sunset = \"2027-06-30\";\n}",
    ),
    Rule::error(
        "sunset-without-deprecated",
        "What goes on a day is deprecated until then",
        "Generated code warns of `deprecated`, and of nothing else.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).sunset = \"2027-06-30\";\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).sunset = \"2027-06-30\";\n}",
    ),
    Rule::error(
        "bad-replacement",
        "`replaced_by` is a method that there is",
        "It is what callers are told to call instead.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).replaced_by = \"shop.till.v1.Till/Charge\";\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).replaced_by = \"shop.till.v1.Till/Charge\";\n}\nrpc Charge(ChargeRequest) returns (ChargeResponse);",
    ),
    Rule::error(
        "replaced-by-itself",
        "A method is replaced by another one",
        "Whoever follows the advice is where they were.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).replaced_by = \"shop.till.v1.Till/Pay\";\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).replaced_by = \"shop.till.v2.Till/Pay\";\n}",
    ),
    Rule::warning(
        "replaced-by-without-deprecated",
        "What is replaced is deprecated",
        "Generated code warns of `deprecated`, and of nothing else.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).replaced_by = \"shop.till.v2.Till/Pay\";\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).replaced_by = \"shop.till.v2.Till/Pay\";\n}",
    ),
    Rule::warning(
        "replaced-by-deprecated",
        "What replaces a method is not deprecated itself",
        "Callers would have to move twice.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).replaced_by = \"shop.till.v1.Till/Charge\";\n}\nrpc Charge(ChargeRequest) returns (ChargeResponse) {\n  option deprecated = true;\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option deprecated = true;\n  option (treaty.v1.method).replaced_by = \"shop.till.v1.Till/Charge\";\n}\nrpc Charge(ChargeRequest) returns (ChargeResponse);",
    ),
    Rule::warning(
        "default-replacement",
        "`replaced_by` is said of one method at a time",
        "In `defaults` it replaces every method of the service by the same one.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service) = { defaults: { replaced_by: \"shop.till.v2.Till/Pay\" } };\n}",
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse) {\n    option deprecated = true;\n    option (treaty.v1.method).replaced_by = \"shop.till.v2.Till/Pay\";\n  }\n}",
    ),
    Rule::warning(
        "stability-contradicts-package",
        "Nothing is STABLE in a package that is not",
        "The package's version says alpha or beta, which callers read first: one of the two is wrong.",
    )
    .shown_by(
        "// file: shop/till/v1beta1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1beta1;\nimport \"treaty/v1/options.proto\";\nservice Till {\n  rpc Pay(PayRequest) returns (PayResponse) {\n    option (treaty.v1.method).stability = STABLE;\n  }\n}\nmessage PayRequest {}\nmessage PayResponse {}",
        "// file: shop/till/v1beta1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1beta1;\nimport \"treaty/v1/options.proto\";\nservice Till {\n  rpc Pay(PayRequest) returns (PayResponse) {\n    option (treaty.v1.method).stability = EXPERIMENTAL;\n  }\n}\nmessage PayRequest {}\nmessage PayResponse {}",
    ),
];
