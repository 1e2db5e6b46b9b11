//! What may not be shown is in no violation: neither in its words nor in its path.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may end here")]

mod support;

use support::{delimited, now, program};
use validate::Failure;

const SCHEMA: &str = r#"
syntax = "proto3";
package p;
import "buf/validate/validate.proto";
import "treaty/v1/options.proto";
import "google/protobuf/any.proto";

message Card {
  option (buf.validate.message).cel = {id: "card", expression: "this.id == '' ? '' : 'the card is ' + this.id"};
  string id = 1 [(buf.validate.field).cel = {id: "id", expression: "'id is ' + this"}];
  map<string, string> keys = 2 [(buf.validate.field).map = {
    keys: {cel: {id: "key", expression: "'key is ' + this"}}
    values: {string: {min_len: 30}}
  }];
  repeated string list = 3 [(buf.validate.field).repeated.items.cel = {id: "item", expression: "'item is ' + this"}];
  Card inner = 4;
  repeated Card inners = 5 [(buf.validate.field).cel = {id: "all", expression: "size(this) == 0 ? '' : 'the first is ' + this[0].id"}];
  map<string, Card> by_name = 6;
  google.protobuf.Any any = 7;
  repeated int32 numbers = 8 [(buf.validate.field).cel = {id: "none", expression: "size(this) == 0 || this[7] == 1"}];
}
message Hidden {
  Card redacted = 1 [debug_redact = true];
  Card secret = 2 [(treaty.v1.field).sensitivity = SECRET];
  repeated Card list = 3 [(treaty.v1.field).sensitivity = PII];
  map<string, Card> by_name = 4 [debug_redact = true];
}
message Asks {
  option (buf.validate.message).cel = {id: "asks", expression: "'secret is ' + this.hidden.secret.id"};
  Hidden hidden = 1;
  google.protobuf.Any any = 2 [(buf.validate.field).cel = {id: "any", expression: "'mail is ' + dyn(this).mail"}];
}
message Mail {
  string mail = 1 [debug_redact = true];
  map<string, google.protobuf.Any> others = 2;
}
message Bag {
  map<string, google.protobuf.Any> by_name = 1;
  repeated google.protobuf.Any list = 2;
  bytes raw = 3;
}
message Labelled {
  map<string, google.protobuf.Any> by_name = 1 [(buf.validate.field).cel = {id: "it", expression: "'mail is ' + this['k'].mail"}];
  string name = 2;
}
"#;

/// A card with the word in every place that can hold it.
fn card(depth: u32) -> Vec<u8> {
    let text = |number| delimited(number, b"SECRET");
    let inner = if depth == 0 { Vec::new() } else { card(depth - 1) };
    let entry = |number, value: Vec<u8>| delimited(number, &[text(1), value].concat());
    let plain = [text(1), entry(2, text(2)), text(3)].concat();
    [plain, delimited(4, &inner), delimited(5, &inner), entry(6, delimited(2, &inner))].concat()
}

fn told(message: &str, bytes: &[u8]) -> String {
    match program(SCHEMA, message).check(bytes, now()) {
        Err(Failure::Violations(found)) => {
            let encoded = String::from_utf8_lossy(&found.encode()).into_owned();
            let lines: Vec<_> = found.0.iter().map(|one| format!("{} {one}", one.rule_id)).collect();
            format!("{}\n{encoded}", lines.join("\n"))
        }
        Err(error) => error.to_string(),
        Ok(()) => panic!("nothing is wrong"),
    }
}

