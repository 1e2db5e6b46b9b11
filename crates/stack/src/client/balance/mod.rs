//! Which endpoint takes a call: the less busy of two random ones, or each in turn, among those that are
//! connected. Who is not connected is dialled, in the background as long as somebody else can take the call.

mod dial;
mod endpoint;
mod lease;
mod queue;

pub(crate) use dial::Dialer;
pub(crate) use lease::Lease;
pub(crate) use queue::Queue;

use crate::status::{MeshError, Reason};
use contract::{Balance, Sourced};
use endpoint::{Endpoint, Hope};
use identity::SpiffeId;
use queue::MAX_WAITING;
use resource::{Cluster, ClusterName, EndpointSet};
use routing::RoundRobin;
use std::{fmt, net::SocketAddr, sync::Arc};

/// The endpoints of one cluster, in one version of the routes.
pub(crate) struct Pool {
    name: ClusterName,
    identity: Option<SpiffeId>,
    balance: Balance,
    max_in_flight: Sourced<u32>,
    turns: RoundRobin,
    endpoints: Vec<Arc<Endpoint>>,
    queue: Arc<Queue>,
}

/// What there is for a call now.
pub(crate) enum Offer {
    /// A place on a connection.
    Lease(Lease),
    /// Somebody may have one soon: wait in the [`Queue`].
    Wait,
    /// Nobody has one.
    Nothing(MeshError),
}

impl Pool {
    /// Endpoints that `before` had, too, are taken over with their connections, and whoever waits for them;
    /// new ones are dialled.
    pub(crate) fn new(
        cluster: &Cluster,
        endpoints: &EndpointSet,
        before: Option<&Self>,
        dialer: &Dialer,
    ) -> Self {
        let same = before.filter(|before| before.identity.as_ref() == Some(&cluster.identity));
        let known = |address: SocketAddr| same?.endpoints.iter().find(|known| known.address() == address);
        let tls = dialer.tls(&cluster.identity);
        let queue =
            before.map_or_else(|| Arc::new(Queue::new(MAX_WAITING)), |before| Arc::clone(&before.queue));
        let endpoint = |address| match known(address) {
            Some(known) => Arc::clone(known),
            None => Endpoint::new(address, tls.clone(), dialer, &queue),
        };
        let endpoints: Vec<_> =
            endpoints.endpoints.iter().map(|endpoint_| endpoint(endpoint_.address)).collect();
        for endpoint in &endpoints {
            endpoint.dial();
        }
        Self {
            name: cluster.name.clone(),
            identity: Some(cluster.identity.clone()),
            balance: cluster.balance.value,
            max_in_flight: cluster.max_in_flight.clone(),
            turns: RoundRobin::starting_at(usize::from(rand::random::<u16>())),
            endpoints,
            queue,
        }
    }

    /// A cluster that nobody described.
    pub(crate) fn nowhere(name: &ClusterName) -> Self {
        Self {
            name: name.clone(),
            identity: None,
            balance: Balance::default(),
            max_in_flight: Sourced::default(),
            turns: RoundRobin::default(),
            endpoints: Vec::new(),
            queue: Arc::new(Queue::new(MAX_WAITING)),
        }
    }

    /// Where to wait for a place.
    pub(crate) const fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// Too many wait already.
    pub(crate) fn too_many(&self) -> MeshError {
        let name = &self.name;
        let message = format!("{MAX_WAITING} calls wait for a place at {name} already");
        MeshError::new(Reason::TooManyWaiting, message)
            .rule(format_args!("max_in_flight: {}", self.max_in_flight.value))
            .origin(&self.max_in_flight.origin)
            .with("cluster", name)
            .remedy("call less often, start more instances, or raise `max_in_flight` if they can take more")
    }

    /// A place for one call.
    pub(crate) fn offer(&self) -> Offer {
        // Each turn that brings no lease has found an endpoint that is connected no more.
        for _ in 0..=self.endpoints.len() {
            let Some(endpoint) = self.pick() else { break };
            if let Some(lease) = endpoint.lease(self.max_in_flight.value) {
                return Offer::Lease(lease);
            }
        }
        let mut failure = None;
        for endpoint in &self.endpoints {
            match endpoint.hope() {
                Hope::Soon => return Offer::Wait,
                Hope::None(error) => failure = Some(error),
            }
        }
        Offer::Nothing(failure.unwrap_or_else(|| self.no_endpoint()).with("cluster", &self.name))
    }

    fn pick(&self) -> Option<&Arc<Endpoint>> {
        let max = self.max_in_flight.value;
        let index = match self.balance {
            Balance::RoundRobin => self.turns.pick(&self.endpoints, |endpoint| endpoint.load(max).is_some()),
            // There is no key to hash: the route does not say which field it is.
            Balance::LeastRequest | Balance::RingHash => {
                routing::least_request(&self.endpoints, |endpoint| endpoint.load(max), rand::random())
            }
        };
        self.endpoints.get(index?)
    }

    fn no_endpoint(&self) -> MeshError {
        let message = format!("no instance is ready that provides {}", self.name);
        MeshError::new(Reason::NoEndpoint, message)
            .remedy("start an instance, or see in `treaty status` why the ones there are not ready")
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).field("endpoints", &self.endpoints.len()).finish()
    }
}
