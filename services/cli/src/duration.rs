//! Durations on the command line, written as in contracts: "250ms", "15s", "10m", "24h".

use std::time::Duration;

/// Reads one.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    contract::duration::parse(text).map_err(|reason| format!("`{text}` is no duration, because {reason}"))
}
