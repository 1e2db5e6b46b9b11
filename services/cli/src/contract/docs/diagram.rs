//! Who may call whom, as a drawing.

use super::{calls::Calls, links::of_service};
use contract::{Allow, Contract, Method};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

const LEFT: usize = 210;
const RIGHT: usize = 250;
const BETWEEN: usize = 260;
/// The least height of a box, and how much each line that meets it needs.
const HEIGHT: usize = 38;
const LINE: usize = 18;
const GAP: usize = 14;
const MARGIN: usize = 2;
pub(super) const OUTSIDE: &str = "outside, through the gateway";

/// Callers on the left, services on the right, and a line wherever one may call the other, or has.
pub(super) fn svg(contract: &Contract, calls: Option<&Calls>) -> Markup {
    let edges = edges(contract, calls);
    let names = ordered(&edges);
    let services: Vec<String> = contract.services.iter().map(|service| service.name.clone()).collect();
    let lines = |end: fn(&(String, String)) -> &String, name: &String| {
        edges.keys().filter(|edge| end(edge) == name).count()
    };
    let callers = Column::of(&names, |name| lines(|(caller, _)| caller, name));
    let callees = Column::of(&services, |name| lines(|(_, service)| service, name));
    let height = callers.height.max(callees.height);
    let (callers, callees) = (callers.centred(height), callees.centred(height));
    let width = 2 * MARGIN + LEFT + BETWEEN + RIGHT;
    let view = format!("0 0 {width} {}", 2 * MARGIN + height);
    html! {
        svg viewBox=(view) role="img" aria-label="Who may call whom" xmlns="http://www.w3.org/2000/svg" {
            @for edge in lines_of(&edges, &callers, &callees) { (edge) }
            @for node in &callers.boxes {
                g.node.caller { (boxed(node, MARGIN, LEFT, 28)) }
            }
            @for node in &callees.boxes {
                a href=(of_service(&node.name)) { g.node.callee { (boxed(node, MARGIN + LEFT + BETWEEN, RIGHT, 30)) } }
            }
        }
    }
}

/// Boxes below each other.
struct Column {
    boxes: Vec<Node>,
    height: usize,
}

struct Node {
    name: String,
    top: usize,
    height: usize,
}

impl Column {
    fn of(names: &[String], lines: impl Fn(&String) -> usize) -> Self {
        let (mut boxes, mut top) = (Vec::new(), MARGIN);
        for name in names {
            let height = (lines(name) * LINE + 4).max(HEIGHT);
            boxes.push(Node { name: name.clone(), top, height });
            top += height + GAP;
        }
        Self { boxes, height: (top - MARGIN).saturating_sub(GAP).max(HEIGHT) }
    }

    fn centred(mut self, height: usize) -> Self {
        let down = height.saturating_sub(self.height) / 2;
        self.boxes.iter_mut().for_each(|node| node.top += down);
        self
    }

    fn position(&self, name: &str) -> usize {
        self.boxes.iter().position(|node| node.name == name).unwrap_or_default()
    }

    /// Where a line meets a box: each at a place of its own.
    fn meets(&self, name: &str, line: usize, lines: usize) -> usize {
        let node = self.boxes.get(self.position(name));
        node.map_or(0, |node| node.top + (2 * line + 1) * node.height / (2 * lines.max(1)))
    }
}

fn boxed(node: &Node, left: usize, width: usize, letters: usize) -> Markup {
    html! {
        title { (node.name) }
        rect x=(left) y=(node.top) width=(width) height=(node.height) rx="7" {}
        text x=(left + width / 2) y=(node.top + node.height / 2 + 5) text-anchor="middle" { (cut(&node.name, letters)) }
    }
}

fn lines_of(edges: &Edges, callers: &Column, callees: &Column) -> Vec<Markup> {
    let (from, to) = (MARGIN + LEFT, MARGIN + LEFT + BETWEEN);
    let mut sorted: Vec<(&(String, String), &Edge)> = edges.iter().collect();
    sorted.sort_by_key(|((caller, service), _)| (callers.position(caller), callees.position(service)));
    let place = |same: &dyn Fn(&(String, String)) -> bool,
                 edge: &(String, String),
                 order: &dyn Fn(&(String, String)) -> usize| {
        let mut along: Vec<&(String, String)> = edges.keys().filter(|other| same(other)).collect();
        along.sort_by_key(|other| order(other));
        (along.iter().position(|other| *other == edge).unwrap_or_default(), along.len())
    };
    let line = |(edge, of): (&(String, String), &Edge)| {
        let (caller, service) = edge;
        let (out, outs) = place(&|other| other.0 == *caller, edge, &|other| callees.position(&other.1));
        let (into, intos) = place(&|other| other.1 == *service, edge, &|other| callers.position(&other.0));
        let (start, end) = (callers.meets(caller, out, outs), callees.meets(service, into, intos));
        let bend =
            format!("M{from} {start} C{} {start} {} {end} {to} {end}", from + BETWEEN / 2, to - BETWEEN / 2);
        html! {
            g class=(of.class()) {
                title { (caller) " → " (service) ": " (of.in_words()) }
                path d=(bend) {}
                text x=(to - 10) y=(end.saturating_sub(4)) text-anchor="end" { (of.label()) }
            }
        }
    };
    sorted.into_iter().map(line).collect()
}

type Edges = BTreeMap<(String, String), Edge>;

/// What lies between a caller and a service.
#[derive(Default)]
struct Edge {
    /// The methods that may be called.
    allowed: Vec<String>,
    /// Those that were; `None` where nobody knows.
    called: Option<BTreeSet<String>>,
}

impl Edge {
    fn class(&self) -> &'static str {
        match &self.called {
            None => "edge",
            Some(called) if called.is_empty() => "edge unseen",
            Some(_) => "edge seen",
        }
    }

    fn label(&self) -> String {
        match (&self.called, self.allowed.len()) {
            (None, allowed) => allowed.to_string(),
            // By name nobody lets it in: it is any workload.
            (Some(called), 0) => called.len().to_string(),
            (Some(called), allowed) => format!("{} of {allowed}", called.len()),
        }
    }

    fn in_words(&self) -> String {
        let allowed = self.allowed.join(", ");
        let Some(called) = &self.called else { return allowed };
        let called: Vec<&str> = called.iter().map(String::as_str).collect();
        let has = if called.is_empty() { "nothing yet".to_owned() } else { called.join(", ") };
        let may = if allowed.is_empty() { String::new() } else { format!("; may call {allowed}") };
        format!("has called {has}{may}")
    }
}

/// By caller and service.
fn edges(contract: &Contract, calls: Option<&Calls>) -> Edges {
    let mut edges = Edges::new();
    for service in &contract.services {
        for method in &service.methods {
            for caller in callers(method) {
                let edge = edges.entry((caller, service.name.clone())).or_default();
                edge.allowed.push(method.path.method().to_owned());
            }
        }
    }
    if let Some(calls) = calls {
        edges.values_mut().for_each(|edge| edge.called = Some(BTreeSet::new()));
        for (edge, methods) in calls.all() {
            edges.entry(edge.clone()).or_default().called = Some(methods.clone());
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
