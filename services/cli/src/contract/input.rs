//! Where a contract comes from: sources, or a descriptor set made elsewhere.

use contract::{
    Contract, Diagnostic, Excerpt, Origin, ReadError, Severity,
    compile::{self, CompileError, Sources},
};
use std::{fs, path::PathBuf};

/// A contract that was read, and its sources.
pub(super) struct Input {
    pub(super) contract: Contract,
    pub(super) sources: Sources,
}

/// Why there is none.
pub(super) enum Refusal {
    /// Something that its author can set right.
    Finding(Box<Finding>),
    /// Nothing that could be judged.
    Unreadable(String),
}

/// A diagnostic with its line, where that is known.
pub(super) struct Finding {
    pub(super) diagnostic: Diagnostic,
    /// The file on this machine.
    pub(super) path: Option<PathBuf>,
    pub(super) excerpt: Option<Excerpt>,
}

impl Finding {
    pub(super) fn of(diagnostic: Diagnostic, sources: &Sources) -> Self {
        let file = diagnostic.origin.file();
        let excerpt = sources.text(file).and_then(|text| Excerpt::of(&diagnostic.origin, &text));
        Self { path: sources.path(file), excerpt, diagnostic }
    }

    fn error(rule: &'static str, origin: Origin, message: String, remedy: String) -> Self {
        let diagnostic = Diagnostic { severity: Severity::Error, rule, message, origin, remedy };
        Self { diagnostic, path: None, excerpt: None }
    }
}

pub(super) fn from_sources(paths: &[PathBuf], includes: &[PathBuf]) -> Result<Input, Refusal> {
    let compiled = compile::paths(paths, includes).map_err(refusal)?;
    let sources = compiled.sources;
    let contract = Contract::read(compiled.bytes).map_err(|error| unsound(&error, &sources))?;
    Ok(Input { contract, sources })
}

/// The sources are looked for below `includes`, to show lines.
pub(super) fn from_descriptors(file: &PathBuf, includes: &[PathBuf]) -> Result<Input, Refusal> {
    let bytes =
        fs::read(file).map_err(|error| Refusal::Unreadable(format!("{}: {error}", file.display())))?;
    let sources = Sources::below(includes);
    let contract = Contract::read(bytes).map_err(|error| match error {
        ReadError::Malformed { .. } | ReadError::TooLarge { .. } => {
            Refusal::Unreadable(format!("{}: {error}", file.display()))
        }
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
