//! Durations on the command line, written as in contracts: "250ms", "15s", "10m", "24h".

use std::time::Duration;

/// Reads one.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    contract::duration::parse(text).map_err(|reason| format!("`{text}` is no duration, because {reason}"))
}

/// Reads the lifetime of SVIDs: 30 s at the least, so that a renewal at half of it is not a race.
pub(crate) fn parse_svid_ttl(text: &str) -> Result<Duration, String> {
    match parse(text)? {
        ttl if ttl < Duration::from_secs(30) => Err(format!("`{text}` is too short; write 30s or more")),
        ttl => Ok(ttl),
    }
}
