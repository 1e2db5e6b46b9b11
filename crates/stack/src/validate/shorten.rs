//! Violations without long values. What a message holds may be in them, as a map's key or in what an expression says,
//! and a refusal that is larger than its receiver takes is none.

use crate::status::cut;
use validate::{Subscript, Violation};

/// The violation with no key, name of a rule or sentence of more than so many bytes.
pub(super) fn violation(mut violation: Violation, most: usize) -> Violation {
    for element in &mut violation.field.0 {
        if let Some(Subscript::StringKey(key)) = &mut element.subscript
            && key.len() > most
        {
            let mut start = key.get(..key.floor_char_boundary(most + 4)).unwrap_or_default().to_owned();
            cut(&mut start, most);
            *key = start.into();
        }
    }
    cut(&mut violation.rule_id, most);
    cut(&mut violation.message, most);
    violation
}
