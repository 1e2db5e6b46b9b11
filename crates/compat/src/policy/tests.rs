//! Promises that were made, and taken back.

use crate::{Date, Settings, Verdict, breaking, judge, party::Party, settings::Usage};

fn party(service: &str, method: &str) -> Party {
    let text = format!(
        r#"
        syntax = "proto3";
        package t.v1;
        import "treaty/v1/options.proto";
        message M {{}}
        service S {{
          {service}
          rpc Do(M) returns (M) {{ {method} }}
        }}"#
    );
    Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
}

fn lines<'v>(verdicts: impl IntoIterator<Item = &'v Verdict>) -> Vec<String> {
    let findings = verdicts.into_iter().flat_map(Verdict::findings);
    findings
        .map(|found| {
            let when = found.when.as_ref().map_or(String::new(), |when| format!(" ({when})"));
            format!(
                "{} {}{when}: {} → {}\n  {}\n  {}",
                found.level, found.rule, found.written.text, found.read.text, found.message, found.remedy
            )
        })
        .collect()
}

fn change(old: (&str, &str), new: (&str, &str), settings: &Settings<'_>) -> String {
    let (old, new) = (party(old.0, old.1), party(new.0, new.1));
    lines(&breaking(&old, &new, settings)).join("\n")
}

fn of_method(old: &str, new: &str) -> String {
    let allow = "option (treaty.v1.service).allow = \"*\";";
    change((allow, old), (allow, new), &Settings::default())
}

const ALLOW: &str = "option (treaty.v1.service) = { allow: [\"shop/orders\", \"shop/web\"] };";
const FEWER: &str = "option (treaty.v1.service) = { allow: [\"shop/web\"] };";

#[test]
fn callers_that_are_dropped_are_named() {
    insta::assert_snapshot!(change((ALLOW, ""), (FEWER, ""), &Settings::default()));
    let any = "option (treaty.v1.service).allow = \"*\";";
    assert_eq!(change((ALLOW, ""), (any, ""), &Settings::default()), "");
    assert!(
        change((any, ""), (ALLOW, ""), &Settings::default()).contains("workloads that `allow` does not name")
    );
}

#[test]
fn one_caller_is_told_about_itself_only() {
    let asked = |caller| {
        let settings = Settings { caller: Some(caller), ..Settings::default() };
        let (old, new) = (party(ALLOW, ""), party(FEWER, ""));
        lines([&judge(&old, &new, "t.v1.S", &Usage::default(), &settings)]).len()
    };
    assert_eq!(["shop/orders", "shop/web", "shop/other"].map(asked), [1, 0, 0]);
}

#[test]
fn what_is_public_concerns_the_gateway() {
    let public = "option (treaty.v1.service) = { allow: [\"shop/web\"], public: true };";
    let scopes = "option (treaty.v1.method).scopes = \"orders.read\";";
    insta::assert_snapshot!(change((public, ""), (FEWER, ""), &Settings::default()));
    insta::assert_snapshot!(change((public, ""), (public, scopes), &Settings::default()));
    let gateway = Settings { caller: Some("treaty/gateway"), ..Settings::default() };
    let other = Settings { caller: Some("shop/web"), ..Settings::default() };
    assert!(change((public, ""), (FEWER, ""), &gateway).contains("public-withdrawn"));
    assert_eq!(change((public, ""), (FEWER, scopes), &other), "");
}

#[test]
fn limits_that_fell_say_from_where_on() {
    let table = [
        ("", "option (treaty.v1.method).max_request_bytes = 1024;"),
        (
            "option (treaty.v1.method).max_response_bytes = 9000;",
            "option (treaty.v1.method).max_response_bytes = 900;",
        ),
        ("", "option (treaty.v1.method).timeout = \"1s\";"),
        ("option (treaty.v1.method).timeout = \"1s\";", "option (treaty.v1.method).timeout = \"2s\";"),
        ("", "option (treaty.v1.method).limit = { requests: 10, per: \"1s\" };"),
        (
            "option (treaty.v1.method).limit = { requests: 10, per: \"1s\", by: BY_CALLER };",
            "option (treaty.v1.method).limit = { requests: 600, per: \"1m\", by: BY_CALLER };",
        ),
        (
            "option (treaty.v1.method).limit = { requests: 10, per: \"1s\", burst: 5, by: BY_CALLER };",
            "option (treaty.v1.method).limit = { requests: 10, per: \"1s\", burst: 5, by: BY_METHOD };",
        ),
        ("", "option (treaty.v1.method).criticality = SHEDDABLE;"),
    ];
    insta::assert_snapshot!(table.map(|(old, new)| of_method(old, new)).join("\n--\n"));
}

