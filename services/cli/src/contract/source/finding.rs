//! A contract that was read, or why there is none.

use contract::{
    Contract, Diagnostic, Excerpt, Origin, ReadError, Severity,
    compile::{CompileError, Compiled, Sources},
};
use std::{fmt::Write as _, path::PathBuf};

/// A contract that was read, and its sources.
pub(in crate::contract) struct Input {
    pub(in crate::contract) contract: Contract,
    pub(in crate::contract) sources: Sources,
}

/// Why there is none.
pub(in crate::contract) enum Refusal {
    /// Something that its author can set right.
    Finding(Box<Finding>),
    /// Nothing that could be judged.
    Unreadable(String),
    /// There is nothing at that place.
    Absent(String),
}

/// A diagnostic with its line, where that is known.
pub(in crate::contract) struct Finding {
    pub(in crate::contract) diagnostic: Diagnostic,
    /// The file on this machine.
    pub(in crate::contract) path: Option<PathBuf>,
    pub(in crate::contract) excerpt: Option<Excerpt>,
}

impl Finding {
    pub(in crate::contract) fn of(diagnostic: Diagnostic, sources: &Sources) -> Self {
        let file = diagnostic.origin.file();
        let excerpt = sources.text(file).and_then(|text| Excerpt::of(&diagnostic.origin, &text));
        Self { path: sources.path(file), excerpt, diagnostic }
    }

    /// Where, what, and the line.
    pub(super) fn in_words(&self) -> String {
        let Diagnostic { origin, message, remedy, .. } = &self.diagnostic;
        let mut text = match origin {
            Origin::Default => message.clone(),
            at @ Origin::At { .. } => format!("{at}: {message}"),
        };
        if let Some(excerpt) = &self.excerpt {
            let _ = write!(text, "\n{excerpt}");
        }
        if !remedy.is_empty() {
            let _ = write!(text, "\nhelp: {remedy}");
        }
        text
    }

    fn error(rule: &'static str, origin: Origin, message: String, remedy: String) -> Self {
        let diagnostic = Diagnostic { severity: Severity::Error, rule, message, origin, remedy };
        Self { diagnostic, path: None, excerpt: None }
    }
}

/// What follows the limit.
pub(super) const SMALLER: &str = "\nhelp: take fewer contracts at once: a folder or a set for each service";

/// What sources were compiled to.
pub(super) fn compiled(done: Result<Compiled, CompileError>) -> Result<Input, Refusal> {
    let Compiled { bytes, sources } = done.map_err(refusal)?;
    let contract = Contract::read_own(bytes).map_err(|error| match error {
        ReadError::TooLarge { .. } => Refusal::Unreadable(format!("the sources together: {error}{SMALLER}")),
        error => unsound(&error, &sources),
    })?;
    Ok(Input { contract, sources })
}

/// A descriptor set made elsewhere; its sources are looked for below `includes`, to show lines.
pub(super) fn understood(bytes: &[u8], name: &str, includes: &[PathBuf]) -> Result<Input, Refusal> {
    let sources = Sources::below(includes);
    let contract = Contract::read_own(bytes).map_err(|error| match error {
        ReadError::Malformed { .. } => Refusal::Unreadable(format!("{name}: {error}")),
        ReadError::TooLarge { .. } => Refusal::Unreadable(format!("{name}: {error}{SMALLER}")),
        error => unsound(&error, &sources),
    })?;
    Ok(Input { contract, sources })
}

fn refusal(error: CompileError) -> Refusal {
    match error {
        CompileError::Source { message, origin, excerpt, remedy } => {
            let mut finding = Finding::error("does-not-compile", origin, message, remedy.unwrap_or_default());
            finding.excerpt = excerpt.map(|excerpt| *excerpt);
            Refusal::Finding(Box::new(finding))
        }
        nothing @ CompileError::Nothing { .. } => Refusal::Absent(nothing.to_string()),
        other => Refusal::Unreadable(other.to_string()),
    }
}

fn unsound(error: &ReadError, sources: &Sources) -> Refusal {
    let remedy = match error {
        ReadError::Option { .. } | ReadError::Vocabulary { .. } => {
            "use the `treaty/v1/options.proto` that this version of treaty brings: it needs no copy"
        }
        _ => "",
    };
    let origin = match error {
        ReadError::Option { origin, .. } => origin.clone(),
        _ => Origin::Default,
    };
    let finding = Finding::error("unsound-contract", origin, error.to_string(), remedy.to_owned());
    Refusal::Finding(Box::new(Finding::of(finding.diagnostic, sources)))
}
