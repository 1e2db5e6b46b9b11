//! `treaty contract`, as a user types it: exit statuses, texts, JSON.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

const SOUND: &str = r#"syntax = "proto3";
package shop.v1;
import "treaty/v1/options.proto";

// The till.
service Till {
  option (treaty.v1.service) = { owner: "shop" allow: "shop/web" defaults: { timeout: "2s" } };
  // Takes the money.
  rpc Pay(PayRequest) returns (PayResponse) {
    option idempotency_level = IDEMPOTENT;
    option (treaty.v1.method).max_request_bytes = 65536;
  }
  rpc Watch(WatchRequest) returns (stream WatchResponse) { option idempotency_level = NO_SIDE_EFFECTS; }
}
message PayRequest {
  string customer = 1 [(treaty.v1.field).key = true];
  string card = 2 [debug_redact = true, (treaty.v1.field).mask = MASK_LAST4];
}
message PayResponse {}
message WatchRequest {}
message WatchResponse {}
"#;

/// A folder with `proto/shop/v1/till.proto`.
fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("proto/shop/v1");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("till.proto"), text).unwrap();
    folder
}

fn treaty(folder: &Path, args: &[&str]) -> Output {
    let treaty = env!("CARGO_BIN_EXE_treaty");
    Command::new(treaty)
        .arg("contract")
        .args(args)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_sound_contract_passes() {
    let folder = folder(SOUND);
    let output = treaty(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "nothing wrong in 1 service, 2 methods\n");
}

#[test]
fn an_error_names_its_line_and_fails() {
    let folder = folder(&SOUND.replace("\"2s\"", "\"2\""));
    let output = treaty(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout), @r###"
error[bad-duration]: timeout: "2" is no duration: it has no unit
  --> proto/shop/v1/till.proto:7:78
  |
7 |   option (treaty.v1.service) = { owner: "shop" allow: "shop/web" defaults: { timeout: "2" } };
  |                                                                              ^^^^^^^^^^^^
  = help: write a whole number and ms, s, m or h: "250ms", "15s"

1 error in 1 service, 2 methods
"###);
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let folder = folder(&SOUND.replace("owner: \"shop\"", ""));
    assert_eq!(treaty(folder.path(), &["check"]).status.code(), Some(0));
    let denied = treaty(folder.path(), &["check", "--deny-warnings", "--output", "json"]);
    assert_eq!(denied.status.code(), Some(1));
    let report = json(&denied);
    assert_eq!((&report["errors"], &report["warnings"]), (&0.into(), &1.into()));
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "missing-owner");
    assert_eq!(finding["severity"], "warning");
    assert_eq!((&finding["file"], &finding["line"]), (&"shop/v1/till.proto".into(), &6.into()));
    assert_eq!(finding["path"], "proto/shop/v1/till.proto");
    assert_eq!(finding["excerpt"], "service Till {");
}

