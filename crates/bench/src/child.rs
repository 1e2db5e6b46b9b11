//! The processes that are measured.

use crate::{
    Outcome, Role, bare,
    load::{Figures, Order, drive},
    mesh,
};
use clap::Args;
use std::{
    future::Future,
    io::Write,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::io::{AsyncBufReadExt, BufReader};
use treaty::{Config, bootstrap, shutdown};

/// Where a control plane keeps its state.
#[derive(Args)]
pub(crate) struct State {
    pub(crate) dir: PathBuf,
}

/// How one workload joins.
#[derive(Args)]
pub(crate) struct Joining {
    pub(crate) control: String,
    pub(crate) bundle: PathBuf,
    pub(crate) token: PathBuf,
}

/// How two of them do.
#[derive(Args)]
pub(crate) struct Pair {
    pub(crate) control: String,
    pub(crate) bundle: PathBuf,
    pub(crate) server_token: PathBuf,
    pub(crate) client_token: PathBuf,
}

/// Lives until a signal, or until nobody gives orders any more.
pub(crate) async fn run(role: Role) -> Outcome<()> {
    match role {
        Role::Control(State { dir }) => Ok(control::run(control_config(dir)?, shutdown::signal()?).await?),
        Role::Gateway(joining) => {
            let mesh = config(&joining.control, &joining.bundle, &joining.token);
            let listen = (Ipv4Addr::LOCALHOST, 0).into();
            let workers = std::thread::available_parallelism()?.get();
            Ok(proxy::gateway::run(
                proxy::gateway::Config { listen: proxy::gateway::Listen::At(listen), mesh, workers },
                shutdown::signal()?,
            )
            .await?)
        }
        Role::Service(joining) => {
            mesh::serve(config(&joining.control, &joining.bundle, &joining.token)).await
        }
        Role::Bare(pair) => {
            let (server, client) = pair.configs();
            let (server, client) = (bootstrap::identity(&server).await?, bootstrap::identity(&client).await?);
            let client = bare::client(&server, &client).await?;
            obey(|order| drive(&client, order)).await
        }
        Role::Mesh(pair) => {
            let (server, client) = pair.configs();
            let client = mesh::client(server, client).await?;
            obey(|order| drive(&client, order)).await
        }
    }
}

impl Pair {
    fn configs(&self) -> (Config, Config) {
        let Self { control, bundle, server_token, client_token } = self;
        (config(control, bundle, server_token), config(control, bundle, client_token))
    }
}

fn config(control: &str, bundle: &Path, token: &Path) -> Config {
    Config::new(control, bundle.to_owned(), token.to_owned())
}

fn control_config(state_dir: PathBuf) -> Outcome<control::Config> {
    Ok(control::Config {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        state_dir,
        trust_domain: "treaty.local".parse()?,
        svid_ttl: Duration::from_secs(24 * 3600),
        edge_names: vec!["localhost".to_owned()],
        names: vec!["localhost".to_owned()],
        metrics: None,
        relearn_grace: Duration::from_secs(1),
        usage_window: control::USAGE_WINDOW,
        linger: control::LINGER,
    })
}

/// One order a line on standard input, one answer a line on standard output; "ready" comes first.
async fn obey<F>(work: impl Fn(Order) -> F) -> Outcome<()>
where
    F: Future<Output = Outcome<Figures>>,
{
    println!("ready");
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Some(order) = orders.next_line().await? {
        let figures = work(serde_json::from_str(&order)?).await?;
        println!("{}", serde_json::to_string(&figures)?);
        std::io::stdout().flush()?;
    }
    Ok(())
}
