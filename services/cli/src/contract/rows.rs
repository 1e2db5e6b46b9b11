//! The effective values of a method and its service, one row each.

use contract::{Method, Origin, RetryPolicy, Service, Sourced, duration};
use serde_json::{Value, json};

/// One value in force.
pub(super) struct Row {
    /// As in the option vocabulary.
    pub(super) name: &'static str,
    /// For people.
    pub(super) text: String,
    /// For machines.
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// What holds for the method itself.
pub(super) fn of_method(method: &Method) -> Vec<Row> {
    let policy = &method.policy;
    let bytes = |name, bytes: &Sourced<u32>| row(name, bytes, human_bytes(bytes.value), json!(bytes.value));
    let optional = |name, value: &Sourced<Option<String>>| {
        row(name, value, value.value.clone().unwrap_or_else(|| "none".to_owned()), json!(value.value))
    };
    let allow: Vec<String> = policy.allow.value.iter().map(ToString::to_string).collect();
    let nobody = if policy.public.value { "nobody but the gateway" } else { "nobody" };
    let timeout = policy.timeout.value.map(duration::format);
    vec![
        row("allow", &policy.allow, or(allow.join(", "), nobody), json!(allow)),
        row("public", &policy.public, yes(policy.public.value), json!(policy.public.value)),
        row("timeout", &policy.timeout, timeout.clone().unwrap_or_else(|| "none".to_owned()), json!(timeout)),
        plain("idempotency", &method.idempotency),
        row("retry", &policy.retry, retry_text(&policy.retry.value), retry_json(&policy.retry.value)),
        hedge(method),
        limit(method),
        bytes("max_request_bytes", &policy.max_request_bytes),
        bytes("max_response_bytes", &policy.max_response_bytes),
        plain("criticality", &policy.criticality),
        plain("stability", &policy.stability),
        row("deprecated", &method.deprecated, yes(method.deprecated.value), json!(method.deprecated.value)),
        optional("sunset", &policy.sunset),
        optional("replaced_by", &policy.replaced_by),
        row("mirror", &policy.mirror, yes(policy.mirror.value), json!(policy.mirror.value)),
        row("scopes", &policy.scopes, or(policy.scopes.value.join(", "), "none"), json!(policy.scopes.value)),
        validate(method),
    ]
}

/// What holds for the service as a whole.
pub(super) fn of_service(service: &Service) -> Vec<Row> {
    let policy = &service.policy;
    let in_flight = match policy.max_in_flight.value {
        0 => "unlimited".to_owned(),
        number => number.to_string(),
    };
    let (eject, rollout) = (&policy.eject.value, &policy.rollout.value);
    let (interval, base) = (duration::format(eject.interval), duration::format(eject.base));
    let eject_text = format!(
        "below {}% of {} in {interval}: out for {base}, at most {}%",
        eject.min_success_percent, eject.min_requests, eject.max_percent
    );
    let eject_json = json!({
        "min_success_percent": eject.min_success_percent,
        "min_requests": eject.min_requests,
        "interval": interval,
        "base": base,
        "max_percent": eject.max_percent,
    });
    let bake = duration::format(rollout.bake);
    let steps: Vec<String> = rollout.steps.iter().map(|step| format!("{step}%")).collect();
    let gate = json!(rollout.gate);
    let rollout_text =
        format!("{}, each for {bake}, gate {}", steps.join(" → "), gate.as_str().unwrap_or_default());
    let rollout_json = json!({ "steps": rollout.steps, "bake": bake, "gate": gate });
    vec![
        row("owner", &policy.owner, or(policy.owner.value.clone(), "nobody"), json!(policy.owner.value)),
        row("max_in_flight", &policy.max_in_flight, in_flight, json!(policy.max_in_flight.value)),
        plain("balance", &policy.balance),
        row("eject", &policy.eject, eject_text, eject_json),
        row("rollout", &policy.rollout, rollout_text, rollout_json),
    ]
}

fn hedge(method: &Method) -> Row {
    let hedge = &method.policy.hedge;
    let Some(value) = &hedge.value else { return row("hedge", hedge, "none".to_owned(), Value::Null) };
    let delay = duration::format(value.delay);
    let text = format!("{} attempts, {delay} apart", value.attempts);
    row("hedge", hedge, text, json!({ "attempts": value.attempts, "delay": delay }))
}

fn validate(method: &Method) -> Row {
    let validate = &method.policy.validate;
    let (requests, responses) = (json!(validate.value.requests), json!(validate.value.responses));
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let text = format!("requests {}, responses {}", word(&requests), word(&responses));
    row("validate", validate, text, json!({ "requests": requests, "responses": responses }))
}

fn limit(method: &Method) -> Row {
    let limit = &method.policy.limit;
    let Some(value) = &limit.value else { return row("limit", limit, "none".to_owned(), Value::Null) };
    let (per, by) = (duration::format(value.per), json!(value.by));
    let text = format!(
        "{} requests per {per}, {} more at once, by {}",
        value.requests,
        value.burst,
        by.as_str().unwrap_or_default()
    );
    row(
        "limit",
        limit,
        text,
        json!({ "requests": value.requests, "per": per, "burst": value.burst, "by": by }),
    )
}

fn retry_text(retry: &RetryPolicy) -> String {
    if retry.attempts <= 1 {
        return "never".to_owned();
    }
    let codes: Vec<&str> = retry.on.iter().map(|code| code.as_str()).collect();
    let backoff = duration::format(retry.backoff);
    let per_try = retry.per_try.map(|per_try| format!(", {} each", duration::format(per_try)));
    let (attempts, codes) = (retry.attempts, codes.join(", "));
    format!("{attempts} attempts on {codes}, backoff {backoff}{}", per_try.unwrap_or_default())
}

fn retry_json(retry: &RetryPolicy) -> Value {
    json!({
        "attempts": retry.attempts,
        "on": retry.on,
        "backoff": duration::format(retry.backoff),
        "per_try": retry.per_try.map(duration::format),
    })
}

fn row<T>(name: &'static str, sourced: &Sourced<T>, text: String, value: Value) -> Row {
    Row { name, text, value, origin: sourced.origin.clone() }
}

/// A value whose name is its text.
fn plain<T: serde::Serialize>(name: &'static str, sourced: &Sourced<T>) -> Row {
    let value = json!(sourced.value);
    row(name, sourced, value.as_str().unwrap_or_default().to_owned(), value)
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

fn or(text: String, empty: &str) -> String {
    if text.is_empty() { empty.to_owned() } else { text }
}

fn human_bytes(bytes: u32) -> String {
    const KIB: u32 = 1024;
    match bytes {
        whole if whole > 0 && whole.is_multiple_of(KIB * KIB) => format!("{} MiB", whole / KIB / KIB),
        whole if whole > 0 && whole.is_multiple_of(KIB) => format!("{} KiB", whole / KIB),
        bytes => format!("{bytes} B"),
    }
}
