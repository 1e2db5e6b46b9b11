//! What a rule is, and which there are.

use super::Severity;
use serde::Serialize;
use std::fmt;

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    /// What the contract says about how it is run makes sense.
    Semantic,
    /// Names and files are as everybody's are: buf's category of the same name.
    Standard,
    /// The interface will age well.
    Design,
    /// Everything has a comment: buf's category of the same name. Off by default.
    Comments,
}

impl Category {
    /// In the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Semantic, Self::Standard, Self::Design, Self::Comments];

    /// "SEMANTIC".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Semantic => "SEMANTIC",
            Self::Standard => "STANDARD",
            Self::Design => "DESIGN",
            Self::Comments => "COMMENTS",
        }
    }

    /// One sentence.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Semantic => {
                "What a contract says about how it is run makes sense. Its errors are what the mesh refuses: they are \
                 found whatever a configuration or a comment says."
            }
            Self::Standard => {
                "Names and files are as everybody's are: the rules of `buf lint`'s category STANDARD, one to one."
            }
            Self::Design => {
                "The interface will age well: what is expensive to mend once somebody depends on it."
            }
            Self::Comments => {
                "Everything has a comment: the rules of `buf lint`'s category COMMENTS, one to one. Off by default."
            }
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Stable, in kebab-case: "retry-without-idempotency".
    pub id: &'static str,
    /// What it is about.
    pub category: Category,
    /// How bad it is to break it, where a configuration does not say otherwise.
    pub severity: Severity,
    /// Whether it is looked for where a configuration names its category only.
    pub on: bool,
    /// buf's rule that says the same.
    pub buf: Option<&'static str>,
    /// What it asks for, in one sentence without a full stop.
    pub summary: &'static str,
    /// Why, in sentences.
    pub why: &'static str,
    /// Source that breaks it; [`super::example::files`] says what it stands for. Empty for what no source shows.
    pub wrong: &'static str,
    /// The same, mended.
    pub right: &'static str,
}

impl Rule {
    /// Whether the control plane refuses a contract that breaks it: then nothing hides it here either.
    pub fn is_refused(&self) -> bool {
        self.category == Category::Semantic && self.severity == Severity::Error
    }

    pub(super) const fn error(id: &'static str, summary: &'static str, why: &'static str) -> Self {
        let (category, severity) = (Category::Semantic, Severity::Error);
        Self { id, category, severity, on: true, buf: None, summary, why, wrong: "", right: "" }
    }

    pub(super) const fn warning(id: &'static str, summary: &'static str, why: &'static str) -> Self {
        Self { severity: Severity::Warning, ..Self::error(id, summary, why) }
    }

    pub(super) const fn standard(
        id: &'static str,
        buf: &'static str,
        summary: &'static str,
        why: &'static str,
    ) -> Self {
        Self { category: Category::Standard, buf: Some(buf), ..Self::warning(id, summary, why) }
    }

    pub(super) const fn design(id: &'static str, summary: &'static str, why: &'static str) -> Self {
        Self { category: Category::Design, ..Self::warning(id, summary, why) }
    }

    pub(super) const fn comment(id: &'static str, buf: &'static str, summary: &'static str) -> Self {
        let why = "A reader of generated code sees comments and nothing else of what was thought.";
        Self { category: Category::Comments, on: false, ..Self::standard(id, buf, summary, why) }
    }

    pub(super) const fn shown_by(self, wrong: &'static str, right: &'static str) -> Self {
        Self { wrong, right, ..self }
    }

    pub(super) const fn off(self) -> Self {
        Self { on: false, ..self }
    }

    pub(super) const fn as_buf(self, buf: &'static str) -> Self {
        Self { buf: Some(buf), ..self }
    }
}

/// Every rule: by category, and within it by subject.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        super::semantic::RULES,
        super::suppression::RULES,
        super::standard::RULES,
        super::design::RULES,
        super::comments::RULES,
    ]
    .into_iter()
    .flatten()
    .flat_map(|table| table.iter())
}

/// The rule of this id ("retry-on-ok"), or the one that buf knows by it ("ENUM_PASCAL_CASE").
pub fn find(name: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == name).or_else(|| of_buf(name))
}

/// The rule that buf knows by this id.
pub(super) fn of_buf(name: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.buf == Some(name))
}
