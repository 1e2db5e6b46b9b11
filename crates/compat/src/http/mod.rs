//! By which HTTP requests a method can be called (`google.api.http`).
//!
//! Every binding that the consumer knows must still reach the method and mean the same: the same verb, a
//! template that takes all its paths, the same fields out of path, query and body.

mod template;

#[cfg(test)]
mod tests;

use crate::{
    finding::{Declaration, Finding},
    judge::Both,
    level::{Direction, Encoding, Level},
};
use contract::{
    HttpBinding, Method,
    schema::{MessageId, Schema},
};
use template::{Reach, Template};

/// What changed in `google.api.http`.
pub(crate) fn bindings(both: &Both<'_>) -> Vec<Finding> {
    let (from, to) = (both.from.1, both.to.1);
    let Some((sender, receiver)) = sides(both) else { return Vec::new() };
    let now: Vec<_> =
        both.provider.contract.http(&to.path).iter().map(|binding| Route::of(binding, &receiver)).collect();
    let before: Vec<_> =
        both.consumer.contract.http(&from.path).iter().map(|binding| Route::of(binding, &sender)).collect();
    let mut found: Vec<_> = before.iter().flat_map(|route| changes(route, &before, &now)).collect();
    found.extend(taken_over(both, &receiver, &before));
    found
}

/// Bindings of other methods that are new, and take paths of this one.
fn taken_over(both: &Both<'_>, receiver: &Types<'_>, before: &[Route<'_>]) -> Vec<Finding> {
    let methods = both.provider.contract.services.iter().flat_map(|service| &service.methods);
    let mut found = Vec::new();
    for other in methods.filter(|other| !before.is_empty() && other.path != both.to.1.path) {
        let known = both.consumer.contract.http(&other.path);
        let same = |one: &HttpBinding, two: &HttpBinding| one.verb == two.verb && one.path == two.path;
        let bindings = both.provider.contract.http(&other.path).iter();
        for binding in bindings.filter(|binding| !known.iter().any(|known| same(known, binding))) {
            let now = Route::of(binding, receiver);
            let competes =
                |route: &&Route<'_>| verb_reaches(route, &now) && now.template.competes_with(&route.template);
            found.extend(before.iter().find(competes).map(|route| taken(route, &now, other)));
        }
    }
    found
}

fn taken(before: &Route<'_>, now: &Route<'_>, other: &Method) -> Finding {
    let (old, new) = (&before.binding.path, &now.binding.path);
    let path = other.path.as_str().trim_start_matches('/');
    let message = format!(
        "{path} is called by `{} {new}` now, which takes paths of `{} {old}`",
        now.binding.verb, before.binding.verb
    );
    let remedy = format!("give {path} a path that does not fit `{old}`");
    let certain = matches!(before.template.reach(&now.template), Reach::Same | Reach::Other(_));
    Finding {
        level: if certain { Level::Breaking } else { Level::Lossy },
        when: (!certain).then(|| format!("for paths that fit `{new}`")),
        ..finding("http-route-taken", before, Some(now), message, remedy)
    }
}

/// The types of the messages, on each side.
struct Types<'a> {
    schema: &'a Schema,
    request: MessageId,
    response: MessageId,
}

fn sides<'a>(both: &Both<'a>) -> Option<(Types<'a>, Types<'a>)> {
    let side = |schema: &'a Schema, method: &Method| {
        let (request, response) = (schema.message_id(&method.input)?, schema.message_id(&method.output)?);
        Some(Types { schema, request, response })
    };
    Some((side(&both.consumer.schema, both.from.1)?, side(&both.provider.schema, both.to.1)?))
}

/// A binding, understood.
struct Route<'a> {
    binding: &'a HttpBinding,
    template: Template,
    /// By numbers: names may change, and the request stays the same.
    body: Body,
    response_body: Body,
}

/// What a body carries.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Body {
    None,
    All,
    /// A field, by number; by name where the message has none of this name.
    Field(Result<Vec<u32>, String>),
}

impl<'a> Route<'a> {
    fn of(binding: &'a HttpBinding, types: &Types<'_>) -> Self {
        let number = |message, path: &str| template::numbers(types.schema, message, path);
        let body = |message, text: &str, none| match text {
            "" => none,
            "*" => Body::All,
            field => Body::Field(number(message, field)),
        };
        Self {
            binding,
            template: Template::of(&binding.path, |path| number(types.request, path)),
            body: body(types.request, &binding.body, Body::None),
            response_body: body(types.response, &binding.response_body, Body::All),
        }
    }
}

/// How near routes are that are the same.
const SAME: u32 = 15;

/// How near two routes are: the nearest is the one that the old one became.
fn nearness(before: &Route<'_>, now: &Route<'_>) -> u32 {
    let path = match before.template.reach(&now.template) {
        Reach::Same => 8,
        Reach::Other(_) => 7,
        Reach::Narrower => 5,
        Reach::Elsewhere => 0,
    };
    let verb = verb_reaches(before, now);
    path + 4 * u32::from(verb)
        + 2 * u32::from(before.body == now.body)
        + u32::from(before.response_body == now.response_body)
}

