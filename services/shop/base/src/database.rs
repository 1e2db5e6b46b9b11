//! One SQLite file, and the thread that works on it.

use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{M, Migrations};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};
use tokio::sync::oneshot;

/// A SQLite database. Its work is done one after the other by a thread of its own, so that no async
/// thread ever waits for a disk. The thread ends when the last clone is gone.
#[derive(Clone, Debug)]
pub struct Database {
    jobs: mpsc::Sender<Job>,
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The database did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// SQLite says no.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row holds what was never written.
    #[error("the database holds {what}, which this version does not know")]
    Foreign {
        /// The value, and of what.
        what: String,
    },
    /// The thread is gone.
    #[error("the database's thread has ended")]
    Ended,
}

/// The database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the lock file cannot be made.
    #[error("cannot use `{}`: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no SQLite file, or is damaged.
    #[error("`{}` is no database of this service: {source}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Its schema cannot be brought up to date.
    #[error("`{}` cannot be brought up to date: {source}", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite_migration::Error,
    },
}

impl Database {
    /// Opens or makes the file at `path`, and brings it to the latest of `migrations`. Several processes
    /// may do so at once, and may work on the file together.
    ///
    /// # Errors
    /// The file cannot be used; it is left as it was.
    pub fn open(path: &Path, migrations: &[&'static str]) -> Result<Self, OpenError> {
        let connection = connect(path, migrations)?;
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || work(connection, &queue))
            .map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
        Ok(Self { jobs })
    }

    /// Does `work` in one transaction: committed if it succeeds, rolled back if it fails. Work whose
    /// caller is gone before its turn is not begun; begun work is finished.
    ///
    /// # Errors
    /// What `work` says, or the database's own failure.
    pub async fn transact<T, E>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            if !reply.is_closed() {
                // The caller may have left meanwhile; the work is done all the same.
                let _ = reply.send(transaction(connection, work));
            }
        });
        self.jobs.send(job).map_err(|_| DatabaseError::Ended)?;
        answer.await.map_err(|_| DatabaseError::Ended)?
    }
}

fn work(mut connection: Connection, queue: &mpsc::Receiver<Job>) {
    for job in queue {
        job(&mut connection);
    }
}

fn transaction<T, E: From<DatabaseError>>(
    connection: &mut Connection,
    work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let begin = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = begin.map_err(DatabaseError::from)?;
    let result = work(&transaction)?;
    transaction.commit().map_err(DatabaseError::from)?;
    Ok(result)
}

fn connect(path: &Path, migrations: &[&'static str]) -> Result<Connection, OpenError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::Io { path, source }
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io(folder))?;
    }
    // The schema's version is read before the transaction that changes it: one process at a time.
    let lock = path.with_extension("lock");
    let guard = private(&lock).map_err(io(&lock))?;
    guard.lock().map_err(io(&lock))?;
    private(path).map_err(io(path))?;
    let mut connection = open(path).map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })?;
    Migrations::from_iter(migrations.iter().copied().map(M::up))
        .to_latest(&mut connection)
        .map_err(|source| OpenError::Migration { path: path.to_owned(), source })?;
    Ok(connection)
}

/// Opens the file, or makes it for its owner's eyes only: orders are about people. SQLite makes the files
/// beside it alike.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What was answered stays, even if the power goes.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &[&str] = &["CREATE TABLE t (n INTEGER NOT NULL) STRICT;"];

    async fn count(database: &Database) -> i64 {
        let rows = database.transact(|t| {
            Ok::<_, DatabaseError>(t.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)
        });
        rows.await.unwrap()
    }

    #[tokio::test]
    async fn failed_work_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("a.sqlite"), SCHEMA).unwrap();
        let failed: Result<(), DatabaseError> = database
            .transact(|t| {
                t.execute("INSERT INTO t VALUES (1)", [])?;
                Err(DatabaseError::Foreign { what: "a test".to_owned() })
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(count(&database).await, 0);
    }

    #[tokio::test]
    async fn several_may_open_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.sqlite");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                thread::spawn(move || Database::open(&path, SCHEMA).map(|_| ()))
            })
            .collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
        assert_eq!(count(&Database::open(&path, SCHEMA).unwrap()).await, 0);
    }

    #[test]
    fn files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let _database = Database::open(&folder.path().join("a.sqlite"), SCHEMA).unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        }
    }

    #[test]
    fn a_foreign_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        fs::write(&path, "a letter to my aunt, which is longer than a header of a database").unwrap();
        let error = Database::open(&path, SCHEMA).unwrap_err();
        assert!(error.to_string().contains("is no database of this service"), "{error}");
        assert!(fs::read_to_string(&path).unwrap().starts_with("a letter"));
    }
}
