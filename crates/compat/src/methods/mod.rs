//! Methods and services as a whole: whether they are there, and who streams.

mod names;

#[cfg(test)]
mod tests;

use crate::{
    finding::{Declaration, Finding},
    level::{Direction, Level},
    party::Party,
    settings::Date,
};
use contract::{Method, Service};

/// The provider no longer has the service.
pub(crate) fn service_gone(service: &Service, provider: &Party) -> Vec<Finding> {
    let package = |name: &str| name.rsplit_once('.').map_or("", |(package, _)| package).to_owned();
    let own = package(&service.name);
    let services = &provider.contract.services;
    let same_package = services.iter().any(|other| package(&other.name) == own);
    let (rule, what) = if same_package || own.is_empty() {
        ("service-deleted", format!("the service `{}` is gone", service.name))
    } else {
        (
            "package-deleted",
            format!("the package `{own}` is gone, and with it the service `{}`", service.name),
        )
    };
    let renamed = services.iter().find(|other| has_the_methods_of(other, service));
    let closest = || names::closest(&service.name, services.iter().map(|other| other.name.as_str()));
    let keep = format!("keep `{}` until nobody calls it", service.name);
    let remedy = match (renamed, closest()) {
        (Some(other), _) => format!("{keep}: `{}` has its methods, serve both", other.name),
        (None, Some(other)) => format!("{keep}; if `{other}` is what it is called now, serve both"),
        (None, None) => keep,
    };
    vec![Finding {
        rule,
        level: Level::Breaking,
        written: Declaration {
            text: format!("service {}", own_name(service)),
            origin: service.origin.clone(),
        },
        message: format!("{what}: every call of it fails with UNIMPLEMENTED"),
        remedy,
        ..Finding::default()
    }]
}

/// The provider no longer has the method: of the service `from` as the consumer knows it, `to` as it is now,
/// if it still is.
pub(crate) fn gone(
    method: &Method,
    from: &Service,
    to: Option<&Service>,
    today: Option<Date>,
) -> Vec<Finding> {
    let because = if to.is_some() { "is gone" } else { "is gone with its service" };
    let mut message = format!("`{}` {because}: calls fail with UNIMPLEMENTED", method.path);
    if let Some(sunset) = crate::policy::passed(method, today) {
        message.push_str(&format!("; its contract promised it until {sunset} only"));
    }
    vec![Finding {
        rule: "method-deleted",
        level: Level::Breaking,
        written: declaration(method),
        message,
        remedy: instead(method, from, to),
        ..Finding::default()
    }]
}

/// What to call instead: what its contract says, what looks like the same, or what is called nearly so.
fn instead(method: &Method, from: &Service, to: Option<&Service>) -> String {
    let name = method.path.method();
    let keep = format!("keep `{name}` until nobody calls it");
    if let Some(other) = &method.policy.replaced_by.value {
        return format!(
            "{keep}, or move its callers to `{other}` first, which its contract says replaces it"
        );
    }
    let added = || {
        let known =
            |other: &Method| from.methods.iter().any(|known| known.path.method() == other.path.method());
        to.into_iter().flat_map(|to| &to.methods).filter(move |other| !known(other))
    };
    if let Some(other) = added().find(|other| is_shaped_like(method, other)) {
        let other = other.path.method();
        return format!(
            "{keep}: if it was renamed to `{other}`, which takes and returns the same, serve both"
        );
    }
    match names::closest(name, added().map(|other| other.path.method())) {
        Some(other) => format!("{keep}; if `{other}` is what it is called now, serve both"),
        None => format!("{keep}; mark it `deprecated` with a `sunset`, so that callers know"),
    }
}

/// Who streams: the table of `docs/compatibility.md`.
pub(crate) fn shape(consumer: &Method, provider: &Method) -> Vec<Finding> {
    let requests = (consumer.client_streaming, provider.client_streaming);
    let responses = (consumer.server_streaming, provider.server_streaming);
    let say = |(direction, _, rule, level, when, message, remedy): &Streaming| {
        let (written, read) = match direction {
            Direction::Request => (consumer, provider),
            Direction::Response => (provider, consumer),
        };
        Finding {
            rule,
            level: *level,
            when: Some((*when).to_owned()).filter(|when| !when.is_empty()),
            direction: Some(*direction),
            written: declaration(written),
            read: declaration(read),
            message: (*message).to_owned(),
            remedy: (*remedy).to_owned(),
            ..Finding::default()
        }
    };
    let holds = |row: &&Streaming| match row.0 {
        Direction::Request => requests == row.1,
        Direction::Response => responses == row.1,
    };
    STREAMING.iter().filter(holds).map(say).collect()
}

/// Direction; whether the consumer's view and the provider's stream it; rule, level, when; why; the remedy.
type Streaming = (Direction, (bool, bool), &'static str, Level, &'static str, &'static str, &'static str);

const STREAMING: [Streaming; 5] = [
    (
        Direction::Request,
        (true, false),
        "request-no-longer-streamed",
        Level::Breaking,
        "where the caller sends no message",
        "the provider waits for one request where the caller may send none",
        "keep `stream` on the request, or add a unary method beside this one",
    ),
    (
        Direction::Request,
        (true, false),
        "request-no-longer-streamed",
        Level::Lossy,
        "where the caller sends two or more messages",
        "the provider reads one request where the caller may send many",
        "keep `stream` on the request, or add a unary method beside this one",
    ),
    (
        Direction::Request,
        (false, true),
        "request-now-streamed",
        Level::Safe,
        "",
        "the provider takes a stream; a caller that sends one message is a stream of one",
        "nothing need be done",
    ),
    (
        Direction::Response,
        (false, true),
        "response-now-streamed",
        Level::Breaking,
        "where the provider sends none or several messages",
        "the caller expects one response; with two it may hang until its deadline, without any it fails",
        "keep the response unary, or add a streaming method beside this one",
    ),
    (
        Direction::Response,
        (true, false),
        "response-no-longer-streamed",
        Level::Safe,
        "",
        "the provider sends one response; the caller reads a stream of one",
        "nothing need be done",
    ),
];

/// `rpc Watch(WatchRequest) returns (stream Event)`.
pub(crate) fn declaration(method: &Method) -> Declaration {
    let stream = |streams: bool| if streams { "stream " } else { "" };
    let text = format!(
        "rpc {}({}{}) returns ({}{})",
        method.path.method(),
        stream(method.client_streaming),
        method.input,
        stream(method.server_streaming),
        method.output
    );
    Declaration { text, origin: method.origin.clone() }
}

fn own_name(service: &Service) -> &str {
    service.name.rsplit('.').next().unwrap_or_default()
}

fn is_shaped_like(one: &Method, other: &Method) -> bool {
    let shape = |method: &Method| (method.client_streaming, method.server_streaming);
    (&one.input, &one.output, shape(one)) == (&other.input, &other.output, shape(other))
}

/// Whether one service has all methods of the other, and there are some.
fn has_the_methods_of(one: &Service, other: &Service) -> bool {
    let has = |name: &str| one.methods.iter().any(|method| method.path.method() == name);
    !other.methods.is_empty() && other.methods.iter().all(|method| has(method.path.method()))
}
