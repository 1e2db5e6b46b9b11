//! Why an instance is not admitted, for people: a few reasons, each of a few lines at most.

use super::{Breakage, few::Few};
use crate::{reason::Reason, text::line};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

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

/// Reasons in the order in which they were found: the first causes of them, each with its first places, and how
/// many more there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals(Few<Refusal>);

impl Refusals {
    pub(crate) fn add(&mut self, refusal: Refusal) {
        // Whoever is refused as a consumer reads here what it must not call.
        let (cause, service) = (refusal.cause(), refusal.service().map(str::to_owned));
        self.0.add(cause, service.as_deref(), || refusal);
    }

    /// Adds reasons that are not looked at.
    pub(super) fn add_unseen(&mut self, count: usize) {
        self.0.add_unseen(count);
    }

    pub(super) fn extend(&mut self, others: &Self) {
        others.0.shown().iter().for_each(|refusal| self.add(refusal.clone()));
        self.0.add_hidden_of(&others.0);
    }

    /// The same, of others that are told in another way.
    pub(super) fn few(&mut self) -> &mut Few<Refusal> {
        &mut self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is told: where there are more than are shown, a last one says so.
    pub(crate) fn told(self) -> Arc<[Refusal]> {
        let (causes, places) = self.0.hidden();
        let places = match places {
            0 => None,
            1 => Some("1 more place of these".to_owned()),
            more => Some(format!("{more} more places of these")),
        };
        let causes = Some(causes).filter(|more| *more > 0);
        let more: Vec<_> = causes.map(|more| format!("{more} more")).into_iter().chain(places).collect();
        let mut told = self.0.into_shown();
        if !more.is_empty() {
            let message = format!("and {}", more.join(", and "));
            let remedy = "mend those shown; `treaty contract check` lists what is wrong with a contract";
            told.push(Refusal::new(Reason::REFUSALS_OMITTED, &message, remedy));
        }
        told.into()
    }
}

impl Refusal {
    /// A number for the cause: the same for those that have the same one ([`same_cause`]). `None`: it has none but
    /// itself.
    fn cause(&self) -> Option<u64> {
        let over = self.breakage.as_ref().filter(|over| !over.path.is_empty())?;
        let sides = [&over.written, &over.read];
        let mut sides = sides.map(|side| (&side.text, &side.origin));
        sides.sort();
        let mut hasher = DefaultHasher::new();
        (&over.provider, &over.consumer, &over.rule, &over.level, sides).hash(&mut hasher);
        Some(hasher.finish())
    }

    /// The service that it is about.
    fn service(&self) -> Option<&str> {
        self.breakage.as_ref()?.method.split('/').next()
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
    let same = [(&one.provider, &other.provider), (&one.consumer, &other.consumer)];
    let same = same.into_iter().chain([(&one.rule, &other.rule), (&one.level, &other.level)]);
    let straight = one.written == other.written && one.read == other.read;
    let crossed = one.written == other.read && one.read == other.written;
    let placed = !one.path.is_empty() && !other.path.is_empty();
    placed && { same }.all(|(one, other)| one == other) && (straight || crossed)
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        let mut refusals = Self::default();
        refusals.add(refusal);
        refusals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{
        breakage::Declared,
        few::{MAX_PLACES, MAX_SHOWN},
    };
    use std::collections::BTreeSet;

    fn refusal(path: &str, written: usize, read: usize) -> Refusal {
        let declared = |number| Declared { text: format!("Money price = {number}"), ..Declared::default() };
        let (written, read, method) = (declared(written), declared(read), "a.v1.B/C".to_owned());
        let breakage = Breakage { path: path.to_owned(), written, read, method, ..Breakage::default() };
        Refusal::new(Reason::CONTRACT_BREAKS, &format!("{path} breaks"), "").over(breakage)
    }

    fn told(refusals: impl IntoIterator<Item = Refusal>) -> Vec<String> {
        let mut all = Refusals::default();
        refusals.into_iter().for_each(|refusal| all.add(refusal));
        all.told().iter().map(|refusal| refusal.message.clone()).collect()
    }

    #[test]
    fn causes_are_counted_and_not_the_places_where_they_show() {
        let many = |cause, places| (0..places).map(move |n| refusal(&format!("M{n}.price"), cause, 0));
        assert_eq!(told(many(1, MAX_PLACES)).len(), MAX_PLACES);
        let shown = told(many(1, 30).chain(many(2, 1)));
        assert_eq!(shown.len(), MAX_PLACES + 2);
        assert_eq!(shown[MAX_PLACES..], ["M0.price breaks", "and 22 more places of these"]);
        let shown = told((1..=MAX_SHOWN + 3).flat_map(|cause| many(cause, 2)));
        assert_eq!((shown.len(), shown.last().unwrap().as_str()), (2 * MAX_SHOWN + 1, "and 3 more"));
        let shown = told((1..=MAX_SHOWN + 3).flat_map(|cause| many(cause, MAX_PLACES + 1)).chain(many(1, 1)));
        assert_eq!(shown.last().unwrap(), "and 3 more, and 21 more places of these");
    }

    #[test]
    fn of_every_service_something_is_told() {
        let of = |service: &str, cause| {
            let mut refusal = refusal("M.price", cause, 0);
            let mut breakage = Breakage::clone(refusal.breakage.as_ref().unwrap());
            breakage.method = format!("{service}/C");
            refusal.message = service.to_owned();
            refusal.over(breakage)
        };
        let first = (1..=MAX_SHOWN + 1).map(|cause| of("a.v1.B", cause));
        let same = (0..MAX_PLACES).map(|_| of("a.v1.B", 1));
        let shown = told(first.chain(same).chain([of("a.v1.Other", 1), of("b.v1.C", 99), of("b.v1.C", 98)]));
        let about: BTreeSet<_> = shown.iter().map(String::as_str).collect();
        assert!(about.is_superset(&["a.v1.B", "a.v1.Other", "b.v1.C"].into()), "{shown:?}");
        assert_eq!(shown.last().unwrap(), "and 2 more, and 1 more place of these");
    }

    #[test]
    fn in_short_a_cause_is_told_once() {
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