/// 600 a minute may be 600 in a second; 10 a second are 600 a minute, and never more.
#[test]
fn a_rate_is_held_in_the_time_of_the_new_one_and_in_the_long_run() {
    let of = |requests: u32, per: &str, burst: u32| {
        format!(
            "option (treaty.v1.method).limit = {{ requests: {requests}, per: \"{per}\", burst: {burst}, by: BY_CALLER }};"
        )
    };
    let lowered = |old: String, new: String| of_method(&old, &new).contains("rate-lowered");
    assert!(lowered(of(600, "60s", 0), of(10, "1s", 0)));
    assert!(lowered(of(15, "1.5s", 0), of(20, "2s", 0)), "30 in two seconds");
    assert!(lowered(of(10, "1s", 0), of(10, "2s", 10)), "half as many in the long run");
    assert!(lowered(of(10, "1s", 5), of(10, "1s", 4)));
    assert!(!lowered(of(10, "1s", 5), of(15, "1s", 0)));
    assert!(!lowered(of(10, "1s", 0), of(600, "60s", 0)));
}

/// Of each method, whatever anybody was built for.
#[test]
fn limits_that_fell_are_found_without_a_caller() {
    let service = |method: &str| {
        let party = party("option (treaty.v1.service) = { allow: \"*\" };", method);
        party.contract.service("t.v1.S").unwrap().clone()
    };
    let small =
        "option (treaty.v1.method) = { max_request_bytes: 9, criticality: SHEDDABLE, stability: BETA };";
    let lowered = crate::lowered_limits(&service(""), &service(small));
    let [method] = lowered.as_slice() else { panic!("{lowered:?}") };
    assert_eq!((method.path.method(), method.stability), ("Do", contract::Stability::Stable));
    let [found] = method.findings.as_slice() else { panic!("{method:?}") };
    assert_eq!((found.rule, found.bound), ("size-limit-lowered", Some(crate::Bound::RequestBytes(9))));
    assert!(crate::lowered_limits(&service(small), &service("")).is_empty());
}

#[test]
fn promises_taken_back() {
    let table = [
        ("option idempotency_level = IDEMPOTENT;", ""),
        ("option idempotency_level = NO_SIDE_EFFECTS;", "option idempotency_level = IDEMPOTENT;"),
        ("", "option idempotency_level = IDEMPOTENT;"),
        (
            "option idempotency_level = IDEMPOTENT;",
            "option idempotency_level = IDEMPOTENT; option (treaty.v1.method).retry.attempts = 2;",
        ),
        ("", "option (treaty.v1.method).stability = BETA;"),
        (
            "",
            "option deprecated = true; option (treaty.v1.method) = { sunset: \"2026-03-01\", replaced_by: \"t.v1.S/Other\" };",
        ),
    ];
    insta::assert_snapshot!(table.map(|(old, new)| of_method(old, new)).join("\n--\n"));
    let rules_or_not = "option (treaty.v1.method).validate.requests = NOBODY;";
    assert_eq!(of_method(rules_or_not, ""), "", "M has no rules that could be held");
}

#[test]
fn callers_that_came_at_once_may_wait() {
    let of =
        |number: u32| format!("option (treaty.v1.service) = {{ allow: \"*\", max_in_flight: {number} }};");
    let said = |was: u32, is: u32| change((&of(was), ""), (&of(is), ""), &Settings::default());
    insta::assert_snapshot!(said(100, 1));
    assert!(said(0, 5).contains("max_in_flight = unlimited → max_in_flight = 5"));
    assert_eq!([said(1, 100), said(5, 0), said(7, 7)].concat(), "");
}

