//! Attempts, until one obeys.

use crate::{
    author::{Author, Spot},
    coherent,
    error::SampleError,
    like,
    limits::{self, ATTEMPTS, Made, Spent},
    rules, tree,
};
use contract::{
    Origin,
    comments::Comments,
    schema::{Field, MessageId, Schema},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet, btree_map::Entry},
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};
use validate::{CompileError, Failure, Needs, Program, Violation, Violations};

/// Where a path stays wrong, what is around it is made anew too, every so many attempts.
const STUBBORN: u32 = 12;

/// What a message is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Anything: every field counts.
    #[default]
    Any,
    /// A request: fields that only come back are left out.
    Request,
    /// A response: fields that only go in are left out.
    Response,
}

impl Role {
    /// Whether a field is set: by `google.api.field_behavior`, or by what its comment says in so many words.
    pub(crate) fn sets(self, field: &Field, comment: &str) -> bool {
        const FIELD_BEHAVIOR: u32 = 1052;
        const OUTPUT_ONLY: u64 = 3;
        const INPUT_ONLY: u64 = 4;
        let (behavior, words) = match self {
            Self::Any => return true,
            Self::Request => (OUTPUT_ONLY, "output only"),
            Self::Response => (INPUT_ONLY, "input only"),
        };
        let paged = self == Self::Request && field.name == "page_token";
        !paged
            && !rules::numbers(&field.options, FIELD_BEHAVIOR).contains(&behavior)
            && !comment.to_ascii_lowercase().contains(words)
    }
}

/// What kind of message is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Decides between what is equally plausible.
    pub seed: u64,
    /// The time by which rules judge.
    pub now: SystemTime,
    /// What it is for.
    pub role: Role,
    /// A request that it answers: what both have in common, by name and type, is taken from there.
    pub like: Option<&'a tree::Message>,
    /// Beyond so many messages in one, only what must be there is.
    pub most: u32,
}

impl Wish<'_> {
    /// Anything.
    pub const fn of(seed: u64, now: SystemTime) -> Self {
        Self { seed, now, role: Role::Any, like: None, most: 200 }
    }
}

/// A message that obeys its rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// As a tree.
    pub message: tree::Message,
    /// Encoded.
    pub bytes: Vec<u8>,
}

/// Makes messages of the types of one schema.
#[derive(Debug)]
pub struct Sampler {
    schema: Schema,
    comments: Comments,
    needs: Needs,
    programs: Mutex<HashMap<MessageId, Result<Program, CompileError>>>,
}

impl Sampler {
    /// Of a schema, and what is written at its declarations.
    pub fn new(schema: Schema, comments: Comments) -> Self {
        Self { needs: Needs::of(&schema), schema, comments, programs: Mutex::default() }
    }

    /// The schema.
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Compiles the rules of these types together: what they reach in common is compiled once. Where one of them
    /// cannot be, whoever asks for it is told.
    pub fn prepare(&self, type_names: &[&str]) {
        let ids = type_names.iter().filter_map(|name| Some((self.schema.message_id(name)?, *name)));
        let (ids, names): (Vec<_>, Vec<_>) = ids.unzip();
        if let Ok(compiled) = Program::compile_all(&self.schema, &names) {
            let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
            programs.extend(ids.into_iter().zip(compiled.into_iter().map(Ok)));
        }
    }

    /// The rules of the type of this full name.
    ///
    /// # Errors
    /// There is no such type, or its rules cannot be enforced.
    pub fn program(&self, type_name: &str) -> Result<Program, SampleError> {
        let unknown = || SampleError::UnknownType(type_name.to_owned());
        let id = self.schema.message_id(type_name).ok_or_else(unknown)?;
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        let program = programs.entry(id).or_insert_with(|| Program::compile(&self.schema, type_name));
        program.clone().map_err(SampleError::Rules)
    }

    /// A message of the type of this full name.
    ///
    /// # Errors
    /// When there is none, or none of a size that is made; or when none was found that obeys the rules. With the
    /// rule that stood in the way.
    pub fn message(&self, type_name: &str, wish: &Wish<'_>) -> Result<Sample, SampleError> {
        let program = self.program(type_name)?;
        let unknown = || SampleError::UnknownType(type_name.to_owned());
        let id = self.schema.message_id(type_name).ok_or_else(unknown)?;
        let mut tries: HashMap<String, u32> = HashMap::new();
        if let Some(refusal) = limits::refusal(&self.schema, &self.needs, id) {
            return Err(refusal);
        }
        let (mut broken, mut last) = (Broken::default(), None);
        let (mut tried, mut spent) = (0, Spent::default());
        while tried < ATTEMPTS && !spent.is_enough() {
            let sample = self.attempt(id, wish, &tries, &mut spent);
            match program.examine(&sample.bytes, wish.now) {
                Ok(()) => {
                    let world =
                        like::World { schema: &self.schema, comments: &self.comments, program: &program };
                    return Ok(self.coherent(&program, like::alike(&world, sample, wish), wish));
                }
                Err(failure) => {
                    blame(&failure, tried, &mut tries);
                    broken.count(&failure);
                    last = Some(failure);
                    tried += 1;
                }
            }
        }
        Err(gave_up(type_name, tried, broken, last))
    }

