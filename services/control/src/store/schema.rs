//! The tables, and what every store must hold.

use super::StoreError;
use redb::{ReadTransaction, ReadableDatabase, TableDefinition, TableError};
use std::path::Path;

/// The format that this version writes, and the newest that it reads.
pub(super) const FORMAT: u32 = 1;

/// "format" → decimal digits; "trust_domain" → its name.
pub(super) const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");
/// "mesh.certificate", "mesh.key", "edge.certificate", "edge.key" → DER.
pub(super) const AUTHORITIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("authorities");
/// "sha256:<hex>" → descriptor set.
pub(super) const CONTRACTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("contracts");
/// (service, counter) → [`super::HistoryEntry`].
pub(super) const HISTORY: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("history");
/// service → [`compat::History`] of the versions that [`HISTORY`] no longer has. Not in stores of the first versions.
pub(super) const ERAS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("eras");
/// SHA-256 of a join token → [`super::TokenRecord`].
pub(super) const TOKENS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("tokens");
/// (workload, instance) → [`super::Placement`].
pub(super) const PLACEMENTS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("placements");
/// (workload, service) → [`super::UsageRecord`]. Not in stores of the first versions.
pub(super) const USAGE: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("usage");
/// (provider, service) → [`super::UsageRecord`] of all its callers together. Not in stores of the first versions.
pub(super) const TOTALS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("totals");
/// (workload, service) → "sha256:<hex>", what it left in force. Not in stores of the first versions.
pub(super) const LEFT: TableDefinition<'_, (&str, &str), &str> = TableDefinition::new("left");
/// (service, namespace) → "namespace/account", or "": nowhere. Not in stores of the first versions.
pub(super) const ROUTES: TableDefinition<'_, (&str, &str), &str> = TableDefinition::new("routes");
/// counter → [`super::AuditEvent`].
pub(super) const AUDIT: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("audit");
/// The same, of those who proved nothing. Not in stores of the first versions.
pub(super) const AUDIT_ANONYMOUS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("audit_anonymous");

/// Is this a store, of a format that can be read, of this trust domain?
pub(super) fn check(
    database: &impl ReadableDatabase,
    path: &Path,
    trust_domain: &str,
) -> Result<(), StoreError> {
    let corrupt = |detail: String| StoreError::Corrupt { path: path.to_owned(), detail };
    let read = database.begin_read().map_err(|error| corrupt(error.to_string()))?;
    let meta = |key: &str| meta(&read, path, key);
    let format = meta("format")?;
    let format: u32 = format.parse().map_err(|_| corrupt(format!("`{format}` is no format")))?;
    if format > FORMAT {
        return Err(StoreError::Newer { path: path.to_owned(), found: format, known: FORMAT });
    }
    let found = meta("trust_domain")?;
    if found != trust_domain {
        return Err(StoreError::TrustDomain {
            path: path.to_owned(),
            found,
            wanted: trust_domain.to_owned(),
        });
    }
    Ok(())
}

fn meta(read: &ReadTransaction, path: &Path, key: &str) -> Result<String, StoreError> {
    let path = path.to_owned();
    let table = match read.open_table(META) {
        Ok(table) => table,
        Err(TableError::Storage(error)) => {
            return Err(StoreError::Corrupt { path, detail: error.to_string() });
        }
        Err(_) => {
            return Err(StoreError::Foreign { path, detail: "a database of something else".to_owned() });
        }
    };
    match table.get(key) {
        Ok(Some(value)) => Ok(value.value().to_owned()),
        Ok(None) => Err(StoreError::Corrupt { path, detail: format!("it does not say its {key}") }),
        Err(error) => Err(StoreError::Corrupt { path, detail: error.to_string() }),
    }
}
