//! Whether a call is recorded: `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` of the OpenTelemetry
//! environment variable specification.

use super::TraceContext;

/// The decision of a trace's root, and whether it binds everybody after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Whether the caller's decision is ours, where there is a caller.
    parent_based: bool,
    /// Trace ids whose last 63 bits are below this are sampled.
    bound: u64,
}

const ALWAYS: u64 = 1 << 63;

impl Default for Sampler {
    /// `parentbased_always_on`.
    fn default() -> Self {
        Self { parent_based: true, bound: ALWAYS }
    }
}

impl Sampler {
    /// From the two variables' values. A value that means nothing is told and does as if unset.
    pub(crate) fn read(name: Option<&str>, argument: Option<&str>) -> Self {
        let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else { return Self::default() };
        let (parent_based, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name),
        };
        let bound = match root {
            "always_on" => ALWAYS,
            "always_off" => 0,
            "traceidratio" => bound_of(argument),
            _ => {
                tracing::warn!(
                    sampler = name,
                    "OTEL_TRACES_SAMPLER is none of always_on, always_off, traceidratio, parentbased_always_on, \
                     parentbased_always_off, parentbased_traceidratio; parentbased_always_on is used"
                );
                return Self::default();
            }
        };
        Self { parent_based, bound }
    }

    /// Whether a span of this trace is recorded.
    pub(crate) fn decide(self, parent: Option<&TraceContext>, trace_id: &[u8; 16]) -> bool {
        match parent {
            Some(parent) if self.parent_based => parent.sampled,
            _ => {
                let [.., a, b, c, d, e, f, g, h] = *trace_id;
                u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1 < self.bound
            }
        }
    }
}

/// The ratio times 2^63; 1.0 where the argument is missing or is none.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "0 to 2^63 as a float fits, and a ratio needs no more than 53 bits"
)]
fn bound_of(argument: Option<&str>) -> u64 {
    let Some(argument) = argument else { return ALWAYS };
    match argument.trim().parse::<f64>() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => (ratio * ALWAYS as f64) as u64,
        _ => {
            tracing::warn!(argument, "OTEL_TRACES_SAMPLER_ARG is not a ratio from 0 to 1; 1 is used");
            ALWAYS
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_id(last: u64) -> TraceContext {
        let mut context = TraceContext::root();
        context.trace_id[8..].copy_from_slice(&last.to_be_bytes());
        context
    }

    #[test]
    fn the_parent_decides_by_default() {
        for (name, root) in [(None, true), (Some("parentbased_always_off"), false), (Some("nonsense"), true)]
        {
            let sampler = Sampler::read(name, None);
            let mut parent = TraceContext::root();
            assert_eq!(sampler.decide(None, &parent.trace_id), root);
            assert!(!sampler.decide(Some(&parent), &parent.trace_id));
            parent.sampled = true;
            assert!(sampler.decide(Some(&parent), &parent.trace_id));
        }
    }

    #[test]
    fn without_parent_based_the_parent_is_not_asked() {
        let mut parent = TraceContext::root();
        assert!(Sampler::read(Some("always_on"), None).decide(Some(&parent), &parent.trace_id));
        parent.sampled = true;
        assert!(!Sampler::read(Some("always_off"), None).decide(Some(&parent), &parent.trace_id));
    }

    #[test]
    fn the_ratio_is_of_trace_ids() {
        let half = Sampler::read(Some("traceidratio"), Some("0.5"));
        assert!(half.decide(None, &with_id(0).trace_id));
        assert!(half.decide(None, &with_id(u64::MAX / 2).trace_id));
        assert!(!half.decide(None, &with_id(u64::MAX / 2 + 2).trace_id));
        assert!(!Sampler::read(Some("traceidratio"), Some("0")).decide(None, &with_id(0).trace_id));
        for argument in [None, Some("1"), Some("many"), Some("1.5"), Some("NaN")] {
            assert!(Sampler::read(Some("traceidratio"), argument).decide(None, &with_id(u64::MAX).trace_id));
        }
    }
}
