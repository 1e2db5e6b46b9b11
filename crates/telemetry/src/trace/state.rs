//! `tracestate` (section 3.3): checked, and passed on untouched. We add no member of our own.

use http::HeaderValue;
use std::sync::Arc;

/// What must at least be propagated is also the most that we propagate.
const MAX_LENGTH: usize = 512;
const MAX_MEMBERS: usize = 32;

/// All lines as one; `None` if there is no member, or if any is malformed: a vendor's broken state is
/// nobody's state.
pub(super) fn join<'a>(lines: impl Iterator<Item = &'a HeaderValue>) -> Option<Arc<str>> {
    let mut joined = String::new();
    let mut keys: Vec<&str> = Vec::new();
    for line in lines {
        for member in line.to_str().ok()?.split(',').map(|member| member.trim_matches([' ', '\t'])) {
            if member.is_empty() {
                continue;
            }
            let (key, value) = member.split_once('=')?;
            let fits = joined.len() + member.len() < MAX_LENGTH && keys.len() < MAX_MEMBERS;
            if !is_key(key) || !is_value(value) || keys.contains(&key) || !fits {
                return None;
            }
            keys.push(key);
            if !joined.is_empty() {
                joined.push(',');
            }
            joined.push_str(member);
        }
    }
    (!joined.is_empty()).then(|| joined.into())
}

/// Section 3.3.1.3.1, with the more liberal form of level 2.
fn is_key(key: &str) -> bool {
    let (tenant, system) = key.split_once('@').unwrap_or((key, "a"));
    let part = |part: &str, longest: usize| {
        (1..=longest).contains(&part.len())
            && part.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
            && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/'))
    };
    part(tenant, 256) && part(system, 256) && key.len() <= 256
}

/// Section 3.3.1.3.2. Commas and outer blanks are gone already.
fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len()) && value.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join_one(text: &str) -> Option<String> {
        let value = HeaderValue::from_str(text).unwrap();
        join([&value].into_iter()).map(|joined| joined.to_string())
    }

    #[test]
    fn sound_state_passes() {
        assert_eq!(
            join_one("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE").as_deref(),
            Some("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
        );
        assert_eq!(join_one("a=1 , ,fw529a3039@dt=FfAAAA ").as_deref(), Some("a=1,fw529a3039@dt=FfAAAA"));
    }

    #[test]
    fn broken_state_is_dropped_whole() {
        let long = format!("a={}", "x".repeat(257));
        let many: String = (0..33).map(|i| format!("k{i}=v,")).collect();
        for text in ["", ",", "a", "A=1", "a=1,a=2", "a=1=2", "a=", "@b=1", long.as_str(), many.as_str()] {
            assert_eq!(join_one(text), None, "{text}");
        }
    }
}
