//! A method of a service.

use super::{super::rows, example, field::Here, markdown, policy};
use contract::Method;
use maud::{Markup, html};

pub(super) fn section(here: &Here<'_>, method: &Method) -> Markup {
    let name = method.path.method();
    let bindings = here.site.contract.http(&method.path);
    let called = here.site.calls.as_ref().map(|calls| calls.callers(method.path.service(), name));
    html! {
        article.card.method id=(name) {
            h3 {
                a.anchor href={ "#" (name) } { (name) }
                (policy::stability(method.policy.stability.value))
                @if method.policy.public.value { span.tag { "public" } }
                @if method.deprecated.value { span.tag.warn { "deprecated" } }
            }
            p.signature {
                span.word { "rpc " } (name) "("
                @if method.client_streaming { span.word { "stream " } }
                (here.link(&method.input)) ") " span.word { "returns" } " ("
                @if method.server_streaming { span.word { "stream " } }
                (here.link(&method.output)) ")"
            }
            @for binding in bindings {
                p.http { span.verb { (binding.verb) } code { (binding.path) } }
            }
            @if let Some(sunset) = &method.policy.sunset.value {
                p.notice { "May be gone after " (sunset) "." }
            }
            @if let Some(other) = &method.policy.replaced_by.value {
                p.notice { "Replaced by " code { (other) } "." }
            }
            div.doc { (markdown::blocks(&method.documentation)) }
            (policy::facts(method, called))
            details.more { summary { "Example" } (example::of(here.site, method)) }
            details.more { summary { "Effective policy" } (policy::table(&rows::of_method(method))) }
        }
    }
}
