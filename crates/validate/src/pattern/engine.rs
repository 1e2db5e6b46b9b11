//! The machine that runs a translated pattern: a lazy automaton whose states are built as texts ask for them.
//!
//! A state that is there costs a step for many bytes; one that must be built costs what it holds, and which text
//! builds how many is in the hands of whoever writes the text. Both are paid for in steps.

use crate::steps::{Exhausted, Steps};
use regex_automata::{
    Input,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, WhichCaptures},
    util::{pool::Pool, syntax},
};
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Of the states that are kept for the next text, by each thread that matches at the same time.
const MAX_CACHE: usize = 2 << 20;
/// So many bytes are read between two payments.
const STRETCH: usize = 16;
/// How many bytes of states are built at the price of a step.
const BUILT_A_STEP: usize = 4;
/// What looking for the absence of a border of words is taken to cost, in steps a byte.
const BORDERLESS: usize = 4;

type NewCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// A compiled pattern.
pub(super) enum Engine {
    Lazy(Box<Lazy>),
    /// With `\B`, the absence of a border of words, which an ASCII border is within characters too.
    Borderless(regex::bytes::Regex),
}

/// The same automaton twice.
pub(super) struct Lazy {
    /// Gives up when there is no room for more states.
    fast: Automaton,
    /// Makes room, and is watched over.
    patient: Automaton,
}

struct Automaton {
    dfa: DFA,
    caches: Pool<Cache, NewCache>,
}

impl Engine {
    /// Of a pattern of bytes that may become so large, in bytes.
    pub(super) fn new(translated: &str, size: usize) -> Result<Self, String> {
        if translated.contains(r"\B") {
            let built = regex::bytes::RegexBuilder::new(translated).size_limit(size).build();
            return built.map(Self::Borderless).map_err(|error| match error {
                regex::Error::CompiledTooBig(limit) => too_large(limit),
                other => no_pattern(&other),
            });
        }
        let syntax = syntax::Config::new().utf8(false);
        let hir = syntax::parse_with(translated, &syntax).map_err(|error| no_pattern(&error))?;
        let config = thompson::Config::new()
            .utf8(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(size));
        let nfa = thompson::Compiler::new().configure(config).build_from_hir(&hir);
        let nfa = nfa.map_err(|error| match error.size_limit() {
            Some(limit) => too_large(limit),
            None => no_pattern(&error),
        })?;
        let fast = Automaton::new(nfa.clone(), Some(0))?;
        Ok(Self::Lazy(Box::new(Lazy { fast, patient: Automaton::new(nfa, None)? })))
    }

    pub(super) fn is_match(&self, text: &str, steps: &mut Steps) -> Result<bool, Exhausted> {
        match self {
            Self::Lazy(lazy) => lazy.is_match(text.as_bytes(), steps),
            Self::Borderless(regex) => {
                steps.spend(text.len().saturating_mul(BORDERLESS))?;
                // Only an empty match can begin within a character: everything else reads whole ones.
                Ok(regex.find_iter(text.as_bytes()).any(|found| text.is_char_boundary(found.start())))
            }
        }
    }
}

impl Automaton {
    /// One that gives up rather than make room more often than so many times.
    fn new(nfa: thompson::NFA, clears: Option<usize>) -> Result<Self, String> {
        let config = DFA::config()
            .cache_capacity(MAX_CACHE)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(clears);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa).map_err(|error| no_pattern(&error))?;
        let of = dfa.clone();
        Ok(Self { dfa, caches: Pool::new(Box::new(move || of.create_cache())) })
    }
}

impl Lazy {
    fn is_match(&self, text: &[u8], steps: &mut Steps) -> Result<bool, Exhausted> {
        let Self { fast, patient } = self;
        let cache = &mut fast.caches.get();
        let before = cache.memory_usage();
        let found = fast.dfa.try_search_fwd(cache, &Input::new(text).earliest(true));
        let built = cache.memory_usage().saturating_sub(before);
        steps.spend(1 + text.len() / STRETCH + built / BUILT_A_STEP)?;
        match found {
            Ok(found) => Ok(found.is_some()),
            Err(_) => {
                // The texts so far have filled the room; those to come start anew.
                fast.dfa.reset_cache(cache);
                walk(&patient.dfa, &mut patient.caches.get(), text, steps)
            }
        }
    }
}

/// Byte by byte, so that every state that is built is paid for soon.
fn walk(dfa: &DFA, cache: &mut Cache, text: &[u8], steps: &mut Steps) -> Result<bool, Exhausted> {
    // An automaton that never gives up has no other faults.
    let Ok(mut state) = dfa.start_state_forward(cache, &Input::new(text)) else { return Ok(false) };
    for stretch in text.chunks(STRETCH) {
        let before = (cache.clear_count(), cache.memory_usage());
        for byte in stretch {
            let Ok(next) = dfa.next_state(cache, state, *byte) else { return Ok(false) };
            state = next;
            if state.is_tagged() && (state.is_match() || state.is_dead()) {
                return Ok(state.is_match());
            }
        }
        let cleared = cache.clear_count().saturating_sub(before.0).saturating_mul(MAX_CACHE);
        let built = cache.memory_usage().saturating_sub(before.1).saturating_add(cleared);
        steps.spend(1 + built / BUILT_A_STEP)?;
    }
    Ok(dfa.next_eoi_state(cache, state).is_ok_and(|last| last.is_match()))
}

fn too_large(limit: usize) -> String {
    format!("the pattern needs more than {limit} bytes")
}

/// The parser draws the pattern first, and says what is wrong in the last line.
fn no_pattern(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or(&text).trim().trim_start_matches("error: ");
    format!("no pattern of RE2's syntax: {last}")
}
