//! Violations, from where they are found.

use super::{Checker, MAX_VIOLATIONS, scalar::Scalar};
use crate::{
    cel::CelOutcome,
    compiled::{Expression, FieldProgram},
    rules::{SiteId, readable},
    value::Value,
    violation::{FieldPath, PathElement, Subscript, Violation},
};
use std::cell::OnceCell;

/// A step on the way from the root to a value. Steps live on the stack while their values are judged.
pub(super) struct Frame<'f> {
    pub(super) above: Option<&'f Frame<'f>>,
    pub(super) field: &'f FieldProgram,
    pub(super) entry: Step<'f>,
    /// Whether its values may not be shown: what holds of a field holds of everything within it.
    masked: bool,
    /// The key as violations tell it, once there is one.
    told: OnceCell<Option<Subscript>>,
}

impl<'f> Frame<'f> {
    pub(super) fn new(above: Option<&'f Self>, field: &'f FieldProgram, entry: Step<'f>) -> Self {
        let masked = field.masked || above.is_some_and(|above| above.masked);
        Self { above, field, entry, masked, told: OnceCell::new() }
    }
}

/// Which entry of a list or map a step takes.
pub(super) enum Step<'f> {
    Whole,
    Item(u64),
    Key(&'f Scalar<'f>),
}

/// Where a rule is applied.
#[derive(Clone, Copy)]
pub(super) struct At<'f> {
    pub(super) frame: Option<&'f Frame<'f>>,
    /// To a map's key.
    pub(super) for_key: bool,
    /// Whether the value, or what is within, may not be shown.
    pub(super) masked: bool,
}

impl<'f> At<'f> {
    pub(super) const fn of(frame: &'f Frame<'f>) -> Self {
        Self { frame: Some(frame), for_key: false, masked: frame.masked }
    }

    pub(super) const fn key(frame: &'f Frame<'f>) -> Self {
        Self { frame: Some(frame), for_key: true, masked: frame.masked }
    }

    /// To a message: the way to it, none to the root.
    pub(super) fn message(frame: Option<&'f Frame<'f>>) -> Self {
        Self { frame, for_key: false, masked: frame.is_some_and(|frame| frame.masked) }
    }

    /// The same, where something within may not be shown.
    pub(super) const fn or_within(mut self, masked: bool) -> Self {
        self.masked |= masked;
        self
    }
}

impl Checker<'_, '_> {
    /// A rule is broken.
    #[cold]
    pub(super) fn report(&mut self, site: SiteId, at: At<'_>) {
        self.report_as(site, at, None, None);
    }

    /// A oneof within the message at `at` is empty.
    #[cold]
    pub(super) fn report_oneof(&mut self, site: SiteId, at: At<'_>, oneof: &PathElement) {
        self.report_as(site, at, None, Some(oneof));
    }

    fn report_as(&mut self, site: SiteId, at: At<'_>, message: Option<String>, last: Option<&PathElement>) {
        let Some(site) = self.compiled.sites.get(site as usize).filter(|_| !self.decided) else { return };
        let mut path = path(at.frame);
        path.extend(last.cloned());
        self.found.push(Violation {
            field: FieldPath(path),
            rule: site.rule.clone(),
            rule_id: site.rule_id.clone(),
            message: message.unwrap_or_else(|| site.message.clone()),
            for_key: at.for_key,
            origin: site.origin.clone(),
        });
        self.decided = self.found.len() >= MAX_VIOLATIONS;
    }

    /// A rule in CEL. What it says of a masked value is not repeated, since the value may be in it.
    pub(super) fn judge_expression(&mut self, expression: &Expression, this: &Value<'_>, at: At<'_>) {
        if self.decided || self.standard_only {
            return;
        }
        self.evaluated = true;
        match expression.rule.eval_within(this, self.now, self.steps) {
            Ok(CelOutcome::Pass) => {}
            Ok(CelOutcome::Fail(message)) => {
                // What it reads may be masked though what it is applied to is not.
                let shown = !at.masked && !expression.rule.reads_masked();
                self.report_as(expression.site, at, message.filter(|_| shown), None);
            }
            Err(reason) => {
                if self.steps.are_spent() {
                    return self.exhausted(expression.site);
                }
                let shown = !at.masked && !expression.rule.reads_masked();
                let reason = if shown { reason } else { "the reason may not be shown".to_owned() };
                self.cannot_tell(expression.site, reason, false);
            }
        }
    }
}

fn path(frame: Option<&Frame<'_>>) -> Vec<PathElement> {
    let mut path: Vec<_> = std::iter::successors(frame, |frame| frame.above).map(element).collect();
    path.reverse();
    path
}

fn element(frame: &Frame<'_>) -> PathElement {
    let mut element = frame.field.element.clone();
    match &frame.entry {
        Step::Whole => {}
        Step::Item(index) => element.subscript = Some(Subscript::Index(*index)),
        Step::Key(key) => {
            if let Some((key_type, value_type)) = frame.field.entry_types {
                element.key_type = Some(key_type);
                element.value_type = Some(value_type);
            }
            // The keys of a map that may not be shown are values that may not be shown.
            element.subscript =
                if frame.masked { None } else { frame.told.get_or_init(|| subscript(key)).clone() };
        }
    }
    element
}

fn subscript(key: &Scalar<'_>) -> Option<Subscript> {
    match key {
        Scalar::Bool(key) => Some(Subscript::BoolKey(*key)),
        Scalar::Int(key) => Some(Subscript::IntKey(*key)),
        Scalar::Uint(key) => Some(Subscript::UintKey(*key)),
        Scalar::Text(key) => Some(Subscript::StringKey((*key).into())),
        Scalar::Octets(key) => Some(Subscript::StringKey(readable(key).into())),
        Scalar::Double(_) | Scalar::Blob(_) | Scalar::Enum(..) => None,
    }
}
