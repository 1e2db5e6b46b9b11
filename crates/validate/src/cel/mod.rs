//! CEL: the expressions of `cel`, `cel_expression` and predefined rules
//! (<https://github.com/google/cel-spec/blob/master/doc/langdef.md>).
//!
//! The `cel` crate reads an expression and expands its macros. What runs is a tree of our own over that syntax,
//! because its interpreter has no type check, wants values it owns, and stops only when it is done. Here names
//! and types are resolved once, against the schema; values are read from the message's bytes when a node asks
//! for them; and evaluations are on a budget of steps, one for all of a message, which an expression that must
//! exceed it is told about when it is compiled.
//!
//! Reading, comparing, looping, `map`, `filter` and `unique` allocate nothing once the thread has room for the lists
//! that they make. What allocates is what makes a text or bytes (`+`, `string()`, `bytes()`, `format`, `join`,
//! `lowerAscii` and its like, `replace`, `split`, `substring`), what reads a map as a whole (`this.m[k]`, a loop over
//! it), a message or map that the expression itself builds, two messages with unknown fields that are compared, a
//! message that its writer split into several records, which are listed once for each time that it is read or handed to
//! a rule, and `matches` with a pattern that is a value. All of it is paid for in steps, and has so much room
//! ([`Steps`](crate::Steps)).
//!
//! Where cel-go and cel-cpp (the runtimes of protovalidate in Go, and in Python and C++) disagree, cel-go is
//! followed, but in times and durations beyond 292 years, which it cannot hold.

mod certain;
mod check;
mod cost;
mod eval;
mod extent;
mod fault;
mod functions;
mod keep;
mod node;
mod overloads;
mod parse;
mod show;
mod time;
mod types;

use crate::{
    ledger,
    pattern::Patterns,
    steps::Steps,
    value::{OwnedMessage, Type, Value},
};
use contract::schema::{Field, Schema};
pub(crate) use cost::records;
use eval::{Arena, Machine, Setting, Val};
use extent::Extent;
pub(crate) use extent::{at_most, longest, rules_of_family};
use fault::Fault;
use node::Node;
use std::{sync::Arc, time::SystemTime};

/// How much is told of what an expression says, in bytes: it may say as much as the message holds.
const TOLD: usize = 16 << 10;

/// What an expression may speak of.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The types.
    pub schema: Schema,
    /// What `this` is.
    pub this: Type,
    /// What `rules` is: the message of rules that a predefined rule stands in, "buf.validate.StringRules".
    pub rules: Option<OwnedMessage>,
    /// What `rule` is: the field of `rules` that a predefined rule is.
    pub rule: Option<Field>,
    /// What bounds the size of `this`: encoded `buf.validate.FieldRules` of the same value.
    pub bounds: Option<Arc<[u8]>>,
    /// How many records stand in the message that `this` is a field of.
    pub around: usize,
    /// The patterns of everything that is compiled together.
    pub patterns: Patterns,
}

/// An expression, compiled.
#[derive(Clone, Debug)]
pub struct CelRule {
    root: Node,
    most: usize,
    slots: usize,
    masked: bool,
    schema: Schema,
    rules: Option<OwnedMessage>,
    rule: Option<Field>,
}

/// What an expression says of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CelOutcome {
    /// True, or the empty string.
    Pass,
    /// A string that says why; nothing where it was only false.
    Fail(Option<String>),
}

impl CelRule {
    /// Compiles and type-checks an expression.
    ///
    /// # Errors
    /// What is wrong with it, in one line: it cannot be parsed, names what does not exist, gives an operator or
    /// function what it does not take, is neither bool nor string, or may need too many steps.
    pub fn compile(expression: &str, environment: &Environment) -> Result<Self, String> {
        Self::checked(expression, environment).map_err(|error| fault::one_line(&error))
    }

    /// Only type-checks an expression.
    ///
    /// # Errors
    /// As for [`Self::compile`], but for what it may cost.
    pub fn type_check(expression: &str, environment: &Environment) -> Result<(), String> {
        check::check(expression, environment).map(drop).map_err(|error| fault::one_line(&error))
    }

    fn checked(expression: &str, environment: &Environment) -> Result<Self, String> {
        let mut checked = check::check(expression, environment)?;
        keep::keep_invariants(&mut checked.root, &mut checked.slots);
        let schema = environment.schema.clone();
        let this = types::Ty::of(&schema, environment.this);
        let message = environment.rules.as_ref().map(|rules| Extent::Message(rules.message));
        let about = cost::About {
            schema: &schema,
            this: Extent::of(&this, environment.bounds.as_deref()).within(environment.around),
            rules: message.unwrap_or(Extent::Unknown),
            rule: environment.rule.as_ref().map_or(Extent::Unknown, |rule| Extent::of_field(&schema, rule)),
        };
        let most = cost::affordable(&checked.root, &about)?;
        certain::refuse_faults(&checked.root, &schema, checked.slots).map_err(|fault| {
            format!("the expression fails whatever the message is: {}", fault.into_reason())
        })?;
        Ok(Self {
            root: checked.root,
            most,
            slots: checked.slots,
            masked: checked.masked,
            schema,
            rules: environment.rules.clone(),
            rule: environment.rule.clone(),
        })
    }

    /// How many steps it takes at most, of a message within the bounds that rules set.
    pub const fn most_steps(&self) -> usize {
        self.most
    }

    /// Whether it reads a field whose values may never be shown. What it says then may tell of them.
    pub const fn reads_masked(&self) -> bool {
        self.masked
    }

    /// What it says of `this`.
    ///
    /// # Errors
    /// Why it could not be evaluated. Never tells of values.
    pub fn eval(&self, this: &Value<'_>, now: SystemTime) -> Result<CelOutcome, String> {
        self.eval_within(this, now, &mut Steps::for_message(0))
    }

    /// The same, for no more steps than there are. Where none is left, there is no answer.
    ///
    /// # Errors
    /// As for [`Self::eval`].
    pub fn eval_within(
        &self,
        this: &Value<'_>,
        now: SystemTime,
        steps: &mut Steps,
    ) -> Result<CelOutcome, String> {
        self.outcome(this, now, steps).map_err(Fault::into_reason)
    }

    fn outcome(&self, this: &Value<'_>, now: SystemTime, steps: &mut Steps) -> Result<CelOutcome, Fault> {
        let arena = Arena::default();
        ledger::open(steps.room());
        let setting = Setting {
            schema: &self.schema,
            rules: self.rules.as_ref(),
            rule: self.rule.as_ref(),
            now,
            arena: &arena,
        };
        // An `Any` that cannot be read matters only to an expression that looks into it.
        let this = Val::of(this.clone()).unwrap_or_else(Val::Unreadable);
        let mut machine = Machine::new(setting, this, self.slots, steps);
        let evaluated = machine.pay().and_then(|()| machine.eval(&self.root));
        machine.finish();
        match evaluated? {
            Val::Bool(true) => Ok(CelOutcome::Pass),
            Val::Bool(false) => Ok(CelOutcome::Fail(None)),
            Val::String(text) if text.as_str().is_empty() => Ok(CelOutcome::Pass),
            Val::String(text) => Ok(CelOutcome::Fail(Some(told(text.as_str())))),
            other => Err(Fault::of(format!("it is of type {}, neither bool nor string", other.type_name()))),
        }
    }
}

fn told(text: &str) -> String {
    match text.get(..text.floor_char_boundary(TOLD)) {
        Some(start) if start.len() < text.len() => format!("{start}…"),
        _ => text.to_owned(),
    }
}
