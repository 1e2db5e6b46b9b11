//! The pages of a package: its types.

use super::{
    field::Here,
    frame::{self, Frame},
    links::{Home, of_package, of_service, relative},
    site::{Page, Site, package_of},
};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// One with all types; where they are too many, one that names them, and several that show them.
pub(super) fn pages(site: &Site, package: &str) -> Vec<Page> {
    let homes = site.links.homes(package);
    let path = of_package(package);
    let several = homes.iter().any(|home| home.path != path);
    let own = several.then(|| {
        let none = BTreeSet::new();
        let here = Here { site, page: &path, package, types: &none };
        let list = html! {
            @for (part, home) in homes.iter().enumerate() {
                h3 { (span(&here, part, home)) }
                ul.packages { @for name in &home.types { li { (here.link(name)) } } }
            }
        };
        let aside = html! {
            h4 { "Pages" }
            ul { @for (part, home) in homes.iter().enumerate() { li { (span(&here, part, home)) } } }
        };
        page(&here, aside, &list)
    });
    let shown = homes.iter().map(|home| {
        let here = Here { site, page: &home.path, package, types: &home.types };
        let aside = html! {
            h4 { "Types" }
            ul { @for name in &home.types { li { a href={ "#" (name) } { (here.short(name)) } } } }
        };
        page(&here, aside, &here.types(&home.types))
    });
    own.into_iter().chain(shown).collect()
}

/// "1: Address to Customer".
fn span(here: &Here<'_>, part: usize, home: &Home) -> Markup {
    let ends = [home.types.first(), home.types.last()].map(|name| name.map_or("", |name| here.short(name)));
    html! { a href=(relative(here.page, &home.path)) { (part + 1) ": " (ends[0]) " to " (ends[1]) } }
}

fn page(here: &Here<'_>, aside: Markup, types: &Markup) -> Page {
    let Here { site, page: path, package, .. } = *here;
    let name = if package.is_empty() { "(no package)" } else { package };
    let services: Vec<_> =
        site.contract.services.iter().filter(|service| package_of(&service.name) == package).collect();
    let own = of_package(package);
    let body = html! {
        p.crumb { @if path == own { "Package" } @else { "Types of " a href=(relative(path, &own)) { (name) } } }
        h1 { (name) }
        @if !services.is_empty() {
            p { "Services: " @for (position, service) in services.iter().enumerate() {
                @if position > 0 { ", " }
                a href=(relative(path, &of_service(&service.name))) { (here.short(&service.name)) }
            } }
        }
        (types)
    };
    let frame = Frame { title: name, path, aside: Some(aside) };
    Page { text: frame::page(site, &frame, &body), path: path.to_owned() }
}
