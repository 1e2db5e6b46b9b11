//! What a process calls: counted for each method; of some requests, the paths of the fields that they carry.
//!
//! A path is the numbers of fields from the top of the request ("4.2"), and only of fields that the caller's
//! own contract knows: no value, nothing that a value could be told from. A field that is sensitive
//! ([`contract::schema::Field::masked`]) has no path here, and neither has what is below it.
//!
//! Counting costs a call one atomic addition, and the most that a call took ([`Peaks`]) a look at what is known.
//! Looked at are the first [`FIRST`] requests of a method and then
//! one in [`ONE_IN`], of each the first [`MESSAGES`] messages; not those that are compressed or longer than
//! [`MAX_MESSAGE`] bytes; in each, [`MAX_FIELDS`] fields down to a depth of [`MAX_DEPTH`]. Of a method,
//! [`MAX_PATHS`] paths are kept.

mod counter;
mod peaks;
mod sampler;
#[cfg(test)]
mod tests;
mod walk;

pub use counter::Counter;
pub use peaks::Peaks;
pub(crate) use sampler::Sampler;

use contract::{Contract, Digest, schema::Schema};
use parking_lot::Mutex;
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
};
use walk::Shape;

/// So many requests of each method are looked at in any case.
pub const FIRST: u64 = 16;
/// Then every so many-th is.
pub const ONE_IN: u64 = 256;
/// Messages that are looked at of one request.
pub const MESSAGES: u32 = 16;
/// Bytes of a message that is looked at.
pub const MAX_MESSAGE: usize = 64 * 1024;
/// Fields of a message that are looked at.
pub const MAX_FIELDS: usize = 4096;
/// Numbers of a path.
pub const MAX_DEPTH: usize = 16;
/// Paths that are kept of a method.
pub const MAX_PATHS: usize = 256;

/// What a process calls. Clones are the same.
#[derive(Clone, Default)]
pub struct Usage(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// By path ("/shop.catalog.v1.Catalog/GetProduct").
    counters: HashMap<Box<str>, Arc<Counter>>,
    /// Of contracts that are followed no more, until the last call is counted and told.
    retired: Vec<Arc<Counter>>,
}

/// A service whose calls are counted.
#[derive(Clone, Copy, Debug)]
pub struct Followed<'a> {
    /// Its full name.
    pub service: &'a str,
    /// The contract that declares it, as the caller knows it.
    pub contract: &'a Contract,
    /// The messages of that contract; without them, no request is looked at.
    pub schema: Option<&'a Schema>,
}

/// Calls of one method since the last time that somebody asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// "shop.catalog.v1.Catalog/GetProduct".
    pub method: String,
    /// Of the contract by which it was called.
    pub digest: Digest,
    /// How many calls were started. One that is tried again counts once.
    pub calls: u64,
    /// Paths that were never told before.
    pub written: BTreeSet<Vec<u32>>,
    /// The most that was seen.
    pub peaks: Peaks,
}

impl Usage {
    /// From now on, calls of these services are counted, and of no others. A method keeps its counter as
    /// long as its contract stays the same.
    pub fn follow<'a>(&self, services: impl IntoIterator<Item = Followed<'a>>) {
        let mut known = self.0.lock();
        let mut before = std::mem::take(&mut known.counters);
        for Followed { service, contract, schema } in services {
            for method in contract.service(service).into_iter().flat_map(|service| &service.methods) {
                let path = method.path.as_str();
                let kept = before.remove(path).and_then(|counter| {
                    let same = *counter.digest() == contract.digest;
                    if same {
                        return Some(counter);
                    }
                    known.retired.push(counter);
                    None
                });
                let counter = kept.unwrap_or_else(|| {
                    let shape = schema.and_then(|schema| Shape::new(schema, &method.input));
                    Arc::new(Counter::new(path, contract.digest.clone(), shape))
                });
                known.counters.insert(path.into(), counter);
            }
        }
        known.retired.extend(before.into_values());
    }

    /// The counter of the method at this path, if it is followed.
    pub fn counter(&self, path: &str) -> Option<Arc<Counter>> {
        self.0.lock().counters.get(path).cloned()
    }

    /// What is new since the last time; empty if nothing is. Sorted by method.
    pub fn take(&self) -> Vec<Used> {
        let mut known = self.0.lock();
        let Known { counters, retired } = &mut *known;
        let mut used: Vec<_> =
            counters.values().chain(&*retired).filter_map(|counter| counter.take()).collect();
        // Whoever else holds one may still count.
        retired.retain(|counter| Arc::strong_count(counter) > 1 || counter.has_news());
        used.sort_by(|a, b| (&a.method, a.digest.as_str()).cmp(&(&b.method, b.digest.as_str())));
        used
    }
}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Usage({} methods)", self.0.lock().counters.len())
    }
}
