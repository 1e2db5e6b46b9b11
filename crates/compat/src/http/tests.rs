//! Bindings before and after.

use crate::{Settings, Verdict, breaking, party::Party};

fn party(message: &str, http: &str) -> Party {
    let text = format!(
        r#"
        syntax = "proto3";
        package t.v1;
        import "google/api/annotations.proto";
        message M {{ {message} }}
        message R {{ string a = 1; M inner = 2; }}
        service S {{ rpc Do(M) returns (R) {{ option (google.api.http) = {{ {http} }}; }} }}"#
    );
    Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
}

const MESSAGE: &str = "string name = 1; int32 page = 2; R item = 3;";

fn change(old: (&str, &str), new: (&str, &str)) -> Vec<String> {
    let verdicts = breaking(&party(old.0, old.1), &party(new.0, new.1), &Settings::default());
    let findings = verdicts.iter().flat_map(Verdict::findings);
    let ours = findings.filter(|found| found.rule.starts_with("http-"));
    ours.map(|found| {
        assert_eq!(found.encoding, Some(crate::Encoding::Json));
        assert!(found.written.origin.position().is_some() || found.read.origin.position().is_some());
        format!(
            "{}: {} → {}\n  {}\n  {}",
            found.rule, found.written.text, found.read.text, found.message, found.remedy
        )
    })
    .collect()
}

#[test]
fn bindings_that_no_longer_reach_the_method() {
    let table = [
        ("get: '/v1/a'", "post: '/v1/a'"),
        ("get: '/v1/a'", "get: '/v2/a'"),
        ("get: '/v1/a'", "get: '/v1/a/{page}'"),
        ("get: '/v1/{name=a/*}'", "get: '/v1/{name=b/*}'"),
        ("get: '/v1/{name=**}'", "get: '/v1/{name=a/*}'"),
        ("get: '/v1/{name}'", "get: '/v1/{page}'"),
        ("get: '/v1/a'", "get: '/v1/{name}'"),
        ("post: '/v1/a'", "post: '/v1/a' body: '*'"),
        ("post: '/v1/a' body: '*'", "post: '/v1/a' body: 'item'"),
        ("post: '/v1/a' body: 'item'", "post: '/v1/a'"),
        ("get: '/v1/a'", "get: '/v1/a' response_body: 'inner'"),
        ("get: '/v1/a' additional_bindings { get: '/v1/b/{name}' }", "get: '/v1/a'"),
        ("get: '/v1/a'", "custom { kind: 'HEAD' path: '/w' }"),
    ];
    let found = table.map(|(old, new)| change((MESSAGE, old), (MESSAGE, new)).join("\n"));
    insta::assert_snapshot!(found.join("\n--\n"));
}

