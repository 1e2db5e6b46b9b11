#![allow(clippy::unwrap_used, reason = "tests may end here")]

use super::*;

fn needs(body: &str) -> (Schema, Needs) {
    let text = format!("syntax = 'proto3'; package n.v1; import 'buf/validate/validate.proto'; {body}");
    let schema = Schema::read(&contract::compile::texts(&[("n.proto", &text)]).unwrap().bytes).unwrap();
    let needs = Needs::of(&schema);
    (schema, needs)
}

fn least(body: &str) -> Option<Least> {
    let (schema, needs) = needs(body);
    needs.least(schema.message_id("n.v1.R").unwrap())
}

const REQUIRED: &str = "[(buf.validate.field).required = true]";

#[test]
fn what_needs_itself_has_no_end() {
    for body in [
        "message R { repeated R kids = 1 [(buf.validate.field).repeated.min_items = 1]; }".to_owned(),
        "message R { map<string, R> kids = 1 [(buf.validate.field).map.min_pairs = 1]; }".to_owned(),
        format!("message R {{ R kid = 1 {REQUIRED}; }}"),
        format!("message R {{ repeated R kids = 1 {REQUIRED}; }}"),
        format!("message R {{ C c = 1 {REQUIRED}; }} message C {{ R r = 1 {REQUIRED}; }}"),
        "message R { oneof k { option (buf.validate.oneof).required = true; R a = 1; R b = 2; } }".to_owned(),
        "message R { option (buf.validate.message).oneof = {fields: ['a', 'b'], required: true}; R a = 1; repeated R b = 2; }"
            .to_owned(),
        format!("message R {{ E e = 1 {REQUIRED}; }} message E {{ E e = 1 {REQUIRED}; }}"),
    ] {
        assert_eq!(least(&body), None, "{body}");
    }
}

#[test]
fn what_may_be_left_out_has_an_end() {
    for body in [
        "message R { repeated R kids = 1; R a = 2; map<string, R> c = 3; }".to_owned(),
        "message R { repeated R kids = 1 [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, repeated: {min_items: 1}}]; }"
            .to_owned(),
        format!("message R {{ R kid = 1 {}; }}", REQUIRED.replace("= true]", "= true, (buf.validate.field).ignore = IGNORE_ALWAYS]")),
        "message R { oneof k { option (buf.validate.oneof).required = true; R a = 1; string b = 2; } }".to_owned(),
        format!("message R {{ oneof k {{ option (buf.validate.oneof).required = true; B a = 1; L b = 2; }} }}
                 message B {{ R r = 1 {REQUIRED}; }} message L {{}}"),
    ] {
        assert!(least(&body).is_some(), "{body}");
    }
}

#[test]
fn sizes_multiply() {
    let found = least(
        "message R { repeated P p = 1 [(buf.validate.field).repeated.min_items = 500];
           string s = 2 [(buf.validate.field).string.min_len = 7]; optional string t = 3 [(buf.validate.field).string.len = 9]; }
         message P { repeated string q = 1 [(buf.validate.field).repeated = {min_items: 500, items: {string: {len: 2}}}]; }",
    );
    assert_eq!(found, Some(Least { depth: 2, values: 1 + 500 * 501, bytes: 500 * 500 * 2 + 7 }));
    let endless = "repeated N n = 1 [(buf.validate.field).repeated.min_items = 18446744073709551615];";
    let found = least(&format!(
        "message R {{ {endless} }} message N {{ string s = 1 [(buf.validate.field).string.len = 9]; }}"
    ));
    assert_eq!(found, Some(Least { depth: 2, values: u64::MAX, bytes: u64::MAX }));
}

#[test]
fn the_way_round_and_the_largest_are_named() {
    let (schema, of) = needs(
        "message R { string name = 1; C cat = 2 [(buf.validate.field).required = true]; }
         message C { repeated R best = 2 [(buf.validate.field).repeated = {min_items: 1, max_items: 3}]; }
         message L { I i = 1 [(buf.validate.field).required = true]; } message I {
           repeated string many = 1 [(buf.validate.field).repeated.min_items = 1000000]; }",
    );
    let id = |name| schema.message_id(name).unwrap();
    let circle = of.circle(id("n.v1.R"));
    let shown: Vec<_> =
        circle.iter().map(|step| format!("{}: {} ({})", step.field, step.rule, step.origin)).collect();
    assert_eq!(
        shown,
        ["n.v1.R.cat: required = true (n.proto:1:112)", "n.v1.C.best: repeated.min_items = 1 (n.proto:2:76)"]
    );
    assert!(of.circle(id("n.v1.L")).is_empty());
    let (step, least) = of.largest(id("n.v1.L")).unwrap();
    assert_eq!((step.field.as_str(), step.rule.as_str()), ("n.v1.I.many", "repeated.min_items = 1000000"));
    assert_eq!(least.values, 1_000_000);
}

/// A chain as long as a contract may be is no matter of recursion.
#[test]
fn long_chains_are_followed() {
    let chain: String =
        (0..3000).map(|n| format!("message C{n} {{ C{} c = 1 {REQUIRED}; }}\n", n + 1)).collect();
    let found = least(&format!("message R {{ C0 c = 1 {REQUIRED}; }} {chain} message C3000 {{}}"));
    assert_eq!(found.map(|least| least.depth), Some(3002));
}
