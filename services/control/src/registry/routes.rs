//! Where calls of a namespace go that consumes a service and has no provider of its own.
//!
//! A newcomer is judged against those whom it would meet. That another provider is the next one, because the nearer one
//! was given up or the control plane restarted, makes no newcomer: so nobody is sent to a provider by it that would break
//! them. Calls stay where they went as long as that provider is known; then they go to the first one, in the order in
//! which they claimed the service, that the gate would admit beside all consumers of the namespace; else nowhere.

use super::{
    Comparison, Effect, Judgement, Registry,
    counts::Counts,
    index::Shift,
    slices::VERDICT,
    whom::{Meeting, is_gateway},
};
use crate::store::{Change, Route};
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::SystemTime,
};

/// By service and namespace: of those namespaces in which somebody consumes the service.
pub(crate) type Routes = BTreeMap<String, BTreeMap<String, Route>>;

/// What hinders namespaces from being sent somewhere.
#[derive(Debug, Default)]
pub(super) struct Hindered {
    /// The services of which something has to be compared first.
    pub(super) comparing: BTreeMap<Comparison, BTreeSet<String>>,
    /// What is needed together with these.
    held: BTreeMap<Comparison, BTreeSet<String>>,
    /// When services may be found otherwise.
    lapsing: BTreeMap<String, SystemTime>,
}

impl Hindered {
    /// Of these meetings, some have to be compared first.
    fn wait(&mut self, service: &str, meetings: &[Meeting], missing: &[&Comparison]) {
        for comparison in missing {
            self.comparing.entry((*comparison).clone()).or_default().insert(service.to_owned());
        }
        for Meeting { comparison, .. } in meetings.iter().filter(|_| !missing.is_empty()) {
            self.held.entry(comparison.clone()).or_default().insert(service.to_owned());
        }
    }

    /// What hindered a service does so no more, or will do so again.
    fn forget(&mut self, service: &str) {
        for services in [&mut self.comparing, &mut self.held] {
            services.retain(|_, services| {
                services.remove(service);
                !services.is_empty()
            });
        }
        self.lapsing.remove(service);
    }

    pub(super) fn needs(&self, comparison: &Comparison) -> bool {
        self.comparing.contains_key(comparison) || self.held.contains_key(comparison)
    }
}

/// Whether a provider would do for a namespace.
enum Fit {
    Fits,
    Breaks,
    Unknown,
}

impl Registry {
    /// The same, with what was kept from before a restart. What was kept before routes were is where it went then.
    pub(crate) fn with_routes(mut self, routes: Routes) -> Self {
        self.saved_routes = routes.clone();
        self.routes = routes;
        let services: Vec<_> = self.index.consumers.keys().cloned().collect();
        for service in services {
            let first = self.known_providers(&service).first().map(|(_, first)| (*first).clone());
            let Some(first) = first else { continue };
            for namespace in self.consuming(&service) {
                let of_service = self.routes.entry(service.clone()).or_default();
                of_service.entry(namespace).or_insert_with(|| Route::To(first.clone()));
            }
        }
        self.shown.route(&self.routes);
        self
    }

    /// Where calls of a service from this namespace go, as far as that has been decided.
    pub(super) fn route(&self, namespace: &str, service: &str) -> Option<&Route> {
        self.routes.get(service)?.get(namespace)
    }

    /// Whether somebody of this namespace consumes a service that others provide, and is sent to none of them.
    pub(super) fn is_apart(&self, namespace: &str, service: &str) -> bool {
        self.route(namespace, service) == Some(&Route::Nowhere)
    }

    /// Who provides a service, or left it in force, by who claimed it first.
    pub(super) fn known_providers(&self, service: &str) -> BTreeSet<(u64, &WorkloadId)> {
        let placed = self.index.providers.get(service).into_iter().flatten();
        let placed = placed.map(|(workload, instances)| {
            (workload, instances.values().map(|(_, order)| *order).min().unwrap_or(u64::MAX))
        });
        let absent = self.absent.iter().filter(|(_, absent)| absent.contains_key(service));
        let known: BTreeMap<_, _> = absent.map(|(workload, _)| (workload, u64::MAX)).chain(placed).collect();
        let claimed = |(workload, order): (&WorkloadId, u64)| {
            self.claims.get(&(workload.clone(), service.to_owned())).copied().unwrap_or(order)
        };
        known.into_iter().map(|(workload, order)| (claimed((workload, order)), workload)).collect()
    }

    /// Decides anew where calls of a service go, wherever it has to.
    pub(super) fn reroute(&mut self, service: &str, effects: &mut Vec<Effect>) {
        self.hindered.forget(service);
        let providers: Vec<_> =
            self.known_providers(service).into_iter().map(|(_, workload)| workload.clone()).collect();
        let mut routes = BTreeMap::new();
        for namespace in self.consuming(service) {
            let before = self.route(&namespace, service).cloned();
            routes.extend(self.choose(&namespace, service, &providers, before).map(|to| (namespace, to)));
        }
        let before = match routes.is_empty() {
            true => self.routes.remove(service).unwrap_or_default(),
            false => self.routes.insert(service.to_owned(), routes.clone()).unwrap_or_default(),
        };
        if before != routes {
            self.index.changes.routed = true;
            self.index.changes.epoch += 1;
            self.index.concern(service, None);
            self.index.shift(service, Shift::Versions, None);
        }
        self.save_routes(service, routes, effects);
    }

