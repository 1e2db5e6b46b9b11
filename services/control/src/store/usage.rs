//! Who called what, as it is kept.

use super::{
    Placement, Store, StoreError,
    read::{Fault, decode},
    schema::{PLACEMENTS, TOTALS, USAGE},
    write::encode,
};
use crate::{peaks::Peaks, rates::Rates};
use contract::Digest;
use identity::WorkloadId;
use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

/// What a workload has to do with a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsageRecord {
    /// When it first said that it consumes the service, or first called it.
    pub(crate) declared: SystemTime,
    /// When it last did.
    pub(crate) seen: SystemTime,
    /// By the methods' own names; those that were called.
    pub(crate) methods: BTreeMap<String, CalledRecord>,
    /// Of each method that the workload's views have: since when they do. Stores of the first versions have none.
    #[serde(default)]
    pub(crate) since: BTreeMap<String, SystemTime>,
}

/// A workload's calls of one method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CalledRecord {
    pub(crate) last_used: SystemTime,
    /// As far as is known.
    pub(crate) calls: u64,
    /// The contract by which it was called last.
    pub(crate) digest: Option<Digest>,
    /// Paths of fields, by numbers.
    pub(crate) written: BTreeSet<Vec<u32>>,
    /// Stores of the first versions have none.
    #[serde(default)]
    pub(crate) peaks: Peaks,
    /// Neither.
    #[serde(default)]
    pub(crate) rates: Rates,
}

/// A workload and a service.
pub(crate) type UsageKey = (WorkloadId, String);

/// All that is kept of one kind.
pub(crate) type UsageRecords = Vec<(UsageKey, UsageRecord)>;

impl Store {
    /// All that is kept: of each caller, and of all callers of a provider together.
    pub(crate) fn usage(&self) -> Result<(UsageRecords, UsageRecords), StoreError> {
        self.read(|read| Ok((records(read, USAGE)?, records(read, TOTALS)?)))
    }

    /// Keeps these, of each caller and of all together; `None`: forgets it.
    pub(crate) fn keep_usage(
        &self,
        uses: &[(UsageKey, Option<UsageRecord>)],
        totals: &[(UsageKey, Option<UsageRecord>)],
    ) -> Result<(), StoreError> {
        if uses.is_empty() && totals.is_empty() {
            return Ok(());
        }
        self.write(|write| {
            for (table, records) in [(USAGE, uses), (TOTALS, totals)] {
                let mut table = write.open_table(table)?;
                for ((workload, service), record) in records {
                    let (workload, service) = (workload.to_string(), service.as_str());
                    match record {
                        Some(record) => table.insert((&*workload, service), encode(record)?.as_slice())?,
                        None => table.remove((&*workload, service))?,
                    };
                }
            }
            Ok(())
        })
    }
}

