//! All rules, by name.

/// A rule of this engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rule {
    /// Kebab-case and stable.
    pub id: &'static str,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// The rules of `buf breaking` that speak of the same; none where buf is silent.
    pub buf: &'static [&'static str],
}

/// All of them.
pub const RULES: &[Rule] = &[Rule {
    id: "method-deleted",
    summary: "The provider no longer has a method.",
    buf: &["RPC_NO_DELETE"],
}];
