//! For whom a command prints.

/// Readable text, or JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    /// For people; colour only on a terminal.
    #[default]
    Human,
    /// For machines.
    Json,
}
