//! Why sources are no descriptor set.

use super::Sources;
use crate::{lint::Excerpt, origin::Origin, read::schema::Schema};
use miette::{Diagnostic as _, SourceCode, SourceSpan};
use std::{fmt, path::PathBuf};

/// Why there is no descriptor set.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// A path that leads nowhere, or may not be read.
    #[error("{}: {reason}", path.display())]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A folder without any `.proto` file.
    #[error("{}: there is no .proto file", path.display())]
    Nothing {
        /// The path as given.
        path: PathBuf,
    },
    /// Two files that would have one name in the set.
    #[error("`{name}` is both {} and {}: check them one at a time", one.display(), other.display())]
    Ambiguous {
        /// The name that imports would use.
        name: String,
        /// The one.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// The sources do not compile.
    #[error("{}{message}", place(origin))]
    Source {
        /// What is wrong.
        message: String,
        /// Where; `Default` where that is unknown.
        origin: Origin,
        /// The line, where it is known.
        excerpt: Option<Box<Excerpt>>,
        /// What would be right, where that is known.
        remedy: Option<String>,
    },
}

impl CompileError {
    pub(super) fn of(error: &protox::Error, sources: &Sources) -> Self {
        let file = error.file().unwrap_or_default();
        let inner = error.diagnostic_source();
        let message = inner.map_or_else(|| error.to_string(), |inner| format!("{error}: {inner}"));
        let help = error.help().map(|help| help.to_string());
        let remedy = help.or_else(|| known_names(&inner?.to_string())).or_else(|| of_editions(&message));
        let label = error.labels().and_then(|mut labels| labels.next());
        let found = label.and_then(|label| {
            let text = error.source_code().and_then(whole).or_else(|| sources.text(file))?;
            let span = *label.inner();
            place_of(file, &text, inner.and_then(|inner| narrow(inner, &text, span)).unwrap_or(span))
        });
        let (origin, excerpt) = match found {
            Some((origin, excerpt)) => (origin, excerpt.map(Box::new)),
            None if file.is_empty() => (Origin::Default, None),
            None => (Origin::At { file: file.to_owned(), line: 0, column: 0 }, None),
        };
        Self::Source { message, origin, excerpt, remedy }
    }
}

/// An aggregate is parsed apart from its file: what is wrong within it is looked up again in the
/// statement at `span`, as a word, and taken for found where there is only one.
fn narrow(inner: &dyn miette::Diagnostic, text: &str, span: SourceSpan) -> Option<SourceSpan> {
    let label = inner.labels()?.next()?;
    let aggregate = inner.source_code().and_then(whole)?;
    let word = aggregate.get(label.offset()..label.offset() + label.len()).filter(|word| !word.is_empty())?;
    let statement = text.get(span.offset()..span.offset() + span.len())?;
    let is_whole = |at: usize| {
        let of_word = |c: char| c.is_alphanumeric() || c == '_';
        let before = statement.get(..at).and_then(|before| before.chars().next_back());
        let after = statement.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(of_word) && !after.is_some_and(of_word)
    };
    let mut found = statement.match_indices(word).map(|(at, _)| at).filter(|at| is_whole(*at));
    let at = found.next().filter(|_| found.next().is_none())?;
    Some(SourceSpan::from((span.offset() + at, word.len())))
}

/// What the vocabulary knows instead of the name that `message` says was not found.
fn known_names(message: &str) -> Option<String> {
    let quoted = message.split('\'').rev().nth(1)?;
    let names = Schema::known().ok()?.names(quoted)?;
    Some(format!("{quoted} knows {}", names.join(", ")))
}

/// Sources in editions are not read, but what other compilers make of them is.
fn of_editions(message: &str) -> Option<String> {
    let remedy = "sources are read in proto2 and proto3; build those in editions into a descriptor set, with `buf build -o \
                  set.binpb` or `protoc --include_imports --include_source_info -o set.binpb`, and pass that";
    message.ends_with("but found 'edition'").then(|| remedy.to_owned())
}

/// What a build script prints when it ends with this error: the message, the line, and the way out.
impl fmt::Debug for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let Self::Source { excerpt, remedy, .. } = self else { return Ok(()) };
        excerpt.iter().try_for_each(|excerpt| write!(f, "\n{excerpt}"))?;
        remedy.iter().try_for_each(|remedy| write!(f, "\nhelp: {remedy}"))
    }
}

/// The whole text behind a miette source.
fn whole(source: &dyn SourceCode) -> Option<String> {
    // One byte somewhere, and all lines around it.
    let contents = source.read_span(&SourceSpan::from((0, 0)), usize::MAX >> 1, usize::MAX >> 1).ok()?;
    String::from_utf8(contents.data().to_vec()).ok()
}

fn place_of(file: &str, text: &str, span: SourceSpan) -> Option<(Origin, Option<Excerpt>)> {
    let before = text.get(..span.offset())?;
    let line = u32::try_from(before.matches('\n').count()).ok()?.saturating_add(1);
    let column = u32::try_from(before.rsplit('\n').next().map_or(0, str::len)).ok()?.saturating_add(1);
    let origin = Origin::At { file: file.to_owned(), line, column };
    let meant = text.get(span.offset()..span.offset() + span.len()).unwrap_or_default();
    let width = meant.lines().next().unwrap_or_default().chars().count();
    let excerpt = Excerpt::of(&origin, text).map(|excerpt| excerpt.with_width(width));
    Some((origin, excerpt))
}

fn place(origin: &Origin) -> String {
    match origin {
        Origin::Default => String::new(),
        at @ Origin::At { .. } => format!("{at}: "),
    }
}
