//! `treaty contract validate`, as a user types it, and what `treaty contract check` says of rules.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::{Value, json};
use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

const ORDER: &str = r#"syntax = "proto3";
package shop.v1;
import "buf/validate/validate.proto";

message Order {
  option (buf.validate.message).cel = {
    id: "order.dates"
    message: "ship before it is due"
    expression: "this.shipped < this.due"
  };
  string email = 1 [(buf.validate.field).string.email = true];
  repeated Line lines = 2 [(buf.validate.field).repeated.min_items = 1];
  map<string, int64> stock = 3 [(buf.validate.field).map = {
    keys: { string: { min_len: 1 } }
    values: { int64: { gte: 0 } }
  }];
  int32 shipped = 4;
  int32 due = 5;
}
message Line {
  uint32 quantity = 1 [(buf.validate.field).uint32 = { gte: 1, lte: 10 }];
}
message Free {}
"#;

/// A folder with `proto/shop/v1/order.proto`, and its descriptors.
fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("proto/shop/v1");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("order.proto"), text).unwrap();
    if let Ok(compiled) = contract::compile::paths(&[folder.path().join("proto")], &[]) {
        fs::write(folder.path().join("set.binpb"), compiled.bytes).unwrap();
    }
    folder
}

fn treaty(folder: &Path, command: &str, args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_treaty"))
        .args(["contract", command])
        .args(args)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that fails early does not read on.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn validate(folder: &Path, args: &[&str], input: &str) -> Output {
    treaty(folder, "validate", args, input.as_bytes())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const FROM_SOURCES: &[&str] = &["--descriptors", "proto", "--type", "shop.v1.Order", "--input", "json"];

#[test]
fn a_valid_message_passes() {
    let folder = folder(ORDER);
    let order = r#"{"email": "ada@example.com", "lines": [{"quantity": 2}], "due": 3}"#;
    let output = validate(folder.path(), FROM_SOURCES, order);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "nothing wrong with this shop.v1.Order\n");
    let json = validate(folder.path(), &[FROM_SOURCES, &["--output", "json"]].concat(), order);
    assert_eq!((json.status.code(), text(&json.stdout)), (Some(0), "{\"violations\":[]}\n".to_owned()));
}

#[test]
fn violations_are_read_by_people() {
    let folder = folder(ORDER);
    let order = r#"{"email": "ada", "lines": [{"quantity": 1}, {"quantity": 11}], "stock": {"": -1}}"#;
    let output = validate(folder.path(), FROM_SOURCES, order);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn violations_are_read_by_machines() {
    let folder = folder(ORDER);
    fs::write(
        folder.path().join("order.binpb"),
        [
            0x1a, 0x0d, 0x0a, 0x00, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x28,
            0x01, 0x12, 0x02, 0x08, 0x01, 0x0a, 0x03, b'a', b'@', b'b',
        ],
    )
    .unwrap();
    let args = ["--descriptors", "set.binpb", "--type", "shop.v1.Order", "--output", "json", "order.binpb"];
    let output = validate(folder.path(), &args, "");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let entry = json!({
        "fieldNumber": 3, "fieldName": "stock", "fieldType": "TYPE_MESSAGE",
        "keyType": "TYPE_STRING", "valueType": "TYPE_INT64", "stringKey": "",
    });
    let rule = |rest: Value| {
        let map = json!({ "fieldNumber": 19, "fieldName": "map", "fieldType": "TYPE_MESSAGE" });
        let mut elements = vec![map];
        elements.extend(rest.as_array().unwrap().iter().cloned());
        json!({ "elements": elements })
    };
    let wanted = json!({ "violations": [
        {
            "field": { "elements": [entry] },
            "rule": rule(json!([
                { "fieldNumber": 4, "fieldName": "keys", "fieldType": "TYPE_MESSAGE" },
                { "fieldNumber": 14, "fieldName": "string", "fieldType": "TYPE_MESSAGE" },
                { "fieldNumber": 2, "fieldName": "min_len", "fieldType": "TYPE_UINT64" },
            ])),
            "ruleId": "string.min_len",
            "message": "must be at least 1 characters",
            "forKey": true,
        },
        {
            "field": { "elements": [entry] },
            "rule": rule(json!([
                { "fieldNumber": 5, "fieldName": "values", "fieldType": "TYPE_MESSAGE" },
                { "fieldNumber": 4, "fieldName": "int64", "fieldType": "TYPE_MESSAGE" },
                { "fieldNumber": 5, "fieldName": "gte", "fieldType": "TYPE_INT64" },
            ])),
            "ruleId": "int64.gte",
            "message": "must be greater than or equal to 0",
        },
    ]});
    assert_eq!(answer, wanted, "{answer:#}");
}

#[test]
fn a_batch_is_answered_line_by_line() {
    let folder = folder(&ORDER.replace(
        "message Free {}",
        "message Odd { int32 a = 1 [(buf.validate.field).string.min_len = 1]; }",
    ));
    let lines = [
        r#"{"type": "shop.v1.Line", "bytes": "CAE="}"#,
        r#"{"type": "shop.v1.Line", "bytes": ""}"#,
        "",
        r#"{"bytes": "CAs", "type": "shop.v1.Line"}"#,
        r#"{"type": "shop.v1.Odd", "bytes": ""}"#,
        r#"{"type": "shop.v1.None", "bytes": ""}"#,
        r#"{"type": "shop.v1.Line", "bytes": "CA=="}"#,
    ];
    let args = ["--descriptors", "set.binpb", "--batch"];
    let output = validate(folder.path(), &args, &lines.join("\n"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let answers: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 6);
    assert_eq!(answers[0], json!({ "violations": [] }));
    for answer in &answers[1..3] {
        assert_eq!(answer["violations"][0]["ruleId"], "uint32.gte_lte");
    }
    assert!(answers[3]["compilation_error"].as_str().unwrap().starts_with("shop/v1/order.proto:23:"));
    assert!(answers[4]["compilation_error"].as_str().unwrap().contains("there is no message `shop.v1.None`"));
    assert!(answers[5]["runtime_error"].as_str().unwrap().contains("the bytes are no such message"));

    let output = validate(folder.path(), &args, "{}\n{\"type\": \"shop.v1.Line\", \"bytes\": \"?\"}\n");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout).lines().count(), 2, "whatever the line, it is answered");

    // One that is no UTF-8 stops none of the others.
    let lines = b"\xff\xfe\n{\"type\": \"shop.v1.Line\", \"bytes\": \"CAE=\"}\n{\"type\": \"\xff\"}";
    let output = treaty(folder.path(), "validate", &args, lines);
    assert_eq!(output.status.code(), Some(2));
    let answers: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers[0]["runtime_error"].as_str().unwrap().starts_with("line 1 is no request"));
    assert_eq!(answers[1], json!({ "violations": [] }));
    assert!(answers[2]["runtime_error"].as_str().unwrap().starts_with("line 3 is no request"));
}

