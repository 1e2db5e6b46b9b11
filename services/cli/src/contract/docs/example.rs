//! Calls to paste, and what they are answered with.

use super::{super::grpcurl, site::Site};
use contract::{Method, schema::Schema};
use maud::{Markup, PreEscaped, html};
use sample::{
    Role, SampleError, Wish, rules,
    tree::{Message, Slot, Value as Part},
};
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Messages within an example: more than somebody reads.
const MOST: u32 = 24;

/// 2026-01-15T09:30:00Z: pages do not change because a day has passed.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_768_469_400)
}

pub(super) fn of(site: &Site, method: &Method) -> Markup {
    let request = message(site, &method.input, Role::Request, None);
    let response = match &request {
        Ok((asked, _)) => message(site, &method.output, Role::Response, Some(asked)),
        Err(_) => message(site, &method.output, Role::Response, None),
    };
    html! {
        @match request {
            Ok((asked, _)) => {
                (block("Call", &shell(site, method, &grpcurl::message(&site.schema, &asked)), true))
                @for path in near_now(&site.schema, &asked, "") {
                    p.note { code { (path) } " counts only near the time of the call: write the present time there." }
                }
            }
            Err(error) => p.none { "No example: " (error) },
        }
        @match response {
            Ok((_, value)) => (block(if method.server_streaming { "One of the answers" } else { "Answer" }, &coloured(&value), false)),
            Err(error) => p.none { "No example: " (error) },
        }
    }
}

/// Paths of the times in a message that a rule holds to within so much of the time of the call: what stands in a
/// page is too old when it is pasted.
fn near_now(schema: &Schema, message: &Message, within: &str) -> Vec<String> {
    let of = schema.message_at(message.of);
    let mut found = Vec::new();
    for (field, slot) in
        of.fields.iter().filter_map(|field| Some((field, message.fields.get(&field.number)?)))
    {
        let path = if within.is_empty() { field.name.clone() } else { format!("{within}.{}", field.name) };
        let rules = rules::of_field(schema, field);
        let items =
            rules.as_ref().and_then(|rules| rules.message(schema, "repeated")?.message(schema, "items"));
        let is_held = |rules: &Message| {
            rules.message(schema, "timestamp").is_some_and(|rules| rules.slot(schema, "within").is_some())
        };
        if rules.as_ref().is_some_and(is_held) || items.is_some_and(is_held) {
            found.push(path);
            continue;
        }
        let values = match slot {
            Slot::One(value) => std::slice::from_ref(value),
            Slot::List(values) => values.as_slice(),
            Slot::Map(_) => &[],
        };
        for value in values {
            if let Part::Message(inner) = value {
                found.extend(near_now(schema, inner, &path));
            }
        }
    }
    found.dedup();
    found
}

type Made = (Message, Value);

fn message(site: &Site, name: &str, role: Role, like: Option<&Message>) -> Result<Made, SampleError> {
    let wish = Wish { role, like, most: MOST, ..Wish::of(1, now()) };
    let sample = site.sampler.message(name, &wish)?;
    let value = sample::json(&site.schema, &sample.message);
    Ok((sample.message, value))
}

fn block(title: &str, text: &Markup, copied: bool) -> Markup {
    html! {
        figure.example {
            figcaption {
                (title)
                @if copied { button.copy type="button" { "Copy" } }
            }
            pre { code { (text) } }
        }
    }
}

/// A command of a POSIX shell. In the message an apostrophe would end the quotation.
fn shell(site: &Site, method: &Method, message: &Value) -> Markup {
    let message = coloured(message).into_string().replace('\'', r"'\''");
    let address = grpcurl::quoted(&site.look.address);
    let name = method.path.as_str().trim_start_matches('/');
    html! { "grpcurl -plaintext -d '" (PreEscaped(message)) "' \\\n  " (address) " " (name) }
}

/// Indented JSON with its parts marked.
fn coloured(value: &Value) -> Markup {
    let mut out = String::new();
    put(value, 0, &mut out);
    PreEscaped(out)
}

fn put(value: &Value, depth: usize, out: &mut String) {
    let (indent, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match value {
        Value::Object(object) if !object.is_empty() => {
            out.push_str("{\n");
            for (position, (name, value)) in object.iter().enumerate() {
                let comma = if position > 0 { ",\n" } else { "" };
                let name = html! { (comma) (indent) span.k { (quoted(name)) } ": " };
                out.push_str(&name.into_string());
                put(value, depth + 1, out);
            }
            out.push_str(&format!("\n{outer}}}"));
        }
        Value::Array(items) if !items.is_empty() => {
            out.push_str("[\n");
            for (position, item) in items.iter().enumerate() {
                out.push_str(if position > 0 { ",\n" } else { "" });
                out.push_str(&indent);
                put(item, depth + 1, out);
            }
            out.push_str(&format!("\n{outer}]"));
        }
        Value::String(text) => out.push_str(&html! { span.s { (quoted(text)) } }.into_string()),
        other => out.push_str(&html! { span.n { (other.to_string()) } }.into_string()),
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// The text of a piece of HTML that this module made.
#[cfg(test)]
pub(super) fn text_of(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        rest = tag.split_once('>').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(out, |text, (entity, plain)| text.replace(entity, plain))
}
