//! What holds for a service or method, and where it is written.

use super::super::rows::Row;
use contract::{Allow, Method, Origin, Stability, duration};
use maud::{Markup, html};

/// The table: what somebody wrote first, then the mesh's defaults.
pub(super) fn table(rows: &[Row]) -> Markup {
    let (written, defaults): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| row.origin != Origin::Default);
    html! {
        div.scroll {
            table.policy {
                thead { tr { th { "Policy" } th { "In force" } th { "Written at" } } }
                tbody {
                    @for row in written.iter().chain(&defaults) {
                        tr.default[row.origin == Origin::Default] {
                            td { code { (row.name) } }
                            td { (row.text) }
                            td.origin { (row.origin) }
                        }
                    }
                }
            }
        }
    }
}

/// What a caller wants to know before anything else. `called`: by whom it was, where that is known.
pub(super) fn facts(method: &Method, called: Option<Vec<&str>>) -> Markup {
    let policy = &method.policy;
    let timeout = policy.timeout.value.map_or_else(|| "none".to_owned(), duration::format);
    let attempts = policy.retry.value.attempts;
    let retries = match (attempts, method.idempotent) {
        (0 | 1, false) => "never: calling twice is not the same as once".to_owned(),
        (0 | 1, true) => "never".to_owned(),
        (attempts, _) => {
            let codes: Vec<&str> = policy.retry.value.on.iter().map(|code| code.as_str()).collect();
            format!("up to {attempts} attempts on {}", codes.join(", "))
        }
    };
    html! {
        dl.facts {
            div { dt { "Deadline" } dd { (timeout) } }
            div { dt { "Retries" } dd { (retries) } }
            div { dt { "Who may call" } dd { (callers(method)) } }
            @if let Some(called) = called {
                div { dt { "Who has called" } dd {
                    @for caller in &called { span.caller { (caller) } }
                    @if called.is_empty() { span.none { "nobody yet" } }
                } }
            }
        }
    }
}

/// Workloads, and the gateway where the method is public.
fn callers(method: &Method) -> Markup {
    let allow = &method.policy.allow.value;
    let public = method.policy.public.value;
    html! {
        @for caller in allow { span.caller { (named(caller)) } }
        @if public { span.caller.outside { "outside, through the gateway" } }
        @if allow.is_empty() && !public { span.none { "nobody" } }
    }
}

fn named(caller: &Allow) -> String {
    match caller {
        Allow::Any => "any workload".to_owned(),
        Allow::Anonymous => "anybody, without a certificate".to_owned(),
        workload @ Allow::Workload { .. } => workload.to_string(),
    }
}

/// "stable", with the class of its colour.
pub(super) fn stability(stability: Stability) -> Markup {
    let (class, name) = match stability {
        Stability::Stable => ("stable", "stable"),
        Stability::Beta => ("beta", "beta"),
        Stability::Experimental => ("experimental", "experimental"),
    };
    html! { span class={ "tag " (class) } { (name) } }
}
