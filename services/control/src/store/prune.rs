//! How many versions are kept: enough to look back, whoever registers what and how often; and, beyond that,
//! whatever somebody is known to use. Of the others, numbers and names stay known.

use super::{
    HistoryEntry, eras,
    read::{Fault, decode},
    schema::{CONTRACTS, HISTORY},
    usage::referred,
};
use contract::Digest;
use identity::WorkloadId;
use redb::{ReadableTable, Table, WriteTransaction};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

/// How many entries of a service are kept.
pub(super) const ENTRIES_KEPT: usize = 16;
/// How many descriptor sets of a workload's history are kept, with their entries.
pub(crate) const SETS_KEPT: usize = 16;

/// Keeps the latest entries of one service, and those about a set that somebody is known to use.
pub(super) fn shorten(
    write: &WriteTransaction,
    table: &mut Table<'_, (&'static str, u64), &'static [u8]>,
    service: &str,
) -> Result<(), Fault> {
    let keys = table.range((service, 0)..=(service, u64::MAX))?.rev().skip(ENTRIES_KEPT);
    let old = keys.map(|entry| {
        let (key, value) = entry?;
        let HistoryEntry { digest, .. } = decode("history", value.value())?;
        Ok((key.value().1, digest))
    });
    let old = old.collect::<Result<Vec<(u64, Digest)>, Fault>>()?;
    if old.is_empty() {
        return Ok(());
    }
    let used = referred(write)?;
    let gone: Vec<_> = old.iter().filter(|(_, digest)| !used.contains(digest)).collect();
    eras::keep(write, gone.iter().map(|(key, digest)| (service, *key, digest)))?;
    for (key, _) in gone {
        table.remove((service, *key))?;
    }
    Ok(())
}

/// Keeps the latest sets of each workload's history, those that are `used`, and those that a placement or a
/// record of usage refers to; of the history, what is about a set that is kept.
pub(super) fn prune(write: &WriteTransaction, used: &BTreeSet<Digest>) -> Result<(), Fault> {
    let mut history = write.open_table(HISTORY)?;
    let mut latest: BTreeMap<WorkloadId, BTreeMap<Digest, SystemTime>> = BTreeMap::new();
    let mut entries = Vec::new();
    for entry in history.iter()? {
        let (key, value) = entry?;
        let (service, number) = key.value();
        let HistoryEntry { digest, workload, time, .. } = decode("history", value.value())?;
        let seen = latest.entry(workload).or_default().entry(digest.clone()).or_insert(time);
        *seen = time.max(*seen);
        entries.push(((service.to_owned(), number), digest));
    }
    let mut kept = referred(write)?;
    kept.extend(used.iter().cloned());
    for sets in latest.into_values() {
        let mut sets: Vec<_> = sets.into_iter().collect();
        sets.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        kept.extend(sets.into_iter().take(SETS_KEPT).map(|(digest, _)| digest));
    }
    let gone: Vec<_> = entries.iter().filter(|(_, digest)| !kept.contains(digest)).collect();
    eras::keep(write, gone.iter().map(|((service, number), digest)| (service.as_str(), *number, digest)))?;
    for ((service, number), _) in gone {
        history.remove((service.as_str(), *number))?;
    }
    let mut contracts = write.open_table(CONTRACTS)?;
    contracts.retain(|digest, _| Digest::parse(digest).is_some_and(|digest| kept.contains(&digest)))?;
    Ok(())
}
