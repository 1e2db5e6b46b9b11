//! The page of a service.

use super::{
    super::rows,
    field::Here,
    frame::{self, Frame},
    links::{of_package, of_service, relative},
    markdown, method, policy,
    site::{Page, Site, package_of},
};
use crate::contract::style::count;
use contract::Service;
use maud::{Markup, html};
use std::collections::BTreeSet;

pub(super) fn page(site: &Site, service: &Service) -> Page {
    let path = of_service(&service.name);
    let (types, more) = site.types_of(service);
    let package = package_of(&service.name);
    let here = Here { site, page: &path, package, types: &types };
    let owner = &service.policy.owner.value;
    let body = html! {
        p.crumb { "Service" @if !package.is_empty() { " in " (package) } }
        h1 { (here.short(&service.name)) @if service.deprecated.value { span.tag.warn { "deprecated" } } }
        p.full { code { (service.name) } }
        div.doc.lead { (markdown::blocks(&service.documentation)) }
        dl.facts {
            div { dt { "Owner" } dd { @if owner.is_empty() { span.none { "nobody" } } @else { (owner) } } }
            div { dt { "Promise" } dd { (stabilities(service)) } }
            div { dt { "Declared at" } dd.origin { (service.origin) } }
        }
        h2 #methods { "Methods" }
        @for method in &service.methods { (method::section(&here, method)) }
        h2 #policy { "Policy of the service" }
        div.card { (policy::table(&rows::of_service(service))) }
        h2 #types { "Types" }
        @if more > 0 {
            p.note {
                "Its messages are made of " (count(more, "type")) " more, which are shown with "
                a href=(relative(&path, &of_package(package))) { (if package.is_empty() { "their package" } else { package }) } "."
            }
        }
        (here.types(&types))
    };
    let title = here.short(&service.name);
    let frame = Frame { title, path: &path, aside: Some(aside(&here, service, &types)) };
    Page { text: frame::page(site, &frame, &body), path }
}

fn aside(here: &Here<'_>, service: &Service, types: &BTreeSet<String>) -> Markup {
    html! {
        h4 { "Methods" }
        ul { @for method in &service.methods {
            li { a href={ "#" (method.path.method()) } { (method.path.method()) } }
        } }
        h4 { "Types" }
        ul { @for name in types { li { a href={ "#" (name) } { (here.short(name)) } } } }
    }
}

/// Each promise that a method of it makes, the firmest first.
pub(super) fn stabilities(service: &Service) -> Markup {
    let all: BTreeSet<_> = service.methods.iter().map(|method| method.policy.stability.value).collect();
    html! { @for one in all.into_iter().rev() { (policy::stability(one)) " " } }
}
