//! What is read back: at start, and to answer.

use super::{
    AuditEvent, AuthorityRecord, AuthorityRecords, HistoryEntry, Placement, Store, StoreError, TokenRecord,
    schema::{AUDIT, AUDIT_ANONYMOUS, AUTHORITIES, CONTRACTS, HISTORY, PLACEMENTS, TOKENS, TOTALS, USAGE},
};
use contract::Digest;
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableError};
use serde::de::DeserializeOwned;
use std::{path::Path, sync::Arc};
use zeroize::Zeroizing;

/// How a read fails, before it is known of which file.
pub(super) enum Fault {
    Database(redb::Error),
    Value(String),
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}

impl Fault {
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Database(error) => StoreError::Failed { path: path.to_owned(), detail: error.to_string() },
            Self::Value(detail) => StoreError::Corrupt { path: path.to_owned(), detail },
        }
    }
}

/// Every value must be what its table says.
pub(super) fn check_values(database: &Database, path: &Path) -> Result<(), StoreError> {
    let all = || -> Result<(), Fault> {
        let read = database.begin_read()?;
        authorities(&read)?;
        placements(&read)?;
        super::usage::records(&read, USAGE)?;
        super::usage::records(&read, TOTALS)?;
        super::left::all(&read)?;
        super::routes::all(&read)?;
        audit(&read, usize::MAX)?;
        for entry in read.open_table(TOKENS)?.iter()? {
            decode::<TokenRecord>("token", entry?.1.value())?;
        }
        for entry in read.open_table(HISTORY)?.iter()? {
            decode::<HistoryEntry>("history", entry?.1.value())?;
        }
        for entry in read.open_table(CONTRACTS)?.iter()? {
            let (key, bytes) = entry?;
            if Digest::of(bytes.value()).as_str() != key.value() {
                return Err(Fault::Value(format!("the descriptor set {} is another one", key.value())));
            }
        }
        Ok(())
    };
    all().map_err(|fault| match fault.at(path) {
        StoreError::Failed { path, detail } => StoreError::Corrupt { path, detail },
        other => other,
    })
}

impl Store {
    /// The authorities.
    pub(crate) fn authorities(&self) -> Result<AuthorityRecords, StoreError> {
        self.read(authorities)
    }

    /// Every remembered instance.
    pub(crate) fn placements(&self) -> Result<Vec<Placement>, StoreError> {
        self.read(placements)
    }

    /// The latest audit events, oldest first; as many again, at most, of those who proved nothing.
    pub(crate) fn audit(&self, at_most: usize) -> Result<Vec<AuditEvent>, StoreError> {
        self.read(|read| audit(read, at_most))
    }

    /// A descriptor set.
    pub(crate) fn contract(&self, digest: &Digest) -> Result<Option<Arc<[u8]>>, StoreError> {
        self.read(|read| {
            let bytes = read.open_table(CONTRACTS)?.get(digest.as_str())?;
            Ok(bytes.map(|bytes| Arc::from(bytes.value())))
        })
    }

    /// The digests of all descriptor sets.
    #[cfg(test)]
    pub(crate) fn contracts(&self) -> Result<Vec<Digest>, StoreError> {
        self.read(|read| {
            let table = read.open_table(CONTRACTS)?;
            let digests = table.iter()?.map(|entry| Ok(Digest::parse(entry?.0.value())));
            Ok(digests.collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect())
        })
    }

    /// A token, by its hash.
    pub(crate) fn token(&self, hash: &[u8]) -> Result<Option<TokenRecord>, StoreError> {
        self.read(|read| {
            let value = read.open_table(TOKENS)?.get(hash)?;
            value.map(|value| decode("token", value.value())).transpose()
        })
    }

    /// The contracts under which a service came into force, oldest first, as far as they are kept.
    #[cfg(test)]
    pub(crate) fn history(&self, service: &str) -> Result<Vec<HistoryEntry>, StoreError> {
        self.read(|read| {
            let table = read.open_table(HISTORY)?;
            let entries = table.range((service, 0)..=(service, u64::MAX))?;
            entries.map(|entry| decode("history", entry?.1.value())).collect()
        })
    }

    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let read = self.database.begin_read().map_err(|error| Fault::from(error).at(&self.path))?;
        work(&read).map_err(|fault| fault.at(&self.path))
    }
}

fn authorities(read: &ReadTransaction) -> Result<AuthorityRecords, Fault> {
    let table = read.open_table(AUTHORITIES)?;
    let value = |key: String| match table.get(key.as_str())? {
        Some(value) => Ok(value.value().to_vec()),
        None => Err(Fault::Value(format!("{key} is missing"))),
    };
    let authority = |name: &str| -> Result<_, Fault> {
        let certificate = value(format!("{name}.certificate"))?;
        Ok(AuthorityRecord { certificate, key: Zeroizing::new(value(format!("{name}.key"))?) })
    };
    Ok(AuthorityRecords { mesh: authority("mesh")?, edge: authority("edge")? })
}

fn placements(read: &ReadTransaction) -> Result<Vec<Placement>, Fault> {
    let table = read.open_table(PLACEMENTS)?;
    table.iter()?.map(|entry| decode("placement", entry?.1.value())).collect()
}

fn audit(read: &ReadTransaction, at_most: usize) -> Result<Vec<AuditEvent>, Fault> {
    let mut events = latest(&read.open_table(AUDIT)?, at_most)?;
    match read.open_table(AUDIT_ANONYMOUS) {
        Ok(table) => events.extend(latest(&table, at_most)?),
        Err(TableError::TableDoesNotExist(_)) => {}
        Err(error) => return Err(error.into()),
    }
    events.sort_by_key(|event| event.time);
    Ok(events)
}

fn latest(table: &impl ReadableTable<u64, &'static [u8]>, at_most: usize) -> Result<Vec<AuditEvent>, Fault> {
    let latest = table.iter()?.rev().take(at_most);
    let mut events: Vec<_> =
        latest.map(|entry| decode("audit", entry?.1.value())).collect::<Result<_, _>>()?;
    events.reverse();
    Ok(events)
}

pub(super) fn decode<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault::Value(format!("a {what} cannot be read: {error}")))
}
