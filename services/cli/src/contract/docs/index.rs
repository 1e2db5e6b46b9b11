//! The first page.

use super::{
    diagram,
    frame::{self, Frame},
    links::{of_package, of_service},
    markdown, service,
    site::{Page, Site, package_of, summary},
};
use crate::contract::style::count;
use maud::{Markup, html};

pub(super) fn page(site: &Site) -> Page {
    let path = "index.html".to_owned();
    let services = &site.contract.services;
    let methods: usize = services.iter().map(|service| service.methods.len()).sum();
    let packages: Vec<&str> = site.links.packages().collect();
    let body = html! {
        h1 { (site.look.title) }
        p.lead {
            (count(services.len(), "service")) ", " (count(methods, "method")) ", "
            (count(packages.len(), "package")) " of types."
        }
        @if !services.is_empty() {
            h2 #services { "Services" }
            (table(site))
            h2 #callers { @if site.calls.is_some() { "Who calls whom" } @else { "Who may call whom" } }
            p.note {
                "As the contracts say it: " code { "allow" } " and " code { "public" } ". The number is that of methods"
                @if site.calls.is_some() {
                    " that are called, of those that may be. A solid line has been called; a dashed one might be."
                } @else { "." }
            }
            div.card.diagram { (diagram::svg(&site.contract, site.calls.as_ref())) }
        }
        h2 #packages { "Packages" }
        ul.packages { @for name in &packages {
            li {
                a href=(of_package(name)) { (if name.is_empty() { "(no package)" } else { name }) }
                span.kind { (count(site.links.types(name).count(), "type")) }
            }
        } }
    };
    let frame = Frame { title: &site.look.title, path: &path, aside: None };
    Page { text: frame::page(site, &frame, &body), path }
}

fn table(site: &Site) -> Markup {
    html! {
        div.cards { @for one in &site.contract.services {
            @let name = one.name.as_str();
            @let short = name.rsplit('.').next().unwrap_or(name);
            article.card.service {
                h3 { a href=(of_service(name)) { (short) } }
                p.kind { (package_of(name)) }
                p { (markdown::inline(&summary(&one.documentation))) }
                p.meta {
                    (service::stabilities(one))
                    span { (count(one.methods.len(), "method")) }
                    @if !one.policy.owner.value.is_empty() { span { (one.policy.owner.value) } }
                }
            }
        } }
    }
}
