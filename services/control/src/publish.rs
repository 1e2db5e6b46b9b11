//! The registry's view → what ADS clients see.

use crate::registry::{State, View};
use identity::{TrustDomain, WorkloadId};
use resource::compile;
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::watch;
use xds::{Published, Refused, Visible};

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
    Published { snapshot, namespaces: others.collect(), visible, refused: refused(view) }
}

/// What each refused process was refused for as a consumer. Who was admitted once is refused no more.
fn refused(view: &View) -> Refused {
    let mut refused = Refused::new();
    for instance in view.instances.iter().filter(|instance| instance.state == State::Refused) {
        let workload = &instance.key.workload;
        let own = workload.to_string();
        let over = instance.refusals.iter().filter_map(|refusal| refusal.breakage.as_ref());
        let over = over.filter(|over| over.consumer == own);
        let services = over.filter_map(|over| over.method.split('/').next()).map(str::to_owned);
        let services: BTreeSet<String> = services.collect();
        if !services.is_empty() {
            refused.entry(workload.clone()).or_default().insert(instance.key.instance.clone(), services);
        }
    }
    refused
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::tests::{BREAKS, GREETER, Sim, provider, viewer};

    #[test]
    fn a_refused_consumer_is_known_by_its_name_until_it_is_admitted() {
        let mut sim = Sim::new();
        let refused = |sim: &Sim| published(&sim.view(), &"treaty.local".parse().unwrap()).refused;
        let before = sim.join("demo/client", viewer("first", 0));
        let old = sim.join("demo/greeter", provider("new", 2, BREAKS));
        assert!(refused(&sim).is_empty(), "the provider is refused, and it calls nobody");
        sim.leave(before);
        let late = sim.join("demo/client", viewer("late", 0));
        assert_eq!(sim.reasons(late), ["CONTRACT_BREAKS"]);
        let services = [("late".to_owned(), [GREETER.to_owned()].into())].into();
        assert_eq!(refused(&sim), [("demo/client".parse().unwrap(), services)].into());
        sim.leave(old);
        sim.join("demo/greeter", provider("mended", 3, 0));
        assert!(sim.is_admitted(late) && refused(&sim).is_empty());
    }
}
