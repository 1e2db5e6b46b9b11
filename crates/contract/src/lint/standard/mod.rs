//! Names and files are as everybody's are: the rules of buf's category STANDARD, one to one.

mod enums;
mod imports;
pub(super) mod names;
mod packages;
mod rpcs;
mod rules;
mod shapes;
mod used;
mod version;

pub(super) use rules::RULES;
pub(super) use version::Version;

use super::{judge::Judge, set::Set};

pub(super) fn check(set: &Set<'_>, judge: &mut Judge<'_>) {
    for file in set.targets() {
        shapes::check(file, judge);
        enums::check(file, judge);
        imports::check(file, judge);
    }
    used::check(set, judge);
    packages::check(set, judge);
    rpcs::check(set, judge);
}