    /// The sample made to agree with itself, where the rules have nothing against it.
    fn coherent(&self, program: &Program, sample: Sample, wish: &Wish<'_>) -> Sample {
        let message = coherent::settled(&self.schema, &self.needs, &sample.message);
        let bytes = tree::encode(&self.schema, &message);
        if program.examine(&bytes, wish.now).is_ok() { Sample { message, bytes } } else { sample }
    }

    fn attempt(
        &self,
        id: MessageId,
        wish: &Wish<'_>,
        tries: &HashMap<String, u32>,
        spent: &mut Spent,
    ) -> Sample {
        let author = Author {
            schema: &self.schema,
            comments: &self.comments,
            needs: &self.needs,
            seed: wish.seed,
            now: nanos(wish.now),
            role: wish.role,
            most: wish.most,
            tries,
            made: Made::default(),
        };
        let theme = wish.like.and_then(like::theme);
        let message = author.message(id, &Spot::root(wish.seed, theme));
        spent.add(&author.made);
        let bytes = tree::encode(&self.schema, &message);
        Sample { message, bytes }
    }
}

/// Counts the paths that were wrong.
fn blame(failure: &Failure, attempt: u32, tries: &mut HashMap<String, u32>) {
    let mut count = |path: String| {
        let tried = tries.entry(path).or_default();
        *tried = tried.saturating_add(1);
        *tried
    };
    let Failure::Violations(Violations(violations)) = failure else {
        // Nobody says where: another one altogether.
        count(String::new());
        return;
    };
    let mut paths: Vec<String> = violations.iter().flat_map(places).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let mut tried = count(path.clone());
        let mut around = path.as_str();
        while tried.is_multiple_of(STUBBORN) && !around.is_empty() {
            around = parent(around);
            tried = count(around.to_owned());
        }
    }
    if attempt % 64 == 63 {
        count(String::new());
    }
}

/// The path of what was wrong; for an entry of a map also the map, since its key is part of the path.
fn places(violation: &Violation) -> Vec<String> {
    let path = violation.field.to_string();
    let map = violation.field.0.iter().position(|element| element.key_type.is_some()).map(|at| {
        let mut outer = violation.field.clone();
        outer.0.truncate(at + 1);
        let shown = outer.to_string();
        parent(&shown).to_owned()
    });
    map.into_iter().filter(|_| violation.for_key).chain([path]).collect()
}

/// "a[1].b" → "a[1]" → "a" → "".
fn parent(path: &str) -> &str {
    let end = if path.ends_with(']') { path.rfind('[') } else { path.rfind('.') };
    path.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// By the place and name of a rule, in how many attempts it was broken, and how last. What stands in the way is
/// what most of them broke: any other was met more often.
#[derive(Default)]
struct Broken(BTreeMap<(Origin, String), (u32, Violation)>);

impl Broken {
    fn count(&mut self, failure: &Failure) {
        let Failure::Violations(Violations(violations)) = failure else { return };
        let mut seen = HashSet::new();
        for violation in violations {
            let rule = (violation.origin.clone(), violation.rule_id.clone());
            if !seen.insert(rule.clone()) {
                continue;
            }
            match self.0.entry(rule) {
                Entry::Occupied(known) => {
                    let (count, last) = known.into_mut();
                    *count += 1;
                    last.clone_from(violation);
                }
                Entry::Vacant(place) => _ = place.insert((1, violation.clone())),
            }
        }
    }

    /// The one that was broken most often; of several, the first in the contract.
    fn most(self) -> Option<(u32, Violation)> {
        self.0.into_values().reduce(|one, other| if other.0 > one.0 { other } else { one })
    }
}

fn gave_up(type_name: &str, tried: u32, broken: Broken, last: Option<Failure>) -> SampleError {
    let type_name = type_name.to_owned();
    match (broken.most(), last) {
        (Some((broken, violation)), Some(Failure::Violations(_))) => {
            SampleError::Unsatisfied { type_name, tried, violation: Box::new(violation), broken }
        }
        (_, last) => {
            let reason = last.map_or_else(String::new, |failure| failure.to_string());
            SampleError::NotEvaluated { type_name, tried, reason }
        }
    }
}

fn nanos(time: SystemTime) -> i128 {
    let whole = |duration: std::time::Duration| i128::try_from(duration.as_nanos()).unwrap_or_default();
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => whole(since),
        Err(before) => -whole(before.duration()),
    }
}
