//! Types that need themselves.

use super::{Contradiction, Finder, words};
use validate::{Needs, needs::Step};

impl Finder<'_> {
    /// Each circle once, at the type whose name is the first of them.
    pub(super) fn endless(&mut self) {
        let needs = Needs::of(self.schema);
        for message in self.schema.messages().filter(|message| needs.least(message.id).is_none()) {
            let circle = needs.circle(message.id);
            let owner = |step: &Step| step.field.rsplit_once('.').map(|(of, _)| of.to_owned());
            let closed = circle.last().is_some_and(|last| last.holds == message.name);
            if !closed || circle.iter().filter_map(owner).min().is_some_and(|first| first < message.name) {
                continue;
            }
            let Some(first) = circle.first() else { continue };
            let steps: Vec<_> = circle
                .iter()
                .map(|step| format!("`{}` must hold a `{}` (`{}`)", step.field, step.holds, step.rule))
                .collect();
            self.found.push(Contradiction {
                origin: first.origin.clone(),
                message: format!("no `{}` has an end: {}", message.name, words::and(&steps)),
                remedy: "let one of them be absent or empty",
                unkeepable: true,
            });
        }
    }
}
