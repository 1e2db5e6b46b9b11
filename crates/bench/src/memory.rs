//! What idle processes hold resident.

use crate::{Outcome, world::World};
use std::{fs, time::Duration};
use tokio::time::sleep;

/// How long a process has to settle.
const SETTLE: Duration = Duration::from_secs(5);

/// Resident memory of a control plane, a gateway and a service that have nothing to do, in MB.
pub(crate) async fn idle() -> Outcome<Vec<(&'static str, f64)>> {
    let world = World::new().await?;
    let service = world.child("service", &["bench/echo"]).await?.spawn()?;
    let gateway = world.child("gateway", &["treaty/gateway"]).await?.spawn()?;
    sleep(SETTLE).await;
    let processes = [("control plane", &world.control), ("gateway", &gateway), ("service", &service)];
    let resident = processes.into_iter().map(|(name, child)| {
        let id = child.id().ok_or_else(|| format!("the idle {name} died"))?;
        Ok((name, resident(id)?))
    });
    resident.collect()
}

fn resident(id: u32) -> Outcome<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes / 1024.0)
}
