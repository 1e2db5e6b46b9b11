//! What is wrong with single values; collected while reading, reported by lint.

use crate::{
    duration,
    lint::{Diagnostic, Kept, Severity},
    origin::Origin,
};
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Findings(pub(crate) Kept);

impl Findings {
    pub(crate) fn error(&mut self, rule: &'static str, origin: &Origin, message: String, remedy: &str) {
        self.add(Severity::Error, rule, origin, message, remedy);
    }

    pub(crate) fn warning(&mut self, rule: &'static str, origin: &Origin, message: String, remedy: &str) {
        self.add(Severity::Warning, rule, origin, message, remedy);
    }

    /// The duration that `text` says; `None` if it says nothing, or nothing sound.
    pub(crate) fn duration(&mut self, what: &str, text: &str, origin: &Origin) -> Option<Duration> {
        if text.is_empty() {
            return None;
        }
        let parsed = duration::parse(text);
        if let Err(reason) = parsed {
            let message = format!("{what}: \"{text}\" is no duration: {reason}");
            self.error(
                "bad-duration",
                origin,
                message,
                "write a whole number and ms, s, m or h: \"250ms\", \"15s\"",
            );
        }
        parsed.ok()
    }

    /// What a service says once would else be found once for each of its methods: it is kept once.
    fn add(
        &mut self,
        severity: Severity,
        rule: &'static str,
        origin: &Origin,
        message: String,
        remedy: &str,
    ) {
        self.0.add(Diagnostic { severity, rule, message, origin: origin.clone(), remedy: remedy.to_owned() });
    }
}
