//! The machine that runs a translated pattern: a lazy automaton whose states are built as texts ask for them.
//!
//! A state that is there costs a step for many bytes; one that must be built costs what it holds, and which text
//! builds how many is in the hands of whoever writes the text. Both are paid for in steps.

use crate::steps::{Exhausted, Steps};
use regex_automata::{
    Anchored, Input,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, WhichCaptures},
    util::{pool::Pool, syntax},
};
use regex_syntax::hir::{Dot, Hir, Repetition};
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Of the states that are kept for the next text, by each thread that matches at the same time.
const MAX_CACHE: usize = 2 << 20;
/// What a search costs, however short the text is.
pub(crate) const SEARCH: usize = 8;
/// So many bytes are read between two payments.
const STRETCH: usize = 16;
/// How many bytes of states are built at the price of a step.
const BUILT_A_STEP: usize = 4;

/// How deep groups, lists and repetitions may nest, as in Go; RE2 in C++ minds none.
const MAX_NESTING: u32 = 1000;
/// So many groups within each other fit every stack.
const MAX_FLAT: usize = 100;
/// In bytes; several times what the deepest pattern takes.
const DEEP_STACK: usize = 32 << 20;

type NewCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// A compiled pattern: the same automaton twice.
pub(super) struct Engine {
    /// How a search begins.
    anchored: Anchored,
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
        if nesting(translated) <= MAX_FLAT {
            return Self::built(translated, size);
        }
        // What builds the automaton goes down as deep as the pattern, which may be more than is left of this stack.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(DEEP_STACK);
            let built = thread.spawn_scoped(scope, || Self::built(translated, size));
            let built = built.map_err(|error| format!("there is no thread for a deep pattern: {error}"))?;
            built.join().unwrap_or_else(|_| Err("the pattern cannot be compiled".to_owned()))
        })
    }

    fn built(translated: &str, size: usize) -> Result<Self, String> {
        let syntax = syntax::Config::new().utf8(false).nest_limit(MAX_NESTING);
        let mut hir = syntax::parse_with(translated, &syntax).map_err(|error| no_pattern(&error))?;
        let mut anchored = Anchored::No;
        if translated.contains(r"\B") {
            // The absence of a border of words is within characters too, but no match begins there: what comes
            // before it is whole characters.
            let any = Hir::dot(Dot::AnyChar);
            let before = Repetition { min: 0, max: None, greedy: false, sub: Box::new(any) };
            hir = Hir::concat(vec![Hir::repetition(before), hir]);
            anchored = Anchored::Yes;
        }
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
        Ok(Self { anchored, fast, patient: Automaton::new(nfa, None)? })
    }

    /// How many bytes it takes, without the states that texts build.
    pub(super) fn size(&self) -> usize {
        self.fast.dfa.get_nfa().memory_usage()
    }

    pub(super) fn is_match(&self, text: &[u8], steps: &mut Steps) -> Result<bool, Exhausted> {
        // Reading is paid for before, and what it builds is known behind.
        steps.spend(SEARCH + text.len() / STRETCH)?;
        let Self { fast, patient, .. } = self;
        let input = Input::new(text).anchored(self.anchored);
        let cache = &mut fast.caches.get();
        let before = cache.memory_usage();
        let found = fast.dfa.try_search_fwd(cache, &input.clone().earliest(true));
        let built = cache.memory_usage().saturating_sub(before);
        steps.spend(built / BUILT_A_STEP)?;
        match found {
            Ok(found) => Ok(found.is_some()),
            Err(_) => {
                // The texts so far have filled the room; those to come start anew.
                fast.dfa.reset_cache(cache);
                walk(&patient.dfa, &mut patient.caches.get(), &input, steps)
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

/// Byte by byte, so that every state that is built is paid for soon.
fn walk(dfa: &DFA, cache: &mut Cache, input: &Input<'_>, steps: &mut Steps) -> Result<bool, Exhausted> {
    // An automaton that never gives up has no other faults.
    let Ok(mut state) = dfa.start_state_forward(cache, input) else { return Ok(false) };
    for stretch in input.haystack().chunks(STRETCH) {
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

/// How many groups are open at once, at most.
fn nesting(pattern: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in pattern.bytes() {
        match byte {
            b'(' => open += 1,
            b')' => open = open.saturating_sub(1),
            _ => {}
        }
        most = open.max(most);
    }
    most
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
