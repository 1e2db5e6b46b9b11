//! `treaty contract explain`.

use super::{
    names,
    promise::{self, Note},
    rows::{self, Row},
    source::{self, Input, Reach, Refusal, Source},
    style::{self, BOLD, DIM, PLACE},
};
use crate::output::Output;
use contract::{Contract, Field, Method, Origin, Service, schema::Schema};
use serde_json::{Map, Value, json};
use std::{fmt::Write as _, path::PathBuf};

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract explain shop.orders.v1.Orders/PlaceOrder
  treaty contract explain shop.orders.v1.Orders             every method of it
  treaty contract explain shop.orders.v1.Orders/PlaceOrder --from contracts/ -I third_party
  treaty contract explain shop.orders.v1.Orders/PlaceOrder --from mesh
  treaty contract explain shop.orders.v1.Orders.PlaceOrder --from set.binpb --output json

Exit status: 0 explained, 1 the contract does not compile, 2 bad usage or unreadable input.";

/// What to explain.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// "package.Service/Method", or "package.Service" for all of its methods.
    #[arg(value_name = "METHOD")]
    name: String,
    /// The contract: .proto files, and folders of them; or something else, alone.
    #[arg(long, value_name = "PATH", default_value = "proto", conflicts_with = "descriptors")]
    from: Vec<Source>,
    /// A FileDescriptorSet or buf image, whatever its name; - is standard input.
    #[arg(long, value_name = "FILE")]
    descriptors: Option<PathBuf>,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(args: &Args) -> Result<bool, String> {
    args.reach.fits(&args.from.iter().collect::<Vec<_>>())?;
    let read = match &args.descriptors {
        Some(file) => source::from_descriptors(file, &args.reach.includes),
        None => source::load_all(&args.from, &args.reach),
    };
    let Input { contract, .. } = match read {
        Ok(input) => input,
        Err(Refusal::Finding(finding)) => {
            let at = finding.diagnostic.origin;
            style::complain(&format!(
                "{at}: {}\n(`treaty contract check` shows the line)",
                finding.diagnostic.message
            ));
            return Ok(false);
        }
        Err(Refusal::Unreadable(message) | Refusal::Absent(message)) => return Err(message),
    };
    let Found { service, methods, single } = find(&contract, &args.name)?;
    let schema = Schema::of(&contract).map_err(|error| error.to_string())?;
    let notes = |method: &Method| promise::notes(&contract, &schema, service, method);
    style::print(&match args.output {
        Output::Human => human(service, &methods, notes),
        Output::Json => json(service, &methods, single, notes),
    })?;
    Ok(true)
}

/// What was asked for.
struct Found<'a> {
    service: &'a Service,
    methods: Vec<&'a Method>,
    /// Whether one method was meant.
    single: bool,
}

/// The service, and those of its methods that `name` means.
fn find<'a>(contract: &'a Contract, name: &str) -> Result<Found<'a>, String> {
    let (service_name, method_name) = parts(contract, name.trim_start_matches('/'));
    let Some(service) = contract.service(service_name) else {
        let known: Vec<&str> = contract.services.iter().map(|service| service.name.as_str()).collect();
        let meant = names::did_you_mean(service_name, &known);
        return Err(format!("there is no service `{service_name}`; there {}{meant}", names::there(&known)));
    };
    let chosen = |method: &&Method| method_name.is_none_or(|name| method.path.method() == name);
    let methods: Vec<&Method> = service.methods.iter().filter(chosen).collect();
    match method_name {
        Some(method) if methods.is_empty() => {
            let known: Vec<&str> = service.methods.iter().map(|method| method.path.method()).collect();
            let meant = names::did_you_mean(method, &known);
            Err(format!("{service_name} has no method `{method}`; there {}{meant}", names::there(&known)))
        }
        _ => Ok(Found { service, methods, single: method_name.is_some() }),
    }
}

/// Service and method; "shop.v1.Till.Pay" is a method too, as grpcurl has it.
fn parts<'a>(contract: &Contract, name: &'a str) -> (&'a str, Option<&'a str>) {
    let dotted = || name.rsplit_once('.').filter(|(service, _)| contract.service(service).is_some());
    match name.split_once('/') {
        Some((service, method)) => (service, Some(method)),
        None if contract.service(name).is_some() => (name, None),
        None => dotted().map_or((name, None), |(service, method)| (service, Some(method))),
    }
}

fn human(service: &Service, methods: &[&Method], notes: impl Fn(&Method) -> Vec<Note>) -> String {
    let mut text = String::new();
    for method in methods {
        heading(
            &mut text,
            method.path.as_str().trim_start_matches('/'),
            &method.origin,
            &method.documentation,
        );
        let _ = writeln!(text, "  {:<20}{}", "kind", kind(method));
        let _ = writeln!(text, "  {:<20}{}", "request", method.input);
        let _ = writeln!(text, "  {:<20}{}\n", "response", method.output);
        table(&mut text, &rows::of_method(method));
        fields(&mut text, method);
        compatibility(&mut text, &notes(method));
        text.push('\n');
    }
    heading(&mut text, &service.name, &service.origin, &service.documentation);
    table(&mut text, &rows::of_service(service));
    text
}

