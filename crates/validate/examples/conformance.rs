//! Takes protovalidate's own conformance suite: the runner (`protovalidate-conformance`) starts this program,
//! writes a `buf.validate.conformance.harness.TestConformanceRequest` to its input and reads a
//! `TestConformanceResponse` from its output.

use contract::schema::Schema;
use prost::Message;
use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    time::SystemTime,
};
use validate::{Failure, Program};

#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(bytes = "vec", tag = "2")]
    fdset: Vec<u8>,
    #[prost(map = "string, message", tag = "3")]
    cases: HashMap<String, Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Response {
    #[prost(map = "string, message", tag = "1")]
    results: HashMap<String, Outcome>,
}

/// `TestResult`, whose members are a oneof: at most one is set.
#[derive(Clone, PartialEq, Message)]
struct Outcome {
    #[prost(bool, optional, tag = "1")]
    success: Option<bool>,
    #[prost(bytes = "vec", optional, tag = "2")]
    validation_error: Option<Vec<u8>>,
    #[prost(string, optional, tag = "3")]
    compilation_error: Option<String>,
    #[prost(string, optional, tag = "4")]
    runtime_error: Option<String>,
    #[prost(string, optional, tag = "5")]
    unexpected_error: Option<String>,
}

fn main() -> io::Result<()> {
    let mut input = Vec::new();
    io::stdin().read_to_end(&mut input)?;
    let request = Request::decode(input.as_slice()).map_err(io::Error::other)?;
    let schema = Schema::read(&request.fdset).map_err(io::Error::other)?;
    let results = request.cases.into_iter().map(|(name, case)| (name, outcome(&schema, &case))).collect();
    io::stdout().write_all(&Response { results }.encode_to_vec())
}

fn outcome(schema: &Schema, case: &Any) -> Outcome {
    let name = case.type_url.rsplit('/').next().unwrap_or_default();
    let program = match Program::compile(schema, name) {
        Ok(program) => program,
        Err(error) => return Outcome { compilation_error: Some(error.to_string()), ..Outcome::default() },
    };
    #[allow(clippy::disallowed_methods, reason = "a program around the pure crate, which needs a time")]
    let now = SystemTime::now();
    match program.check(&case.value, now) {
        Ok(()) => Outcome { success: Some(true), ..Outcome::default() },
        Err(Failure::Violations(found)) => {
            Outcome { validation_error: Some(found.encode()), ..Outcome::default() }
        }
        Err(Failure::Runtime(error)) => {
            Outcome { runtime_error: Some(error.to_string()), ..Outcome::default() }
        }
        Err(Failure::Malformed(error)) => {
            Outcome { unexpected_error: Some(error.to_string()), ..Outcome::default() }
        }
    }
}
