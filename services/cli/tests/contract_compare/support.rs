//! A till, in several versions, and `treaty contract` in a folder.

use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// The first version.
pub(crate) const TILL: &str = r#"syntax = "proto3";
package shop.v1;
import "treaty/v1/options.proto";
import "shop/v1/money.proto";

// The till.
service Till {
  option (treaty.v1.service) = { owner: "shop" allow: "shop/web" defaults: { timeout: "2s" } };
  // Takes the money.
  rpc Pay(PayRequest) returns (PayResponse) {
    option idempotency_level = IDEMPOTENT;
  }
  rpc Refund(PayRequest) returns (PayResponse);
}
message PayRequest {
  string customer = 1;
  Money price = 2;
  Colour colour = 3;
}
message PayResponse {
  string receipt = 1;
  repeated Money taken = 2;
}
enum Colour {
  COLOUR_UNSPECIFIED = 0;
  RED = 1;
}
"#;

/// What it imports.
pub(crate) const MONEY: &str = r#"syntax = "proto3";
package shop.v1;

// An amount.
message Money {
  string currency = 1;
  int64 units = 2;
}
"#;

/// A folder with `proto/shop/v1/{till,money}.proto`.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "proto/shop/v1/till.proto", TILL);
    write(folder.path(), "proto/shop/v1/money.proto", MONEY);
    folder
}

/// Two folders, `old` and `new`: the second with what `change` makes of till and money.
pub(crate) fn versions(change: impl Fn(&str) -> String) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (version, till, money) in
        [("old", TILL.to_owned(), MONEY.to_owned()), ("new", change(TILL), change(MONEY))]
    {
        write(folder.path(), &format!("{version}/shop/v1/till.proto"), &till);
        write(folder.path(), &format!("{version}/shop/v1/money.proto"), &money);
    }
    folder
}

pub(crate) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_treaty"));
    command.arg("contract").args(args).current_dir(folder).env_remove("CLICOLOR_FORCE");
    // No repository above test folders, and none that the environment names.
    command.env("GIT_CEILING_DIRECTORIES", std::env::temp_dir()).env_remove("GIT_DIR");
    command
}

pub(crate) fn treaty(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).stdin(Stdio::null()).output().unwrap()
}

/// With something on standard input.
pub(crate) fn treaty_reading(folder: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut child = command(folder, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The exit status, and what is printed.
pub(crate) fn said(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", text(&output.stdout), text(&output.stderr)))
}

/// The rules of all findings, each once, in order.
pub(crate) fn rules(report: &Value) -> Vec<String> {
    let mut rules: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect();
    rules.sort();
    rules.dedup();
    rules
}
