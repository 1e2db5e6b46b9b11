//! The mesh, facade to facade: one process that joined twice, once to serve and once to call.

use crate::{
    Outcome,
    echo::{CONTRACT, Echo, EchoClient, EchoRequest, EchoServer},
};
use std::time::Duration;
use tokio::time::sleep;
use treaty::{Channel, Config, Contracts, join_with};

/// How long the first call may take to find its way.
const PATIENCE: (u32, Duration) = (300, Duration::from_millis(100));

/// A server in this process, and a client of it.
pub(crate) async fn client(server: Config, client: Config) -> Outcome<EchoClient<Channel>> {
    tokio::spawn(serve(server));
    let mesh = join_with(client, Contracts::none().consuming(CONTRACT)).await?;
    let mut echo = EchoClient::new(mesh.channel("bench.v1.Echo")?);
    let mut tries = 0;
    while let Err(status) = echo.echo(EchoRequest::default()).await {
        tries += 1;
        if tries > PATIENCE.0 {
            return Err(status.into());
        }
        sleep(PATIENCE.1).await;
    }
    Ok(echo)
}

/// Serves until a signal.
pub(crate) async fn serve(config: Config) -> Outcome<()> {
    let mesh = join_with(config, Contracts::serving(CONTRACT)).await?;
    Ok(mesh.serve(EchoServer::new(Echo)).await?)
}
