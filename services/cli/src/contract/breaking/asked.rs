//! Whom the mesh asked, and whom it did not, and why.

/// Somebody who consumes one of the services now.
pub(super) struct Caller {
    pub(super) workload: String,
    /// How many of its views are the contract that is judged.
    pub(super) same: usize,
    /// How many are others.
    pub(super) others: usize,
}

impl Caller {
    fn why(&self) -> &'static str {
        match (self.same, self.others) {
            (0, 0) => "it shows no contract of its own",
            (_, 0) => "it was built with this very contract",
            _ => "its calls go to another workload",
        }
    }
}

/// Whose view was held against the contract.
pub(super) struct Asked<'a> {
    /// What the mesh was asked about; none where it serves none of it.
    pub(super) services: &'a [String],
    pub(super) consumers: &'a [String],
    pub(super) unasked: &'a [Caller],
}

impl Asked<'_> {
    /// What follows "nothing breaks in".
    pub(super) fn in_words(&self) -> String {
        let unasked = self.unasked.iter().map(|caller| format!("{} ({})", caller.workload, caller.why()));
        let unasked = unasked.collect::<Vec<_>>().join(", ");
        match (self.services, self.consumers) {
            ([], _) => "the mesh: it serves none of these services yet".to_owned(),
            (services, []) if unasked.is_empty() => {
                format!("the mesh: nobody live calls {}", services.join(", "))
            }
            (_, []) => format!("the mesh: nobody was asked, not {unasked}"),
            (_, asked) if unasked.is_empty() => format!("the mesh; asked: {}", asked.join(", ")),
            (_, asked) => format!("the mesh; asked: {}; not asked: {unasked}", asked.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_said_to_call_nothing_who_calls() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let caller = |same, others| Caller { workload: "shop/web".to_owned(), same, others };
        let said = |services: &[&str], consumers: &[&str], unasked: &[Caller]| {
            let (services, consumers) = (names(services), names(consumers));
            Asked { services: &services, consumers: &consumers, unasked }.in_words()
        };
        assert_eq!(said(&[], &[], &[]), "the mesh: it serves none of these services yet");
        assert_eq!(said(&["a.B", "a.C"], &[], &[]), "the mesh: nobody live calls a.B, a.C");
        assert_eq!(said(&["a.B"], &["shop/orders"], &[]), "the mesh; asked: shop/orders");
        for (caller, why) in [
            (caller(0, 0), "it shows no contract of its own"),
            (caller(1, 0), "it was built with this very contract"),
            (caller(0, 1), "its calls go to another workload"),
        ] {
            let unasked = [caller];
            assert_eq!(
                said(&["a.B"], &[], &unasked),
                format!("the mesh: nobody was asked, not shop/web ({why})")
            );
            assert_eq!(
                said(&["a.B"], &["shop/orders"], &unasked),
                format!("the mesh; asked: shop/orders; not asked: shop/web ({why})")
            );
        }
    }
}
