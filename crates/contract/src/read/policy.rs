//! The effective policy: of what a method, its service's `defaults` and its service say, the nearest.

use super::{
    descriptor::path,
    findings::Findings,
    places::Places,
    vocabulary::{self, Service},
};
use crate::{
    model::Idempotency,
    origin::{Origin, Sourced},
    policy::{
        Allow, Criticality, DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_UNARY_TIMEOUT, HedgePolicy, LimitBy,
        LimitPolicy, MethodPolicy, RetryPolicy, Stability, ValidatePolicy, ValidateRequests,
        ValidateResponses,
    },
};
use std::time::Duration;

/// A `treaty.v1.Method`, and where it is written.
#[derive(Clone)]
pub(crate) struct Layer {
    pub(crate) options: vocabulary::Method,
    pub(crate) path: Vec<i32>,
}

/// Everything that bears on one method.
pub(crate) struct Said<'a> {
    pub(crate) places: &'a Places<'a>,
    pub(crate) service: &'a Service,
    /// The path of the service's own option.
    pub(crate) service_path: &'a [i32],
    pub(crate) own: Layer,
    pub(crate) defaults: Option<&'a Layer>,
    pub(crate) idempotency: &'a Sourced<Idempotency>,
    pub(crate) streaming: bool,
    pub(crate) package: &'a Sourced<String>,
    /// "package.Service/Method".
    pub(crate) method: &'a str,
}

