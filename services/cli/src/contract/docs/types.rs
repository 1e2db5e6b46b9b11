//! The page of a package: its types.

use super::{
    field::Here,
    frame::{self, Frame},
    links::of_package,
    site::{Page, Site},
};
use maud::html;

pub(super) fn page(site: &Site, package: &str) -> Page {
    let path = of_package(package);
    let types = site.links.types(package);
    let here = Here { site, page: &path, package, types: &types };
    let name = if package.is_empty() { "(no package)" } else { package };
    let services: Vec<_> = site
        .contract
        .services
        .iter()
        .filter(|service| super::site::package_of(&service.name) == package)
        .collect();
    let aside = html! {
        h4 { "Types" }
        ul { @for name in &types { li { a href={ "#" (name) } { (here.short(name)) } } } }
    };
    let body = html! {
        p.crumb { "Package" }
        h1 { (name) }
        @if !services.is_empty() {
            p { "Services: " @for (position, service) in services.iter().enumerate() {
                @if position > 0 { ", " }
                a href=(super::links::relative(&path, &super::links::of_service(&service.name))) { (here.short(&service.name)) }
            } }
        }
        (here.types(&types))
    };
    let frame = Frame { title: name, path: &path, aside: Some(aside) };
    Page { text: frame::page(site, &frame, &body), path }
}
