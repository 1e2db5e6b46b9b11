//! What idle processes hold resident.

use crate::{Outcome, world::World};
use std::{fs, time::Duration};
use tokio::time::sleep;

/// How long a process has to settle.
const SETTLE: Duration = Duration::from_secs(5);

/// What one process holds, MB.
pub(crate) struct Idle {
    pub(crate) name: &'static str,
    /// In all, the pages of the program file included.
    pub(crate) resident: f64,
    /// Its own.
    pub(crate) private: f64,
}

/// A control plane, a gateway and a service that have nothing to do.
pub(crate) async fn idle() -> Outcome<Vec<Idle>> {
    let world = World::new().await?;
    let service = world.child("service", &["bench/echo"]).await?.spawn()?;
    let gateway = world.child("gateway", &["treaty/gateway"]).await?.spawn()?;
    sleep(SETTLE).await;
    let processes = [("control plane", &world.control), ("gateway", &gateway), ("service", &service)];
    let idle = processes.into_iter().map(|(name, child)| {
        let id = child.id().ok_or_else(|| format!("the idle {name} died"))?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        Ok(Idle { name, resident: megabytes(&status, "VmRSS:")?, private: megabytes(&status, "RssAnon:")? })
    });
    idle.collect()
}

fn megabytes(status: &str, field: &str) -> Outcome<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes: f64 = line.ok_or_else(|| format!("no {field}"))?.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes / 1024.0)
}
