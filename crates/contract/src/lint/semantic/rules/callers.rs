//! Rules about who may call.

use crate::lint::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule::error(
        "unknown-workload-form",
        "An entry of `allow` is a workload, `*` or `anonymous`",
        "What is no workload admits nobody.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service).allow = \"web\";\n  rpc Pay(PayRequest) returns (PayResponse);\n}",
        "service Till {\n  option (treaty.v1.service).allow = \"shop/web\";\n  rpc Pay(PayRequest) returns (PayResponse);\n}",
    ),
    Rule::warning("allow-twice", "`allow` names everybody once", "One of the two was meant to be somebody else.")
        .shown_by(
            "service Till {\n  option (treaty.v1.service) = { allow: [\"shop/web\", \"shop/web\"] };\n  rpc Pay(PayRequest) returns (PayResponse);\n}",
            "service Till {\n  option (treaty.v1.service) = { allow: [\"shop/web\", \"shop/app\"] };\n  rpc Pay(PayRequest) returns (PayResponse);\n}",
        ),
    Rule::warning(
        "allow-superfluous",
        "`allow` names nobody beside `*`",
        "`*` is any authenticated workload: the others are among them, and a reader believes that they alone may call.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service) = { allow: [\"*\", \"shop/web\"] };\n}",
        "service Till {\n  option (treaty.v1.service) = { allow: \"shop/web\" };\n}",
    ),
    Rule::warning(
        "allow-anonymous",
        "No method is for callers without a certificate",
        "`anonymous` is for joining the mesh, which a workload does before it has an identity. Everybody else comes \
         through the gateway, which `public` lets in.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).allow = \"anonymous\";\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).public = true;\n}",
    ),
    Rule::warning(
        "nobody-may-call",
        "Somebody may call each method",
        "Without `allow` and without `public` a method answers PERMISSION_DENIED to everybody.",
    )
    .shown_by(
        "service Till {\n  rpc Pay(PayRequest) returns (PayResponse);\n}",
        "service Till {\n  option (treaty.v1.service).allow = \"shop/web\";\n  rpc Pay(PayRequest) returns (PayResponse);\n}",
    ),
    Rule::error(
        "bad-scope",
        "A scope is one word",
        "Tokens list scopes with blanks between them (RFC 6749, section 3.3): one with a blank, a quote or a backslash \
         is in no token, so that nobody may call.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method) = { public: true scopes: \"till pay\" };\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method) = { public: true scopes: [\"till\", \"pay\"] };\n}",
    ),
    Rule::warning("scope-twice", "`scopes` names each scope once", "One of the two was meant to be another one.")
        .shown_by(
            "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method) = { public: true scopes: [\"pay\", \"pay\"] };\n}",
            "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method) = { public: true scopes: \"pay\" };\n}",
        ),
    Rule::warning(
        "scopes-without-public",
        "Scopes are demanded of public methods only",
        "The gateway demands them, and lets nobody through to this method.",
    )
    .shown_by(
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method).scopes = \"pay\";\n}",
        "rpc Pay(PayRequest) returns (PayResponse) {\n  option (treaty.v1.method) = { scopes: \"pay\" public: true };\n}",
    ),
    Rule::warning(
        "shadowed-by-defaults",
        "A service and its `defaults` do not both say who may call",
        "What `defaults` say of each method replaces what the service says: the latter never holds.",
    )
    .shown_by(
        "service Till {\n  option (treaty.v1.service) = { allow: \"shop/web\" defaults: { allow: \"shop/app\" } };\n}",
        "service Till {\n  option (treaty.v1.service) = { allow: [\"shop/web\", \"shop/app\"] };\n}",
    ),
];
