//! What is gone, and who streams.

use crate::{Settings, Verdict, breaking, party::Party};

fn party(package: &str, services: &str) -> Party {
    let text = format!(
        r#"
        syntax = "proto3";
        package {package};
        import "treaty/v1/options.proto";
        message M {{}}
        message N {{ int32 n = 1; }}
        {services}"#
    );
    Party::read(contract::compile::texts(&[("t.proto", &text)]).unwrap().bytes).unwrap()
}

fn change(old: (&str, &str), new: (&str, &str)) -> String {
    let verdicts = breaking(&party(old.0, old.1), &party(new.0, new.1), &Settings::default());
    let findings = verdicts.iter().flat_map(Verdict::findings);
    let line = |found: &crate::Finding| {
        let of = found.method.as_ref().map_or("-", |path| path.as_str());
        let when = found.when.as_ref().map_or(String::new(), |when| format!(" ({when})"));
        format!("{} {} {of}{when}: {}\n  {}", found.level, found.rule, found.message, found.remedy)
    };
    findings.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_gone_says_what_to_do() {
    let service = "service S { rpc Place(M) returns (N); rpc Get(N) returns (M); }";
    let replaced = "service S { rpc Place(M) returns (N) {
        option deprecated = true; option (treaty.v1.method).replaced_by = \"t.v1.S/Put\"; } }";
    let table = [
        (("t.v1", service), ("t.v1", "service S { rpc Place(M) returns (N); }")),
        (("t.v1", service), ("t.v1", "service S { rpc Place(M) returns (N); rpc Fetch(N) returns (M); }")),
        (("t.v1", service), ("t.v1", "service S { rpc Place(M) returns (N); rpc Gets(M) returns (M); }")),
        (("t.v1", replaced), ("t.v1", "service S {}")),
        (("t.v1", service), ("t.v1", "service Other { rpc Place(M) returns (N); rpc Get(N) returns (M); }")),
        (("t.v1", service), ("t.v2", service)),
    ];
    insta::assert_snapshot!(table.map(|(old, new)| change(old, new)).join("\n--\n"));
}

#[test]
fn who_streams() {
    let shape =
        |request: &str, response: &str| format!("service S {{ rpc Do({request}M) returns ({response}M); }}");
    let all = [("", ""), ("stream ", ""), ("", "stream "), ("stream ", "stream ")];
    let mut lines = Vec::new();
    for old in all {
        for new in all.into_iter().filter(|new| *new != old) {
            let found = change(("t.v1", &shape(old.0, old.1)), ("t.v1", &shape(new.0, new.1)));
            let short = found.lines().filter(|line| !line.starts_with(' ')).collect::<Vec<_>>().join("\n  ");
            lines.push(format!("({}M) → {}M; ({}M) → {}M:\n  {short}", old.0, old.1, new.0, new.1));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}
