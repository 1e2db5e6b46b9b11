//! `treaty contract check` and `treaty contract rules`, as a user types them: what is chosen, what is suppressed, and
//! each form of output.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

const ODD: &str = r#"syntax = "proto3";
package shop.v1;
import "treaty/v1/options.proto";

// The till, 100%: open.
service Till {
  option (treaty.v1.service) = { owner: "shop" allow: "shop/web" defaults: { timeout: "2" } };
  rpc Pay(PayRequest) returns (PayResponse) { option idempotency_level = IDEMPOTENT; }
}
message PayRequest {
  double price = 1;
  // treaty:ignore field-lower-snake-case: the old till sends this name
  string cardText = 2;
}
message PayResponse {}
"#;

/// A folder with `proto/shop/v1/till.proto`, and a treaty.toml if there is text for one.
fn folder(text: &str, config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("proto/shop/v1");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("till.proto"), text).unwrap();
    if !config.is_empty() {
        fs::write(folder.path().join("treaty.toml"), config).unwrap();
    }
    folder
}

fn treaty(folder: &Path, args: &[&str]) -> Output {
    let treaty = env!("CARGO_BIN_EXE_treaty");
    let mut command = Command::new(treaty);
    command.arg("contract").args(args).current_dir(folder).env_remove("CLICOLOR_FORCE").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn rules(output: &Output) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|found| found["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn people_see_lines_and_carets() {
    let output = treaty(folder(ODD, "").path(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn github_annotates_pull_requests() {
    let output = treaty(folder(ODD, "").path(), &["check", "--output", "github"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn sarif_knows_rules_places_and_what_is_suppressed() {
    let output = treaty(folder(ODD, "").path(), &["check", "--output", "sarif"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn colour_is_for_terminals_and_whoever_forces_it() {
    let folder = folder(ODD, "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_treaty"));
    let forced =
        command.args(["contract", "check"]).current_dir(folder.path()).env("CLICOLOR_FORCE", "1").output();
    assert!(text(&forced.unwrap().stdout).contains('\u{1b}'));
    assert!(!text(&treaty(folder.path(), &["check"]).stdout).contains('\u{1b}'));
}

#[test]
fn a_configuration_chooses() {
    let all = treaty(folder(ODD, "").path(), &["check", "--output", "json"]);
    assert_eq!(rules(&all), ["bad-duration", "money-as-float"]);
    let of = |config: &str| {
        let folder = folder(ODD, config);
        rules(&treaty(folder.path(), &["check", "--output", "json"]))
    };
    assert_eq!(
        of("[contract.lint]\nuse = [\"COMMENT_MESSAGE\"]\n"),
        ["bad-duration", "comment-message", "comment-message"]
    );
    assert_eq!(
        of("[contract.lint]\nexcept = [\"DESIGN\"]\nservice_suffix = \"API\"\n"),
        ["bad-duration", "service-suffix"]
    );
    assert_eq!(of("[contract.lint]\nignore = [\"shop\"]\n"), ["bad-duration"]);
    let severe =
        folder(&ODD.replace("\"2\"", "\"2s\""), "[contract.lint.severity]\nmoney-as-float = \"error\"\n");
    assert_eq!(treaty(severe.path(), &["check"]).status.code(), Some(1));
    let elsewhere = treaty(severe.path(), &["check", "--config", "missing.toml"]);
    assert_eq!(elsewhere.status.code(), Some(2));
}

#[test]
fn a_configuration_that_means_nothing_is_refused_with_its_line() {
    let refused = |config: &str| {
        let output = treaty(folder(ODD, config).path(), &["check"]);
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    insta::assert_snapshot!(refused("[contract.lint]\nexcept = [\"money-as-floats\"]\n"), @r###"
error: treaty.toml:2: `money-as-floats` is neither a rule nor a category; `money-as-float` is one; `treaty contract rules` lists them
"###);
    insta::assert_snapshot!(refused("[contract.lint]\nexcept = [\"bad-duration\"]\n"), @r###"
error: treaty.toml:2: `bad-duration` stays an error: the control plane refuses what breaks it; `treaty contract rules` lists them
"###);
    insta::assert_snapshot!(refused("trust_domain = \"a\"\n[contracts]\n"), @r###"
error: treaty.toml: TOML parse error at line 2, column 2
  |
2 | [contracts]
  |  ^^^^^^^^^
unknown field `contracts`, expected one of `contract`, `trust_domain`, `gateway`, `services`
"###);
}

#[test]
fn what_a_file_imports_is_not_judged_but_what_was_asked_for_is() {
    let importing = ODD
        .replace("import ", "import \"third/party.proto\";\nimport ")
        .replace("double price", "third.Odd price");
    let folder = folder(&importing, "");
    let third = folder.path().join("vendor/third");
    fs::create_dir_all(&third).unwrap();
    fs::write(
        third.join("party.proto"),
        "syntax = \"proto3\";\npackage third;\nmessage Odd { string oddName = 1; }\n",
    )
    .unwrap();
    let one = treaty(folder.path(), &["check", "-I", "vendor", "--output", "json"]);
    assert_eq!(rules(&one), ["bad-duration"]);
    let both = treaty(folder.path(), &["check", "proto", "vendor", "--output", "json"]);
    assert_eq!(rules(&both), ["bad-duration", "package-version-suffix", "field-lower-snake-case"]);
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let list = text(&treaty(folder.path(), &["rules"]).stdout);
    for category in ["SEMANTIC", "STANDARD", "DESIGN", "COMMENTS"] {
        assert!(list.lines().any(|line| line.starts_with(category)), "{category}");
    }
    insta::assert_snapshot!(text(&treaty(folder.path(), &["rules", "RPC_PASCAL_CASE"]).stdout), @r###"
rpc-pascal-case  STANDARD, warning, RPC_PASCAL_CASE of buf

Methods are in PascalCase.

Generators make each language's own form of a name out of this one; out of another one they make
surprises.

wrong
  rpc pay(PayRequest) returns (PayResponse);

right
  rpc Pay(PayRequest) returns (PayResponse);
"###);
    let json = treaty(folder.path(), &["rules", "money-as-float", "--output", "json"]);
    let rule: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&rule["category"], &rule["default"]), (&"DESIGN".into(), &true.into()));
    let all: Value =
        serde_json::from_slice(&treaty(folder.path(), &["rules", "--output", "json"]).stdout).unwrap();
    assert!(all.as_array().unwrap().len() > 90);
    let unknown = treaty(folder.path(), &["rules", "money-is-float"]);
    assert_eq!(unknown.status.code(), Some(2));
    insta::assert_snapshot!(text(&unknown.stderr), @r###"
error: `money-is-float` is neither a rule nor a category; `money-as-float` is one; `treaty contract rules` lists them all
"###);
}

#[test]
fn rules_of_breaking_are_explained_too() {
    let folder = tempfile::tempdir().unwrap();
    let said = |args: &[&str]| {
        let output = treaty(folder.path(), &[&["rules"], args].concat());
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let all = said(&["BREAKING"]);
    assert!(all.starts_with("BREAKING  ") && all.lines().count() > 50, "{all}");
    assert!(all.lines().any(|line| line.starts_with("  warning timeout-lowered")), "{all}");
    let one = said(&["field-type"]);
    assert!(one.starts_with("field-type  BREAKING, breaking or lossy\n"), "{one}");
    assert!(one.contains("FIELD_WIRE_COMPATIBLE_TYPE"), "{one}");
    assert!(said(&["RPC_NO_DELETE"]).starts_with("method-deleted  "));
    let json: Value = serde_json::from_str(&said(&["field-range", "--output", "json"])).unwrap();
    assert_eq!((&json["category"], &json["severity"]), (&"BREAKING".into(), &"error".into()));
}

/// The examples of rules that the contract's own crate cannot judge.
#[test]
fn rules_that_need_a_compiler_are_broken_and_kept_by_their_examples() {
    for id in ["does-not-compile", "unenforceable-rule", "contradictory-rule"] {
        let rule = contract::lint::find(id).unwrap();
        for (example, broken) in [(rule.wrong, true), (rule.right, false)] {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in contract::lint::example::files(example) {
                let path = folder.path().join("proto").join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            let output = treaty(folder.path(), &["check", "--output", "json"]);
            assert_eq!(rules(&output).iter().any(|rule| rule == id), broken, "{id}\n{example}");
        }
    }
}
