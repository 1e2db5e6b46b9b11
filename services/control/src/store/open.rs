//! Opening, so that a file which is no sound store of ours is never written to.
//!
//! A new store appears under its name only when it is complete. An existing one is read and verified as
//! a copy in memory first: what the database would do to repair a damaged file never reaches the file.

use super::{
    AuthorityRecords, Lock, Store, StoreError,
    schema::{
        self, AUDIT, AUDIT_ANONYMOUS, AUTHORITIES, CONTRACTS, ERAS, FORMAT, HISTORY, LEFT, META, PLACEMENTS,
        ROUTES, TOKENS, TOTALS, USAGE,
    },
};
use redb::{Database, DatabaseError, StorageBackend, backends::InMemoryBackend};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::watch;

const NAME: &str = "store.redb";
const UNFINISHED: &str = "store.redb.new";
/// The first bytes of every redb file.
const MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";

type MakeAuthorities<'a> = &'a dyn Fn() -> Result<AuthorityRecords, String>;

/// Opens the store below `directory`, or makes it with the authorities that `make` gives.
pub(super) fn open(
    directory: &Path,
    trust_domain: &str,
    make: MakeAuthorities<'_>,
) -> Result<Store, StoreError> {
    private_directory(directory)?;
    let path = directory.join(NAME);
    let lock = lock(directory, &path)?;
    match fs::read(&path) {
        Ok(bytes) => verify(&bytes, &path, trust_domain)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(directory, &path, trust_domain, make)?;
        }
        Err(source) => return Err(StoreError::Io { path, doing: "read the store", source }),
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(|source| StoreError::Io {
        path: path.clone(),
        doing: "make the store private",
        source,
    })?;
    let database = Database::open(&path).map_err(|error| open_error(error, &path))?;
    Ok(Store { database: Arc::new(database), path: path.into(), lock: Arc::new(lock) })
}

/// 0700 for what we make, and for what holds nothing or a store of ours; a directory that also holds
/// other things is its owner's business.
fn private_directory(directory: &Path) -> Result<(), StoreError> {
    let io = |doing| move |source| StoreError::Io { path: directory.to_owned(), doing, source };
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(io("create the directory"))?;
    let mode = fs::metadata(directory).map_err(io("read the directory"))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let mut entries = fs::read_dir(directory).map_err(io("read the directory"))?;
    if directory.join(NAME).exists() || entries.next().is_none() {
        let private = Permissions::from_mode(0o700);
        return fs::set_permissions(directory, private).map_err(io("make the directory private"));
    }
    tracing::warn!(directory = %directory.display(), "the state directory is open to others (0700 is right)");
    Ok(())
}

/// One control plane per directory. The kernel releases the lock however the process ends.
fn lock(directory: &Path, path: &Path) -> Result<Lock, StoreError> {
    let io = |source| StoreError::Io { path: directory.to_owned(), doing: "lock the directory", source };
    let directory = File::open(directory).map_err(io)?;
    match directory.try_lock() {
        Ok(()) => Ok(Lock { directory, held: watch::Sender::default() }),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Judges a copy.
fn verify(bytes: &[u8], path: &Path, trust_domain: &str) -> Result<(), StoreError> {
    if !bytes.starts_with(MAGIC) {
        let detail = if bytes.is_empty() { "it is empty" } else { "its first bytes are another format's" };
        return Err(StoreError::Foreign { path: path.to_owned(), detail: detail.to_owned() });
    }
    let corrupt = |detail: String| StoreError::Corrupt { path: path.to_owned(), detail };
    // The database asserts where a page contradicts itself.
    catch_unwind(AssertUnwindSafe(|| verify_copy(bytes, path, trust_domain)))
        .unwrap_or_else(|_| Err(corrupt("its pages contradict each other".to_owned())))
}

fn verify_copy(bytes: &[u8], path: &Path, trust_domain: &str) -> Result<(), StoreError> {
    let corrupt = |detail: String| StoreError::Corrupt { path: path.to_owned(), detail };
    let backend = InMemoryBackend::new();
    backend
        .set_len(bytes.len() as u64)
        .and_then(|()| backend.write(0, bytes))
        .map_err(|error| corrupt(error.to_string()))?;
    let mut copy =
        Database::builder().create_with_backend(backend).map_err(|error| corrupt(error.to_string()))?;
    match copy.check_integrity() {
        Ok(true) => schema::check(&copy, path, trust_domain)?,
        Ok(false) => return Err(corrupt("checksums do not match".to_owned())),
        Err(error) => return Err(corrupt(error.to_string())),
    }
    super::read::check_values(&copy, path)
}

fn open_error(error: DatabaseError, path: &Path) -> StoreError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::Locked { path },
        DatabaseError::Storage(redb::StorageError::Io(source)) => {
            StoreError::Io { path, doing: "open the store", source }
        }
        other => StoreError::Corrupt { path, detail: other.to_string() },
    }
}

/// Complete under another name, then renamed: a crash in the middle leaves no half store.
fn create(
    directory: &Path,
    path: &Path,
    trust_domain: &str,
    make: MakeAuthorities<'_>,
) -> Result<(), StoreError> {
    let unfinished: PathBuf = directory.join(UNFINISHED);
    let io = |doing| {
        let path = unfinished.clone();
        move |source| StoreError::Io { path, doing, source }
    };
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io("remove a leftover")(error)),
        _ => {}
    }
    let authorities = make().map_err(StoreError::Authorities)?;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(io("create the store"))?;
    fill(file, trust_domain, &authorities)
        .map_err(|error| StoreError::Failed { path: unfinished.clone(), detail: error.to_string() })?;
    fs::rename(&unfinished, path).map_err(io("put the store into place"))?;
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(io("sync the directory of"))
}

fn fill(file: File, trust_domain: &str, authorities: &AuthorityRecords) -> Result<(), redb::Error> {
    let database = Database::builder().create_file(file)?;
    let write = database.begin_write()?;
    {
        let mut meta = write.open_table(META)?;
        meta.insert("format", FORMAT.to_string().as_str())?;
        meta.insert("trust_domain", trust_domain)?;
        let mut table = write.open_table(AUTHORITIES)?;
        for (name, authority) in [("mesh", &authorities.mesh), ("edge", &authorities.edge)] {
            table.insert(format!("{name}.certificate").as_str(), authority.certificate.as_slice())?;
            table.insert(format!("{name}.key").as_str(), authority.key.as_slice())?;
        }
        write.open_table(CONTRACTS)?;
        write.open_table(HISTORY)?;
        write.open_table(ERAS)?;
        write.open_table(TOKENS)?;
        write.open_table(PLACEMENTS)?;
        write.open_table(USAGE)?;
        write.open_table(TOTALS)?;
        write.open_table(LEFT)?;
        write.open_table(ROUTES)?;
        write.open_table(AUDIT)?;
        write.open_table(AUDIT_ANONYMOUS)?;
    }
    write.commit()?;
    Ok(())
}
