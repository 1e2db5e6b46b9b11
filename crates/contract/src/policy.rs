//! The effective policy: mesh default < service default < method, each value with its origin.

use crate::{code::Code, origin::Sourced};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// 4 MiB: the largest message where a contract does not say otherwise (gRPC's own default).
pub const DEFAULT_MAX_MESSAGE_BYTES: u32 = 4 * 1024 * 1024;
/// The deadline and ceiling of unary methods where a contract does not say otherwise.
pub const DEFAULT_UNARY_TIMEOUT: Duration = Duration::from_secs(15);
/// All tries of an idempotent method where a contract does not say otherwise.
pub const DEFAULT_IDEMPOTENT_ATTEMPTS: u32 = 3;
/// The first pause between tries where a contract does not say otherwise.
pub const DEFAULT_BACKOFF: Duration = Duration::from_millis(25);

/// What holds for a service as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePolicy {
    /// The team that answers for it; empty if nobody said so.
    pub owner: Sourced<String>,
    /// Requests in flight to one endpoint, per caller process; 0 is unlimited.
    pub max_in_flight: Sourced<u32>,
    /// How callers choose among endpoints.
    pub balance: Sourced<Balance>,
    /// When callers stop choosing an endpoint that fails.
    pub eject: Sourced<EjectPolicy>,
    /// How a new version takes over.
    pub rollout: Sourced<RolloutPolicy>,
}

impl Default for ServicePolicy {
    /// The mesh's defaults.
    fn default() -> Self {
        Self {
            owner: Sourced::default(),
            max_in_flight: Sourced::default_of(0),
            balance: Sourced::default(),
            eject: Sourced::default(),
            rollout: Sourced::default(),
        }
    }
}

/// What holds for a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodPolicy {
    /// Who may call. Empty: nobody.
    pub allow: Sourced<Vec<Allow>>,
    /// Whether the gateway may reach it.
    pub public: Sourced<bool>,
    /// Default deadline and ceiling; `None`: no bound.
    pub timeout: Sourced<Option<Duration>>,
    /// When callers try again. `attempts` is 1 where they may not.
    pub retry: Sourced<RetryPolicy>,
    /// Bytes.
    pub max_request_bytes: Sourced<u32>,
    /// Bytes.
    pub max_response_bytes: Sourced<u32>,
    /// What is shed first.
    pub criticality: Sourced<Criticality>,
    /// How firmly the method is promised.
    pub stability: Sourced<Stability>,
    /// When callers race a second attempt; `None`: never.
    pub hedge: Sourced<Option<HedgePolicy>>,
    /// How often the method may be called; `None`: as often as one likes.
    pub limit: Sourced<Option<LimitPolicy>>,
    /// The day (YYYY-MM-DD) after which it may be gone.
    pub sunset: Sourced<Option<String>>,
    /// What to call instead: "pkg.Service/Method".
    pub replaced_by: Sourced<Option<String>>,
    /// Whether traffic may be copied to another version.
    pub mirror: Sourced<bool>,
    /// The end user's scopes that the gateway demands.
    pub scopes: Sourced<Vec<String>>,
    /// Where messages are held against the rules of `buf.validate`.
    pub validate: Sourced<ValidatePolicy>,
}

impl Default for MethodPolicy {
    /// The mesh's defaults for a unary method that promises no idempotency: nobody may call it.
    fn default() -> Self {
        Self {
            allow: Sourced::default(),
            public: Sourced::default_of(false),
            timeout: Sourced::default_of(Some(DEFAULT_UNARY_TIMEOUT)),
            retry: Sourced::default_of(RetryPolicy::never()),
            max_request_bytes: Sourced::default_of(DEFAULT_MAX_MESSAGE_BYTES),
            max_response_bytes: Sourced::default_of(DEFAULT_MAX_MESSAGE_BYTES),
            criticality: Sourced::default(),
            stability: Sourced::default_of(Stability::Stable),
            hedge: Sourced::default(),
            limit: Sourced::default(),
            sunset: Sourced::default(),
            replaced_by: Sourced::default(),
            mirror: Sourced::default_of(false),
            scopes: Sourced::default(),
            validate: Sourced::default(),
        }
    }
}

/// Where messages are held against the rules of `buf.validate` that their types carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ValidatePolicy {
    /// Who judges requests.
    pub requests: ValidateRequests,
    /// What becomes of responses that break rules.
    pub responses: ValidateResponses,
}

/// Who judges requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ValidateRequests {
    /// Nobody but the provider's own code.
    Nobody,
    /// The provider's door.
    #[default]
    Server,
    /// The gateway as well, for what comes from outside.
    Gateway,
}

/// What becomes of responses that break rules: the provider's own fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ValidateResponses {
    /// They are not judged.
    #[default]
    Ignore,
    /// They are delivered, and reported in the provider's log.
    Report,
    /// The call fails with INTERNAL.
    Refuse,
}

