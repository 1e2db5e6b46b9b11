//! Why an instance is not admitted, for people: a few reasons, each of a few lines at most.

use super::Breakage;
use crate::{reason::Reason, text::line};
use std::sync::Arc;

/// How many reasons are kept and told; of the others, how many there are.
pub(crate) const MAX_SHOWN: usize = 20;
/// Bytes of a refusal's message. Parts of it come from elsewhere.
const MAX_MESSAGE: usize = 1000;
/// Bytes of its origin, and of its remedy.
const MAX_REST: usize = 500;

/// One reason why an instance is not admitted; as treaty.v1.Refusal. Fit for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) message: String,
    /// Where it is written; empty where nowhere.
    pub(crate) origin: String,
    pub(crate) remedy: String,
    /// For CONTRACT_BREAKS.
    pub(crate) breakage: Option<Arc<Breakage>>,
}

impl Refusal {
    pub(crate) fn new(reason: Reason, message: &str, remedy: &str) -> Self {
        let (message, remedy) = (line(message, MAX_MESSAGE), line(remedy, MAX_REST));
        Self { reason, message, origin: String::new(), remedy, breakage: None }
    }

    pub(super) fn at(self, origin: &str) -> Self {
        Self { origin: line(origin, MAX_REST), ..self }
    }

    pub(super) fn over(self, breakage: Breakage) -> Self {
        Self { breakage: Some(breakage.into()), ..self }
    }
}

/// Reasons in the order in which they were found: the first ones, and how many there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals {
    shown: Vec<Refusal>,
    count: usize,
}

impl Refusals {
    pub(crate) fn add(&mut self, refusal: Refusal) {
        if self.shown.len() < MAX_SHOWN {
            self.shown.push(refusal);
        }
        self.count += 1;
    }

    /// Adds reasons that are not looked at.
    pub(super) fn add_unseen(&mut self, count: usize) {
        self.count += count;
    }

    pub(super) fn extend(&mut self, others: &Self) {
        let room = MAX_SHOWN - self.shown.len().min(MAX_SHOWN);
        self.shown.extend(others.shown.iter().take(room).cloned());
        self.count += others.count;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What is told: where there are more than are shown, a last one says so.
    pub(crate) fn told(mut self) -> Arc<[Refusal]> {
        let more = self.count - self.shown.len().min(self.count);
        if more > 0 {
            let message = format!("and {more} more");
            let remedy = "mend those shown; `treaty contract check` lists what is wrong with a contract";
            self.shown.push(Refusal::new(Reason::REFUSALS_OMITTED, &message, remedy));
        }
        self.shown.into()
    }
}

/// As a sentence for the audit: `most` causes, each once, and how much more there is. A field that many methods
/// carry breaks all of them.
pub(super) fn in_short(refusals: &[Refusal], most: usize) -> String {
    let mut causes: Vec<(&Refusal, usize)> = Vec::new();
    for refusal in refusals {
        match causes.iter_mut().find(|(first, _)| same_cause(first, refusal)) {
            Some((_, more)) => *more += 1,
            None => causes.push((refusal, 0)),
        }
    }
    let one = |(refusal, more): &(&Refusal, usize)| match more {
        0 => refusal.message.clone(),
        1 => format!("{} (and in 1 more place)", refusal.message),
        more => format!("{} (and in {more} more places)", refusal.message),
    };
    let mut told: Vec<_> = causes.iter().take(most).map(one).collect();
    if let Some(more) = causes.len().checked_sub(most).filter(|more| *more > 0) {
        told.push(format!("and {more} more"));
    }
    told.join("; ")
}

/// The same rule about the same two declarations, whoever of them writes, to the same people.
fn same_cause(one: &Refusal, other: &Refusal) -> bool {
    let (Some(one), Some(other)) = (&one.breakage, &other.breakage) else { return false };
    let about = |of: &Breakage| (of.provider.clone(), of.consumer.clone(), of.rule.clone(), of.level.clone());
    let straight = one.written == other.written && one.read == other.read;
    let crossed = one.written == other.read && one.read == other.written;
    let placed = !one.path.is_empty() && !other.path.is_empty();
    placed && about(one) == about(other) && (straight || crossed)
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self { shown: vec![refusal], count: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::breakage::Declared;

    #[test]
    fn in_short_a_cause_is_told_once() {
        let declared = |number| Declared { text: format!("Money price = {number}"), ..Declared::default() };
        let refusal = |path: &str, written, read| {
            let (written, read) = (declared(written), declared(read));
            let breakage = Breakage { path: path.to_owned(), written, read, ..Breakage::default() };
            Refusal::new(Reason::CONTRACT_BREAKS, &format!("{path} breaks"), "").over(breakage)
        };
        let other = refusal("Product.name", 1, 2);
        let mut refusals = vec![refusal("Product.price", 9, 5), refusal("Order.product.price", 5, 9)];
        assert_eq!(in_short(&refusals, 3), "Product.price breaks (and in 1 more place)");
        refusals.extend([refusal("Cart.products[].price", 9, 5), other]);
        let both = "Product.price breaks (and in 2 more places); Product.name breaks";
        assert_eq!(in_short(&refusals, 3), both);
        assert_eq!(in_short(&refusals, 1), "Product.price breaks (and in 2 more places); and 1 more");
        assert_eq!(in_short(&[], 3), "");
    }
}
