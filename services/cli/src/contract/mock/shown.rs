//! What is printed: where it listens, a call to paste, and every call that comes in.

use super::{
    super::{
        grpcurl::{self, At},
        style::{self, BOLD, DIM, ERROR, PLACE, count},
    },
    Args,
    answer::Answers,
};
use crate::output::Output;
use contract::{Contract, Method};
use serde_json::{Value, json};
use std::{fmt::Write as _, net::SocketAddr};

/// For whom is printed.
#[derive(Clone, Copy)]
pub(super) struct Report {
    pub(super) output: Output,
    pub(super) quiet: bool,
}

impl Report {
    /// A call that was answered, or has begun to be.
    pub(super) fn call(&self, path: &str, headers: &http::HeaderMap) {
        if self.quiet {
            return;
        }
        let code =
            headers.get("grpc-status").and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);
        let name = contract::Code::from_number(code).map_or("OK", contract::Code::as_str);
        let method = path.trim_start_matches('/');
        // Whoever cannot read of calls may make them.
        let _ = style::print(&match self.output {
            Output::Json => json!({ "method": method, "code": name }).to_string(),
            Output::Human if code == 0 => format!("{DIM}{name}{DIM:#}  {method}"),
            Output::Human => format!("{ERROR}{name}{ERROR:#}  {method}"),
        });
    }
}

pub(super) fn start(
    report: &Report,
    args: &Args,
    contract: &Contract,
    answers: &Answers,
    address: SocketAddr,
) -> Result<(), String> {
    style::print(&match report.output {
        Output::Human => human(args, contract, answers, address),
        Output::Json => machine(args, contract, address).to_string(),
    })
}

/// One line, before those of the calls.
fn machine(args: &Args, contract: &Contract, address: SocketAddr) -> Value {
    let names: Vec<&str> = contract.services.iter().map(|service| service.name.as_str()).collect();
    json!({
        "listening": address.to_string(),
        "tls": args.cert.is_some(),
        "seed": args.seed,
        "services": names,
    })
}

fn human(args: &Args, contract: &Contract, answers: &Answers, address: SocketAddr) -> String {
    let mut text = String::new();
    let width = contract.services.iter().map(|service| service.name.len()).max().unwrap_or_default();
    for service in &contract.services {
        let methods = count(service.methods.len(), "method");
        let _ = writeln!(text, "  {BOLD}{:<width$}{BOLD:#}  {DIM}{methods}{DIM:#}", service.name);
    }
    let how = if args.cert.is_some() { "TLS" } else { "no TLS" };
    let _ = writeln!(
        text,
        "\nlistening on {PLACE}{address}{PLACE:#} ({how}; with reflection and health; seed {}); Ctrl-C ends it",
        args.seed
    );
    if let Some(line) = example(args, contract, answers, address) {
        let _ = writeln!(text, "\n  {line}\n");
    }
    text
}

/// A call of the first method that only reads, else of the first.
fn example(args: &Args, contract: &Contract, answers: &Answers, address: SocketAddr) -> Option<String> {
    let methods: Vec<&Method> = contract.services.iter().flat_map(|service| &service.methods).collect();
    let plain = |method: &&&Method| !method.client_streaming && !method.server_streaming;
    let reads = methods.iter().find(|method| plain(method) && method.path.method().starts_with("Get"));
    let method = reads.or_else(|| methods.iter().find(plain)).or_else(|| methods.first())?;
    let message = answers.question(method).ok()?;
    let address = address.to_string();
    let cert = args.cert.as_ref().map(|cert| cert.display().to_string());
    let at = match &cert {
        Some(cert) => At::Trusting(&address, cert),
        None => At::Plain(&address),
    };
    Some(grpcurl::line(&at, method.path.as_str().trim_start_matches('/'), &message))
}
