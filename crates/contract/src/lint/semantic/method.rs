//! Rules about methods.

use crate::lint::{Diagnostic, kept::Sink};
use crate::{
    code::Code,
    duration,
    model::{Contract, Method, Service},
    policy::LimitBy,
};

pub(super) fn check(contract: &Contract, service: &Service, method: &Method, found: &mut impl Sink) {
    let rules = Rules { name: format!("{}/{}", service.name, method.path.method()), method };
    let findings = [
        rules.unreachable(),
        rules.retry(),
        rules.retry_codes(),
        rules.per_try(),
        rules.hedge(),
        rules.limit_by_key(),
        rules.several_keys(),
        rules.sunset(),
        rules.replaced_by(contract),
        rules.scopes(),
    ];
    findings.into_iter().flatten().for_each(|finding| found.add(finding));
}

struct Rules<'a> {
    name: String,
    method: &'a Method,
}

/// gRFC A6: more attempts are treated as five.
const MAX_ATTEMPTS: u32 = 5;
const SAFE: &str = "promise it with `option idempotency_level = IDEMPOTENT;` (or NO_SIDE_EFFECTS)";

impl Rules<'_> {
    fn unreachable(&self) -> Option<Diagnostic> {
        let Method { policy, origin, .. } = self.method;
        (policy.allow.value.is_empty() && !policy.public.value).then(|| {
            let message = format!("nobody may call {}", self.name);
            let remedy = "name its callers: option (treaty.v1.method).allow = \"namespace/account\", \
                          or let the gateway in: option (treaty.v1.method).public = true";
            Diagnostic::warning("nobody-may-call", origin, message, remedy)
        })
    }

    fn retry(&self) -> Option<Diagnostic> {
        let retry = &self.method.policy.retry;
        if retry.value.attempts > 1 && !self.method.idempotent {
            let message = format!("{} is tried again, and does not promise that this is safe", self.name);
            let remedy = format!("{SAFE}, or take `retry` away");
            return Some(Diagnostic::error("retry-without-idempotency", &retry.origin, message, remedy));
        }
        (retry.value.attempts > MAX_ATTEMPTS).then(|| {
            let message =
                format!("{} is tried {} times; gRPC clients stop at five", self.name, retry.value.attempts);
            Diagnostic::warning("retry-attempts", &retry.origin, message, "write at most 5 attempts")
        })
    }

    fn retry_codes(&self) -> Option<Diagnostic> {
        let retry = &self.method.policy.retry;
        if retry.value.on.contains(&Code::Ok) {
            let message = format!("{} is tried again after OK", self.name);
            let remedy = "name codes of failures, for example UNAVAILABLE";
            return Some(Diagnostic::error("retry-on-ok", &retry.origin, message, remedy));
        }
        let code = retry.value.on.iter().find(|code| !portable(**code))?;
        let message = format!("{}: gRPC's own xDS clients do not retry on {code}", self.name);
        let remedy = "CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED and UNAVAILABLE are retried everywhere";
        Some(Diagnostic::warning("retry-code-not-portable", &retry.origin, message, remedy))
    }

    fn per_try(&self) -> Option<Diagnostic> {
        let policy = &self.method.policy;
        let (per_try, timeout) = (policy.retry.value.per_try?, policy.timeout.value?);
        (per_try >= timeout).then(|| {
            let (per_try, timeout) = (duration::format(per_try), duration::format(timeout));
            let message = format!("{}: each try may take {per_try}, and the whole call {timeout}", self.name);
            let remedy = "make `per_try` shorter than the timeout, so that there is time for another try";
            Diagnostic::warning("per-try-beyond-timeout", &policy.retry.origin, message, remedy)
        })
    }

    fn hedge(&self) -> Option<Diagnostic> {
        let hedge = &self.method.policy.hedge;
        (hedge.value.is_some() && !self.method.idempotent).then(|| {
            let message =
                format!("{} is raced, and does not promise that calling it twice is safe", self.name);
            let remedy = format!("{SAFE}, or take `hedge` away");
            Diagnostic::error("hedge-without-idempotency", &hedge.origin, message, remedy)
        })
    }

    fn limit_by_key(&self) -> Option<Diagnostic> {
        let limit = &self.method.policy.limit;
        let by_key = limit.value.as_ref().is_some_and(|limit| limit.by == LimitBy::Key);
        (by_key && !self.method.fields.iter().any(|field| field.key)).then(|| {
            let message = format!("{} is limited by key, and {} has none", self.name, self.method.input);
            let remedy = "mark one scalar field of the request with [(treaty.v1.field).key = true]";
            Diagnostic::error("limit-by-key-without-key", &limit.origin, message, remedy)
        })
    }

    fn several_keys(&self) -> Option<Diagnostic> {
        let mut keys = self.method.fields.iter().filter(|field| field.key);
        let (first, second) = (keys.next()?, keys.next()?);
        let message =
            format!("the request of {} has two keys: `{}` and `{}`", self.name, first.name, second.name);
        Some(Diagnostic::error("several-keys", &second.origin, message, "keep one"))
    }

    fn sunset(&self) -> Option<Diagnostic> {
        let sunset = &self.method.policy.sunset;
        let date = sunset.value.as_deref()?;
        if !is_date(date) {
            let message = format!("{}: \"{date}\" is no day", self.name);
            return Some(Diagnostic::error(
                "bad-sunset",
                &sunset.origin,
                message,
                "write it as \"2027-06-30\"",
            ));
        }
        (!self.method.deprecated.value).then(|| {
            let message = format!("{} goes on {date}, and does not say that it is deprecated", self.name);
            let remedy = "add `option deprecated = true;`, so that generated code warns its callers";
            Diagnostic::error("sunset-without-deprecated", &sunset.origin, message, remedy)
        })
    }

    fn replaced_by(&self, contract: &Contract) -> Option<Diagnostic> {
        let replaced_by = &self.method.policy.replaced_by;
        let target = replaced_by.value.as_deref()?;
        let error =
            |rule, message, remedy: &str| Diagnostic::error(rule, &replaced_by.origin, message, remedy);
        let Some((service, method)) = target.split_once('/').filter(|(s, m)| is_path(s) && is_path(m)) else {
            let message = format!("{}: \"{target}\" is no method", self.name);
            return Some(error("bad-replacement", message, "write \"package.Service/Method\""));
        };
        if service == self.method.path.service() && method == self.method.path.method() {
            let message = format!("{} is replaced by itself", self.name);
            return Some(error("replaced-by-itself", message, "name another method"));
        }
        let known = contract.service(service)?;
        let there = known.methods.iter().any(|found| found.path.method() == method);
        (!there).then(|| {
            let message = format!("{}: {service} has no method {method}", self.name);
            error("bad-replacement", message, "name a method that is there")
        })
    }

    fn scopes(&self) -> Option<Diagnostic> {
        let scopes = &self.method.policy.scopes;
        let bad = scopes.value.iter().find(|scope| !super::fields::is_scope(scope))?;
        let message = format!("{} demands the scope `{bad}`, which no token can have", self.name);
        Some(Diagnostic::error("bad-scope", &scopes.origin, message, "write one word for each scope"))
    }
}

/// What grpc-go, gRPC C-core and gRPC-Java accept in an xDS retry policy (gRFC A44).
const fn portable(code: Code) -> bool {
    use Code::{Cancelled, DeadlineExceeded, Internal, ResourceExhausted, Unavailable};
    matches!(code, Cancelled | DeadlineExceeded | Internal | ResourceExhausted | Unavailable)
}

/// Dots and identifiers.
fn is_path(text: &str) -> bool {
    let identifier = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    text.split('.').all(identifier)
}

/// A day of the Gregorian calendar as YYYY-MM-DD (RFC 3339, full-date).
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let &[year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, length: usize| {
        let digits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    };
    (1..=days).contains(&day)
}
