//! Comments that suppress, and settings that choose.

use crate::{
    Contract, Severity, compile,
    lint::{Checked, SettingError, Settings, check},
};
use std::fmt::Write as _;

fn checked(text: &str, settings: &Settings) -> Checked {
    let compiled = compile::texts(&[("shop/till/v1/till.proto", text)]).unwrap();
    check(&Contract::read(compiled.bytes).unwrap(), settings)
}

/// Rules and lines of what is found, and reasons of what is not.
fn report(body: &str) -> String {
    let head = "syntax = \"proto3\";\npackage shop.till.v1;\nimport \"treaty/v1/options.proto\";\n";
    shown(&checked(&format!("{head}{body}"), &without_imports()))
}

fn without_imports() -> Settings {
    let mut settings = Settings::default();
    settings.except("IMPORT_USED").unwrap();
    settings
}

fn shown(checked: &Checked) -> String {
    let mut text = String::new();
    let line = |origin: &crate::Origin| origin.position().map_or(0, |(line, _)| line);
    for found in &checked.findings {
        let _ = writeln!(text, "{} {}: {}", line(&found.origin), found.rule, found.message);
    }
    for hidden in &checked.suppressed {
        let _ = writeln!(
            text,
            "{} ({}: {})",
            line(&hidden.diagnostic.origin),
            hidden.diagnostic.rule,
            hidden.reason
        );
    }
    text
}

