//! `treaty contract consumers`: who calls what, and when they last did.

use super::{
    asked::Where,
    style::{self, BOLD, DIM, WARNING},
};
use crate::{admin::Admin, output::Output, plain};
use contract::Contract;
use contracts::treaty::v1::{
    ConsumedMethod, Consumer, ListConsumersRequest, Peaks, Rates, ReadContractRequest,
};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};
use tonic::{Code, Status};

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract consumers shop.catalog.v1.Catalog
  treaty contract consumers shop.catalog.v1.Catalog/GetProduct
  treaty contract consumers shop.catalog.v1.Catalog --output json | jq '.consumers[].workload'

Exit status: 0 shown; 2 usage, a contract that nobody serves or consumes, a method that it does not \
have, or no control plane.";

/// What to ask about.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A service, "package.Service", or one method of it, "package.Service/Method".
    #[arg(value_name = "CONTRACT")]
    name: String,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    at: Where,
}

pub(super) fn run(args: &Args) -> Result<bool, String> {
    let (service, method) = args.name.trim_start_matches('/').split_once('/').unwrap_or((&args.name, ""));
    let (mut consumers, served) = args.at.ask(async |admin| asked(admin, service, method).await)?;
    consumers.iter_mut().for_each(clean);
    if let Some(bytes) = served.filter(|_| consumers.is_empty()) {
        known_method(&bytes, service, method)?;
    }
    style::print(&match args.output {
        Output::Human => human(&args.name, &consumers, SystemTime::now()),
        Output::Json => format!(
            "{:#}",
            json!({
                "contract": service, "method": method, "consumers": consumers.iter().map(object).collect::<Vec<_>>()
            })
        ),
    })?;
    Ok(true)
}

/// Who consumes it; where nobody consumes the method, the contract in force too, if it is served.
async fn asked(
    admin: &Admin,
    service: &str,
    method: &str,
) -> Result<(Vec<Consumer>, Option<Vec<u8>>), Status> {
    let request = ListConsumersRequest { service: service.to_owned(), method: method.to_owned() };
    let consumers = admin.control().admin().list_consumers(request).await?.into_inner().consumers;
    if !consumers.is_empty() || method.is_empty() {
        return Ok((consumers, None));
    }
    let request = ReadContractRequest { service: service.to_owned() };
    match admin.control().admin().read_contract(request).await {
        Ok(answer) => {
            let first = answer.into_inner().versions.into_iter().next();
            Ok((consumers, first.and_then(|version| version.descriptor_set).map(|set| set.bytes)))
        }
        Err(status) if status.code() == Code::NotFound => Ok((consumers, None)),
        Err(status) => Err(status),
    }
}

/// A misspelled method would have no consumers, and nobody would know.
fn known_method(contract: &[u8], service: &str, method: &str) -> Result<(), String> {
    let contract = Contract::read(contract).map_err(|error| plain::text(&error.to_string()))?;
    let Some(known) = contract.service(service) else { return Ok(()) };
    let names: Vec<&str> = known.methods.iter().map(|method| method.path.method()).collect();
    if names.contains(&method) {
        return Ok(());
    }
    Err(format!("{service} has no method `{}`; it has {}", plain::text(method), names.join(", ")))
}

fn clean(consumer: &mut Consumer) {
    let methods = consumer.methods.iter_mut().map(|method| &mut method.method);
    for text in methods.chain(&mut consumer.digests).chain([&mut consumer.workload]) {
        *text = plain::text(text);
    }
}

fn human(name: &str, consumers: &[Consumer], now: SystemTime) -> String {
    if consumers.is_empty() {
        return format!("nobody consumes {BOLD}{name}{BOLD:#}");
    }
    let mut text = format!("{BOLD}{name}{BOLD:#}  {}\n", style::count(consumers.len(), "consumer"));
    for consumer in consumers {
        let live = if consumer.live { "live" } else { "gone" };
        let digests: Vec<_> = consumer.digests.iter().map(|digest| short(digest)).collect();
        let version = match (digests.is_empty(), consumer.live) {
            (true, true) => "it does not say which version it was built with".to_owned(),
            (true, false) => String::new(),
            (false, _) => format!("built with {}", digests.join(", ")),
        };
        let workload = &consumer.workload;
        let _ = writeln!(text, "\n{BOLD}{workload}{BOLD:#}  {live}  {DIM}{version}{DIM:#}");
        rows(&mut text, &consumer.methods, now);
    }
    text
}

