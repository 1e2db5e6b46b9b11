//! Each form, of the same findings.

use super::{Finding, Format, Level, Place, Report, RuleHelp};
use contract::{Excerpt, Origin};
use serde_json::{Map, Value, json};

fn place(line: u32, column: u32, source: &str) -> Place {
    let origin = Origin::At { file: "shop/v1/till.proto".into(), line, column };
    let excerpt = Excerpt::of(&origin, &format!("{}{source}", "\n".repeat(line as usize - 1)));
    Place { origin, path: Some("proto/shop/v1/till, 100%.proto".into()), excerpt }
}

fn report() -> Report {
    let odd = place(7, 3, "  rpc Pay(PayRequest) returns (PayResponse);");
    let mut first = Finding::new(
        Level::Error,
        "retry-on-ok",
        "Pay is tried again:\n100% of the time".to_owned(),
        "name failures, for example UNAVAILABLE".to_owned(),
        odd.clone(),
    );
    first.related.push(("the consumer reads it here".to_owned(), place(2, 1, "message é {")));
    first.notes.push(("example", "08 01\n10 02".to_owned()));
    first.details.insert("method".to_owned(), "shop.v1.Till/Pay".into());
    let second =
        Finding::new(Level::Warning, "missing-owner", "nobody answers".into(), String::new(), odd.clone());
    let nowhere = Finding::new(Level::Note, "unsound", "it is odd".into(), String::new(), Place::default());
    let hidden = Finding { suppressed: Some("the till is old".into()), ..second.clone() };
    let rule = |id, level| RuleHelp {
        id,
        summary: format!("about {id}"),
        help: "**Why.**".into(),
        level,
        tags: vec!["semantic".into()],
    };
    Report {
        findings: vec![first, second.clone(), second, nowhere],
        suppressed: vec![hidden],
        rules: vec![
            rule("missing-owner", Level::Warning),
            rule("never-broken", Level::Error),
            rule("retry-on-ok", Level::Error),
        ],
        conclusion: "1 error and 2 warnings".into(),
        totals: Map::from_iter([("services".to_owned(), 1.into())]),
    }
}

#[test]
fn people() {
    let shown = anstream::adapter::strip_str(&report().show(Format::Human)).to_string();
    insta::assert_snapshot!(shown);
}

#[test]
fn json_of_a_finding_holds_its_details() {
    let shown: Value = serde_json::from_str(&report().show(Format::Json)).unwrap();
    assert_eq!((&shown["errors"], &shown["warnings"], &shown["services"]), (&1.into(), &2.into(), &1.into()));
    let first = &shown["findings"][0];
    assert_eq!(
        (&first["severity"], &first["line"], &first["column"]),
        (&"error".into(), &7.into(), &3.into())
    );
    assert_eq!(first["method"], "shop.v1.Till/Pay");
    assert_eq!(first["related"][0]["message"], "the consumer reads it here");
    assert_eq!(shown["findings"][3]["line"], Value::Null);
}

#[test]
fn workflow_commands_are_escaped() {
    insta::assert_snapshot!(report().show(Format::Github));
}

#[test]
fn sarif() {
    let text = report().show(Format::Sarif).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text);
}

/// What the schema of SARIF 2.1.0 and GitHub's reader ask for, member by member.
#[test]
fn sarif_is_what_its_readers_ask_for() {
    let log: Value = serde_json::from_str(&report().show(Format::Sarif)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2, "rules that nothing breaks are left out");
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
    }
    let results = run["results"].as_array().unwrap();
    for result in results {
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string() && result["locations"].is_array());
        if let Some(at) = result["ruleIndex"].as_u64() {
            assert_eq!(rules[usize::try_from(at).unwrap()]["id"], result["ruleId"]);
        }
    }
    let print = |at: usize| results[at]["partialFingerprints"]["treatyFinding/v1"].as_str().unwrap();
    assert_ne!(print(1), print(2), "two that look the same are told apart");
    assert_eq!(
        results[4]["suppressions"],
        json!([{
            "kind": "inSource", "status": "accepted", "justification": "the till is old"
        }])
    );
    let uri = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "proto/shop/v1/till%2C%20100%25.proto");
}
