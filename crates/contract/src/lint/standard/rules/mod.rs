//! The rules of this category, by subject.

mod names;
mod packages;
mod rest;

use crate::lint::rule::Rule;

pub(in crate::lint) const RULES: &[&[Rule]] = &[packages::RULES, names::RULES, rest::RULES];
