//! What is left of versions that are not kept any more: which number was called what, and when.

use super::{
    HistoryEntry, Store, StoreError,
    read::{Fault, decode},
    schema::{CONTRACTS, ERAS, HISTORY},
    write::encode,
};
use compat::{History, Party};
use contract::Digest;
use redb::{ReadableTable, TableError, WriteTransaction};
use std::collections::BTreeMap;

/// The most bytes that are kept of one service's. What would not fit is forgotten, the latest first: who was built for the
/// oldest numbers is the most surprised.
const MOST: usize = 8 << 20;

/// The versions of a service: what is left of the old ones, and those that are kept, each with its number.
pub(crate) type Versions = (History, Vec<(usize, HistoryEntry)>);

impl Store {
    /// All versions of a service that were ever in force.
    pub(crate) fn versions(&self, service: &str) -> Result<Versions, StoreError> {
        self.read(|read| {
            let eras = match read.open_table(ERAS) {
                Ok(table) => table.get(service)?.map(|kept| decode("eras", kept.value())).transpose()?,
                // A store of the first versions.
                Err(TableError::TableDoesNotExist(_)) => None,
                Err(error) => return Err(error.into()),
            };
            let table = read.open_table(HISTORY)?;
            let entries = table.range((service, 0)..=(service, u64::MAX))?.map(|entry| {
                let (key, value) = entry?;
                Ok((position(key.value().1), decode("history", value.value())?))
            });
            Ok((eras.unwrap_or_default(), entries.collect::<Result<_, Fault>>()?))
        })
    }
}

/// The number of the version that comes after all that are forgotten.
pub(super) fn next(write: &WriteTransaction, service: &str) -> Result<u64, Fault> {
    let table = write.open_table(ERAS)?;
    let kept = table.get(service)?.map(|kept| decode::<History>("eras", kept.value())).transpose()?;
    Ok(kept.map_or(0, |kept| u64::try_from(kept.versions()).unwrap_or(u64::MAX)))
}

/// Keeps of these versions what is to be known when they are gone: by service, number and set.
pub(super) fn keep<'a>(
    write: &WriteTransaction,
    gone: impl IntoIterator<Item = (&'a str, u64, &'a Digest)>,
) -> Result<(), Fault> {
    let contracts = write.open_table(CONTRACTS)?;
    let mut table = write.open_table(ERAS)?;
    let mut parties: BTreeMap<&Digest, Option<Party>> = BTreeMap::new();
    let mut by_service: BTreeMap<&str, Vec<(u64, &Digest)>> = BTreeMap::new();
    for (service, number, digest) in gone {
        by_service.entry(service).or_default().push((number, digest));
        if !parties.contains_key(digest) {
            let bytes = contracts.get(digest.as_str())?.map(|bytes| bytes.value().to_vec());
            parties.insert(digest, bytes.and_then(|bytes| Party::read(bytes).ok()));
        }
    }
    for (service, versions) in by_service {
        let kept = table.get(service)?.map(|kept| decode("eras", kept.value())).transpose()?;
        let mut kept: History = kept.unwrap_or_default();
        for (number, digest) in versions {
            if let Some(Some(party)) = parties.get(digest) {
                kept.note(position(number), party);
            }
        }
        let bytes = encode(&kept)?;
        if bytes.len() <= MOST {
            table.insert(service, bytes.as_slice())?;
        } else {
            tracing::warn!(service, "older versions of it are forgotten: there are too many numbers");
        }
    }
    Ok(())
}

fn position(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