/// What is kept, read.
pub(super) fn records(
    read: &ReadTransaction,
    table: TableDefinition<'_, (&str, &str), &[u8]>,
) -> Result<Vec<(UsageKey, UsageRecord)>, Fault> {
    let table = match read.open_table(table) {
        Ok(table) => table,
        // A store of the first versions.
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let record = |entry: Result<_, redb::StorageError>| {
        let (key, value): (redb::AccessGuard<'_, (&str, &str)>, redb::AccessGuard<'_, &[u8]>) = entry?;
        let (workload, service) = key.value();
        let workload = workload.parse().map_err(|_| Fault::Value(format!("`{workload}` is no workload")))?;
        Ok(((workload, service.to_owned()), decode("record of usage", value.value())?))
    };
    table.iter()?.map(record).collect()
}

/// The descriptor sets that a record of usage or a placement refers to, and those that are left in force.
pub(super) fn referred(write: &WriteTransaction) -> Result<BTreeSet<Digest>, Fault> {
    let mut referred = BTreeSet::new();
    for entry in write.open_table(USAGE)?.iter()? {
        let UsageRecord { methods, .. } = decode("record of usage", entry?.1.value())?;
        referred.extend(methods.into_values().filter_map(|called| called.digest));
    }
    for entry in write.open_table(PLACEMENTS)?.iter()? {
        let Placement { claim, .. } = decode("placement", entry?.1.value())?;
        referred.extend(claim.digests().cloned());
    }
    referred.extend(super::left::referred(write)?);
    Ok(referred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        AuthorityRecord, AuthorityRecords, Change, Claim, Consumed, HistoryEntry, InstanceKey, prune,
    };
    use std::sync::Arc;
    use tempfile::TempDir;
    use zeroize::Zeroizing;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn open(directory: &TempDir) -> Store {
        let authority =
            |n: u8| AuthorityRecord { certificate: vec![n; 40], key: Zeroizing::new(vec![n; 50]) };
        let authorities = || Ok(AuthorityRecords { mesh: authority(1), edge: authority(3) });
        Store::open(directory.path(), &"treaty.local".parse().unwrap(), &authorities).unwrap()
    }

    fn key(workload: &str) -> UsageKey {
        (workload.parse().unwrap(), "a.B".to_owned())
    }

    fn record(digest: &Digest) -> UsageRecord {
        let written = BTreeSet::from([vec![1], vec![4, 2]]);
        let called = CalledRecord {
            last_used: NOW,
            calls: 7,
            digest: Some(digest.clone()),
            written,
            peaks: Peaks::default(),
            rates: Rates::default(),
        };
        UsageRecord {
            declared: NOW,
            seen: NOW,
            methods: BTreeMap::from([("C".to_owned(), called)]),
            since: BTreeMap::from([("C".to_owned(), NOW)]),
        }
    }

    /// A version comes into force, with its bytes; what is not used any more may go.
    fn deploy(store: &Store, number: u32) -> Digest {
        let bytes: Arc<[u8]> = number.to_be_bytes().to_vec().into();
        let digest = Digest::of(&bytes);
        let entry = HistoryEntry {
            service: "a.B".to_owned(),
            digest: digest.clone(),
            workload: "a/b".parse().unwrap(),
            version: String::new(),
            time: NOW + std::time::Duration::from_secs(number.into()),
        };
        let put = Change::PutContract { digest: digest.clone(), bytes };
        store.commit(&[put, Change::History(entry), Change::Prune { used: BTreeSet::new() }]).unwrap();
        digest
    }

    #[test]
    fn what_is_kept_is_there_after_reopening_until_it_is_forgotten() {
        let directory = TempDir::new().unwrap();
        let (one, other) = ((key("a/b"), record(&Digest::of(b"1"))), (key("a/c"), record(&Digest::of(b"2"))));
        let keep = [one.clone(), other.clone()].map(|(key, record)| (key, Some(record)));
        open(&directory).keep_usage(&keep, &keep[..1]).unwrap();
        assert_eq!(open(&directory).usage().unwrap(), (vec![one.clone(), other], vec![one.clone()]));
        open(&directory).keep_usage(&[(key("a/c"), None)], &[]).unwrap();
        assert_eq!(open(&directory).usage().unwrap(), (vec![one.clone()], vec![one]));
    }

    #[test]
    fn a_store_of_the_first_versions_has_none() {
        let directory = TempDir::new().unwrap();
        let store = open(&directory);
        let write = store.database.begin_write().unwrap();
        assert!(write.delete_table(USAGE).unwrap() && write.delete_table(TOTALS).unwrap());
        write.commit().unwrap();
        drop(store);
        let store = open(&directory);
        assert_eq!(store.usage().unwrap(), (Vec::new(), Vec::new()));
        deploy(&store, 0);
    }

    #[test]
    fn a_version_that_somebody_refers_to_is_never_pruned() {
        let directory = TempDir::new().unwrap();
        let store = open(&directory);
        let (called, viewed, other) = (deploy(&store, 0), deploy(&store, 1), deploy(&store, 2));
        store.keep_usage(&[(key("a/c"), Some(record(&called)))], &[]).unwrap();
        let consumed = Consumed { digest: viewed.clone(), methods: BTreeSet::new() };
        let claim = Claim {
            version: String::new(),
            address: None,
            metrics_address: None,
            locality: resource::Locality::default(),
            serves: BTreeMap::new(),
            consumes: BTreeSet::from(["a.B".to_owned()]),
            views: BTreeMap::from([("a.B".to_owned(), consumed)]),
        };
        let instance = InstanceKey { workload: "a/d".parse().unwrap(), instance: "1".to_owned() };
        let placement = Placement { key: instance, claim, ready: true, order: 1, since: NOW };
        store.commit(&[Change::PutPlacement(Box::new(placement))]).unwrap();
        let later = u32::try_from(prune::SETS_KEPT + prune::ENTRIES_KEPT).unwrap();
        (3..later).for_each(|number| drop(deploy(&store, number)));
        let there = |digest: &Digest| store.contract(digest).unwrap().is_some();
        assert!(there(&called) && there(&viewed) && !there(&other));
        let history = store.history("a.B").unwrap();
        let told = |digest: &Digest| history.iter().any(|entry| entry.digest == *digest);
        assert!(told(&called) && told(&viewed) && !told(&other), "when it came into force is known, too");
        assert_eq!(history.len(), prune::ENTRIES_KEPT + 2);
        store.keep_usage(&[(key("a/c"), None)], &[]).unwrap();
        deploy(&store, later);
        assert!(!there(&called) && there(&viewed));
    }
}