    fn choose(
        &mut self,
        namespace: &str,
        service: &str,
        providers: &[WorkloadId],
        before: Option<Route>,
    ) -> Option<Route> {
        let own = providers.iter().find(|provider| provider.namespace() == namespace);
        let same = || match &before {
            Some(before) => providers.iter().find(|provider| *before == Route::To((*provider).clone())),
            // Whoever came was judged against the first one, or has called it already.
            None => providers.first(),
        };
        if let Some(to) = own.or_else(same) {
            return Some(Route::To(to.clone()));
        }
        if providers.is_empty() {
            return before;
        }
        for provider in providers {
            match self.fit(namespace, service, provider) {
                Fit::Fits => return Some(Route::To(provider.clone())),
                Fit::Breaks => {}
                Fit::Unknown => break,
            }
        }
        Some(Route::Nowhere)
    }

    /// Whether the gate would admit whatever `provider` serves beside whoever consumes it here.
    fn fit(&mut self, namespace: &str, service: &str, provider: &WorkloadId) -> Fit {
        let meetings = self.would_meet(namespace, service, provider);
        let (mut decided, mut missing) = (Vec::new(), Vec::new());
        for meeting in &meetings {
            let comparison = &meeting.comparison;
            let outcome = comparison.obvious().or_else(|| self.compared.get(comparison));
            match self.memo.of(meeting, outcome, self.window, self.now) {
                Some(one) => decided.push((meeting, one)),
                None => missing.push(comparison),
            }
        }
        self.spent += VERDICT + mem::take(&mut self.memo.spent);
        let all = decided.iter().map(|(meeting, decided)| (*meeting, &**decided)).collect();
        let judgement = Judgement::of_decided(all, self.window, self.now);
        self.hindered.wait(service, &meetings, &missing);
        if let Some(lapses) = judgement.lapses {
            let known = self.hindered.lapsing.entry(service.to_owned()).or_insert(lapses);
            *known = lapses.min(*known);
        }
        match (judgement.refusals.is_empty(), missing.is_empty()) {
            (false, _) => Fit::Breaks,
            (true, true) => Fit::Fits,
            (true, false) => Fit::Unknown,
        }
    }

    fn would_meet(&self, namespace: &str, service: &str, provider: &WorkloadId) -> Vec<Meeting> {
        let views = self.views(service, None).into_iter();
        let views = views.filter(|(workload, ..)| workload.namespace() == namespace);
        let versions = self.versions_of(provider, service);
        let meetings = views.flat_map(|(workload, digest, calls, _)| {
            let versions =
                versions.iter().filter(|version| ***version != digest).copied().collect::<Vec<_>>();
            let meeting = |version| {
                self.meeting(&workload, service, (&digest, calls.clone()), (provider, version), false)
            };
            // As if calls went there.
            let met = versions.into_iter().filter_map(meeting);
            met.map(|meeting| Meeting { apart: false, ..meeting }).collect::<Vec<_>>()
        });
        meetings.collect()
    }

    /// The namespaces in which somebody consumes a service, be it on behalf of outsiders.
    fn consuming(&self, service: &str) -> BTreeSet<String> {
        let viewers = self.index.viewers.get(service).into_iter().flat_map(Counts::keys);
        let outsiders = self.uses.of_service(service).filter(|known| is_gateway(&known.workload));
        let outsiders = outsiders.filter(|known| known.digests().next().is_some());
        viewers.cloned().chain(outsiders.map(|known| known.workload.namespace().to_owned())).collect()
    }

    /// A comparison is done, or time went by: what hung on it is decided anew.
    pub(super) fn unhinder(&mut self, comparison: Option<&Comparison>) {
        let compared = comparison.and_then(|comparison| self.hindered.comparing.remove(comparison));
        self.index.changes.rerouted.extend(compared.into_iter().flatten());
        let lapsed = self.hindered.lapsing.iter().filter(|(_, end)| **end <= self.now);
        self.index.changes.rerouted.extend(lapsed.map(|(service, _)| service.clone()));
    }

    /// When calls may find a way, if nothing happens before.
    pub(super) fn next_way(&self) -> Option<SystemTime> {
        self.hindered.lapsing.values().min().copied()
    }

    fn save_routes(&mut self, service: &str, now: BTreeMap<String, Route>, effects: &mut Vec<Effect>) {
        let saved = self.saved_routes.remove(service).unwrap_or_default();
        let change = |namespace: &String, route: Option<&Route>| {
            let (namespace, service) = (namespace.clone(), service.to_owned());
            Effect::Save(Change::Route { namespace, service, route: route.cloned() })
        };
        let gone = saved.keys().filter(|namespace| !now.contains_key(*namespace));
        effects.extend(gone.map(|namespace| change(namespace, None)));
        let new = now.iter().filter(|(namespace, route)| saved.get(*namespace) != Some(route));
        effects.extend(new.map(|(namespace, route)| change(namespace, Some(route))));
        if !now.is_empty() {
            self.saved_routes.insert(service.to_owned(), now);
        }
    }
}
