//! What is written. Each call is one transaction, and durable when it returns.

use super::{
    AuditEvent, Change, HistoryEntry, Store, StoreError, TokenRecord, eras, left, prune,
    read::{Fault, decode},
    routes,
    schema::{AUDIT, AUDIT_ANONYMOUS, CONTRACTS, HISTORY, PLACEMENTS, TOKENS},
};
use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};
use serde::Serialize;
use std::time::{Duration, SystemTime};

/// How many audit events are kept.
pub(super) const AUDIT_KEPT: u64 = 1000;
/// How many of those who proved nothing.
pub(super) const ANONYMOUS_KEPT: u64 = 100;
/// For how long an expired token can still be told from an unknown one.
const TOKEN_REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Makes all changes, or none.
    pub(crate) fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.write(|write| {
            for change in changes {
                apply(write, change)?;
            }
            Ok(())
        })
    }

    /// Keeps a new token, and forgets those that expired long before `now`.
    pub(crate) fn create_token(
        &self,
        hash: &[u8],
        token: &TokenRecord,
        now: SystemTime,
        event: Option<AuditEvent>,
    ) -> Result<(), StoreError> {
        self.write(|write| {
            let mut table = write.open_table(TOKENS)?;
            let mut old = Vec::new();
            for entry in table.iter()? {
                let (key, value) = entry?;
                let TokenRecord { expires, .. } = decode("token", value.value())?;
                if expires + TOKEN_REMEMBERED < now {
                    old.push(key.value().to_vec());
                }
            }
            for key in old {
                table.remove(key.as_slice())?;
            }
            table.insert(hash, encode(token)?.as_slice())?;
            event.map_or(Ok(()), |event| apply(write, &Change::Audit(event)))
        })
    }

    /// Judges a token and keeps the verdict, in one transaction: of two who show it at once, one is told
    /// that it is spent.
    pub(crate) fn spend_token<R>(
        &self,
        hash: &[u8],
        judge: impl FnOnce(Option<&TokenRecord>) -> Result<TokenRecord, R>,
        event: AuditEvent,
    ) -> Result<Result<(), R>, StoreError> {
        self.write(|write| {
            let mut table = write.open_table(TOKENS)?;
            let known = table.get(hash)?.map(|value| decode("token", value.value())).transpose()?;
            match judge(known.as_ref()) {
                Err(refusal) => return Ok(Err(refusal)),
                Ok(spent) => table.insert(hash, encode(&spent)?.as_slice())?,
            };
            apply(write, &Change::Audit(event))?;
            Ok(Ok(()))
        })
    }

    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let all = || {
            let write = self.database.begin_write()?;
            let result = work(&write)?;
            // redb's default durability: on the disk before this returns.
            write.commit()?;
            Ok(result)
        };
        all().map_err(|fault: Fault| fault.at(&self.path))
    }
}

fn apply(write: &WriteTransaction, change: &Change) -> Result<(), Fault> {
    match change {
        Change::PutPlacement(placement) => {
            let key = (&*placement.key.workload.to_string(), &*placement.key.instance);
            write.open_table(PLACEMENTS)?.insert(key, encode(placement)?.as_slice())?;
        }
        Change::RemovePlacement(key) => {
            write.open_table(PLACEMENTS)?.remove((&*key.workload.to_string(), &*key.instance))?;
        }
        Change::PutContract { digest, bytes } => {
            write.open_table(CONTRACTS)?.insert(digest.as_str(), &**bytes)?;
        }
        Change::Left { workload, service, digest } => {
            left::keep(write, workload, service, digest.as_ref())?;
        }
        Change::Route { namespace, service, route } => {
            routes::keep(write, service, namespace, route.as_ref())?;
        }
        Change::History(entry) => append_history(write, entry)?,
        Change::Prune { used } => prune::prune(write, used)?,
        Change::Audit(event) => append_audit(write, event)?,
    }
    Ok(())
}

fn append_history(write: &WriteTransaction, entry: &HistoryEntry) -> Result<(), Fault> {
    let mut table = write.open_table(HISTORY)?;
    let service = entry.service.as_str();
    let next = match table.range((service, 0)..=(service, u64::MAX))?.next_back().transpose()? {
        None => eras::next(write, service)?,
        Some((key, value)) => {
            let latest: HistoryEntry = decode("history", value.value())?;
            if latest.digest == entry.digest && latest.workload == entry.workload {
                return Ok(());
            }
            key.value().1 + 1
        }
    };
    table.insert((service, next), encode(entry)?.as_slice())?;
    prune::shorten(write, &mut table, service)
}

fn append_audit(write: &WriteTransaction, event: &AuditEvent) -> Result<(), Fault> {
    let (table, kept) =
        if event.is_anonymous() { (AUDIT_ANONYMOUS, ANONYMOUS_KEPT) } else { (AUDIT, AUDIT_KEPT) };
    let mut table = write.open_table(table)?;
    let next = table.last()?.map_or(0, |(key, _)| key.value() + 1);
    table.insert(next, encode(event)?.as_slice())?;
    while table.len()? > kept {
        table.pop_first()?;
    }
    Ok(())
}

pub(super) fn encode(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|error| Fault::Value(format!("cannot be written: {error}")))
}
