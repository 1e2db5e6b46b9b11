//! Bindings of other methods that are new, and take paths of this one: where one gateway routes both, that is where
//! both are public.

use super::{
    Route, finding,
    template::{Reach, Template},
};
use crate::{
    finding::Finding,
    level::{Encoding, Level},
    party::Party,
};
use contract::{HttpBinding, Method};
use std::collections::HashSet;

/// More are not looked at.
const MAX_NEW: usize = 256;

/// What the provider binds in public and the consumer's view does not, whatever its variables are called.
pub(crate) struct Newcomers<'a> {
    found: Vec<Newcomer<'a>>,
    /// So many were not looked at.
    left_out: usize,
}

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
        let (mut found, mut left_out) = (Vec::new(), 0);
        for method in methods.filter(|method| method.policy.public.value) {
            let bindings = provider.contract.http(&method.path);
            if bindings.is_empty() {
                continue;
            }
            let known: HashSet<_> = consumer.contract.http(&method.path).iter().map(key).collect();
            for binding in bindings.iter().filter(|binding| !known.contains(&key(binding))) {
                if found.len() < MAX_NEW {
                    found.push(Newcomer { method, binding, template: template(binding) });
                } else {
                    left_out += 1;
                }
            }
        }
        Self { found, left_out }
    }

    /// That there are more than are looked at, if so.
    pub(crate) fn omission(&self) -> Option<Finding> {
        let Self { found, left_out } = self;
        (*left_out > 0).then(|| Finding {
            rule: "comparison-too-large",
            level: Level::Safe,
            encoding: Some(Encoding::Json),
            message: format!(
                "of {} new HTTP bindings of the contract {} were not looked at: they may take paths of others",
                found.len() + left_out,
                left_out
            ),
            remedy: "bring them in several steps, and compare each".to_owned(),
            ..Finding::default()
        })
    }

    /// Those that take paths of these routes of a method.
    pub(super) fn taking(&self, method: &Method, before: &[Route<'_>]) -> Vec<Finding> {
        let others = self.found.iter().filter(|new| new.method.path != method.path);
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