#[test]
fn bindings_that_still_do() {
    let table = [
        ("get: '/v1/a'", "get: '/v1/a' additional_bindings { get: '/v2/a' }"),
        ("get: '/v1/a'", "get: '/v2/a' additional_bindings { get: '/v1/a' }"),
        ("get: '/v1/{name=a/*}'", "get: '/v1/{name=a/**}'"),
        ("get: '/v1/a'", "custom { kind: '*' path: '/v1/a' }"),
    ];
    for (old, new) in table {
        assert_eq!(change((MESSAGE, old), (MESSAGE, new)), [""; 0], "{old} → {new}");
    }
    // A field that is called something else is the same part of the path.
    let renamed = MESSAGE.replace("string name", "string title");
    let found = change((MESSAGE, "get: '/v1/{name}'"), (&renamed, "get: '/v1/{title}'"));
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_part_of_the_path_that_the_caller_does_not_know_changes_nothing_for_it() {
    let new = format!("{MESSAGE} string collection = 4;");
    let said = change((MESSAGE, "get: '/v1/books'"), (&new, "get: '/v1/{collection}'"));
    assert_eq!(said, [""; 0]);
}

#[test]
fn very_many_routes_are_counted() {
    let many = |prefix: &str| -> String {
        let more = (1..250).map(|n| format!("additional_bindings {{ get: '/{prefix}/{n}' }} "));
        [format!("get: '/{prefix}/0' ")].into_iter().chain(more).collect()
    };
    assert_eq!(change((MESSAGE, &many("v1")), (MESSAGE, &many("v2"))).len(), 64);
    assert_eq!(change((MESSAGE, &many("v1")), (MESSAGE, &many("v1"))), [""; 0]);
}

#[test]
fn another_method_takes_paths() {
    let two = |other: &str, service: &str, method: &str| {
        let text = format!(
            r#"
            syntax = "proto3";
            package t.v1;
            import "google/api/annotations.proto";
            import "treaty/v1/options.proto";
            message M {{ string name = 1; }}
            service S {{
              option (treaty.v1.service) = {{ allow: "*" {service} }};
              rpc Do(M) returns (M) {{ option (google.api.http) = {{ get: '/v1/{{name=things/*}}' }}; }}
              rpc Other(M) returns (M) {{ option (google.api.http) = {{ {other} }}; {method} }}
            }}"#
        );
        Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
    };
    let old = "get: '/v1/others'";
    let said_of = |new: &str, service: &str, method: &str, caller| {
        let verdicts = breaking(
            &two(old, service, method),
            &two(&format!("{old} additional_bindings {{ {new} }}"), service, method),
            &Settings { caller, ..Settings::default() },
        );
        let findings =
            verdicts.iter().flat_map(Verdict::findings).filter(|found| found.rule == "http-route-taken");
        let shown = findings.map(|found| {
            format!("{:?} {}: {}", found.level, found.when.as_deref().unwrap_or("always"), found.message)
        });
        shown.collect::<Vec<_>>().join("\n")
    };
    let said = |new: &str| said_of(new, "public: true", "", None);
    let table = [
        "get: '/v1/things/special'",
        "get: '/v1/{name=things/*}'",
        "get: '/v1/things/*'",
        // A gateway takes what says more.
        "get: '/v1/**'",
        "post: '/v1/things/special'",
        "get: '/v1/things/special:go'",
        "get: '/v1/*/special'",
        // Known, under another name.
        "get: '/v1/{name=others}'",
    ];
    let lines = table.map(|new| format!("{new}\n  {}", said(new)));
    insta::assert_snapshot!(lines.join("\n"));
    // No gateway routes what is not public, and no workload asks it.
    let inner = "option (treaty.v1.method).public = false;";
    for (service, method, caller) in
        [("", "", None), ("public: true", inner, None), ("public: true", "", Some("shop/web"))]
    {
        assert_eq!(said_of(table[0], service, method, caller), "", "{service} {method} {caller:?}");
    }
    assert_ne!(said_of(table[0], "public: true", "", Some("treaty/gateway")), "");
}

#[test]
fn bindings_beyond_those_that_are_compared_are_said() {
    let many = |last: &str| -> String {
        let more = (1..256).map(|n| format!("additional_bindings {{ get: '/v1/{n}' }} "));
        ["get: '/v1/0' ".to_owned()]
            .into_iter()
            .chain(more)
            .chain([format!("additional_bindings {{ get: '{last}' }}")])
            .collect()
    };
    let said = |old: &str, new: &str| {
        let verdicts = breaking(&party(MESSAGE, old), &party(MESSAGE, new), &Settings::default());
        let findings = verdicts.iter().flat_map(Verdict::findings);
        findings.map(|found| format!("{} {}: {}", found.level, found.rule, found.message)).collect::<Vec<_>>()
    };
    assert_eq!(
        said(&many("/v1/last"), &many("/v1/other")),
        [
            "BREAKING comparison-too-large: 1 HTTP bindings lie beyond the first that are compared: they changed, and \
          nobody can tell whether callers keep theirs"
        ]
    );
    assert_eq!(
        said(&many("/v1/last"), &many("/v1/last")),
        [
            "SAFE comparison-too-large: 1 HTTP bindings lie beyond the first that are compared: they say the same as \
          before, and what they mean was not compared"
        ]
    );
    assert_eq!(said("get: '/v1/0'", "get: '/v1/0'"), [""; 0]);
}

#[test]
fn new_bindings_that_nobody_looks_at_are_counted_once() {
    let with = |count: usize| {
        let more: String = (0..count)
            .map(|n| {
                format!("rpc New{n}(M) returns (M) {{ option (google.api.http) = {{ get: '/v2/{n}' }}; }} ")
            })
            .collect();
        let text = format!(
            r#"
            syntax = "proto3";
            package t.v1;
            import "google/api/annotations.proto";
            import "treaty/v1/options.proto";
            message M {{}}
            service S {{
              option (treaty.v1.service) = {{ allow: "*" public: true }};
              rpc One(M) returns (M) {{ option (google.api.http) = {{ get: '/v1/one' }}; }}
              rpc Two(M) returns (M) {{ option (google.api.http) = {{ get: '/v1/two' }}; }}
              {more}
            }}"#
        );
        Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
    };
    let verdicts = breaking(&with(0), &with(260), &Settings::default());
    let said: Vec<_> =
        verdicts.iter().flat_map(Verdict::findings).map(|found| found.message.as_str()).collect();
    assert_eq!(
        said,
        ["of 260 new HTTP bindings of the contract 4 were not looked at: they may take paths of others"]
    );
}