fn heading(text: &mut String, name: &str, origin: &Origin, documentation: &str) {
    let _ = writeln!(text, "{BOLD}{name}{BOLD:#}  {PLACE}{origin}{PLACE:#}");
    let paragraph = documentation.lines().take_while(|line| !line.is_empty());
    for line in paragraph {
        let _ = writeln!(text, "  {DIM}{line}{DIM:#}");
    }
    text.push('\n');
}

fn table(text: &mut String, rows: &[Row]) {
    let width = rows.iter().map(|row| row.text.chars().count()).max().unwrap_or_default().min(60);
    for Row { name, text: value, origin, .. } in rows {
        let style = if *origin == Origin::Default { DIM } else { PLACE };
        let _ = writeln!(text, "  {name:<20}{value:<width$}  {style}{origin}{style:#}");
    }
}

fn fields(text: &mut String, method: &Method) {
    let said: Vec<(&Field, String)> = method.fields.iter().map(|field| (field, says(field))).collect();
    let name = said.iter().map(|(field, _)| field.name.len()).max().unwrap_or_default();
    let what = said.iter().map(|(_, says)| says.len()).max().unwrap_or_default();
    if !said.is_empty() {
        text.push_str("\n  fields\n");
    }
    for (field, says) in said {
        let _ = writeln!(text, "    {:<name$}  {says:<what$}  {PLACE}{}{PLACE:#}", field.name, field.origin);
    }
}

fn compatibility(text: &mut String, notes: &[Note]) {
    text.push_str("\n  compatibility\n");
    for (about, says) in notes {
        let _ = writeln!(text, "    {about:<12}{says}");
    }
}

/// "masked (PII, LAST4), key".
fn says(field: &Field) -> String {
    let mut says = Vec::new();
    let (sensitivity, mask) = (json!(field.sensitivity), json!(field.mask));
    if field.masked {
        let why = [&sensitivity, &mask].map(|value| value.as_str().unwrap_or_default());
        let why: Vec<&str> = why.into_iter().filter(|why| *why != "UNSPECIFIED").collect();
        says.push(format!("masked ({})", why.join(", ")));
    } else if let Some(sensitivity) = sensitivity.as_str().filter(|text| *text != "UNSPECIFIED") {
        says.push(sensitivity.to_owned());
    }
    if field.key {
        says.push("key".to_owned());
    }
    says.extend(field.attribute.iter().map(|name| format!("attribute {name}")));
    says.extend(field.claim.iter().map(|name| format!("claim {name}")));
    if !field.visible_to.is_empty() {
        says.push(format!("visible to {}", field.visible_to.join(", ")));
    }
    says.join(", ")
}

const fn kind(method: &Method) -> &'static str {
    match (method.client_streaming, method.server_streaming) {
        (false, false) => "unary",
        (false, true) => "server streaming",
        (true, false) => "client streaming",
        (true, true) => "bidirectional",
    }
}

/// One object for a method; for a service, one with all of its methods.
fn json(
    service: &Service,
    methods: &[&Method],
    single: bool,
    notes: impl Fn(&Method) -> Vec<Note>,
) -> String {
    let of_service = json!({
        "name": service.name,
        "origin": service.origin,
        "documentation": service.documentation,
        "values": values(&rows::of_service(service)),
    });
    let of_method = |method: &&Method| {
        json!({
            "method": method.path.as_str().trim_start_matches('/'),
            "origin": method.origin,
            "documentation": method.documentation,
            "kind": kind(method),
            "request": { "type": method.input, "streaming": method.client_streaming },
            "response": { "type": method.output, "streaming": method.server_streaming },
            "values": values(&rows::of_method(method)),
            "fields": method.fields,
            "compatibility": notes(method).iter().map(|(about, says)| json!({ "about": about, "says": says })).collect::<Vec<_>>(),
        })
    };
    let mut methods: Vec<Value> = methods.iter().map(of_method).collect();
    let explained = match (single, methods.pop()) {
        (true, Some(Value::Object(mut only))) => {
            only.insert("service".to_owned(), of_service);
            Value::Object(only)
        }
        (_, last) => {
            methods.extend(last);
            json!({ "service": of_service, "methods": methods })
        }
    };
    format!("{explained:#}")
}

fn values(rows: &[Row]) -> Map<String, Value> {
    let value = |row: &Row| (row.name.to_owned(), json!({ "value": row.value, "origin": row.origin }));
    rows.iter().map(value).collect()
}