#[test]
fn comments_suppress_what_they_stand_at_and_what_is_within() {
    insta::assert_snapshot!(report(r"
// treaty:ignore field-lower-snake-case, message-pascal-case: the old till
message order {
  string orderId = 1;
  message Line { string unitName = 1; }
}
message Receipt {
  string orderId = 1; // treaty:ignore field-lower-snake-case: the old till
  /* treaty:ignore field-lower-snake-case: in a block */
  string unitName = 2;
  // buf:lint:ignore FIELD_LOWER_SNAKE_CASE
  string priceText = 3;
  string plainlyWrong = 4;
}"), @r###"
16 field-lower-snake-case: the field `plainlyWrong` is not in lower_snake_case
6 (message-pascal-case: the old till)
7 (field-lower-snake-case: the old till)
8 (field-lower-snake-case: the old till)
11 (field-lower-snake-case: the old till)
13 (field-lower-snake-case: in a block)
15 (field-lower-snake-case: )
"###);
}

#[test]
fn suppressions_are_judged_themselves() {
    insta::assert_snapshot!(report(r#"
// Prose.
// treaty:ignore field-lower-snake-case
message A { string aB = 1; }
// treaty:ignore field-snake-case: misspelt
// More prose.
message B {}
// treaty:ignore message-pascal-case: never was wrong
message C {}
// treaty:ignore: nothing
message D {}
// treaty:ignore STANDARD: all of it
message E {}
service S {
  option (treaty.v1.service) = { owner: "shop" allow: "shop/web" };
  // treaty:ignore bad-duration, repetition-unsaid: it is refused all the same
  rpc Pay(PayRequest) returns (PayResponse) { option (treaty.v1.method).timeout = "1"; }
}
message PayRequest {}
message PayResponse {}"#), @r###"
20 bad-duration: timeout: "1" is no duration: it has no unit
6 suppression-without-reason: a suppression says why
7 field-lower-snake-case: the field `aB` is not in lower_snake_case
8 suppression-of-unknown-rule: there is no rule `field-snake-case`
11 suppression-unused: nothing breaks message-pascal-case here: the suppression is not needed
13 suppression-of-unknown-rule: this suppression names no rule
15 suppression-of-unknown-rule: `STANDARD` is a category, which no comment suppresses
19 suppression-refused: bad-duration cannot be suppressed: the control plane refuses it
20 (repetition-unsaid: it is refused all the same)
"###);
}

#[test]
fn before_the_package_a_comment_is_about_the_file() {
    let text = "// Licence.\n\n// treaty:ignore package-directory-match: the folder is older\nsyntax = \"proto3\";\n\
                // treaty:ignore field-lower-snake-case: the old till\npackage shop.drawer.v1;\nmessage A { string aB = 1; }\n";
    insta::assert_snapshot!(shown(&checked(text, &Settings::default())), @r###"
7 (field-lower-snake-case: the old till)
6 (package-directory-match: the folder is older)
"###);
}

#[test]
fn settings_choose_and_weigh() {
    let text = "syntax = \"proto3\";\npackage shop.till.v1;\nmessage a { string aB = 1; double price = 2; }\nservice Till {}\n";
    let rules = |settings: &Settings| {
        let found = checked(text, settings).findings;
        found.into_iter().map(|found| (found.rule, found.severity)).collect::<Vec<_>>()
    };
    let mut settings = Settings::default();
    settings.only(["MESSAGE_PASCAL_CASE", "money-as-float"]).unwrap();
    assert_eq!(
        rules(&settings),
        [("message-pascal-case", Severity::Warning), ("money-as-float", Severity::Warning)]
    );
    settings.weigh("money-as-float", Severity::Error).unwrap();
    settings.except("STANDARD").unwrap();
    assert_eq!(rules(&settings), [("money-as-float", Severity::Error)]);
    settings.ignore.push("./shop/till/".into());
    assert_eq!(rules(&settings), []);
    settings.ignore = vec!["shop/til".into()];
    settings.also("service-suffix").unwrap();
    settings.service_suffix = "API".into();
    assert_eq!(rules(&settings).len(), 2);
    let mut settings = Settings::default();
    settings.only(["COMMENTS"]).unwrap();
    assert_eq!(rules(&settings).len(), 4, "a category that is off is on where it is named");
}

#[test]
fn what_the_mesh_refuses_is_always_found() {
    let text = "syntax = \"proto3\";\npackage a.v1;\nimport \"treaty/v1/options.proto\";\n\
                service S { rpc A(M) returns (M) { option (treaty.v1.method).timeout = \"1\"; } }\nmessage M {}\n";
    let mut settings = Settings::default();
    settings.only(["COMMENTS"]).unwrap();
    settings.except("SEMANTIC").unwrap();
    settings.ignore.push("shop".into());
    let found = checked(text, &settings).findings;
    assert_eq!(found.iter().map(|found| found.rule).collect::<Vec<_>>(), ["bad-duration"]);
    assert_eq!(settings.except("bad-duration"), Err(SettingError::Refused { rule: "bad-duration" }));
    let unknown = settings.except("bad-durations").unwrap_err().to_string();
    assert_eq!(unknown, "`bad-durations` is neither a rule nor a category; `bad-duration` is one");
    assert_eq!(
        settings.also("nonsense").unwrap_err().to_string(),
        "`nonsense` is neither a rule nor a category"
    );
}

#[test]
fn many_suppressions_cost_no_more_than_they_are() {
    let mut text = "syntax = \"proto3\";\npackage shop.till.v1;\n".to_owned();
    for n in 0..1200 {
        let _ = writeln!(
            text,
            "// treaty:ignore message-pascal-case, field-lower-snake-case: old\nmessage m{n} {{ string aB = 1; }}"
        );
    }
    text.push_str("message last {}\n");
    let checked = checked(&text, &Settings::default());
    assert_eq!((checked.findings.len(), checked.suppressed.len()), (1, 1000));
    assert_eq!(checked.findings[0].message, "the message `last` is not in PascalCase");
}

#[test]
fn what_is_said_of_a_name_cannot_move_a_cursor() {
    let text =
        "syntax = \"proto3\";\npackage shop.till.v1;\n// treaty:ignore \u{1b}[2Jrule: reason\nmessage A {}\n";
    let found = &checked(text, &Settings::default()).findings[0];
    assert_eq!(found.message, "there is no rule `[2Jrule`");
}
