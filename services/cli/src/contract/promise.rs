//! What may become of a method without breaking its callers: notes for whoever is about to change it.

use contract::{
    Contract, Gate, Idempotency, Method, Service, Stability,
    schema::{FieldKind, Message, MessageId, Presence, Schema},
};
use std::collections::BTreeSet;

/// As many names as one reads.
const NAMED: usize = 3;

/// One note: what it is about, and what it says.
pub(super) type Note = (&'static str, String);

/// The promise first, then what to look out for.
pub(super) fn notes(contract: &Contract, schema: &Schema, service: &Service, method: &Method) -> Vec<Note> {
    let reached = reached(schema, [&method.input, &method.output]);
    let (free, fixed) = changeable(contract, method);
    let mut notes = vec![("promise", promise(service, method)), ("may change", free), ("stays", fixed)];
    notes.extend(closed_enums(schema, &reached).map(|text| ("look out", text)));
    notes.extend(required(schema, &reached).map(|text| ("look out", text)));
    notes.extend(shared(contract, schema, method, &reached).map(|text| ("look out", text)));
    notes
}

fn promise(service: &Service, method: &Method) -> String {
    match (method.policy.stability.value, service.policy.rollout.value.gate) {
        (_, Gate::Report) => "none that is enforced: a version that breaks callers is reported (gate REPORT)",
        (Stability::Stable, Gate::Consumers) => "STABLE: a version that breaks a live caller is refused",
        (_, Gate::Strict) => "a version that could break anybody is refused (gate STRICT)",
        (Stability::Beta, Gate::Consumers) => "BETA: a version that breaks a live caller is reported",
        (Stability::Experimental, Gate::Consumers) => {
            "EXPERIMENTAL: it may break at any time, which is reported"
        }
    }
    .to_owned()
}

/// What may change, and what stays as it is.
fn changeable(contract: &Contract, method: &Method) -> (String, String) {
    let json = method.policy.public.value || !contract.http(&method.path).is_empty();
    let free = if json {
        "fields and enum values are added"
    } else {
        "fields and enum values are added, and renamed where nobody speaks JSON"
    };
    let mut fixed = "numbers and types".to_owned();
    if json {
        fixed.push_str("; names, where callers speak JSON");
    }
    if method.idempotency.value != Idempotency::IdempotencyUnknown {
        fixed.push_str("; idempotency_level, since callers retry");
    }
    (free.to_owned(), fixed)
}

fn closed_enums(schema: &Schema, reached: &BTreeSet<MessageId>) -> Option<String> {
    let fields = reached.iter().flat_map(|id| &schema.message_at(*id).fields);
    let closed: BTreeSet<&str> = fields
        .filter_map(|field| match field.kind {
            FieldKind::Enum(id) => Some(schema.enum_at(id)).filter(|of| of.closed),
            _ => None,
        })
        .map(|of| of.name.as_str())
        .collect();
    (!closed.is_empty())
        .then(|| format!("{}: a value that is added is lost by older readers", listed(&closed)))
}

fn required(schema: &Schema, reached: &BTreeSet<MessageId>) -> Option<String> {
    let names: BTreeSet<String> = reached
        .iter()
        .map(|id| schema.message_at(*id))
        .flat_map(|message| {
            let required = message.fields.iter().filter(|field| field.presence == Presence::Required);
            required.map(|field| format!("{}.{}", message.name, field.name))
        })
        .collect();
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("{}: required, and must stay so for ever", listed(&names)))
}

/// Messages that methods of other services carry too.
fn shared(
    contract: &Contract,
    schema: &Schema,
    method: &Method,
    reached: &BTreeSet<MessageId>,
) -> Option<String> {
    let own: BTreeSet<MessageId> = reached
        .iter()
        .copied()
        .filter(|id| !schema.message_at(*id).name.starts_with("google.protobuf."))
        .collect();
    let services = contract.services.iter().filter(|service| service.name != method.path.service());
    let (mut methods, mut names) = (0, BTreeSet::new());
    for other in services.flat_map(|service| &service.methods) {
        let theirs = self::reached(schema, [&other.input, &other.output]);
        let both: Vec<&Message> = theirs.intersection(&own).map(|id| schema.message_at(*id)).collect();
        methods += usize::from(!both.is_empty());
        names.extend(both.iter().filter(|message| !message.map_entry).map(|message| message.name.as_str()));
    }
    (!names.is_empty()).then(|| {
        let methods = super::style::count(methods, "method");
        format!("{}: shared with {methods} of other services, which change with it", listed(&names))
    })
}

fn reached<'a>(schema: &Schema, from: impl IntoIterator<Item = &'a String>) -> BTreeSet<MessageId> {
    let mut reached = BTreeSet::new();
    let mut pending: Vec<MessageId> = from.into_iter().filter_map(|name| schema.message_id(name)).collect();
    while let Some(id) = pending.pop() {
        if reached.insert(id) {
            pending.extend(schema.message_at(id).fields.iter().filter_map(|field| field.kind.message()));
        }
    }
    reached
}

fn listed(names: &BTreeSet<&str>) -> String {
    let named: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match names.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
