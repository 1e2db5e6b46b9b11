//! Whether a join token proves what its bearer says.

use crate::{
    reason::Reason,
    store::{TokenRecord, TokenUse},
};
use contract::Digest;
use identity::WorkloadId;
use std::time::{Duration, SystemTime};

/// How long a token may be used where nobody says otherwise.
pub(crate) const DEFAULT_TTL: Duration = Duration::from_secs(10 * 60);
/// How long it may be used at most.
pub(crate) const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a token proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenRefusal {
    #[error("no such join token: it was mistyped, made by another control plane, or expired long ago")]
    Unknown,
    #[error("the join token of {workload} was used already: it is good for one process")]
    Used { workload: WorkloadId },
    #[error("the join token of {workload} has expired")]
    Expired { workload: WorkloadId },
    #[error("the join token is for {workload}, not for {wanted}")]
    ForOtherWorkload { workload: WorkloadId, wanted: String },
}

impl TokenRefusal {
    /// As in treaty.v1.Identity/Issue.
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Unknown => Reason::TOKEN_UNKNOWN,
            Self::Used { .. } => Reason::TOKEN_USED,
            Self::Expired { .. } => Reason::TOKEN_EXPIRED,
            Self::ForOtherWorkload { .. } => Reason::TOKEN_FOR_OTHER_WORKLOAD,
        }
    }

    /// Whom it concerns.
    pub(crate) const fn workload(&self) -> Option<&WorkloadId> {
        match self {
            Self::Unknown => None,
            Self::Used { workload }
            | Self::Expired { workload }
            | Self::ForOtherWorkload { workload, .. } => Some(workload),
        }
    }
}

/// The workload that the token proves, before anything is spent. `wanted` is whom the bearer believes to
/// be, or empty.
pub(crate) fn check(
    token: Option<&TokenRecord>,
    wanted: &str,
    now: SystemTime,
) -> Result<WorkloadId, TokenRefusal> {
    let token = token.ok_or(TokenRefusal::Unknown)?;
    let workload = token.workload.clone();
    if !wanted.is_empty() && wanted != workload.to_string() {
        return Err(TokenRefusal::ForOtherWorkload { workload, wanted: wanted.chars().take(128).collect() });
    }
    if now >= token.expires {
        return Err(if token.used.is_some() {
            TokenRefusal::Used { workload }
        } else {
            TokenRefusal::Expired { workload }
        });
    }
    Ok(workload)
}

/// The token after it was spent for `public_key`. Whoever lost the answer may ask again, with the same key,
/// as long as the token lives: the answer is worth nothing without the private key.
pub(crate) fn spend(
    token: Option<&TokenRecord>,
    wanted: &str,
    public_key: &Digest,
    now: SystemTime,
) -> Result<TokenRecord, TokenRefusal> {
    let workload = check(token, wanted, now)?;
    let token = token.ok_or(TokenRefusal::Unknown)?;
    match &token.used {
        Some(before) if before.public_key != *public_key => Err(TokenRefusal::Used { workload }),
        Some(_) => Ok(token.clone()),
        None => {
            let used = Some(TokenUse { at: now, public_key: public_key.clone() });
            Ok(TokenRecord { used, ..token.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn token() -> TokenRecord {
        TokenRecord { workload: "shop/orders".parse().unwrap(), expires: NOW + DEFAULT_TTL, used: None }
    }

    fn reason(result: Result<TokenRecord, TokenRefusal>) -> &'static str {
        result.unwrap_err().reason().as_str()
    }

    #[test]
    fn one_key_may_repeat_itself_and_nobody_else() {
        let (key, other) = (Digest::of(b"key"), Digest::of(b"other"));
        let spent = spend(Some(&token()), "shop/orders", &key, NOW).unwrap();
        assert_eq!(spent.used.as_ref().unwrap().public_key, key);
        let later = NOW + DEFAULT_TTL / 2;
        assert_eq!(spend(Some(&spent), "", &key, later), Ok(spent.clone()));
        assert_eq!(reason(spend(Some(&spent), "", &other, later)), "TOKEN_USED");
        assert_eq!(reason(spend(Some(&spent), "", &key, NOW + DEFAULT_TTL)), "TOKEN_USED");
    }

    #[test]
    fn each_refusal_has_its_name() {
        let key = Digest::of(b"key");
        assert_eq!(reason(spend(None, "", &key, NOW)), "TOKEN_UNKNOWN");
        assert_eq!(reason(spend(Some(&token()), "", &key, NOW + DEFAULT_TTL)), "TOKEN_EXPIRED");
        let other = spend(Some(&token()), "shop/catalog", &key, NOW);
        assert_eq!(other.as_ref().unwrap_err().workload().unwrap().to_string(), "shop/orders");
        assert_eq!(reason(other), "TOKEN_FOR_OTHER_WORKLOAD");
    }
}
