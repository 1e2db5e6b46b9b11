//! The interface will age well.

mod bounds;
mod fields;
mod methods;
mod rules;

pub(super) use rules::RULES;

use super::{judge::Judge, set::Set};
use crate::model::Contract;

pub(super) fn check(contract: &Contract, set: &Set<'_>, judge: &mut Judge<'_>) {
    for file in set.targets() {
        methods::check(contract, set, file, judge);
        fields::check(file, judge);
    }
    bounds::check(set, judge);
}