#[test]
fn it_is_told_where_nothing_is_hidden() {
    let told = told("p.Card", &card(0));
    for words in ["id is SECRET", "key is SECRET", "item is SECRET", "the card is SECRET", "keys[\"SECRET\"]"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn everything_within_a_masked_field_is_masked() {
    let entry = |value: Vec<u8>| delimited(4, &[delimited(1, b"SECRET"), delimited(2, &value)].concat());
    for (place, bytes) in [
        ("redacted", delimited(1, &card(2))),
        ("secret", delimited(2, &card(2))),
        ("list", delimited(3, &card(2))),
        ("by_name", entry(card(2))),
    ] {
        let told = told("p.Hidden", &bytes);
        assert!(!told.contains("SECRET"), "{place}: {told}");
        // The rules are told all the same.
        for rule in ["id ", "key ", "item ", "card ", "all "] {
            assert!(told.lines().any(|line| line.starts_with(rule)), "{place}, {rule}: {told}");
        }
    }
}

#[test]
fn whoever_reads_into_a_masked_field_does_not_tell() {
    let told_of_secret = told("p.Asks", &delimited(1, &delimited(2, &delimited(1, b"SECRET"))));
    assert!(told_of_secret.contains("asks ") && !told_of_secret.contains("SECRET"), "{told_of_secret}");
    let any = [delimited(1, b"x/p.Mail"), delimited(2, &delimited(1, b"SECRET"))].concat();
    let told_of_any = told("p.Asks", &delimited(2, &any));
    assert!(told_of_any.contains("any ") && !told_of_any.contains("SECRET"), "{told_of_any}");
}

/// A message with one rule over a [`Bag`], as one of the ways to look into an `Any`.
fn rule_over_a_bag(expression: &str) -> String {
    let rule = format!("option (buf.validate.message).cel = {{id: \"it\", expression: {expression:?}}};");
    format!("{SCHEMA}\nmessage Way {{ {rule} Bag bag = 1; string field = 2; Bag other = 3; }}")
}

#[test]
fn no_way_into_an_any_tells_what_is_masked_there() {
    let any = |inner: Vec<u8>| [delimited(1, b"x/p.Mail"), delimited(2, &inner)].concat();
    let entry = |number, any: &[u8]| delimited(number, &[delimited(1, b"k"), delimited(2, any)].concat());
    let mail = any(delimited(1, b"SECRET"));
    let nested = any(entry(2, &mail));
    let outcome = |expression: &str, any: &[u8]| {
        let bag = [entry(1, any), delimited(2, any), delimited(3, &delimited(1, b"SECRET"))].concat();
        let program = program(&rule_over_a_bag(expression), "p.Way");
        match program.check(&[delimited(1, &bag), delimited(2, b"mail")].concat(), now()) {
            Err(Failure::Violations(found)) => found.0.iter().map(ToString::to_string).collect(),
            other => format!("{expression}: {other:?}"),
        }
    };
    for expression in [
        "'mail is ' + this.bag.by_name['k'].mail",
        "'mail is ' + this.bag.by_name.k.mail",
        "this.bag.by_name.exists(k, this.bag.by_name[k].mail == 'SECRET') ? 'mail is SECRET' : ''",
        "this.bag.by_name.map(k, this.bag.by_name[k].mail)[0]",
        "'mail is ' + this.bag.list[0].mail",
        "'mail is ' + dyn(this).bag.list[0].mail",
        "'mail is ' + dyn(this).bag.by_name['k'].mail",
        "'mail is ' + [this.bag, 1][0].by_name['k'].mail",
        "'mail is ' + string(getField(dyn(this).bag, 'by_name')['k'].mail)",
        "'mail is ' + string(getField(dyn(this.bag).by_name['k'], this.field))",
        "'mails are %s'.format([this.bag.list.map(any, any.mail)])",
        "dyn(this).bag.by_name.map(k, [dyn(this).bag.by_name[k].mail])[0][0]",
        "'mail is ' + google.protobuf.Any{type_url: 'x/p.Mail', value: this.bag.raw}.mail",
    ] {
        let told = outcome(expression, &mail);
        assert_eq!(told, format!("{expression:?} returned false"));
    }
    for expression in [
        "'mail is ' + this.bag.by_name['k'].others['k'].mail",
        "'mail is ' + dyn(this).bag.by_name['k'].others['k'].mail",
    ] {
        let told = outcome(expression, &nested);
        assert_eq!(told, format!("{expression:?} returned false"));
    }
    let of_field = told("p.Labelled", &entry(1, &mail));
    assert!(of_field.contains("it ") && !of_field.contains("SECRET"), "{of_field}");
    // What has nothing to do with it is told.
    let plain = outcome("'the field is ' + this.field", &mail);
    assert!(plain.contains("the field is mail"), "{plain}");
}

#[test]
fn why_a_rule_could_not_be_applied_is_not_told_either() {
    let told = told("p.Hidden", &delimited(2, &delimited(8, &[1])));
    assert!(told.contains("cannot be evaluated: the reason may not be shown"), "{told}");
}
