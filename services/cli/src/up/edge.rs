//! What somebody outside meets: whether the gateway serves what it should.

use crate::dial::{self, Trust};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    time::{Duration, Instant},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// A name that the gateway's development certificate carries, wherever it listens.
const NAME: &str = "localhost";
/// When somebody should hear of it.
const LONG: Duration = Duration::from_secs(5);
/// Before it is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// Returns once the gateway at `address` reports every one of `services` as serving; `say` hears why that takes
/// long, if it does.
pub(super) async fn serves(address: SocketAddr, ca: &Path, services: &[String], say: impl Fn(&str)) {
    for service in services {
        let (since, mut told) = (Instant::now(), false);
        while let Err(reason) = watch(address, ca, service).await {
            if !told && since.elapsed() > LONG {
                told = true;
                say(&format!("the gateway does not serve {service} yet: {reason}"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// `Ok`: it serves.
async fn watch(address: SocketAddr, ca: &Path, service: &str) -> Result<(), String> {
    let tls = Some((NAME, Trust::File(ca)));
    let channel = dial::open(&dialled(address.ip()).to_string(), address.port(), tls).await?;
    let request = HealthCheckRequest { service: service.to_owned() };
    let stream = HealthClient::new(channel).watch(request).await;
    let mut states = stream.map_err(|status| status.message().to_owned())?.into_inner();
    while let Some(state) = states.message().await.map_err(|status| status.message().to_owned())? {
        if state.status() == ServingStatus::Serving {
            return Ok(());
        }
    }
    Err("it ended the conversation".to_owned())
}

/// An address on which this machine reaches a listener on every address.
fn dialled(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}
