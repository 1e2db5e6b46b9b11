//! Who consumes a contract, and what of it was called when.

use crate::{
    registry::{ConsumerView, Registry},
    serve::timestamp,
};
use contracts::treaty::v1::{ConsumedMethod, Consumer};
use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

/// Sorted by workload; `None`: nobody serves or consumes it. `method`: only those of this one.
pub(super) fn list(registry: &Registry, service: &str, method: &str) -> Option<Vec<Consumer>> {
    let consumers = registry.consumers(service);
    if consumers.is_empty() && !registry.view().contracts.contains_key(service) {
        return None;
    }
    let deprecated = deprecated(registry, service);
    let told = consumers.iter().map(|consumer| message(consumer, method, &deprecated, registry.window()));
    Some(told.filter(|consumer| method.is_empty() || !consumer.methods.is_empty()).collect())
}

/// The own names of the methods that the version in force says are deprecated.
fn deprecated(registry: &Registry, service: &str) -> BTreeSet<String> {
    let view = registry.view();
    let known = view.contracts.get(service).and_then(|known| known.first());
    let methods = known.and_then(|known| known.service(service)).into_iter().flat_map(|known| &known.methods);
    let deprecated = methods.filter(|method| method.deprecated.value);
    deprecated.map(|method| method.path.method().to_owned()).collect()
}

fn message(consumer: &ConsumerView, only: &str, deprecated: &BTreeSet<String>, window: Duration) -> Consumer {
    let now = SystemTime::now();
    let methods = consumer.methods.iter().filter(|method| only.is_empty() || method.name == only);
    let methods = methods.map(|method| {
        let known = method.known.as_ref();
        ConsumedMethod {
            method: method.name.clone(),
            calls: known.map_or(0, |known| known.calls),
            last_used_time: known.map(|known| timestamp(known.last_used)),
            in_use: method.in_use,
            deprecated: deprecated.contains(&method.name),
            written: known
                .into_iter()
                .flat_map(|known| known.written.iter().map(|path| dotted(path)))
                .collect(),
            peaks: known.and_then(|known| known.peaks.shown(window, now)),
            rates: known.and_then(|known| known.peaks.rates(window, now)),
        }
    });
    Consumer {
        workload: consumer.workload.to_string(),
        live: consumer.live,
        digests: consumer.digests.iter().map(ToString::to_string).collect(),
        methods: methods.collect(),
        declared_time: consumer.declared.map(timestamp),
    }
}

/// "4.2".
fn dotted(path: &[u32]) -> String {
    let numbers: Vec<_> = path.iter().map(ToString::to_string).collect();
    numbers.join(".")
}
