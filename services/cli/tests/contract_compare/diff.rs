//! What changed, in words.

use crate::support::{json, said, text, treaty, versions};

#[test]
fn nothing_is_said_of_what_did_not_change() {
    let folder = versions(str::to_owned);
    let output = treaty(folder.path(), &["diff", "old", "new", "--exit-code"]);
    assert_eq!(said(&output), (0, "nothing changed between old and new\n".to_owned()));
}

#[test]
fn changes_are_grouped_by_what_they_mean() {
    let folder = versions(|text| {
        text.replace(
            "  rpc Refund(PayRequest) returns (PayResponse);\n",
            "  rpc Count(CountRequest) returns (CountResponse);\n",
        )
        .replace(
            "enum Colour {",
            "message CountRequest {}\nmessage CountResponse {\n  int64 number = 1;\n}\nenum Colour {",
        )
        .replace("timeout: \"2s\" }", "timeout: \"1s\" } max_in_flight: 10")
        .replace("allow: \"shop/web\"", "allow: [\"shop/web\", \"shop/app\"]")
        .replace(
            "string receipt = 1;",
            "string receipt = 1;\n  // What was given for it.\n  string note = 3;",
        )
        .replace("// An amount.", "// An amount of money.")
        .replace("string customer = 1;", "string customer = 1 [deprecated = true];")
    });
    let output = treaty(folder.path(), &["diff", "old", "new"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output.stdout));
    let report = json(&treaty(folder.path(), &["diff", "old", "new", "--output", "json"]));
    assert_eq!(report["breaks"], true);
    let meanings: Vec<_> = report["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["meaning"].as_str().unwrap())
        .collect();
    for meaning in ["BREAKS", "LOSES", "SAFE", "POLICY_TIGHTER", "POLICY_LOOSER", "DOCUMENTATION"] {
        assert!(meanings.contains(&meaning), "{meaning}: {meanings:?}");
    }
    assert_eq!(treaty(folder.path(), &["diff", "old", "new", "--exit-code"]).status.code(), Some(1));
}
