//! One version of the routes, made ready for looking up.

use crate::{
    client::{
        balance::{Dialer, Pool},
        usage::{Counter, Usage},
    },
    limit::{Bounds, Direction},
};
use contract::{MethodPath, Sourced};
use http::{Uri, uri::PathAndQuery};
use resource::{Cluster, ClusterName, EndpointSet, MethodRoute, ServiceView};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Where the calls of one method go, and how.
#[derive(Debug)]
pub(crate) struct Route {
    path: Box<str>,
    pub(crate) facts: MethodRoute,
    pub(crate) pool: Arc<Pool>,
    /// As it goes on the wire: the authority is the service, for that is what is dialled.
    pub(crate) uri: Uri,
    /// Counts its calls.
    pub(crate) counter: Option<Arc<Counter>>,
}

impl Route {
    pub(super) fn new(service: &str, path: &str, facts: MethodRoute, pool: Arc<Pool>) -> Self {
        Self { path: path.into(), facts, pool, uri: uri(service, path), counter: None }
    }

    /// Whether request and response are one message each.
    pub(crate) const fn unary(&self) -> bool {
        !self.facts.client_streaming && !self.facts.server_streaming
    }
}

impl Bounds for Route {
    fn path(&self) -> &str {
        &self.path
    }
    fn max(&self, direction: Direction) -> &Sourced<u32> {
        match direction {
            Direction::Request => &self.facts.max_request_bytes,
            Direction::Response => &self.facts.max_response_bytes,
        }
    }
}

/// One version of the routes.
pub(crate) struct Table {
    source: Arc<ServiceView>,
    routes: HashMap<Box<str>, Arc<Route>>,
    pools: BTreeMap<ClusterName, Arc<Pool>>,
}

impl Table {
    /// Connections to endpoints that `before` had, too, are kept; those to others end with their calls.
    pub(crate) fn new(
        service: &str,
        source: &Arc<ServiceView>,
        before: Option<&Self>,
        dialer: &Dialer,
        usage: &Usage,
    ) -> Self {
        let pool = |(name, (cluster, endpoints)): (&ClusterName, &(Arc<Cluster>, Arc<EndpointSet>))| {
            let before = before.and_then(|before| before.pools.get(name));
            (name.clone(), Arc::new(Pool::new(cluster, endpoints, before.map(|pool| &**pool), dialer)))
        };
        let pools: BTreeMap<_, _> = source.clusters.iter().map(pool).collect();
        let route = |(path, facts): (&MethodPath, &MethodRoute)| {
            let known = pools.get(&facts.cluster).map(Arc::clone);
            let pool = known.unwrap_or_else(|| Arc::new(Pool::nowhere(&facts.cluster)));
            let path = path.as_str();
            let counter = usage.counter(path);
            (path.into(), Arc::new(Route { counter, ..Route::new(service, path, facts.clone(), pool) }))
        };
        let routes = source.routes.methods.iter().map(route).collect();
        Self { source: Arc::clone(source), routes, pools }
    }

    pub(crate) fn is_of(&self, source: &Arc<ServiceView>) -> bool {
        Arc::ptr_eq(&self.source, source)
    }

    pub(crate) fn route(&self, path: &str) -> Option<Arc<Route>> {
        self.routes.get(path).map(Arc::clone)
    }
}

/// A name that is no authority is left out: the handshake, not the authority, proves who answers.
fn uri(service: &str, path: &str) -> Uri {
    let path: PathAndQuery = path.parse().unwrap_or_else(|_| PathAndQuery::from_static("/"));
    let whole = Uri::builder().scheme("https").authority(service).path_and_query(path.clone()).build();
    whole.unwrap_or_else(|_| Uri::from(path))
}
