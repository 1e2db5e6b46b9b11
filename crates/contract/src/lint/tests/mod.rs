//! Each rule, once broken; and the way its line is shown.

mod examples;
mod suppressing;

use super::{Diagnostic, Excerpt, errors, lint};
use crate::{Contract, compile};
use std::fmt::Write as _;

/// What lint says of a service `p.v1.S`, one block each, with the line.
fn report(body: &str) -> String {
    let source = format!(
        "syntax = \"proto3\";\npackage p.v1;\nimport \"treaty/v1/options.proto\";\n{}\n",
        body.trim_matches('\n')
    );
    let compiled = compile::texts(&[("p.proto", &source)]).unwrap();
    let contract = Contract::read(compiled.bytes).unwrap();
    let shown = |found: &Diagnostic| {
        let mut text = format!("{:?}[{}] {}: {}\n", found.severity, found.rule, found.origin, found.message);
        let line = Excerpt::of(&found.origin, &compiled.sources.text("p.proto").unwrap()).unwrap();
        let _ = write!(text, "{line}\n  help: {}\n", found.remedy);
        text
    };
    lint(&contract).iter().map(shown).collect()
}

#[test]
fn nothing_wrong() {
    let sound = r#"
service S {
  option (treaty.v1.service) = { owner: "p" allow: "p/web" };
  rpc A(M) returns (M);
}
message M {}"#;
    assert_eq!(report(sound), "");
}