/// Trying again. See gRFC A6 for how attempts, codes and backoff play together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// All tries together, the first included; at least 1.
    pub attempts: u32,
    /// The codes worth another try.
    pub on: Vec<Code>,
    /// The first pause; doubles with jitter, up to ten times.
    pub backoff: Duration,
    /// The deadline of each try.
    pub per_try: Option<Duration>,
}

impl RetryPolicy {
    /// One try, and no other.
    pub const fn never() -> Self {
        Self { attempts: 1, on: Vec::new(), backoff: DEFAULT_BACKOFF, per_try: None }
    }

    /// What holds for an idempotent method where a contract does not say otherwise.
    pub fn idempotent() -> Self {
        Self { attempts: DEFAULT_IDEMPOTENT_ATTEMPTS, on: vec![Code::Unavailable], ..Self::never() }
    }
}

/// Racing several attempts. See gRFC A6, "Hedging policy".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HedgePolicy {
    /// All tries together, the first included; at least 2.
    pub attempts: u32,
    /// How long to wait before the next one starts.
    pub delay: Duration,
}

/// How often a method may be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitPolicy {
    /// How many requests …
    pub requests: u32,
    /// … in how long.
    pub per: Duration,
    /// How many more at once.
    pub burst: u32,
    /// Who shares the limit.
    pub by: LimitBy,
}

/// Who shares a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LimitBy {
    /// All callers of the method together.
    #[default]
    Method,
    /// Each calling workload.
    Caller,
    /// Each value of the request's key.
    Key,
}

/// When callers stop choosing an endpoint; PERMISSION_DENIED never counts as its failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EjectPolicy {
    /// The success rate, in percent, below which it goes.
    pub min_success_percent: u32,
    /// How many requests make a verdict.
    pub min_requests: u32,
    /// How often verdicts fall.
    pub interval: Duration,
    /// How long the first ejection lasts.
    pub base: Duration,
    /// How many of the endpoints, in percent, may be out at once.
    pub max_percent: u32,
}

impl Default for EjectPolicy {
    /// As `treaty/v1/options.proto` promises.
    fn default() -> Self {
        Self {
            min_success_percent: 85,
            min_requests: 50,
            interval: Duration::from_secs(10),
            base: Duration::from_secs(30),
            max_percent: 10,
        }
    }
}

/// How a new version takes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutPolicy {
    /// The traffic of the new version, in percent, step by step; rising, the last is 100.
    pub steps: Vec<u32>,
    /// How long each step must hold.
    pub bake: Duration,
    /// What it must show before it takes traffic.
    pub gate: Gate,
}

impl Default for RolloutPolicy {
    /// As `treaty/v1/options.proto` promises.
    fn default() -> Self {
        Self { steps: vec![1, 10, 50, 100], bake: Duration::from_secs(300), gate: Gate::Consumers }
    }
}

/// What a new version must show before it takes traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Gate {
    /// It breaks no live consumer.
    #[default]
    Consumers,
    /// It could break nobody.
    Strict,
    /// Nothing; what it would break is reported.
    Report,
}

/// One entry of an `allow` list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Allow {
    /// "*": any authenticated workload of the trust domain.
    Any,
    /// "anonymous": also a caller without a certificate.
    Anonymous,
    /// "namespace/account".
    Workload {
        /// The part before the slash.
        namespace: String,
        /// The part behind it.
        account: String,
    },
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Anonymous => f.write_str("anonymous"),
            Self::Workload { namespace, account } => write!(f, "{namespace}/{account}"),
        }
    }
}

impl From<Allow> for String {
    fn from(allow: Allow) -> Self {
        allow.to_string()
    }
}

impl TryFrom<String> for Allow {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "*" => Ok(Self::Any),
            "anonymous" => Ok(Self::Anonymous),
            _ => match text.split_once('/') {
                Some((namespace, account)) if is_dns_label(namespace) && is_dns_label(account) => {
                    Ok(Self::Workload { namespace: namespace.to_owned(), account: account.to_owned() })
                }
                _ => Err(format!(
                    "`{text}` is no workload: write \"namespace/account\", \"*\" or \"anonymous\""
                )),
            },
        }
    }
}

/// RFC 1123 label: what Kubernetes accepts as a namespace or an account.
pub fn is_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.len() <= 63
        && bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|b| alphanumeric(b) || *b == b'-')
}

/// How callers choose among endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Balance {
    /// The less busy of two random endpoints.
    #[default]
    LeastRequest,
    /// Each in turn.
    RoundRobin,
    /// By the hash of the request's key.
    RingHash,
}

/// What is shed first under overload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Criticality {
    /// First.
    Sheddable,
    /// When nothing sheddable is left.
    #[default]
    Standard,
    /// Last.
    Critical,
}

/// How firmly a method is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stability {
    /// May change or go at any time.
    Experimental,
    /// May change with notice.
    Beta,
    /// Breaks no consumer.
    Stable,
}
