//! Who may call whom, as a drawing.

use super::links::of_service;
use contract::{Allow, Contract, Method};
use maud::{Markup, html};
use std::collections::BTreeMap;

const LEFT: usize = 210;
const RIGHT: usize = 250;
const BETWEEN: usize = 260;
const HEIGHT: usize = 38;
const GAP: usize = 14;
const MARGIN: usize = 2;
const OUTSIDE: &str = "outside, through the gateway";

/// Callers on the left, services on the right, and a line wherever one may call the other.
pub(super) fn svg(contract: &Contract) -> Markup {
    let edges = edges(contract);
    let callers = ordered(&edges);
    let services: Vec<&str> = contract.services.iter().map(|service| service.name.as_str()).collect();
    let rows = callers.len().max(services.len()).max(1);
    let (width, height) = (2 * MARGIN + LEFT + BETWEEN + RIGHT, 2 * MARGIN + rows * (HEIGHT + GAP) - GAP);
    let top = |position: usize, of: usize| {
        let step = HEIGHT + GAP;
        MARGIN + position * step + (rows - of.min(rows)) * step / 2
    };
    let (from, to) = (MARGIN + LEFT, MARGIN + LEFT + BETWEEN);
    html! {
        svg viewBox=(format!("0 0 {width} {height}")) role="img" aria-label="Who may call whom" xmlns="http://www.w3.org/2000/svg" {
            @for ((caller, service), methods) in &edges {
                @let start = callers.iter().position(|name| name == caller).unwrap_or_default();
                @let end = services.iter().position(|name| name == service).unwrap_or_default();
                @let (start, end) = (top(start, callers.len()) + HEIGHT / 2, top(end, services.len()) + HEIGHT / 2);
                g.edge {
                    title { (caller) " → " (service) ": " (methods.join(", ")) }
                    path d=(format!("M{from} {start} C{} {start} {} {end} {to} {end}", from + BETWEEN / 2, to - BETWEEN / 2)) {}
                    text x=(to - 12) y=(end - 5) text-anchor="end" { (methods.len()) }
                }
            }
            @for (position, caller) in callers.iter().enumerate() {
                @let y = top(position, callers.len());
                g.node.caller {
                    rect x=(MARGIN) y=(y) width=(LEFT) height=(HEIGHT) rx="7" {}
                    text x=(MARGIN + LEFT / 2) y=(y + HEIGHT / 2 + 5) text-anchor="middle" { (cut(caller, 28)) }
                }
            }
            @for (position, service) in services.iter().enumerate() {
                @let y = top(position, services.len());
                a href=(of_service(service)) {
                    g.node.callee {
                        title { (service) }
                        rect x=(to) y=(y) width=(RIGHT) height=(HEIGHT) rx="7" {}
                        text x=(to + RIGHT / 2) y=(y + HEIGHT / 2 + 5) text-anchor="middle" { (cut(service, 32)) }
                    }
                }
            }
        }
    }
}

type Edges = BTreeMap<(String, String), Vec<String>>;

/// The methods by caller and service.
fn edges(contract: &Contract) -> Edges {
    let mut edges = Edges::new();
    for service in &contract.services {
        for method in &service.methods {
            for caller in callers(method) {
                let edge = edges.entry((caller, service.name.clone())).or_default();
                edge.push(method.path.method().to_owned());
            }
        }
    }
    edges
}

fn callers(method: &Method) -> Vec<String> {
    let named = |allow: &Allow| match allow {
        Allow::Any => "any workload".to_owned(),
        Allow::Anonymous => "anybody".to_owned(),
        workload @ Allow::Workload { .. } => workload.to_string(),
    };
    let mut callers: Vec<String> = method.policy.allow.value.iter().map(named).collect();
    if method.policy.public.value {
        callers.push(OUTSIDE.to_owned());
    }
    callers.dedup();
    callers
}

/// Callers in the order of what they call, so that few lines cross.
fn ordered(edges: &Edges) -> Vec<String> {
    let services: Vec<&String> = {
        let mut all: Vec<&String> = edges.keys().map(|(_, service)| service).collect();
        all.sort();
        all.dedup();
        all
    };
    let mut places: BTreeMap<&String, (usize, usize)> = BTreeMap::new();
    for (caller, service) in edges.keys() {
        let at = services.iter().position(|name| *name == service).unwrap_or_default();
        let place = places.entry(caller).or_default();
        *place = (place.0 + at, place.1 + 1);
    }
    let mut callers: Vec<(&String, usize)> =
        places.iter().map(|(caller, (sum, count))| (*caller, sum * 1000 / count.max(&1))).collect();
    callers.sort_by(|one, other| one.1.cmp(&other.1).then_with(|| one.0.cmp(other.0)));
    callers.into_iter().map(|(caller, _)| caller.clone()).collect()
}

/// The end of a name says most.
fn cut(name: &str, most: usize) -> String {
    let length = name.chars().count();
    if length <= most {
        return name.to_owned();
    }
    let kept: String = name.chars().skip(length + 1 - most).collect();
    format!("…{kept}")
}
