//! What becomes of what is found: settings and suppressions have their say.

use super::{
    Checked, Diagnostic, Suppressed,
    kept::{Kept, Sink},
    rule::{self, Rule},
    settings::Settings,
    suppression::Suppressions,
};
use crate::origin::Origin;
use std::collections::HashMap;

/// How many suppressed findings are told.
const MAX_SUPPRESSED: usize = 1000;

/// Of a message, in characters.
const MAX_TEXT: usize = 500;

pub(super) struct Judge<'a> {
    pub(super) settings: &'a Settings,
    suppressions: Suppressions,
    kept: Kept,
    suppressed: Vec<Suppressed>,
    rules: HashMap<&'static str, &'static Rule>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(settings: &'a Settings, suppressions: Suppressions) -> Self {
        let rules = rule::rules().map(|rule| (rule.id, rule)).collect();
        Self { settings, suppressions, kept: Kept::default(), suppressed: Vec::new(), rules }
    }

    /// Whether it is worth looking for.
    pub(super) fn wants(&self, rule: &str) -> bool {
        self.settings.is_on(rule)
    }

    /// Something that is wrong at `origin`.
    pub(super) fn found(
        &mut self,
        rule: &'static str,
        origin: Origin,
        message: String,
        remedy: impl Into<String>,
    ) {
        let severity = self.rules.get(rule).map_or(super::Severity::Warning, |rule| rule.severity);
        self.add(Diagnostic { severity, rule, message, origin, remedy: remedy.into() });
    }

    /// What suppressions themselves do wrong comes last: only then is known which were needed.
    pub(super) fn into_checked(mut self) -> Checked {
        let suppressions = std::mem::take(&mut self.suppressions);
        for finding in suppressions.findings(self.settings) {
            self.add(finding);
        }
        Checked { findings: self.kept.into_findings(), suppressed: self.suppressed }
    }
}

impl Sink for Judge<'_> {
    fn add(&mut self, mut found: Diagnostic) {
        found.message = readable(&found.message);
        found.remedy = readable(&found.remedy);
        let refused = self.rules.get(found.rule).is_some_and(|rule| rule.is_refused());
        if !refused {
            if !self.settings.is_on(found.rule) || self.settings.ignores(found.origin.file()) {
                return;
            }
            found.severity = self.settings.severity(found.rule).unwrap_or(found.severity);
            if let Some(reason) = self.suppressions.reason(found.rule, &found.origin) {
                if self.suppressed.len() < MAX_SUPPRESSED {
                    self.suppressed.push(Suppressed { diagnostic: found, reason });
                }
                return;
            }
        }
        self.kept.add(found);
    }
}

/// Names of enums' values, comments and file options may come from anybody: nothing that could move a terminal's
/// cursor, and no more than somebody reads.
fn readable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}
