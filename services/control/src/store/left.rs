//! What workloads left in force, as it is kept.

use super::{Store, StoreError, read::Fault, schema::LEFT};
use contract::Digest;
use identity::WorkloadId;
use redb::{ReadTransaction, ReadableTable, TableError, WriteTransaction};
use std::collections::{BTreeMap, BTreeSet};

impl Store {
    /// By workload and service: the descriptor set that was in force when the last instance went.
    pub(crate) fn left(&self) -> Result<BTreeMap<WorkloadId, BTreeMap<String, Digest>>, StoreError> {
        self.read(all)
    }
}

pub(super) fn all(read: &ReadTransaction) -> Result<BTreeMap<WorkloadId, BTreeMap<String, Digest>>, Fault> {
    let table = match read.open_table(LEFT) {
        Ok(table) => table,
        // A store of the first versions.
        Err(TableError::TableDoesNotExist(_)) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.into()),
    };
    let mut left: BTreeMap<WorkloadId, BTreeMap<String, Digest>> = BTreeMap::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        let (workload, service) = key.value();
        let workload = workload.parse().map_err(|_| Fault::Value(format!("`{workload}` is no workload")))?;
        let digest = digest(value.value())?;
        left.entry(workload).or_default().insert(service.to_owned(), digest);
    }
    Ok(left)
}

/// Keeps what a workload left in force of a service; `None`: forgets it.
pub(super) fn keep(
    write: &WriteTransaction,
    workload: &WorkloadId,
    service: &str,
    digest: Option<&Digest>,
) -> Result<(), Fault> {
    let mut table = write.open_table(LEFT)?;
    let workload = workload.to_string();
    match digest {
        Some(digest) => table.insert((&*workload, service), digest.as_str())?,
        None => table.remove((&*workload, service))?,
    };
    Ok(())
}

/// The descriptor sets that are left in force.
pub(super) fn referred(write: &WriteTransaction) -> Result<BTreeSet<Digest>, Fault> {
    let table = write.open_table(LEFT)?;
    table.iter()?.map(|entry| digest(entry?.1.value())).collect()
}

fn digest(text: &str) -> Result<Digest, Fault> {
    Digest::parse(text).ok_or_else(|| Fault::Value(format!("`{text}` is no digest")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Change;

    #[test]
    fn what_was_left_is_kept_with_its_set_until_it_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::ca::tests::store(directory.path());
        assert!(store.left().unwrap().is_empty());
        let workload: WorkloadId = "demo/greeter".parse().unwrap();
        let bytes: std::sync::Arc<[u8]> = std::sync::Arc::from(&b"set"[..]);
        let digest = Digest::of(&bytes);
        let left = |digest: Option<&Digest>| Change::Left {
            workload: workload.clone(),
            service: "a.B".to_owned(),
            digest: digest.cloned(),
        };
        let put = Change::PutContract { digest: digest.clone(), bytes };
        let prune = || Change::Prune { used: BTreeSet::new() };
        store.commit(&[put, left(Some(&digest)), prune()]).unwrap();
        let kept = BTreeMap::from([("a.B".to_owned(), digest.clone())]);
        assert_eq!(store.left().unwrap(), BTreeMap::from([(workload.clone(), kept)]));
        assert!(store.contract(&digest).unwrap().is_some());
        store.commit(&[left(None), prune()]).unwrap();
        assert!(store.left().unwrap().is_empty());
        assert_eq!(store.contract(&digest).unwrap(), None);
    }

    #[test]
    fn a_store_of_the_first_versions_has_none() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::ca::tests::store(directory.path());
        let write = store.database.begin_write().unwrap();
        assert!(write.delete_table(LEFT).unwrap());
        write.commit().unwrap();
        assert!(store.left().unwrap().is_empty());
    }
}