#[test]
fn what_does_not_compile_is_a_finding() {
    let folder = folder(&SOUND.replace("timeout", "tiemout"));
    let output = treaty(folder.path(), &["check", "proto/shop/v1/till.proto", "--output", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let finding = &json(&output)["findings"][0];
    assert_eq!(finding["rule"], "does-not-compile");
    assert_eq!((&finding["line"], &finding["column"]), (&7.into(), &78.into()));
    assert!(finding["remedy"].as_str().unwrap().contains("timeout"));
}

#[test]
fn what_cannot_be_read_is_no_finding() {
    let folder = folder(SOUND);
    fs::write(folder.path().join("garbage.binpb"), b"\x0a\xff").unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("empty.binpb"), b"").unwrap();
    fs::write(folder.path().join("empty.json"), r#"{"file":[]}"#).unwrap();
    for args in [
        &["check", "missing"][..],
        &["check", "empty"],
        &["check", "--descriptors", "garbage.binpb"],
        &["check", "--descriptors", "missing.binpb"],
        &["check", "--descriptors", "empty.binpb"],
        &["breaking", "empty.binpb", "proto"],
        &["breaking", "empty.json", "proto"],
        &["check", "--no-such-flag"],
        &["explain"],
        &["explain", "shop.v1.Till/Steal"],
        &["explain", "shop.v2.Till/Pay"],
        &["explain", "shop.v1.Till/Pay", "--from", "missing"],
    ] {
        let output = treaty(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && text(&output.stderr).contains("error:"), "{args:?}");
    }
}

#[test]
fn a_descriptor_set_is_judged_like_its_sources() {
    let folder = folder(&SOUND.replace("\"2s\"", "\"2\""));
    let proto = folder.path().join("proto");
    let set = contract::compile::paths(std::slice::from_ref(&proto), &[]).unwrap().bytes;
    fs::write(folder.path().join("set.binpb"), set).unwrap();
    let output = treaty(folder.path(), &["check", "--descriptors", "set.binpb", "--output", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["findings"][0]["origin"], "shop/v1/till.proto:7:78");
    assert_eq!(json(&output)["findings"][0]["excerpt"], Value::Null);
    let with_sources = treaty(folder.path(), &["check", "--descriptors", "set.binpb", "-I", "proto"]);
    assert!(text(&with_sources.stdout).contains("7 |   option (treaty.v1.service)"));
}

#[test]
fn a_method_is_explained() {
    let folder = folder(SOUND);
    let output = treaty(folder.path(), &["explain", "shop.v1.Till/Pay"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output.stdout), @r###"
shop.v1.Till/Pay  shop/v1/till.proto:9:3
  Takes the money.

  kind                unary
  request             shop.v1.PayRequest
  response            shop.v1.PayResponse

  allow               shop/web                                 shop/v1/till.proto:7:48
  public              no                                       default
  timeout             2s                                       shop/v1/till.proto:7:78
  idempotency         IDEMPOTENT                               shop/v1/till.proto:10:5
  retry               3 attempts on UNAVAILABLE, backoff 25ms  shop/v1/till.proto:10:5
  hedge               none                                     default
  limit               none                                     default
  max_request_bytes   64 KiB                                   shop/v1/till.proto:11:5
  max_response_bytes  4 MiB                                    default
  criticality         STANDARD                                 default
  stability           STABLE                                   shop/v1/till.proto:2:1
  deprecated          no                                       default
  sunset              none                                     default
  replaced_by         none                                     default
  mirror              no                                       default
  scopes              none                                     default
  validate            requests SERVER, responses IGNORE        default

  fields
    shop.v1.PayRequest.customer  key             shop/v1/till.proto:16:24
    shop.v1.PayRequest.card      masked (LAST4)  shop/v1/till.proto:17:20

  compatibility
    promise     STABLE: a version that breaks a live caller is refused
    may change  fields and enum values are added, and renamed where nobody speaks JSON
    stays       numbers and types; idempotency_level, since callers retry

shop.v1.Till  shop/v1/till.proto:6:1
  The till.

  owner               shop                                                shop/v1/till.proto:7:34
  max_in_flight       unlimited                                           default
  balance             LEAST_REQUEST                                       default
  eject               below 85% of 50 in 10s: out for 30s, at most 10%    default
  rollout             1% → 10% → 50% → 100%, each for 5m, gate CONSUMERS  default
"###);
}

#[test]
fn a_method_is_explained_to_machines() {
    let folder = folder(SOUND);
    let explained = json(&treaty(folder.path(), &["explain", "/shop.v1.Till/Pay", "--output", "json"]));
    assert_eq!(explained["method"], "shop.v1.Till/Pay");
    assert_eq!(explained["request"]["type"], "shop.v1.PayRequest");
    let timeout = serde_json::json!({ "value": "2s", "origin": "shop/v1/till.proto:7:78" });
    assert_eq!(explained["values"]["timeout"], timeout);
    assert_eq!(explained["values"]["retry"]["value"]["attempts"], 3);
    assert_eq!(explained["values"]["max_response_bytes"]["origin"], "default");
    assert_eq!(explained["fields"][1]["name"], "shop.v1.PayRequest.card");
    assert_eq!(
        (&explained["fields"][1]["masked"], &explained["fields"][1]["mask"]),
        (&true.into(), &"LAST4".into())
    );
    assert_eq!(explained["service"]["values"]["owner"]["value"], "shop");
    let service = json(&treaty(folder.path(), &["explain", "shop.v1.Till", "--output", "json"]));
    assert_eq!(service["methods"].as_array().unwrap().len(), 2);
    assert_eq!(service["methods"][1]["values"]["timeout"]["value"], Value::Null);
}

#[test]
fn a_service_that_is_not_there_is_answered_with_those_that_are() {
    let folder = folder(SOUND);
    let output = treaty(folder.path(), &["explain", "shop.v1.Tell/Pay"]);
    assert_eq!(text(&output.stderr), "error: there is no service `shop.v1.Tell`; there is shop.v1.Till\n");
}

#[test]
fn a_method_may_be_written_as_grpcurl_has_it_and_what_is_misspelt_is_told() {
    let other = "service Drawer { rpc Open(PayRequest) returns (PayResponse); }";
    let folder = folder(&format!("{SOUND}{other}"));
    let explained = |name| json(&treaty(folder.path(), &["explain", name, "--output", "json"]));
    assert_eq!(explained("shop.v1.Till.Pay"), explained("shop.v1.Till/Pay"));
    let till = "; there are shop.v1.Drawer, shop.v1.Till; did you mean `shop.v1.Till`?";
    for (name, expected) in [
        ("Till", format!("there is no service `Till`{till}")),
        ("till/Pay", format!("there is no service `till`{till}")),
        ("shop.v1.Til.Pay", "there is no service `shop.v1.Til.Pay`; there are ".to_owned()),
        ("shop.v1.Till/Wacth", "shop.v1.Till has no method `Wacth`; there are Pay, Watch".to_owned()),
        ("shop.v1.Till.Watsh", "there are Pay, Watch; did you mean `Watch`?".to_owned()),
    ] {
        let output = treaty(folder.path(), &["explain", name]);
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(&expected), "{name}: {said}");
    }
}

#[test]
fn a_contract_is_checked_and_explained_wherever_it_is() {
    let folder = folder(SOUND);
    let path = folder.path();
    let proto = path.join("proto");
    let set = contract::compile::paths(std::slice::from_ref(&proto), &[]).unwrap().bytes;
    fs::write(path.join("set.binpb"), &set).unwrap();
    fs::write(path.join("set.pb.bin"), &set).unwrap();
    let git = |args: &[&str]| {
        let user =
            ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
        let done = Command::new("git").args(user).args(args).current_dir(path).env("HOME", path).output();
        assert!(done.unwrap().status.success());
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "The till"]);
    for from in ["git:HEAD", "set.binpb", "set.pb.bin"] {
        let explain = treaty(path, &["explain", "shop.v1.Till/Pay", "--from", from]);
        assert!(text(&explain.stdout).contains("Takes the money."), "{from}: {}", text(&explain.stderr));
        let check = treaty(path, &["check", from, "--output", "json"]);
        assert_eq!(json(&check).get("methods"), Some(&2.into()), "{from}: {}", text(&check.stderr));
    }
    for command in [&["check"][..], &["explain", "shop.v1.Till"]] {
        let piped = Command::new(env!("CARGO_BIN_EXE_treaty"))
            .arg("contract")
            .args(command)
            .args(["--descriptors", "-"])
            .current_dir(path)
            .stdin(fs::File::open(path.join("set.binpb")).unwrap())
            .output()
            .unwrap();
        assert_eq!(piped.status.code(), Some(0), "{command:?}: {}", text(&piped.stderr));
    }
    let together = treaty(path, &["check", "proto", "git:HEAD"]);
    assert!(text(&together.stderr).contains("only paths on this machine are read together"));
}

#[test]
fn colours_are_for_terminals() {
    let folder = folder(&SOUND.replace("\"2s\"", "\"2\""));
    assert!(!text(&treaty(folder.path(), &["check"]).stdout).contains('\u{1b}'));
}

#[test]
fn help_has_examples() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["check", "explain", "breaking", "diff", "export"] {
        let output = treaty(folder.path(), &[command, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("Examples:\n  treaty contract"));
    }
}