impl Said<'_> {
    pub(crate) fn policy(&self, findings: &mut Findings) -> MethodPolicy {
        let (retry, hedge) = self.retry_and_hedge(findings);
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let bytes = |bytes: u32| Some(bytes).filter(|bytes| *bytes > 0);
        MethodPolicy {
            allow: self.allow(findings),
            public: self.public(),
            timeout: self.timeout(findings),
            retry,
            hedge,
            max_request_bytes: self.nearest(11, |m| bytes(m.max_request_bytes)).unwrap_or(MAX_BYTES),
            max_response_bytes: self.nearest(12, |m| bytes(m.max_response_bytes)).unwrap_or(MAX_BYTES),
            criticality: self.nearest(6, |m| criticality(m.criticality)).unwrap_or_default(),
            stability: self
                .nearest(7, |m| stability(m.stability))
                .unwrap_or_else(|| self.stability_of_package()),
            limit: self.limit(findings),
            sunset: optional(self.nearest(8, |m| text(&m.sunset))),
            replaced_by: optional(self.nearest(9, |m| text(&m.replaced_by))),
            mirror: self.nearest(10, |m| m.mirror).unwrap_or_else(|| self.mirror()),
            scopes: self
                .nearest(13, |m| Some(m.scopes.clone()).filter(|list| !list.is_empty()))
                .unwrap_or_default(),
            validate: self.validate(),
        }
    }

    /// The method's own value, else the one of the service's `defaults`.
    fn nearest<T>(&self, field: i32, read: impl Fn(&vocabulary::Method) -> Option<T>) -> Option<Sourced<T>> {
        self.nearest_at(&[field], read)
    }

    fn nearest_at<T>(
        &self,
        path: &[i32],
        read: impl Fn(&vocabulary::Method) -> Option<T>,
    ) -> Option<Sourced<T>> {
        std::iter::once(&self.own).chain(self.defaults).find_map(|layer| {
            let value = read(&layer.options)?;
            Some(Sourced { value, origin: self.places.at(&join(&layer.path, path)) })
        })
    }

    fn in_layer<T>(
        &self,
        layer: &Layer,
        field: i32,
        read: impl Fn(&vocabulary::Method) -> Option<T>,
    ) -> Option<Sourced<T>> {
        let value = read(&layer.options)?;
        Some(Sourced { value, origin: self.places.at(&join(&layer.path, &[field])) })
    }

    fn allow(&self, findings: &mut Findings) -> Sourced<Vec<Allow>> {
        let own =
            std::iter::once(&self.own).chain(self.defaults).find(|layer| !layer.options.allow.is_empty());
        let (list, path) = match own {
            Some(layer) => (&layer.options.allow, join(&layer.path, &[4])),
            None if self.service.allow.is_empty() => return Sourced::default(),
            None => (&self.service.allow, join(self.service_path, &[2])),
        };
        let mut value = Vec::with_capacity(list.len());
        for (position, entry) in list.iter().enumerate() {
            let at = || self.places.at(&join(&path, &[super::index::as_step(position)]));
            match Allow::try_from(entry.clone()) {
                Ok(allow) if value.contains(&allow) => {
                    findings.warning(
                        "allow-twice",
                        &at(),
                        format!("`{allow}` is allowed twice"),
                        "name it once",
                    );
                }
                Ok(allow) => value.push(allow),
                Err(message) => findings.error("unknown-workload-form", &at(), message, ALLOW_REMEDY),
            }
        }
        Sourced { value, origin: self.places.at(&path) }
    }

    fn public(&self) -> Sourced<bool> {
        let of_service = || {
            let origin = self.places.at(&join(self.service_path, &[8]));
            self.service.public.then_some(Sourced { value: true, origin })
        };
        self.nearest(14, |m| m.public).or_else(of_service).unwrap_or_default()
    }

    /// A service's `defaults` bound its unary methods only: a stream is as long as it is, unless it says
    /// itself how long it may be.
    fn timeout(&self, findings: &mut Findings) -> Sourced<Option<Duration>> {
        let said = |m: &vocabulary::Method| Some(m.timeout.clone()).filter(|text| !text.is_empty());
        let text = if self.streaming { self.in_layer(&self.own, 1, said) } else { self.nearest(1, said) };
        let parsed = text.and_then(|Sourced { value, origin }| {
            findings.duration("timeout", &value, &origin).map(|value| Sourced { value: Some(value), origin })
        });
        parsed.unwrap_or(Sourced::default_of((!self.streaming).then_some(DEFAULT_UNARY_TIMEOUT)))
    }

    /// The two exclude each other: the nearer one holds. A service's `defaults` reach idempotent methods
    /// only, so that nobody's payment is tried again by a line that does not name it.
    fn retry_and_hedge(
        &self,
        findings: &mut Findings,
    ) -> (Sourced<RetryPolicy>, Sourced<Option<HedgePolicy>>) {
        let idempotent = self.idempotency.value != Idempotency::IdempotencyUnknown;
        let inherited = self.defaults.filter(|_| idempotent);
        for layer in std::iter::once(&self.own).chain(inherited) {
            let retry = self.in_layer(layer, 2, |m| m.retry.clone());
            let hedge = self.in_layer(layer, 3, |m| m.hedge.clone());
            if let (Some(_), Some(hedge)) = (&retry, &hedge) {
                let message = format!("{} both retries and hedges", self.method);
                findings.error("hedge-with-retry", &hedge.origin, message, "keep one of the two");
            }
            if let Some(retry) = retry {
                return (self.retry(layer, retry, findings), Sourced::default());
            }
            if let Some(hedge) = hedge {
                let never = Sourced { value: RetryPolicy::never(), origin: hedge.origin.clone() };
                return (never, self.hedge(layer, hedge, findings));
            }
        }
        if idempotent {
            let origin = self.idempotency.origin.clone();
            return (Sourced { value: RetryPolicy::idempotent(), origin }, Sourced::default());
        }
        (Sourced::default_of(RetryPolicy::never()), Sourced::default())
    }

    fn retry(
        &self,
        layer: &Layer,
        said: Sourced<vocabulary::Retry>,
        findings: &mut Findings,
    ) -> Sourced<RetryPolicy> {
        let at = |field: i32| self.places.at(&join(&layer.path, &[2, field]));
        let Sourced { value: said, origin } = said;
        let mut retry = RetryPolicy::idempotent();
        if said.attempts > 0 {
            retry.attempts = said.attempts;
        }
        if !said.on.is_empty() {
            retry.on = said.on.iter().copied().filter_map(crate::Code::from_number).collect();
        }
        retry.backoff = findings.duration("retry.backoff", &said.backoff, &at(3)).unwrap_or(retry.backoff);
        retry.per_try = findings.duration("retry.per_try", &said.per_try, &at(4));
        Sourced { value: retry, origin }
    }

    fn hedge(
        &self,
        layer: &Layer,
        said: Sourced<vocabulary::Hedge>,
        findings: &mut Findings,
    ) -> Sourced<Option<HedgePolicy>> {
        let Sourced { value: said, origin } = said;
        let delay =
            findings.duration("hedge.delay", &said.delay, &self.places.at(&join(&layer.path, &[3, 2])));
        if said.attempts < 2 || said.delay.is_empty() {
            let message = format!("{}: a hedge needs at least two attempts and a delay", self.method);
            findings.error(
                "hedge-incomplete",
                &origin,
                message,
                "write for example { attempts: 2 delay: \"50ms\" }",
            );
        }
        let value = delay.map(|delay| HedgePolicy { attempts: said.attempts.max(2), delay });
        Sourced { value, origin }
    }

    /// Each half from the nearest that says something about it; the place is that of the nearest of both.
    fn validate(&self) -> Sourced<ValidatePolicy> {
        let said = |read: fn(&vocabulary::Validate) -> i32, field| {
            self.nearest_at(&[15, field], |m| m.validate.as_ref().map(read).filter(|number| *number > 0))
        };
        let (requests, responses) = (said(|v| v.requests, 1), said(|v| v.responses, 2));
        let origin = requests.as_ref().or(responses.as_ref()).map(|said| said.origin.clone());
        let value = ValidatePolicy {
            requests: match requests.map(|said| said.value) {
                Some(1) => ValidateRequests::Nobody,
                Some(3) => ValidateRequests::Gateway,
                _ => ValidateRequests::Server,
            },
            responses: match responses.map(|said| said.value) {
                Some(2) => ValidateResponses::Report,
                Some(3) => ValidateResponses::Refuse,
                _ => ValidateResponses::Ignore,
            },
        };
        Sourced { value, origin: origin.unwrap_or_default() }
    }

    fn limit(&self, findings: &mut Findings) -> Sourced<Option<LimitPolicy>> {
        let Some(Sourced { value: said, origin }) = self.nearest(5, |m| m.limit.clone()) else {
            return Sourced::default();
        };
        let per = findings.duration("limit.per", &said.per, &origin);
        if said.requests == 0 || said.per.is_empty() {
            let message = format!("{}: a limit needs `requests` and `per`", self.method);
            findings.error(
                "limit-incomplete",
                &origin,
                message,
                "write for example { requests: 100 per: \"1s\" }",
            );
        }
        let by = match said.by {
            1 => LimitBy::Caller,
            2 => LimitBy::Key,
            _ => LimitBy::Method,
        };
        let value = per.map(|per| LimitPolicy { requests: said.requests, per, burst: said.burst, by });
        Sourced { value, origin }
    }

    /// Copied traffic must change nothing.
    fn mirror(&self) -> Sourced<bool> {
        match self.idempotency {
            Sourced { value: Idempotency::NoSideEffects, origin } => {
                Sourced { value: true, origin: origin.clone() }
            }
            _ => Sourced::default_of(false),
        }
    }

    /// "v1" promises most, and so does a package that says nothing.
    fn stability_of_package(&self) -> Sourced<Stability> {
        let version = self.package.value.rsplit('.').next().unwrap_or_default();
        let digits = version.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let value = match digits {
            Some(rest) if rest.contains("alpha") => Stability::Experimental,
            Some(rest) if rest.contains("beta") => Stability::Beta,
            Some(_) => Stability::Stable,
            None => return Sourced::default_of(Stability::Stable),
        };
        Sourced { value, origin: self.package.origin.clone() }
    }
}

const MAX_BYTES: Sourced<u32> = Sourced::default_of(DEFAULT_MAX_MESSAGE_BYTES);
const ALLOW_REMEDY: &str = "name workloads as \"namespace/account\", for example \"shop/orders\"";

/// The path of the option on a method.
pub(crate) fn method_option(declared: &[i32]) -> Vec<i32> {
    join(declared, &[path::METHOD_OPTIONS, path::TREATY])
}

pub(crate) fn join(path: &[i32], rest: &[i32]) -> Vec<i32> {
    [path, rest].concat()
}

fn optional<T>(value: Option<Sourced<T>>) -> Sourced<Option<T>> {
    match value {
        Some(Sourced { value, origin }) => Sourced { value: Some(value), origin },
        None => Sourced { value: None, origin: Origin::Default },
    }
}

const fn criticality(number: i32) -> Option<Criticality> {
    match number {
        1 => Some(Criticality::Sheddable),
        2 => Some(Criticality::Standard),
        3 => Some(Criticality::Critical),
        _ => None,
    }
}

const fn stability(number: i32) -> Option<Stability> {
    match number {
        1 => Some(Stability::Experimental),
        2 => Some(Stability::Beta),
        3 => Some(Stability::Stable),
        _ => None,
    }
}
