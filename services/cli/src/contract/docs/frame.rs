//! What is around every page.

use super::{
    links::{of_package, of_service, relative},
    site::Site,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Nothing is loaded but what the site brings, whatever a comment would like.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'self' file:; \
                      base-uri 'none'; form-action 'none'";

/// A page, but for its body.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) path: &'a str,
    /// What is on the page, for the side.
    pub(super) aside: Option<Markup>,
}

pub(super) fn page(site: &Site, frame: &Frame<'_>, body: &Markup) -> String {
    let title = if frame.title == site.look.title {
        site.look.title.clone()
    } else {
        format!("{} – {}", frame.title, site.look.title)
    };
    let root = relative(frame.path, "index.html");
    let root = root.trim_end_matches("index.html");
    let page = html! {
        (DOCTYPE)
        html lang="en" data-root=(root) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="generator" content="treaty contract docs";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (top(site, frame))
                div.layout {
                    nav.side aria-label="Contracts" { (side(site, frame)) }
                    main #content { (body) }
                    @if let Some(aside) = &frame.aside { aside.toc aria-label="On this page" { (aside) } }
                }
                footer { "Made of the contracts by " code { "treaty contract docs" } "." }
                script src=(relative(frame.path, "search.js")) defer {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

fn top(site: &Site, frame: &Frame<'_>) -> Markup {
    html! {
        header.top {
            button.menu type="button" aria-label="Contents" aria-expanded="false" { "☰" }
            a.brand href=(relative(frame.path, "index.html")) { (site.look.title) }
            div.search role="search" {
                input #q type="search" placeholder="Search  /" aria-label="Search" autocomplete="off" spellcheck="false";
                div #results hidden {}
            }
            button.theme type="button" aria-label="Light or dark" title="Light or dark" { "◐" }
        }
    }
}

fn side(site: &Site, frame: &Frame<'_>) -> Markup {
    let item = |path: &str, name: &str| {
        let current = (path == frame.path).then_some("page");
        html! { li { a href=(relative(frame.path, path)) aria-current=[current] { (name) } } }
    };
    html! {
        ul { (item("index.html", "Overview")) }
        @if !site.contract.services.is_empty() {
            h4 { "Services" }
            ul { @for service in &site.contract.services {
                (item(&of_service(&service.name), service.name.rsplit('.').next().unwrap_or_default()))
            } }
        }
        h4 { "Packages" }
        ul { @for package in site.links.packages() {
            (item(&of_package(package), if package.is_empty() { "(no package)" } else { package }))
        } }
    }
}
