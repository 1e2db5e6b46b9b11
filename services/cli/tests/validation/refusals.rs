//! Refusals that quote long values, received by a client that takes little: gRPC's C core.

use crate::toolchains::{file, python_is_there};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};
use testkit::programs::{Running, output, python};

const CONTRACT: &str = r#"syntax = "proto3";
package t.v1;
import "buf/validate/validate.proto";
import "treaty/v1/options.proto";

service Till {
  option (treaty.v1.service) = { owner: "t" allow: "*" };
  rpc Sort(Long) returns (Sorted);
}
message Long {
  map<string, int32> stock = 1 [(buf.validate.field).map.values.int32.gte = 1];
  repeated string colours = 2 [(buf.validate.field).repeated.items.cel = {
    id: "colour", expression: "this in ['a', 'b'] ? '' : 'unknown colour: ' + this"
  }];
}
message Sorted {}
"#;

#[test]
fn python_receives_a_refusal_whatever_values_it_quotes() {
    if !python_is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("t/v1");
    std::fs::create_dir_all(&package).unwrap();
    std::fs::write(package.join("till.proto"), CONTRACT).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_treaty"));
    command.args(["contract", "mock", "--port", "0", "--output", "json"]).arg(folder.path());
    let mut mock = Running::start(command.stdout(Stdio::piped()));
    let mut lines = BufReader::new(mock.stdout.take().unwrap());
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    let said: Value = serde_json::from_str(&first).unwrap_or_else(|error| panic!("{error}: {first}"));
    let address = said["listening"].as_str().unwrap();
    let output = output(Command::new(python()).arg(file("python/refusals.py")).arg(address));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && stdout.contains("all came through"), "{stdout}{stderr}");
}