#[test]
fn durations() {
    insta::assert_snapshot!(report(r#"
service S {
  option (treaty.v1.service) = {
    owner: "p" allow: "p/web"
    defaults: { timeout: "15" }
    eject: { interval: "1 s" base: "0s" }
    rollout: { bake: "soon" }
  };
  rpc A(M) returns (M) {
    option idempotency_level = IDEMPOTENT;
    option (treaty.v1.method) = {
      retry: { backoff: "1.5s" per_try: "-1s" }
      limit: { requests: 1 per: "1d" }
    };
  }
  rpc B(M) returns (M);
}
message M {}"#), @r###"
Error[bad-duration] p.proto:7:17: timeout: "15" is no duration: it has no unit
  |
7 |     defaults: { timeout: "15" }
  |                 ^^^^^^^^^^^^^
  help: write a whole number and ms, s, m or h: "250ms", "15s"
Error[bad-duration] p.proto:8:14: eject.interval: "1 s" is no duration: its unit is none of ms, s, m, h
  |
8 |     eject: { interval: "1 s" base: "0s" }
  |              ^^^^^^^^^^^^^^^
  help: write a whole number and ms, s, m or h: "250ms", "15s"
Error[bad-duration] p.proto:8:30: eject.base: "0s" is no duration: it is zero
  |
8 |     eject: { interval: "1 s" base: "0s" }
  |                              ^^^^^^^^^^
  help: write a whole number and ms, s, m or h: "250ms", "15s"
Error[bad-duration] p.proto:9:16: rollout.bake: "soon" is no duration: it does not begin with a number
  |
9 |     rollout: { bake: "soon" }
  |                ^^^^^^^^^^^^
  help: write a whole number and ms, s, m or h: "250ms", "15s"
Error[bad-duration] p.proto:14:16: retry.backoff: "1.5s" is no duration: its unit is none of ms, s, m, h
   |
14 |       retry: { backoff: "1.5s" per_try: "-1s" }
   |                ^^^^^^^^^^^^^^^
  help: write a whole number and ms, s, m or h: "250ms", "15s"
Error[bad-duration] p.proto:14:32: retry.per_try: "-1s" is no duration: it does not begin with a number
   |
14 |       retry: { backoff: "1.5s" per_try: "-1s" }
   |                                ^^^^^^^^^^^^^^
  help: write a whole number and ms, s, m or h: "250ms", "15s"
Error[bad-duration] p.proto:15:7: limit.per: "1d" is no duration: its unit is none of ms, s, m, h
   |
15 |       limit: { requests: 1 per: "1d" }
   |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write a whole number and ms, s, m or h: "250ms", "15s"
"###);
}

#[test]
fn retries() {
    insta::assert_snapshot!(report(r#"
service S {
  option (treaty.v1.service) = { owner: "p" allow: "p/web" };
  rpc Unsafe(M) returns (M) { option (treaty.v1.method).retry.attempts = 3; }
  rpc Once(M) returns (M) { option (treaty.v1.method).retry.attempts = 1; }
  rpc Odd(M) returns (M) {
    option idempotency_level = IDEMPOTENT;
    option (treaty.v1.method) = { timeout: "1s" retry: { attempts: 9 on: NOT_FOUND per_try: "1s" } };
  }
  rpc Well(M) returns (M) {
    option idempotency_level = IDEMPOTENT;
    option (treaty.v1.method).retry.on = OK;
  }
}
message M {}"#), @r###"
Error[retry-without-idempotency] p.proto:6:31: p.v1.S/Unsafe is tried again, and does not promise that this is safe
  |
6 |   rpc Unsafe(M) returns (M) { option (treaty.v1.method).retry.attempts = 3; }
  |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: promise it with `option idempotency_level = IDEMPOTENT;` (or NO_SIDE_EFFECTS), or take `retry` away
Error[retry-on-ok] p.proto:14:5: p.v1.S/Well is tried again after OK
   |
14 |     option (treaty.v1.method).retry.on = OK;
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: name codes of failures, for example UNAVAILABLE
Warning[per-try-beyond-timeout] p.proto:10:49: p.v1.S/Odd: each try may take 1s, and the whole call 1s
   |
10 |     option (treaty.v1.method) = { timeout: "1s" retry: { attempts: 9 on: NOT_FOUND per_try: "1s" } };
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: make `per_try` shorter than the timeout, so that there is time for another try
Warning[retry-attempts] p.proto:10:49: p.v1.S/Odd is tried 9 times; gRPC clients stop at five
   |
10 |     option (treaty.v1.method) = { timeout: "1s" retry: { attempts: 9 on: NOT_FOUND per_try: "1s" } };
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write at most 5 attempts
Warning[retry-code-not-portable] p.proto:10:49: p.v1.S/Odd: gRPC's own xDS clients do not retry on NOT_FOUND
   |
10 |     option (treaty.v1.method) = { timeout: "1s" retry: { attempts: 9 on: NOT_FOUND per_try: "1s" } };
   |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED and UNAVAILABLE are retried everywhere
"###);
}

#[test]
fn hedges() {
    insta::assert_snapshot!(report(r#"
service S {
  option (treaty.v1.service) = { owner: "p" allow: "p/web" };
  rpc Raced(M) returns (M) { option (treaty.v1.method).hedge = { attempts: 2 delay: "50ms" }; }
  rpc Both(M) returns (M) {
    option idempotency_level = IDEMPOTENT;
    option (treaty.v1.method) = { retry: { attempts: 2 } hedge: { attempts: 2 delay: "50ms" } };
  }
  rpc Half(M) returns (M) {
    option idempotency_level = IDEMPOTENT;
    option (treaty.v1.method).hedge.attempts = 2;
  }
}
message M {}"#), @r###"
Error[hedge-without-idempotency] p.proto:6:30: p.v1.S/Raced is raced, and does not promise that calling it twice is safe
  |
6 |   rpc Raced(M) returns (M) { option (treaty.v1.method).hedge = { attempts: 2 delay: "50ms" }; }
  |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: promise it with `option idempotency_level = IDEMPOTENT;` (or NO_SIDE_EFFECTS), or take `hedge` away
Error[hedge-with-retry] p.proto:9:58: p.v1.S/Both both retries and hedges
  |
9 |     option (treaty.v1.method) = { retry: { attempts: 2 } hedge: { attempts: 2 delay: "50ms" } };
  |                                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: keep one of the two
Error[hedge-incomplete] p.proto:13:5: p.v1.S/Half: a hedge needs at least two attempts and a delay
   |
13 |     option (treaty.v1.method).hedge.attempts = 2;
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write for example { attempts: 2 delay: "50ms" }
"###);
}

#[test]
fn callers_and_owners() {
    insta::assert_snapshot!(report(r#"
service S {
  rpc Nobody(M) returns (M);
  rpc Odd(M) returns (M) {
    option (treaty.v1.method) = { allow: ["orders", "Shop/Orders", "p/web", "p/web", "spiffe://x/ns/a/sa/b"] };
  }
  rpc Edge(M) returns (M) { option (treaty.v1.method).public = true; }
}
message M {}"#), @r###"
Error[unknown-workload-form] p.proto:7:43: `orders` is no workload: write "namespace/account", "*" or "anonymous"
  |
7 |     option (treaty.v1.method) = { allow: ["orders", "Shop/Orders", "p/web", "p/web", "spiffe://x/ns/a/sa/b"] };
  |                                           ^^^^^^^^
  help: name workloads as "namespace/account", for example "shop/orders"
Error[unknown-workload-form] p.proto:7:53: `Shop/Orders` is no workload: write "namespace/account", "*" or "anonymous"
  |
7 |     option (treaty.v1.method) = { allow: ["orders", "Shop/Orders", "p/web", "p/web", "spiffe://x/ns/a/sa/b"] };
  |                                                     ^^^^^^^^^^^^^
  help: name workloads as "namespace/account", for example "shop/orders"
Error[unknown-workload-form] p.proto:7:86: `spiffe://x/ns/a/sa/b` is no workload: write "namespace/account", "*" or "anonymous"
  |
7 |     option (treaty.v1.method) = { allow: ["orders", "Shop/Orders", "p/web", "p/web", "spiffe://x/ns/a/sa/b"] };
  |                                                                                      ^^^^^^^^^^^^^^^^^^^^^^
  help: name workloads as "namespace/account", for example "shop/orders"
Warning[nobody-may-call] p.proto:5:3: nobody may call p.v1.S/Nobody
  |
5 |   rpc Nobody(M) returns (M);
  |   ^^^^^^^^^^^^^^^^^^^^^^^^^
  help: name its callers: option (treaty.v1.method).allow = "namespace/account", or let the gateway in: option (treaty.v1.method).public = true
Warning[allow-twice] p.proto:7:77: `p/web` is allowed twice
  |
7 |     option (treaty.v1.method) = { allow: ["orders", "Shop/Orders", "p/web", "p/web", "spiffe://x/ns/a/sa/b"] };
  |                                                                             ^^^^^^^
  help: name it once
"###);
}

#[test]
fn keys_and_masks() {
    insta::assert_snapshot!(report(r#"
service S {
  option (treaty.v1.service) = { owner: "p" allow: "p/web" balance: RING_HASH };
  rpc Two(TwoKeys) returns (M);
  rpc List(ListKey) returns (M);
  rpc Keyless(M) returns (M) { option (treaty.v1.method).limit = { requests: 1 per: "1s" by: BY_KEY }; }
}
message M {
  string shown = 1 [debug_redact = true, (treaty.v1.field).attribute = "shown"];
  string plain = 2 [(treaty.v1.field) = { mask: MASK_HASH }];
}
message TwoKeys {
  string a = 1 [(treaty.v1.field).key = true];
  string b = 2 [(treaty.v1.field).key = true];
}
message ListKey { repeated string a = 1 [(treaty.v1.field).key = true]; }"#), @r###"
Error[limit-by-key-without-key] p.proto:8:32: p.v1.S/Keyless is limited by key, and p.v1.M has none
  |
8 |   rpc Keyless(M) returns (M) { option (treaty.v1.method).limit = { requests: 1 per: "1s" by: BY_KEY }; }
  |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: mark one scalar field of the request with [(treaty.v1.field).key = true]
Error[attribute-on-masked-field] p.proto:11:42: `p.v1.M.shown` is masked, and would be shown as the span attribute `shown`
   |
11 |   string shown = 1 [debug_redact = true, (treaty.v1.field).attribute = "shown"];
   |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: take `attribute` away, or the mask
Error[several-keys] p.proto:16:17: the request of p.v1.S/Two has two keys: `p.v1.TwoKeys.a` and `p.v1.TwoKeys.b`
   |
16 |   string b = 2 [(treaty.v1.field).key = true];
   |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: keep one
Error[key-not-scalar] p.proto:18:42: the key `p.v1.ListKey.a` is no scalar
   |
18 | message ListKey { repeated string a = 1 [(treaty.v1.field).key = true]; }
   |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: make one singular string or number of the request the key
Warning[ring-hash-without-key] p.proto:5:60: p.v1.S balances by the request's key, and p.v1.M has none
  |
5 |   option (treaty.v1.service) = { owner: "p" allow: "p/web" balance: RING_HASH };
  |                                                            ^^^^^^^^^^^^^^^^^^
  help: mark one scalar field of the request with [(treaty.v1.field).key = true]
Warning[mask-without-effect] p.proto:12:43: `p.v1.M.plain` says how to mask it, and nothing masks it
   |
12 |   string plain = 2 [(treaty.v1.field) = { mask: MASK_HASH }];
   |                                           ^^^^^^^^^^^^^^^
  help: add `debug_redact = true`, or a sensitivity of PII, PAYMENT or SECRET
"###);
}

#[test]
fn ends_and_numbers() {
    insta::assert_snapshot!(report(r#"
service S {
  option (treaty.v1.service) = {
    owner: "p" allow: "p/web"
    eject: { min_success_percent: 101 }
    rollout: { steps: [10, 5, 100] }
  };
  rpc Early(M) returns (M) { option (treaty.v1.method).sunset = "2027-06-30"; }
  rpc Never(M) returns (M) {
    option deprecated = true;
    option (treaty.v1.method) = { sunset: "2027-02-29" replaced_by: "Later" };
  }
  rpc Gone(M) returns (M) { option (treaty.v1.method).replaced_by = "p.v1.S/Missing"; }
  rpc Elsewhere(M) returns (M) { option (treaty.v1.method).replaced_by = "q.v1.T/There"; }
  rpc Often(M) returns (M) { option (treaty.v1.method).limit = { burst: 3 }; }
}
message M {}"#), @r###"
Error[bad-percent] p.proto:7:14: eject.min_success_percent: 101 is no percentage
  |
7 |     eject: { min_success_percent: 101 }
  |              ^^^^^^^^^^^^^^^^^^^^^^^^
  help: write a number from 1 to 100
Error[bad-rollout-steps] p.proto:8:16: rollout.steps: [10, 5, 100] does not rise from above 0 to 100
  |
8 |     rollout: { steps: [10, 5, 100] }
  |                ^^^^^^^^^^^^^^^^^^^
  help: write for example [1, 10, 50, 100]
Error[sunset-without-deprecated] p.proto:10:30: p.v1.S/Early goes on 2027-06-30, and does not say that it is deprecated
   |
10 |   rpc Early(M) returns (M) { option (treaty.v1.method).sunset = "2027-06-30"; }
   |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: add `option deprecated = true;`, so that generated code warns its callers
Error[bad-sunset] p.proto:13:35: p.v1.S/Never: "2027-02-29" is no day
   |
13 |     option (treaty.v1.method) = { sunset: "2027-02-29" replaced_by: "Later" };
   |                                   ^^^^^^^^^^^^^^^^^^^^
  help: write it as "2027-06-30"
Error[bad-replacement] p.proto:13:56: p.v1.S/Never: "Later" is no method
   |
13 |     option (treaty.v1.method) = { sunset: "2027-02-29" replaced_by: "Later" };
   |                                                        ^^^^^^^^^^^^^^^^^^^^
  help: write "package.Service/Method"
Error[bad-replacement] p.proto:15:29: p.v1.S/Gone: p.v1.S has no method Missing
   |
15 |   rpc Gone(M) returns (M) { option (treaty.v1.method).replaced_by = "p.v1.S/Missing"; }
   |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: name a method that is there
Error[limit-incomplete] p.proto:17:30: p.v1.S/Often: a limit needs `requests` and `per`
   |
17 |   rpc Often(M) returns (M) { option (treaty.v1.method).limit = { burst: 3 }; }
   |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write for example { requests: 100 per: "1s" }
"###);
}

#[test]
fn a_statement_is_underlined_and_nothing_else() {
    let shown = |line: &str, column: u32| {
        let origin = crate::Origin::At { file: "a".into(), line: 1, column };
        let excerpt = Excerpt::of(&origin, line).unwrap();
        let meant: String = excerpt.text.chars().skip(excerpt.indent).take(excerpt.width).collect();
        meant
    };
    assert_eq!(shown("rpc A(M) returns (M) {", 1), "rpc A(M) returns (M)");
    assert_eq!(shown("option (a.b) = {", 1), "option (a.b)");
    assert_eq!(shown("  option x = \"a;b\"; // c", 3), "option x = \"a;b\"");
    assert_eq!(shown("{ allow: \"a\" timeout: \"1s\" }", 3), "allow: \"a\"");
    assert_eq!(shown("{ requests: 3 per: \"1s\" }", 3), "requests: 3");
    assert_eq!(shown("retry { attempts: 3 } limit", 1), "retry { attempts: 3 }");
    assert_eq!(shown("string é = 1 [a = true, (b).c = 2];", 16), "a = true");
    assert_eq!(shown("x", 1), "x");
    let beyond = crate::Origin::At { file: "a".into(), line: 9, column: 9 };
    assert_eq!(Excerpt::of(&beyond, "x"), None);
    let inside_of_a_character = crate::Origin::At { file: "a".into(), line: 1, column: 2 };
    assert_eq!(Excerpt::of(&inside_of_a_character, "é"), None);
}

#[test]
fn a_flood_is_bounded_and_no_warning_hides_an_error() {
    let methods = |count: usize, options: &str| -> String {
        (0..count).map(|n| format!("  rpc M{n}(M) returns (M) {{ {options} }}\n")).collect()
    };
    let of = |methods: &str| {
        let source = format!(
            "syntax = \"proto3\";\npackage p.v1;\nimport \"treaty/v1/options.proto\";\n\
             service S {{\n  option (treaty.v1.service) = {{ owner: \"p\" }};\n{methods}}}\nmessage M {{}}\n"
        );
        Contract::read(compile::texts(&[("p.proto", &source)]).unwrap().bytes).unwrap()
    };
    let retry = "option (treaty.v1.method) = { retry: { attempts: 2 } };";
    // Every method is one that nobody may call (a warning); the last one is refused.
    let hidden = of(&(methods(1500, "") + &methods(1, retry).replace("M0", "Last")));
    let found = lint(&hidden);
    assert_eq!(found.len(), 1 + 1000 + 1);
    assert_eq!(found[0].rule, "retry-without-idempotency");
    assert_eq!(found[1001].rule, "findings-omitted");
    assert_eq!(found[1001].message, "and 501 more warnings");
    let (shown, count) = errors(&of(&methods(1200, retry)), 20);
    assert_eq!((shown.len(), count), (20, 1200));
    assert_eq!(errors(&hidden, 20).0.len(), 1);
}
