//! Questions to the control plane of a running mesh.

use crate::{
    admin::{self, Admin},
    plain,
};
use std::{path::PathBuf, time::Duration};
use tonic::{Code, Status};

/// How long a control plane may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which control plane.
#[derive(Debug, clap::Args)]
pub(super) struct Where {
    /// What is up: names the trust domain, and has the state beside it.
    #[arg(long, value_name = "PATH", default_value = "treaty.toml")]
    file: PathBuf,
    /// Where the control plane keeps its state; needs no manifest.
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
}

impl Where {
    /// Asks the control plane there; the error is for people.
    pub(super) fn ask<T>(&self, ask: impl AsyncFnOnce(&Admin) -> Result<T, Status>) -> Result<T, String> {
        let (state_dir, trust_domain) = admin::place(&self.file, self.state_dir.as_deref())?;
        let place = state_dir.display();
        let asked = async {
            let admin = Admin::connect(&state_dir, &trust_domain).await.map_err(|error| {
                format!("no control plane answers at {place}: {error}; is `treaty up` running?")
            })?;
            ask(&admin).await.map_err(|status| said(&status))
        };
        crate::runtime(async {
            let asked = tokio::time::timeout(PATIENCE, asked).await;
            asked.map_err(|_| format!("the control plane at {place} does not answer in time"))?
        })
    }
}

fn said(status: &Status) -> String {
    let message = plain::text(status.message());
    match status.code() {
        Code::NotFound => format!("{message}; `treaty status` shows who is there"),
        _ => message,
    }
}