#[test]
fn unusable_input_is_told_from_violations() {
    let folder = folder(ORDER);
    fs::write(folder.path().join("garbage"), [0xff]).unwrap();
    for (args, said) in [
        (&["--descriptors", "missing", "--type", "shop.v1.Line"][..], "missing: "),
        (&["--descriptors", "garbage", "--type", "shop.v1.Line"], "garbage: "),
        (
            &["--descriptors", "set.binpb", "--type", "shop.v1.Lime", "-"],
            "there is no message `shop.v1.Lime`",
        ),
        (&["--descriptors", "set.binpb", "--type", "shop.v1.Line", "garbage"], "no such message"),
        (&["--descriptors", "set.binpb", "--type", "shop.v1.Free", "garbage"], "no such message"),
        (&["--descriptors", "set.binpb", "--type", "shop.v1.Line", "--input", "json", "garbage"], "no JSON"),
        (&["--descriptors", "set.binpb", "--type", "shop.v1.Line", "nowhere"], "nowhere: "),
        (&["--descriptors", "set.binpb"], "--type"),
        (&["--descriptors", "set.binpb", "--batch", "nowhere"], "nowhere: "),
    ] {
        let output = validate(folder.path(), args, "");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(said), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn a_folder_may_hold_descriptor_sets_that_share_files() {
    let one = folder(ORDER);
    let other = folder(&ORDER.replace("shop.v1", "shop.v2"));
    let sets = tempfile::tempdir().unwrap();
    for (name, from) in [("one.binpb", &one), ("other.binpb", &other)] {
        // Both say that they are `shop/v1/order.proto`, so that the second needs a name of its own.
        let proto = from.path().join("proto/shop/v1/order.proto");
        let text = fs::read_to_string(proto).unwrap();
        let file = format!("{}.proto", name.trim_end_matches(".binpb"));
        fs::write(sets.path().join(name), contract::compile::texts(&[(&file, &text)]).unwrap().bytes)
            .unwrap();
    }
    for name in ["shop.v1.Line", "shop.v2.Line"] {
        let output = validate(sets.path(), &["--descriptors", ".", "--type", name, "-"], "");
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    }
}

#[test]
fn a_folder_says_one_thing() {
    let folder = folder(ORDER);
    let refused = |args: &[&str]| {
        let output = validate(folder.path(), args, "");
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
        text(&output.stderr)
    };
    // A set beside sources, which may have changed since.
    let both = refused(&["--descriptors", ".", "--type", "shop.v1.Line", "-"]);
    assert!(
        both.contains(".: holds descriptor sets (set.binpb) and sources (proto/shop/v1/order.proto)"),
        "{both}"
    );
    // Two sets of one file.
    let sets = folder.path().join("sets");
    fs::create_dir_all(&sets).unwrap();
    let write = |name: &str, text: &str| {
        let set = contract::compile::texts(&[("shop/v1/order.proto", text)]).unwrap().bytes;
        fs::write(sets.join(name), set).unwrap();
    };
    let check = ["--descriptors", "sets", "--type", "shop.v1.Line", "-"];
    write("one.binpb", ORDER);
    write("two.binpb", &ORDER.replace("message Free", "// Comments do not matter.\n\nmessage Free"));
    let same = validate(folder.path(), &check, "");
    assert_eq!(same.status.code(), Some(1), "{}", text(&same.stderr));
    write("two.binpb", &ORDER.replace("gte: 1,", "gte: 0,"));
    let two = refused(&check);
    assert!(
        two.contains("sets/two.binpb: defines shop/v1/order.proto otherwise than sets/one.binpb does"),
        "{two}"
    );
}

#[test]
fn json_is_read_to_the_last_second_and_no_key_twice() {
    let text_of = "syntax = \"proto3\"; package shop.v1; import \"google/protobuf/timestamp.proto\"; \
                   message Lease { google.protobuf.Timestamp until = 1; string card = 2 [debug_redact = true]; }";
    let folder = folder(text_of);
    let checked = |json: &str| {
        let args = ["--descriptors", "set.binpb", "--type", "shop.v1.Lease", "--input", "json", "-"];
        let output = validate(folder.path(), &args, json);
        (output.status.code(), text(&output.stderr))
    };
    assert_eq!(checked(r#"{"until": "9999-12-31T23:59:59Z"}"#), (Some(0), String::new()));
    let (code, said) = checked(r#"{"card": "hunter2", "card": "hunter3"}"#);
    assert!(code == Some(2) && said.contains("same key twice") && !said.contains("hunter"), "{said}");
    let lines =
        "\"hunter2\"\n{\"card\": \"hunter2\"}\n{\"type\": \"shop.v1.Lease\", \"bytes\": [\"hunter2\"]}\n";
    let output = validate(folder.path(), &["--descriptors", "set.binpb", "--batch"], lines);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("line 3 is no request"), "{said}");
    assert!(!said.contains("hunter"), "{said}");
}

#[test]
fn an_own_copy_of_the_vocabulary_serves_as_well() {
    let folder = folder(ORDER);
    let own = folder.path().join("proto/buf/validate");
    fs::create_dir_all(&own).unwrap();
    let brought =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/contract/proto/buf/validate/validate.proto");
    // As the public file does, with CEL that gives a standard rule its meaning.
    let marked = fs::read_to_string(brought).unwrap().replace(
        "    bool email = 12;",
        "    bool email = 12 [(predefined).cel = { id: 'string.email' expression: 'this.isEmail()' }];",
    );
    assert!(marked.contains("this.isEmail()"));
    fs::write(own.join("validate.proto"), marked).unwrap();
    let output = validate(folder.path(), FROM_SOURCES, r#"{"email": "ada", "due": 1}"#);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(
        said.contains("violation[string.email]") && said.contains("violation[repeated.min_items]"),
        "{said}"
    );
    assert!(said.contains("2 violations"), "{said}");
}

#[test]
fn rules_that_cannot_be_enforced_are_findings() {
    let folder = folder(&ORDER.replace("this.shipped < this.due", "this.shipped < this.dew"));
    let output = treaty(folder.path(), "check", &[], b"");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    insta::assert_snapshot!(text(&output.stdout));
}
