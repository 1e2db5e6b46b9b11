//! The rules of this category, by subject.

mod callers;
mod calls;
mod ends;
mod fields;
mod http;
mod running;
mod whole;

use crate::lint::rule::Rule;

pub(in crate::lint) const RULES: &[&[Rule]] =
    &[whole::RULES, callers::RULES, calls::RULES, http::RULES, ends::RULES, running::RULES, fields::RULES];
