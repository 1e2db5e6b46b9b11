//! What is read from sound sets, and refused in the others.

use super::{ReadError, descriptor::FileSet};
use crate::{
    Contract, Method, Origin, compile,
    policy::{
        Allow, Balance, Criticality, Gate, LimitBy, Stability, ValidatePolicy, ValidateRequests,
        ValidateResponses,
    },
};
use prost::Message as _;
use std::time::Duration;

mod hostile;

const EVERYTHING: &str = include_str!("../../tests/everything.proto");

fn contract(source: &str) -> Contract {
    let source = format!("syntax = \"proto3\";\nimport \"treaty/v1/options.proto\";\n{source}");
    Contract::read(compile::texts(&[("t.proto", &source)]).unwrap().bytes).unwrap()
}

fn method(contract: &Contract, name: &str) -> Method {
    let methods = contract.services.iter().flat_map(|service| &service.methods);
    methods.into_iter().find(|method| method.path.method() == name).unwrap().clone()
}

fn at(origin: &Origin) -> String {
    origin.to_string()
}

fn everything() -> Contract {
    Contract::read(compile::texts(&[("shop/v1/everything.proto", EVERYTHING)]).unwrap().bytes).unwrap()
}

#[test]
fn the_whole_vocabulary_is_read() {
    let contract = everything();
    let service = contract.service("shop.v1.Everything").unwrap();
    assert_eq!(service.documentation, "All that a service can say.");
    let policy = &service.policy;
    assert_eq!(policy.owner.value, "shop");
    assert_eq!(policy.max_in_flight.value, 100);
    assert_eq!(policy.balance.value, Balance::RingHash);
    assert_eq!(policy.eject.value.min_success_percent, 90);
    assert_eq!(policy.eject.value.min_requests, 20);
    assert_eq!(policy.eject.value.interval, Duration::from_secs(5));
    assert_eq!(policy.eject.value.base, Duration::from_secs(60));
    assert_eq!(policy.eject.value.max_percent, 50);
    assert_eq!(policy.rollout.value.steps, [5, 100]);
    assert_eq!(policy.rollout.value.bake, Duration::from_secs(60));
    assert_eq!(policy.rollout.value.gate, Gate::Strict);

    let method = method(&contract, "Say");
    let policy = &method.policy;
    assert_eq!(
        policy.allow.value.iter().map(Allow::to_string).collect::<Vec<_>>(),
        ["shop/web", "anonymous"]
    );
    assert!(policy.public.value && policy.mirror.value && method.deprecated.value);
    assert_eq!(policy.timeout.value, Some(Duration::from_secs(3)));
    assert_eq!(policy.retry.value.attempts, 4);
    assert_eq!(policy.retry.value.on, [crate::Code::Unavailable, crate::Code::Aborted]);
    assert_eq!(policy.retry.value.backoff, Duration::from_millis(10));
    assert_eq!(policy.retry.value.per_try, Some(Duration::from_secs(1)));
    let limit = policy.limit.value.as_ref().unwrap();
    assert_eq!(
        (limit.requests, limit.per, limit.burst, limit.by),
        (7, Duration::from_secs(60), 3, LimitBy::Key)
    );
    assert_eq!(policy.criticality.value, Criticality::Sheddable);
    assert_eq!(policy.stability.value, Stability::Beta);
    assert_eq!(policy.sunset.value.as_deref(), Some("2027-06-30"));
    assert_eq!(policy.replaced_by.value.as_deref(), Some("shop.v1.Everything/Race"));
    assert_eq!((policy.max_request_bytes.value, policy.max_response_bytes.value), (1024, 2048));
    assert_eq!(policy.scopes.value, ["orders:write"]);
    let validate =
        ValidatePolicy { requests: ValidateRequests::Gateway, responses: ValidateResponses::Report };
    assert_eq!(policy.validate.value, validate);
}

#[test]
fn every_value_knows_its_line() {
    let contract = everything();
    let say = method(&contract, "Say");
    let line_of = |text: &str| EVERYTHING.lines().position(|line| line.contains(text)).unwrap() + 1;
    let column_of = |text: &str| EVERYTHING.lines().find_map(|line| line.find(text)).unwrap() + 1;
    let place = |text: &str| format!("shop/v1/everything.proto:{}:{}", line_of(text), column_of(text));
    assert_eq!(at(&say.policy.allow.origin), place("allow: [\"shop/web\""));
    assert_eq!(at(&say.policy.timeout.origin), place("timeout: \"3s\""));
    assert_eq!(at(&say.policy.retry.origin), place("retry: {"));
    assert_eq!(at(&say.policy.limit.origin), place("limit <"));
    assert_eq!(at(&say.idempotency.origin), place("option idempotency_level = NO_SIDE_EFFECTS"));
    assert_eq!(at(&say.deprecated.origin), place("option deprecated = true"));
    assert_eq!(at(&say.origin), place("rpc Say("));
    let quick = method(&contract, "Quick");
    assert_eq!(at(&quick.policy.timeout.origin), place("timeout: \"20s\""));
    let race = method(&contract, "Race");
    assert_eq!(at(&race.policy.hedge.origin), place("option (treaty.v1.method).hedge.attempts"));
    assert_eq!(at(&race.policy.retry.origin), place("option (treaty.v1.method).hedge.attempts"));
    assert_eq!(at(&race.policy.allow.origin), place("allow: \"*\""));
    assert_eq!(at(&race.policy.max_request_bytes.origin), "default");
    assert_eq!(at(&race.policy.stability.origin), place("package shop.v1;"));
}