#[test]
fn what_the_mesh_no_longer_does_for_callers() {
    const TWICE: &str = "option idempotency_level = IDEMPOTENT; option (treaty.v1.method)";
    let table = [
        (".retry = { per_try: \"400ms\" };", ".retry = { per_try: \"200ms\" };"),
        (".retry = { attempts: 3 };", ".retry = { attempts: 3, per_try: \"200ms\" };"),
        // Behind the deadline of the call.
        (".retry = { attempts: 3 };", ".retry = { attempts: 3, per_try: \"20s\" };"),
        (".retry = { per_try: \"200ms\" };", ".retry = { per_try: \"400ms\" };"),
        (".retry = { on: [UNAVAILABLE, ABORTED] };", ".retry = { on: [UNAVAILABLE] };"),
        (".retry = { on: [UNAVAILABLE] };", ".retry = { on: [UNAVAILABLE, ABORTED] };"),
        (".hedge = { attempts: 2, delay: \"50ms\" };", ".retry = { attempts: 3 };"),
        (".hedge = { attempts: 3, delay: \"50ms\" };", ".hedge = { attempts: 2, delay: \"50ms\" };"),
        (".hedge = { attempts: 2, delay: \"50ms\" };", ".hedge = { attempts: 2, delay: \"20ms\" };"),
    ];
    let said = table.map(|(old, new)| of_method(&format!("{TWICE}{old}"), &format!("{TWICE}{new}")));
    insta::assert_snapshot!(said.join("\n--\n"));
}

/// What is written is what the provider says, in a response: else both sides would be told apart the wrong way.
#[test]
fn a_smaller_response_is_written_by_the_provider() {
    let of = |bytes: u32| {
        party(
            "option (treaty.v1.service).allow = \"*\";",
            &format!("option (treaty.v1.method).max_response_bytes = {bytes};"),
        )
    };
    let verdicts = breaking(&of(9000), &of(900), &Settings::default());
    let found: Vec<_> = verdicts.iter().flat_map(Verdict::findings).collect();
    assert_eq!(found[0].written.text, "max_response_bytes = 900");
    assert_eq!(found[0].read.text, "max_response_bytes = 9000");
}

#[test]
fn a_sunset_passes_on_the_day_after_it() {
    let method = "option deprecated = true; option (treaty.v1.method).sunset = \"2026-03-01\";";
    let on = |today: Date| {
        let settings = Settings { today: Some(today), ..Settings::default() };
        change(("", method), ("", method), &settings).contains("sunset-passed")
    };
    assert_eq!([(2026, 2, 28), (2026, 3, 1), (2026, 3, 2), (2027, 1, 1)].map(on), [false, false, true, true]);
}

#[test]
fn a_sunset_that_comes_sooner_is_told() {
    let of = |day: &str| format!("option deprecated = true; option (treaty.v1.method).sunset = \"{day}\";");
    let said = |was: &str, is: &str| {
        let text = change(("", was), ("", is), &Settings::default());
        if text.contains("sunset-earlier") { text } else { String::new() }
    };
    insta::assert_snapshot!(said(&of("2026-12-31"), &of("2026-03-01")));
    assert_eq!(
        [said(&of("2026-03-01"), &of("2026-12-31")), said(&of("2026-03-01"), &of("2026-03-01"))].concat(),
        ""
    );
    assert_eq!([said("", &of("2026-03-01")), said(&of("2026-03-01"), "")].concat(), "");
}

#[test]
fn another_owner_is_told_once() {
    let of = |owner: &str| {
        party(
            &format!(
                "option (treaty.v1.service) = {{ owner: \"{owner}\" allow: \"*\" }}; rpc Other(M) returns (M);"
            ),
            "",
        )
    };
    let said = |was: &str, is: &str| lines(&breaking(&of(was), &of(is), &Settings::default())).join("\n");
    insta::assert_snapshot!(format!("{}\n{}", said("till", "desk"), said("till", "")));
    assert_eq!([said("", "till"), said("till", "till")].concat(), "");
}

