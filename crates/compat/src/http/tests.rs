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
    let two = |other: &str| {
        let text = format!(
            r#"
            syntax = "proto3";
            package t.v1;
            import "google/api/annotations.proto";
            message M {{ string name = 1; }}
            service S {{
              rpc Do(M) returns (M) {{ option (google.api.http) = {{ get: '/v1/{{name=things/*}}' }}; }}
              rpc Other(M) returns (M) {{ option (google.api.http) = {{ {other} }}; }}
            }}"#
        );
        Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
    };
    let old = "get: '/v1/others'";
    let said = |new: &str| {
        let verdicts = breaking(
            &two(old),
            &two(&format!("{old} additional_bindings {{ {new} }}")),
            &Settings::default(),
        );
        let findings =
            verdicts.iter().flat_map(Verdict::findings).filter(|found| found.rule == "http-route-taken");
        let shown = findings.map(|found| {
            format!("{:?} {}: {}", found.level, found.when.as_deref().unwrap_or("always"), found.message)
        });
        shown.collect::<Vec<_>>().join("\n")
    };
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
}