#[test]
fn without_source_info_the_file_is_all_that_is_known() {
    let bytes = compile::texts(&[("shop/v1/everything.proto", EVERYTHING)]).unwrap().bytes;
    let mut set = FileSet::decode(bytes.as_slice()).unwrap();
    set.file.iter_mut().for_each(|file| file.source_code_info = None);
    let contract = Contract::read(set.encode_to_vec()).unwrap();
    assert_eq!(at(&method(&contract, "Say").policy.timeout.origin), "shop/v1/everything.proto");
}

#[test]
fn the_mesh_defaults_hold_where_nobody_speaks() {
    let contract = contract(
        "package p;
        message M {}
        service S {
          rpc Unary(M) returns (M);
          rpc Watch(M) returns (stream M);
          rpc Safe(M) returns (M) { option idempotency_level = IDEMPOTENT; }
          rpc Read(M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; }
        }",
    );
    let unary = method(&contract, "Unary").policy;
    assert_eq!(unary, crate::MethodPolicy::default());
    assert_eq!(method(&contract, "Watch").policy.timeout.value, None);
    let safe = method(&contract, "Safe").policy;
    assert_eq!(safe.retry.value, crate::RetryPolicy::idempotent());
    assert!(!safe.mirror.value);
    assert!(method(&contract, "Read").policy.mirror.value);
}

#[test]
fn the_defaults_of_a_service_make_nothing_unsafe_and_cut_no_stream() {
    let contract = contract(
        "package p;
        message M {}
        service S {
          option (treaty.v1.service).defaults = { timeout: \"1s\" retry { attempts: 2 } };
          rpc Unsafe(M) returns (M);
          rpc Safe(M) returns (M) { option idempotency_level = IDEMPOTENT; }
          rpc Watch(M) returns (stream M);
          rpc Bounded(M) returns (stream M) { option (treaty.v1.method).timeout = \"1h\"; }
        }",
    );
    assert_eq!(method(&contract, "Unsafe").policy.retry.value.attempts, 1);
    assert_eq!(method(&contract, "Unsafe").policy.timeout.value, Some(Duration::from_secs(1)));
    assert_eq!(method(&contract, "Safe").policy.retry.value.attempts, 2);
    assert_eq!(method(&contract, "Watch").policy.timeout.value, None);
    assert_eq!(method(&contract, "Bounded").policy.timeout.value, Some(Duration::from_secs(3600)));
}

#[test]
fn stability_follows_the_package() {
    for (package, stability) in [
        ("a.v1", Stability::Stable),
        ("a.v2beta1", Stability::Beta),
        ("a.v1alpha1", Stability::Experimental),
        ("a", Stability::Stable),
        ("a.video", Stability::Stable),
    ] {
        let source = format!("package {package}; message M {{}} service S {{ rpc A(M) returns (M); }}");
        assert_eq!(method(&contract(&source), "A").policy.stability.value, stability, "{package}");
    }
}

#[test]
fn fields_are_found_however_deep_and_in_recursive_types() {
    let contract = everything();
    let fields = method(&contract, "Say").fields;
    let said: Vec<_> = fields.iter().map(|f| (f.name.as_str(), f.masked, f.key)).collect();
    assert_eq!(
        said,
        [
            ("shop.v1.Request.customer", false, true),
            ("shop.v1.Request.card", true, false),
            ("shop.v1.Node.note", true, false),
            ("shop.v1.Node.Inner.internal", false, false),
        ]
    );
}

#[test]
fn digest_and_bytes_are_those_of_the_input() {
    let bytes = compile::texts(&[("shop/v1/everything.proto", EVERYTHING)]).unwrap().bytes;
    let contract = Contract::read(bytes.clone()).unwrap();
    assert_eq!(*contract.bytes, *bytes);
    assert_eq!(contract.digest, crate::Digest::of(&bytes));
}

#[test]
fn nothing_at_all_is_an_empty_contract() {
    assert!(Contract::read(Vec::new()).unwrap().services.is_empty());
}

/// The message of a refusal.
fn refusal(bytes: impl Into<std::sync::Arc<[u8]>>) -> String {
    let error: ReadError = Contract::read(bytes).unwrap_err();
    error.to_string()
}