/// A message within messages, of another name than before, so that fields are known by their numbers alone.
fn shown(name: &str, field: &str, public: bool) -> Party {
    let text = format!(
        r#"
        syntax = "proto3";
        package t.v1;
        import "treaty/v1/options.proto";
        message Ask {{ repeated {name} lines = 1; map<string, Ask> more = 2; }}
        message {name} {{ string customer = 4 {field}; string other = 5; }}
        service S {{
          option (treaty.v1.service) = {{ allow: ["shop/web", "shop/till"], public: {public} }};
          rpc Do(Ask) returns (Ask);
        }}"#
    );
    Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
}

fn of_field(was: &str, is: &str, caller: Option<&str>) -> Vec<String> {
    let settings = Settings { caller, ..Settings::default() };
    lines(&breaking(&shown("Line", was, true), &shown("Row", is, true), &settings))
}

#[test]
fn a_field_that_must_equal_a_claim_now_is_told_to_whom_has_tokens() {
    let claim = |claim: &str| format!("[(treaty.v1.field).claim = \"{claim}\"]");
    insta::assert_snapshot!(of_field("", &claim("sub"), None).join("\n"));
    let changed = of_field(&claim("sub"), &claim("org"), Some("treaty/gateway"));
    assert!(changed[0].contains("claim = \"sub\" → claim = \"org\""), "{changed:?}");
    assert_eq!(of_field("", &claim("sub"), Some("shop/web")), [""; 0], "the token is the gateway's to read");
    assert_eq!(
        [of_field(&claim("sub"), "", None), of_field(&claim("sub"), &claim("sub"), None)].concat(),
        [""; 0]
    );
    let closed = |field: &str| shown("Line", field, false);
    let gateway = Settings { caller: Some("treaty/gateway"), ..Settings::default() };
    for settings in [gateway, Settings::default()] {
        assert_eq!(lines(&breaking(&closed(""), &closed(&claim("sub")), &settings)), [""; 0]);
    }
}

#[test]
fn a_field_that_fewer_see_is_told_to_those_who_do_not() {
    let to = |who: &str| format!("[(treaty.v1.field) = {{ visible_to: [{who}] }}]");
    let (till, both) = (to("\"shop/till\""), to("\"shop/till\", \"shop/web\""));
    insta::assert_snapshot!(of_field("", &till, None).join("\n"));
    insta::assert_snapshot!(of_field(&both, &till, Some("shop/web")).join("\n"));
    let verdicts = breaking(&shown("Line", "", true), &shown("Row", &till, true), &Settings::default());
    let found = verdicts.iter().flat_map(Verdict::findings).next().unwrap();
    assert_eq!((found.path.as_str(), &*found.numbers), ("Ask.lines[].customer", &[1, 4][..]));
    assert!(of_field(&both, &till, None)[0].contains("for `shop/web`"));
    // What there was none of cannot be left as it was.
    let remedy =
        |was: &str, caller| of_field(was, &till, caller).join("\n").lines().last().unwrap().trim().to_owned();
    assert_eq!(remedy(&both, None), "leave in `visible_to` whoever still reads it");
    assert_eq!(
        remedy("", Some("shop/web")),
        "do without `visible_to`, or name \"shop/web\" in it while it reads the field"
    );
    for (was, is, caller) in [
        (&*till, "", None),
        (&*till, &*both, None),
        (&*till, &*till, None),
        ("", &*till, Some("shop/till")),
        (&*till, &*to("\"shop/other\""), Some("shop/web")),
        (&*till, &*to("\"*\""), Some("shop/till")),
        ("", &*to("\"treaty/gateway\""), Some("treaty/gateway")),
        (&*both, &*till, Some("treaty/gateway")),
    ] {
        assert_eq!(of_field(was, is, caller), [""; 0], "{was} → {is}");
    }
    let scope = to("\"orders.read\", \"shop/till\"");
    assert!(of_field(&scope, &till, Some("treaty/gateway"))[0].contains("for `orders.read`"));
}
