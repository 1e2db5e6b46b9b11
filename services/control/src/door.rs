//! How others find their way in: the files of the state directory.

use crate::{
    Error,
    ca::Ca,
    files::{self, PUBLIC, SECRET},
    serve::admin::create_token,
    store::Store,
    tokens::DEFAULT_TTL,
};
use identity::{WorkloadId, token::JoinToken};
use parking_lot::Mutex;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};

/// Who reads the state directory.
pub(crate) const ADMIN: &str = "treaty/admin";
const ADDRESS: &str = "address";
/// Where Prometheus asks.
const METRICS: &str = "metrics-address";
const ADMIN_TOKEN: &str = "admin.token";
/// Between attempts to write the token.
const PAUSE: Duration = Duration::from_secs(5);

/// The files of one state directory. Nothing is written once it is closed.
#[derive(Debug)]
pub(crate) struct Door {
    directory: PathBuf,
    closed: Mutex<bool>,
}

impl Door {
    /// A door that is not open yet. What a control plane before this one left there leads nowhere, and goes.
    pub(crate) fn new(directory: &Path) -> Self {
        let door = Self { directory: directory.to_owned(), closed: Mutex::new(false) };
        door.clear();
        door
    }

    /// What everybody may know, once the listeners stand. Blocks.
    pub(crate) fn open(
        &self,
        ca: &Ca,
        address: SocketAddr,
        metrics: Option<SocketAddr>,
    ) -> Result<(), Error> {
        if let Some(metrics) = metrics {
            self.put(METRICS, &format!("{}\n", dialled(metrics)), PUBLIC)?;
        }
        let bundle = ca.bundle();
        self.put("trust-domain", &format!("{}\n", bundle.trust_domain), PUBLIC)?;
        self.put("bundle.pem", &bundle.to_pem(), PUBLIC)?;
        self.put("edge-ca.pem", &ca.edge_pem(), PUBLIC)?;
        self.put(ADDRESS, &format!("{}\n", dialled(address)), PUBLIC)
    }

    /// Nobody is here any more; who reads the directory sees it.
    pub(crate) fn close(&self) {
        *self.closed.lock() = true;
        self.clear();
    }

    fn put(&self, name: &str, contents: &str, mode: u32) -> Result<(), Error> {
        let closed = self.closed.lock();
        if *closed { Ok(()) } else { files::put(&self.directory.join(name), contents, mode) }
    }

    fn clear(&self) {
        files::remove(&self.directory.join(ADDRESS));
        files::remove(&self.directory.join(METRICS));
        files::remove(&self.directory.join(ADMIN_TOKEN));
    }
}

/// Keeps one fresh token for the administrator: a new one when it is used, and at half of its life.
/// Whoever can read the file is the administrator. `ready` fires when the first was put there, or could
/// not be: a full disk keeps the administrator out, and nobody else.
///
/// # Errors
/// The store failed.
pub(crate) async fn keep_admin_token(
    door: Arc<Door>,
    store: Store,
    spent: Arc<Notify>,
    ready: oneshot::Sender<()>,
) -> Result<(), Error> {
    let admin: WorkloadId = ADMIN.parse().map_err(|error| Error::OwnContract(format!("{error}")))?;
    let mut ready = Some(ready);
    loop {
        let (token, _) = create_token(&store, None, admin.clone(), DEFAULT_TTL).await?;
        let handed_out = async {
            while let Err(error) = put_token(door.clone(), &token).await {
                ready.take().map(|ready| ready.send(()));
                tracing::error!(%error, "the administrator's token is not written; trying again");
                sleep(PAUSE).await;
            }
            ready.take().map(|ready| ready.send(()));
            spent.notified().await;
        };
        // Over time or by use: either way the next one is due.
        let _ = timeout(DEFAULT_TTL / 2, handed_out).await;
    }
}

async fn put_token(door: Arc<Door>, token: &JoinToken) -> Result<(), Error> {
    let contents = format!("{}\n", token.expose());
    let put = move || door.put(ADMIN_TOKEN, &contents, SECRET);
    let put = tokio::task::spawn_blocking(put).await;
    put.map_err(|_| Error::Ended("writing the administrator's token"))?
}

/// An address on which this machine reaches a listener on every address.
fn dialled(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Virtual time stands still while something is written.
    #[tokio::test(start_paused = true)]
    async fn a_token_that_cannot_be_written_is_written_when_it_can_be() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(ADMIN_TOKEN);
        let door = Arc::new(Door::new(directory.path()));
        let store = crate::ca::tests::store(directory.path());
        let obstacle = path.join("obstacle");
        fs::create_dir_all(&obstacle).unwrap();
        let (ready, attempted) = oneshot::channel();
        let spent = Arc::new(Notify::new());
        let task = tokio::spawn(keep_admin_token(door, store, spent.clone(), ready));
        attempted.await.unwrap();
        assert!(!path.is_file());
        sleep(3 * PAUSE).await;
        assert!(!task.is_finished());

        fs::remove_dir_all(&path).unwrap();
        sleep(2 * PAUSE).await;
        let first = fs::read_to_string(&path).unwrap();
        spent.notify_one();
        sleep(PAUSE).await;
        assert_ne!(fs::read_to_string(&path).unwrap(), first);
        task.abort();
    }
}