fn rows(text: &mut String, methods: &[ConsumedMethod], now: SystemTime) {
    if methods.is_empty() {
        text.push_str("  nothing is known of what it calls\n");
        return;
    }
    let width = methods.iter().map(|method| method.method.len()).max().unwrap_or_default().max(6);
    let _ = writeln!(
        text,
        "  {DIM}{:<width$}  {:>10}  {:<14}  {:<6}  the most they took{DIM:#}",
        "method", "calls", "last used", "in use"
    );
    for method in methods {
        let used = method.last_used_time.and_then(|time| SystemTime::try_from(time).ok());
        let used =
            used.map_or_else(|| "never".to_owned(), |used| ago(now.duration_since(used).unwrap_or_default()));
        let in_use = if method.in_use { "yes" } else { "no" };
        let most = method.peaks.as_ref().map(most).unwrap_or_default();
        let note = match (method.deprecated, method.in_use) {
            (true, true) => format!("  {WARNING}deprecated, and used{WARNING:#}"),
            (true, false) => format!("  {DIM}deprecated{DIM:#}"),
            (false, true) => String::new(),
            // What was called is not only declared.
            (false, false) if method.last_used_time.is_some() => String::new(),
            (false, false) => format!("  {DIM}declared, and not used{DIM:#}"),
        };
        let line = format!(
            "  {:<width$}  {:>10}  {used:<14}  {in_use:<6}  {most}{note}",
            method.method, method.calls
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// "5 s ago", "3 days ago".
fn ago(by: Duration) -> String {
    let seconds = by.as_secs();
    match seconds {
        0..120 => format!("{seconds} s ago"),
        120..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// The first digits.
fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

/// The most that calls took; what was not seen is missing.
fn peaks(peaks: &Peaks) -> Value {
    let seen = |value: u32| (value > 0).then_some(value);
    let named = [
        ("request_bytes", seen(peaks.request_bytes).map(Value::from)),
        ("response_bytes", seen(peaks.response_bytes).map(Value::from)),
        ("time", time(peaks).map(Value::from)),
        ("in_flight", seen(peaks.in_flight).map(Value::from)),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// How often it was called at most.
fn rates(rates: &Rates) -> Value {
    json!({ "per_minute": rates.per_minute, "per_hour": rates.per_hour, "per_day": rates.per_day })
}

/// "12ms".
fn time(peaks: &Peaks) -> Option<String> {
    Some(contract::duration::format(Duration::try_from(peaks.time?).ok()?))
}

/// "412 B → 1.2 KiB, 12ms".
fn most(peaks: &Peaks) -> String {
    let sizes = [peaks.request_bytes, peaks.response_bytes].map(|bytes| match bytes {
        0 => "?".to_owned(),
        1..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", f64::from(bytes) / 1024.0),
        _ => format!("{:.1} MiB", f64::from(bytes) / 1_048_576.0),
    });
    [Some(sizes.join(" → ")), time(peaks)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn object(consumer: &Consumer) -> Value {
    let method = |method: &ConsumedMethod| {
        json!({
            "method": method.method, "calls": method.calls, "in_use": method.in_use,
            "deprecated": method.deprecated, "written": method.written,
            "last_used": method.last_used_time.as_ref().map(ToString::to_string),
            "peaks": method.peaks.as_ref().map(peaks),
            "rates": method.rates.as_ref().map(rates),
        })
    };
    json!({
        "workload": consumer.workload, "live": consumer.live, "digests": consumer.digests,
        "declared": consumer.declared_time.as_ref().map(ToString::to_string),
        "methods": consumer.methods.iter().map(method).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_is_not_there_is_no_method_that_nobody_calls() {
        let text = "syntax = \"proto3\"; package a; message M {} service S { rpc Do(M) returns (M); rpc Go(M) returns (M); }";
        let set = contract::compile::texts(&[("a.proto", text)]).unwrap().bytes;
        assert_eq!(known_method(&set, "a.S", "Go"), Ok(()));
        assert_eq!(
            known_method(&set, "a.S", "NoSuchMethod").unwrap_err(),
            "a.S has no method `NoSuchMethod`; it has Do, Go"
        );
    }

    #[test]
    fn what_is_used_and_what_is_only_declared_is_told_apart() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000_000);
        let method = |name: &str, ago: Option<u64>, deprecated| ConsumedMethod {
            method: name.to_owned(),
            calls: ago.map_or(0, |_| 12),
            last_used_time: ago.map(|ago| (now - Duration::from_secs(ago)).into()),
            in_use: ago.is_some_and(|ago| ago < 100_000),
            deprecated,
            written: Vec::new(),
            peaks: ago.map(|ago| Peaks {
                request_bytes: 412,
                response_bytes: 12_345,
                time: Duration::from_millis(ago).try_into().ok(),
                ..Peaks::default()
            }),
            rates: None,
        };
        let orders = Consumer {
            workload: "shop/orders".to_owned(),
            live: true,
            digests: vec![format!("sha256:{}", "0".repeat(64))],
            methods: vec![
                method("BatchGetProducts", Some(7), false),
                method("GetProduct", Some(130), true),
                method("ListProducts", None, false),
                method("OldProducts", Some(4_000_000), true),
                method("SearchProducts", Some(4_000_000), false),
            ],
            declared_time: None,
        };
        let agent = Consumer { workload: "shop/agent".to_owned(), live: true, ..Consumer::default() };
        let text = human("shop.catalog.v1.Catalog", &[agent, orders], now);
        let text = anstream::adapter::strip_str(&text).to_string();
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        shop.catalog.v1.Catalog  2 consumers

        shop/agent  live  it does not say which version it was built with
          nothing is known of what it calls

        shop/orders  live  built with sha256:000000000000
          method                 calls  last used       in use  the most they took
          BatchGetProducts          12  7 s ago         yes     412 B → 12.1 KiB, 7ms
          GetProduct                12  2 min ago       yes     412 B → 12.1 KiB, 130ms  deprecated, and used
          ListProducts               0  never           no        declared, and not used
          OldProducts               12  46 days ago     no      412 B → 12.1 KiB, 4000s  deprecated
          SearchProducts            12  46 days ago     no      412 B → 12.1 KiB, 4000s
        ");
    }
}
