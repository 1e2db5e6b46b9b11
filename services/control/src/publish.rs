//! The registry's view → what ADS clients see.

use crate::registry::View;
use identity::{TrustDomain, WorkloadId};
use resource::compile;
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::watch;
use xds::{Published, Visible};

/// Who sees the public services, registered or not.
const GATEWAY: (&str, &str) = ("treaty", "gateway");

/// Publishes every view until the registry ends.
pub(crate) async fn publish(
    trust_domain: TrustDomain,
    mut views: watch::Receiver<Arc<View>>,
    published: watch::Sender<Arc<Published>>,
) {
    loop {
        let view = views.borrow_and_update().clone();
        let next = self::published(&view, &trust_domain);
        published.send_if_modified(|current| {
            let changed = **current != next;
            if changed {
                *current = Arc::new(next);
            }
            changed
        });
        if views.changed().await.is_err() {
            return;
        }
    }
}

/// What everybody sees of `view`.
///
/// A workload sees the services that its instances say they consume, and its own listeners. What an
/// instance consumes counts while its stream is open, admitted or not: refused is who provides.
pub(crate) fn published(view: &View, trust_domain: &TrustDomain) -> Published {
    let snapshot = compile(&view.world(trust_domain.clone(), ""));
    let workloads = view.consumes.keys().map(|workload| (workload.clone(), visible(view, workload)));
    let mut visible: std::collections::BTreeMap<_, _> = workloads.collect();
    if let Ok(gateway) = format!("{}/{}", GATEWAY.0, GATEWAY.1).parse::<WorkloadId>() {
        let sees = self::visible(view, &gateway);
        visible.insert(gateway, sees);
    }
    let others = view.divided().into_iter();
    let others = others.map(|namespace| {
        let snapshot = compile(&view.world(trust_domain.clone(), &namespace));
        (namespace, snapshot)
    });
    Published { snapshot, namespaces: others.collect(), visible }
}

fn visible(view: &View, workload: &WorkloadId) -> Visible {
    Visible {
        services: services(view, workload),
        listeners: view.listeners.get(workload).map(|names| (**names).clone()).unwrap_or_default(),
    }
}

/// The services whose endpoints a workload may see.
pub(crate) fn services(view: &View, workload: &WorkloadId) -> BTreeSet<String> {
    let mut services = view.consumes.get(workload).map(|names| (**names).clone()).unwrap_or_default();
    if (workload.namespace(), workload.account()) == GATEWAY {
        services.extend(view.public(workload.namespace()));
    }
    services
}
