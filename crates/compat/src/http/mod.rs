//! By which HTTP requests a method can be called (`google.api.http`).
//!
//! Every binding that the consumer knows must still reach the method and mean the same: the same verb, a
//! template that takes all its paths, the same fields out of path, query and body.

mod taken;
mod template;

#[cfg(test)]
mod tests;

use crate::{
    finding::{Declaration, Finding},
    judge::Both,
    level::{Direction, Encoding, Level},
    policy::GATEWAY,
};
use contract::{
    HttpBinding,
    schema::{MessageId, Schema},
};
use std::collections::{HashMap, HashSet};
pub(crate) use taken::Newcomers;
use template::{Reach, Template, Variable};

/// Routes of one method that are compared with each other; more are counted only.
const MAX_CHANGED: usize = 64;

/// What changed in `google.api.http`.
pub(crate) fn bindings(both: &Both<'_>, newcomers: &Newcomers<'_>) -> Vec<Finding> {
    let (from, to) = (both.from.1, both.to.1);
    let Some((sender, receiver)) = sides(both) else { return Vec::new() };
    let now: Vec<_> =
        both.provider.contract.http(&to.path).iter().map(|binding| Route::of(binding, &receiver)).collect();
    let before: Vec<_> =
        both.consumer.contract.http(&from.path).iter().map(|binding| Route::of(binding, &sender)).collect();
    let mut found = changed(&before, &now, &sender);
    found.extend(beyond(both));
    let by_gateway = both.settings.caller.is_none_or(|caller| caller == GATEWAY);
    if by_gateway && from.policy.public.value && to.policy.public.value {
        found.extend(newcomers.taking(to, &before));
    }
    found
}

/// That a method has more bindings than are compared, if so.
fn beyond(both: &Both<'_>) -> Option<Finding> {
    let before = both.consumer.contract.http_beyond(&both.from.1.path);
    let now = both.provider.contract.http_beyond(&both.to.1.path);
    let count = before.or(now)?.count.max(now.map_or(0, |now| now.count));
    let (level, said) = if before == now {
        (Level::Safe, "they say the same as before, and what they mean was not compared")
    } else {
        (Level::Breaking, "they changed, and nobody can tell whether callers keep theirs")
    };
    Some(Finding {
        rule: "comparison-too-large",
        level,
        encoding: Some(Encoding::Json),
        message: format!("{count} HTTP bindings lie beyond the first that are compared: {said}"),
        remedy: "give the method fewer `additional_bindings`: a template with a variable takes many paths"
            .to_owned(),
        ..Finding::default()
    })
}

fn changed(before: &[Route<'_>], now: &[Route<'_>], sender: &Types<'_>) -> Vec<Finding> {
    // What stayed as it was, word for word, is the same to everybody; whatever is left changed.
    let kept: HashMap<_, _> = now.iter().enumerate().map(|(at, route)| (route.words(), at)).collect();
    let same = |route: &Route<'_>| {
        let at = kept.get(&route.words()).copied()?;
        now.get(at).is_some_and(|now| route.means(now)).then_some(at)
    };
    let taken: HashSet<usize> = before.iter().filter_map(same).collect();
    let (changed, free): (Vec<_>, Vec<_>) = (
        before.iter().filter(|route| same(route).is_none()).collect(),
        now.iter().enumerate().filter(|(at, _)| !taken.contains(at)).map(|(_, route)| route).collect(),
    );
    // What another route became, this one did not.
    let owned =
        |now: &Route<'_>| changed.iter().take(MAX_CHANGED).any(|before| nearness(before, now) == SAME);
    let free: Vec<_> = free.into_iter().take(MAX_CHANGED).filter(|route| !owned(route)).collect();
    let mut found = Vec::new();
    for route in changed.iter().take(MAX_CHANGED) {
        let kept = now.iter().find(|now| nearness(route, now) == SAME);
        let near = || free.iter().copied().filter(|now| nearness(route, now) >= 4);
        let nearest = kept.or_else(|| near().max_by_key(|now| nearness(route, now)));
        found.extend(changes(route, nearest, sender));
    }
    if changed.len() > MAX_CHANGED {
        let omitted = Finding::omitted(changed.len() - MAX_CHANGED, Level::Breaking, MAX_CHANGED);
        found.push(Finding { encoding: Some(Encoding::Json), ..omitted });
    }
    found
}

/// The types of the messages, on each side.
struct Types<'a> {
    schema: &'a Schema,
    request: MessageId,
    response: MessageId,
}

impl Types<'_> {
    /// Whether the request has the field of a variable.
    fn knows(&self, variable: &Variable) -> bool {
        let Ok(numbers) = &variable.numbers else { return false };
        let mut message = Some(self.request);
        numbers.iter().all(|number| {
            let field = message.and_then(|id| self.schema.message_at(id).field(*number));
            message = field.and_then(|field| field.kind.message());
            field.is_some()
        })
    }
}

fn sides<'a>(both: &Both<'a>) -> Option<(Types<'a>, Types<'a>)> {
    let side = |schema: &'a Schema, method: &contract::Method| {
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

impl Route<'_> {
    /// As it is written.
    fn words(&self) -> (&str, &str, &str, &str) {
        let HttpBinding { verb, path, body, response_body, .. } = self.binding;
        (verb, path, body, response_body)
    }

    /// Whether the same words name the same fields.
    fn means(&self, other: &Self) -> bool {
        (&self.template, &self.body, &self.response_body)
            == (&other.template, &other.body, &other.response_body)
    }

    fn verb_is_taken_by(&self, binding: &HttpBinding) -> bool {
        binding.verb == "*" || self.binding.verb.eq_ignore_ascii_case(&binding.verb)
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
    let verb = before.verb_is_taken_by(now.binding);
    path + 4 * u32::from(verb)
        + 2 * u32::from(before.body == now.body)
        + u32::from(before.response_body == now.response_body)
}

/// `nearest`: what became of it.
fn changes(before: &Route<'_>, nearest: Option<&Route<'_>>, sender: &Types<'_>) -> Vec<Finding> {
    let line = format!("{} {}", before.binding.verb, before.binding.path);
    let Some(nearest) = nearest else {
        let message = format!("`{line}` reaches the method no longer");
        let remedy = format!("keep `{line}`, as one of the `additional_bindings` if another is the main one");
        return vec![finding("http-route-deleted", before, None, message, remedy)];
    };
    let mut found = Vec::new();
    let mut say = |rule, message: String, remedy: String| {
        found.push(finding(rule, before, Some(nearest.binding), message, remedy));
    };
    let new_line = format!("{} {}", nearest.binding.verb, nearest.binding.path);
    let both = format!("keep `{line}` as one of the `additional_bindings`");
    if !before.verb_is_taken_by(nearest.binding) {
        let message = format!("`{line}` is `{new_line}` now: the old request is no longer routed");
        say("http-verb-changed", message, both.clone());
    }
    match before.template.reach(&nearest.template) {
        Reach::Same => {
            // Of a field that it does not know, the sender says nothing in any case.
            let knows = |variable: &&Variable| sender.knows(variable);
            if let Some(variable) = nearest.template.binds_besides(&before.template).find(knows) {
                let message = format!(
                    "`{line}` is still routed, but a part of the path is read as `{}`",
                    variable.name
                );
                say("http-path-changed", message, both.clone());
            }
        }
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
    now: Option<&HttpBinding>,
    message: String,
    remedy: String,
) -> Finding {
    let direction =
        if rule == "http-response-body-changed" { Direction::Response } else { Direction::Request };
    let (one, other) = (declaration(before.binding), now.map(declaration).unwrap_or_default());
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
