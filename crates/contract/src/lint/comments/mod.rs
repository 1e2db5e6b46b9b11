//! Everything has a comment: the rules of buf's category COMMENTS, one to one.

use super::{
    judge::Judge,
    rule::Rule,
    set::{FileAt, Set},
};

pub(super) const RULES: &[&[Rule]] = &[&[
    Rule::comment("comment-service", "COMMENT_SERVICE", "A service has a comment")
        .shown_by("service Till {}", "// Takes money.\nservice Till {}"),
    Rule::comment("comment-rpc", "COMMENT_RPC", "A method has a comment").shown_by(
        "rpc Pay(PayRequest) returns (PayResponse);",
        "// Takes money.\nrpc Pay(PayRequest) returns (PayResponse);",
    ),
    Rule::comment("comment-message", "COMMENT_MESSAGE", "A message has a comment")
        .shown_by("message Drawer {}", "// Where money is.\nmessage Drawer {}"),
    Rule::comment("comment-field", "COMMENT_FIELD", "A field has a comment").shown_by(
        "// Where money is.\nmessage Drawer {\n  string name = 1;\n}",
        "// Where money is.\nmessage Drawer {\n  // \"drawers/{drawer}\".\n  string name = 1;\n}",
    ),
    Rule::comment("comment-oneof", "COMMENT_ONEOF", "A oneof has a comment").shown_by(
        "message Payment {\n  oneof means {\n    string card = 1;\n  }\n}",
        "message Payment {\n  // What is paid with.\n  oneof means {\n    string card = 1;\n  }\n}",
    ),
    Rule::comment("comment-enum", "COMMENT_ENUM", "An enum has a comment").shown_by(
        "enum State {\n  STATE_UNSPECIFIED = 0;\n}",
        "// How a drawer is.\nenum State {\n  STATE_UNSPECIFIED = 0;\n}",
    ),
    Rule::comment("comment-enum-value", "COMMENT_ENUM_VALUE", "A value of an enum has a comment").shown_by(
        "enum State {\n  STATE_UNSPECIFIED = 0;\n}",
        "enum State {\n  // Never sent.\n  STATE_UNSPECIFIED = 0;\n}",
    ),
]];

pub(super) fn check(set: &Set<'_>, judge: &mut Judge<'_>) {
    if !RULES.iter().flat_map(|table| table.iter()).any(|rule| judge.wants(rule.id)) {
        return;
    }
    for file in set.targets().filter(|file| file.places.is_known()) {
        of_file(file, judge);
    }
}

fn of_file(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    for at in &file.services {
        missing(file, "comment-service", "service", &at.it.name, &at.path, judge);
        for (position, method) in (0..).zip(&at.it.method) {
            missing(
                file,
                "comment-rpc",
                "method",
                &method.name,
                &[&at.path[..], &[2, position]].concat(),
                judge,
            );
        }
    }
    for at in &file.messages {
        missing(file, "comment-message", "message", &at.it.name, &at.path, judge);
        let optional = at.it.optionals();
        for (position, oneof) in (0..).zip(&at.it.oneof_decl) {
            if !optional.contains(&position) {
                missing(
                    file,
                    "comment-oneof",
                    "oneof",
                    &oneof.name,
                    &[&at.path[..], &[8, position]].concat(),
                    judge,
                );
            }
        }
    }
    for (_, field, path) in file.fields() {
        missing(file, "comment-field", "field", &field.name, &path, judge);
    }
    for at in &file.enums {
        missing(file, "comment-enum", "enum", &at.it.name, &at.path, judge);
        for (position, value) in (0..).zip(&at.it.value) {
            missing(
                file,
                "comment-enum-value",
                "value",
                &value.name,
                &[&at.path[..], &[2, position]].concat(),
                judge,
            );
        }
    }
}

fn missing(
    file: &FileAt<'_>,
    rule: &'static str,
    what: &str,
    name: &str,
    path: &[i32],
    judge: &mut Judge<'_>,
) {
    let written = file.places.location(path).is_some_and(|location| {
        let says = |text: &str| {
            text.lines().any(|line| !line.trim().is_empty() && !super::suppression::is_suppression(line))
        };
        says(&location.leading_comments) || says(&location.trailing_comments)
    });
    if !written {
        let message = format!("the {what} `{name}` has no comment");
        judge.found(rule, file.places.at(path), message, "say in a line what it is");
    }
}