fn verb_reaches(before: &Route<'_>, now: &Route<'_>) -> bool {
    now.binding.verb == "*" || before.binding.verb.eq_ignore_ascii_case(&now.binding.verb)
}

/// `all`: all routes that there were; what another of them became, this one did not.
fn changes(before: &Route<'_>, all: &[Route<'_>], now: &[Route<'_>]) -> Vec<Finding> {
    let taken = |route: &Route<'_>| {
        all.iter().any(|other| other.binding != before.binding && nearness(other, route) == SAME)
            && nearness(before, route) < SAME
    };
    let line = format!("{} {}", before.binding.verb, before.binding.path);
    let free = now.iter().filter(|route| !taken(route) && nearness(before, route) >= 4);
    let Some(nearest) = free.max_by_key(|route| nearness(before, route)) else {
        let message = format!("`{line}` reaches the method no longer");
        let remedy = format!("keep `{line}`, as one of the `additional_bindings` if another is the main one");
        return vec![finding("http-route-deleted", before, None, message, remedy)];
    };
    let mut found = Vec::new();
    let mut say = |rule, message: String, remedy: String| {
        found.push(finding(rule, before, Some(nearest), message, remedy));
    };
    let new_line = format!("{} {}", nearest.binding.verb, nearest.binding.path);
    let both = format!("keep `{line}` as one of the `additional_bindings`");
    if !verb_reaches(before, nearest) {
        let message = format!("`{line}` is `{new_line}` now: the old request is no longer routed");
        say("http-verb-changed", message, both.clone());
    }
    match before.template.reach(&nearest.template) {
        Reach::Same => {}
        Reach::Other(what) => {
            say("http-path-changed", format!("`{line}` is still routed, but {what}"), both.clone());
        }
        Reach::Narrower => {
            let message = format!("not every path of `{line}` fits `{}` any more", nearest.binding.path);
            say("http-path-narrowed", message, both.clone());
        }
        Reach::Elsewhere => {
            let message = format!("`{line}` is `{new_line}` now: the old path is no longer routed");
            say("http-path-changed", moved(before, nearest, message), both.clone());
        }
    }
    if before.body != nearest.body {
        let message = format!("of `{line}`, {}", body_change(before, nearest));
        say("http-body-changed", message, format!("{both}, with its old `body`"));
    }
    if before.response_body != nearest.response_body {
        let shown =
            |text: &str| if text.is_empty() { "the whole message".to_owned() } else { format!("`{text}`") };
        let (old, new) = (shown(&before.binding.response_body), shown(&nearest.binding.response_body));
        let message = format!("the response to `{line}` was {old}, and is {new} now");
        say("http-response-body-changed", message, format!("{both}, with its old `response_body`"));
    }
    found
}

/// Says which parameter of the query became part of the path, if one did.
fn moved(before: &Route<'_>, now: &Route<'_>, message: String) -> String {
    let known = before.template.variables();
    let added: Vec<_> = now
        .template
        .variables()
        .into_iter()
        .filter(|added| !known.iter().any(|known| known.numbers == added.numbers))
        .map(|added| format!("`{}`", added.name))
        .collect();
    if added.is_empty() {
        message
    } else {
        format!("{message}; {} became part of the path", added.join(", "))
    }
}

fn body_change(before: &Route<'_>, now: &Route<'_>) -> &'static str {
    match (&before.body, &now.body) {
        (Body::None, _) => "parameters of the query are now expected in the body",
        (_, Body::None) => "the body is no longer read",
        (Body::All, _) => "the body is one field of the request now, no longer the request",
        (_, Body::All) => "the body is the whole request now, no longer one field of it",
        _ => "the body is another field of the request now",
    }
}

fn finding(
    rule: &'static str,
    before: &Route<'_>,
    now: Option<&Route<'_>>,
    message: String,
    remedy: String,
) -> Finding {
    let direction =
        if rule == "http-response-body-changed" { Direction::Response } else { Direction::Request };
    let (one, other) =
        (declaration(before.binding), now.map(|now| declaration(now.binding)).unwrap_or_default());
    let (written, read) = if direction == Direction::Request { (one, other) } else { (other, one) };
    let narrowed = rule == "http-path-narrowed";
    Finding {
        rule,
        level: Level::Breaking,
        when: narrowed.then(|| "for paths that the new template does not take".to_owned()),
        direction: Some(direction),
        encoding: Some(Encoding::Json),
        written,
        read,
        message,
        remedy,
        ..Finding::default()
    }
}

/// `GET /v1/{name=products/*} body: "*"`.
fn declaration(binding: &HttpBinding) -> Declaration {
    let mut text = format!("{} {}", binding.verb, binding.path);
    for (name, value) in [("body", &binding.body), ("response_body", &binding.response_body)] {
        if !value.is_empty() {
            text.push_str(&format!(" {name}: {value:?}"));
        }
    }
    Declaration { text, origin: binding.origin.clone() }
}
