//! Bindings of other methods that are new, and take paths of this one.

use super::{
    Route, finding,
    template::{Reach, Template},
};
use crate::{finding::Finding, level::Level, party::Party};
use contract::{HttpBinding, Method};
use std::collections::HashSet;

/// More are not looked at.
const MAX_NEW: usize = 256;

/// What the provider binds and the consumer's view does not, whatever its variables are called.
pub(crate) struct Newcomers<'a>(Vec<Newcomer<'a>>);

struct Newcomer<'a> {
    method: &'a Method,
    binding: &'a HttpBinding,
    template: Template,
}

impl<'a> Newcomers<'a> {
    pub(crate) fn of(consumer: &'a Party, provider: &'a Party) -> Self {
        let template = |binding: &HttpBinding| Template::of(&binding.path, |name| Err(name.to_owned()));
        let key = |binding: &HttpBinding| (binding.verb.to_ascii_uppercase(), template(binding).paths());
        let methods = provider.contract.services.iter().flat_map(|service| &service.methods);
        let mut found = Vec::new();
        for method in methods {
            let bindings = provider.contract.http(&method.path);
            if bindings.is_empty() {
                continue;
            }
            let known: HashSet<_> = consumer.contract.http(&method.path).iter().map(key).collect();
            let new = bindings.iter().filter(|binding| !known.contains(&key(binding)));
            found.extend(new.map(|binding| Newcomer { method, binding, template: template(binding) }));
            if found.len() >= MAX_NEW {
                found.truncate(MAX_NEW);
                break;
            }
        }
        Self(found)
    }

    /// Those that take paths of these routes of a method.
    pub(super) fn taking(&self, method: &Method, before: &[Route<'_>]) -> Vec<Finding> {
        let others = self.0.iter().filter(|new| new.method.path != method.path);
        others
            .filter_map(|new| {
                let competes = |route: &&Route<'_>| {
                    route.verb_is_taken_by(new.binding) && new.template.competes_with(&route.template)
                };
                before.iter().find(competes).map(|route| new.taking(route))
            })
            .collect()
    }
}

impl Newcomer<'_> {
    fn taking(&self, before: &Route<'_>) -> Finding {
        let (old, new) = (&before.binding.path, &self.binding.path);
        let path = self.method.path.as_str().trim_start_matches('/');
        let message = format!(
            "{path} is called by `{} {new}` now, which takes paths of `{} {old}`",
            self.binding.verb, before.binding.verb
        );
        let remedy = format!("give {path} a path that does not fit `{old}`");
        let certain = matches!(before.template.reach(&self.template), Reach::Same | Reach::Other(_));
        Finding {
            level: if certain { Level::Breaking } else { Level::Lossy },
            when: (!certain).then(|| format!("for paths that fit `{new}`")),
            ..finding("http-route-taken", before, Some(self.binding), message, remedy)
        }
    }
}
