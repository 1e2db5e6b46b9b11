//! What cannot be made is named at once, with the rule; what is large is made, or named.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use contract::{comments::Comments, compile, schema::Schema};
use sample::{SampleError, Sampler, Wish, json, tree::Slot};
use std::time::UNIX_EPOCH;

const RULES: &str = "(buf.validate.field)";

fn sampler(body: &str) -> Sampler {
    let body = body.replace("$", RULES);
    let text = format!("syntax = 'proto3'; package n.v1; import 'buf/validate/validate.proto';\n{body}");
    let set = compile::texts(&[("n.proto", &text)]).unwrap().bytes;
    Sampler::new(Schema::read(&set).unwrap(), Comments::read(&set).unwrap())
}

fn made(body: &str) -> Result<serde_json::Value, SampleError> {
    let sampler = sampler(body);
    let sample = sampler.message("n.v1.R", &Wish::of(1, UNIX_EPOCH))?;
    Ok(json(sampler.schema(), &sample.message))
}

#[test]
fn a_type_that_needs_itself_is_named_with_the_rule() {
    for (body, rule) in [
        (
            "message R { repeated R kids = 1 [$.repeated.min_items = 1]; }",
            "`repeated.min_items = 1`, n.proto:2",
        ),
        ("message R { map<string, R> kids = 1 [$.map.min_pairs = 1]; }", "`map.min_pairs = 1`"),
        ("message R { R a = 1 [$.required = true]; R b = 2 [$.required = true]; }", "`required = true`"),
        (
            "message R { C c = 1 [$.required = true]; repeated R more = 3 [$.repeated.min_items = 1]; }
             message C { repeated R best = 2 [$.repeated = {min_items: 1, max_items: 3}]; }",
            "n.v1.C.best must hold a n.v1.R",
        ),
    ] {
        let error = made(body).unwrap_err();
        assert!(matches!(&error, SampleError::Endless { type_name, .. } if type_name == "n.v1.R"), "{error}");
        assert!(error.to_string().contains(rule), "{error}");
    }
}

#[test]
fn what_is_too_large_is_named_with_the_rule() {
    for (body, words) in [
        ("message R { repeated string k = 1 [$.repeated.min_items = 1000000]; }", "at least 1000001 values"),
        ("message R { string s = 1 [$.string.min_len = 4000000000]; }", "at least 4000000000 bytes"),
        ("message R { bytes s = 1 [$.bytes.len = 100000000]; }", "n.v1.R.s says `bytes.len = 100000000`"),
        (
            "message R { repeated O o = 1 [$.repeated.min_items = 500]; }
             message O { repeated P p = 1 [$.repeated.min_items = 500]; }
             message P { repeated string s = 1 [$.repeated.min_items = 500]; }",
            "n.v1.R.o says `repeated.min_items = 500` (n.proto:2",
        ),
    ] {
        let error = made(body).unwrap_err();
        assert!(matches!(error, SampleError::TooLarge { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn what_may_be_left_out_stands_in_nobodys_way() {
    let value = made(
        "message R { string name = 1; E endless = 2; N large = 3; optional string long = 4 [$.string.min_len = 4000000000]; }
         message E { E e = 1 [$.required = true]; }
         message N { repeated O o = 1 [$.repeated.min_items = 500]; }
         message O { repeated string p = 1 [$.repeated.min_items = 500]; }",
    );
    let value = value.unwrap();
    assert!(value["name"].is_string() && value.as_object().unwrap().len() == 1, "{value}");
}

#[test]
fn what_is_large_is_made() {
    let sampler = sampler("message R { repeated string k = 1 [$.repeated.min_items = 10000]; }");
    let sample = sampler.message("n.v1.R", &Wish::of(1, UNIX_EPOCH)).unwrap();
    assert!(matches!(sample.message.fields.get(&1), Some(Slot::List(items)) if items.len() == 10_000));
    let long = made("message R { string s = 1 [$.string.min_len = 1000000]; }").unwrap();
    assert_eq!(long["s"].as_str().unwrap().len(), 1_000_000);
}

/// The budget is for all attempts together: what nobody can guess ends.
#[test]
fn what_is_large_and_wrong_is_given_up() {
    let error = made(
        "message R { repeated O o = 1 [$.repeated.min_items = 300]; }
         message O { repeated string p = 1 [$.repeated = {min_items: 100}, $.cel = {id: 'never', expression: 'size(this) < 9'}]; }",
    )
    .unwrap_err();
    let SampleError::Unsatisfied { tried, .. } = &error else { panic!("{error}") };
    assert!(*tried < 100 && error.to_string().contains("never"), "{error}");
}

#[test]
fn trees_that_may_end_do() {
    let required = "[$.required = true]";
    for body in [
        format!(
            "message R {{ oneof k {{ option (buf.validate.oneof).required = true; B b = 1; string lit = 2; L l = 3; }} }}
             message B {{ R l = 1 {required}; R r = 2 {required}; }}
             message L {{ repeated R items = 1 [$.repeated.min_items = 2]; }}"
        ),
        format!(
            "message R {{ oneof k {{ option (buf.validate.oneof).required = true; B b = 1; L l = 3; E e = 4; }} }}
             message B {{ R l = 1 {required}; R r = 2 {required}; }} message E {{}}
             message L {{ repeated R items = 1 [$.repeated.min_items = 2]; repeated B bs = 2 [$.repeated.min_items = 1]; }}"
        ),
    ] {
        let sampler = sampler(&body);
        for seed in 0..20 {
            sampler.message("n.v1.R", &Wish::of(seed, UNIX_EPOCH)).unwrap();
        }
    }
}
