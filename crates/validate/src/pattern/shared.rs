//! Patterns that many rules have in common.

use super::{Pattern, compile};
use std::{cell::RefCell, collections::HashMap, rc::Rc};

/// How much all patterns of a contract may take together, in bytes. One may take half of that.
const MAX_TOGETHER: usize = 64 << 20;

/// The patterns of a contract: each is compiled once, whoever names it, and together they have so much room. Clones
/// are the same.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Rc<RefCell<Known>>);

#[derive(Debug)]
struct Known {
    compiled: HashMap<Box<str>, Pattern>,
    bytes: usize,
    most: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self { compiled: HashMap::new(), bytes: 0, most: MAX_TOGETHER }
    }
}

impl Patterns {
    /// Compiles a pattern of RE2's syntax, unless it is known.
    ///
    /// # Errors
    /// What is wrong with it, in one line; or that there is no room for it.
    pub fn compile(&self, pattern: &str) -> Result<Pattern, String> {
        if let Some(known) = self.0.borrow().compiled.get(pattern) {
            return Ok(known.clone());
        }
        let compiled = compile(pattern)?;
        let mut known = self.0.borrow_mut();
        let together = known.bytes.saturating_add(compiled.size());
        if together > known.most {
            return Err(format!(
                "the patterns of the contract need more than {} MiB together, this one {} KiB of them: repeat less, or \
                 narrower classes ([a-z] for \\pL)",
                known.most >> 20,
                compiled.size() >> 10
            ));
        }
        known.bytes = together;
        known.compiled.insert(pattern.into(), compiled.clone());
        Ok(compiled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_compiled_once() {
        let patterns = Patterns::default();
        let (one, other) = (patterns.compile("^a+$").unwrap(), patterns.clone().compile("^a+$").unwrap());
        assert!(std::sync::Arc::ptr_eq(&one.engine, &other.engine));
        assert_eq!(patterns.0.borrow().bytes, one.size());
        // What is no pattern takes nothing.
        drop(patterns.compile("a(").unwrap_err());
        assert_eq!(patterns.0.borrow().bytes, one.size());
    }

    #[test]
    fn patterns_have_so_much_room_together() {
        let patterns = Patterns::default();
        patterns.0.borrow_mut().most = 4 << 20;
        let refused = (0..20).filter_map(|at| patterns.compile(&format!(r"\pL{{40}}x{at}")).err());
        let refused: Vec<String> = refused.collect();
        assert!(
            (1..20).contains(&refused.len()) && refused[0].contains("more than 4 MiB together"),
            "{refused:?}"
        );
        assert!(patterns.0.borrow().bytes <= 4 << 20);
        // What is small still fits.
        drop(patterns.compile(r"^[a-z0-9-]{1,63}$").unwrap());
    }
}
