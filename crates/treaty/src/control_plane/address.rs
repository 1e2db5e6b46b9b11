//! Where the control plane is: an address, or a name that is looked up again and again.

use super::view::Fixed;
use resource::ServiceView;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::lookup_host, sync::watch, time::sleep};

/// How often a name is looked up again.
const REFRESH: Duration = Duration::from_secs(30);
/// How soon after a failure.
const RETRY: Duration = Duration::from_secs(2);

/// The addresses of "host:port".
pub(crate) async fn resolve(control: &str) -> io::Result<Vec<SocketAddr>> {
    match control.parse() {
        Ok(address) => Ok(vec![address]),
        Err(_) => Ok(lookup_host(control).await?.collect()),
    }
}

/// The view of the control plane, as its addresses change. A name that cannot be looked up for a while
/// takes no address away.
pub(super) fn follow(control: String, fixed: Fixed) -> watch::Receiver<Option<Arc<ServiceView>>> {
    if let Ok(address) = control.parse::<SocketAddr>() {
        let (views, view) = watch::channel(Some(Arc::new(fixed.at([address]))));
        // Nothing will ever change, but whoever waits for a change must not see the end of the world.
        tokio::spawn(async move { views.closed().await });
        return view;
    }
    let (views, view) = watch::channel(None);
    tokio::spawn(async move {
        loop {
            let pause = look_up(&control, &fixed, &views).await;
            tokio::select! {
                () = views.closed() => return,
                () = sleep(pause) => {}
            }
        }
    });
    view
}

async fn look_up(control: &str, fixed: &Fixed, views: &watch::Sender<Option<Arc<ServiceView>>>) -> Duration {
    let error = match resolve(control).await {
        Ok(addresses) if !addresses.is_empty() => {
            let now = Some(Arc::new(fixed.at(addresses)));
            views.send_if_modified(|view| {
                let changed = *view != now;
                if changed {
                    *view = now;
                }
                changed
            });
            return REFRESH;
        }
        Ok(_) => "it has no address".to_owned(),
        Err(error) => error.to_string(),
    };
    tracing::warn!(control, error, "the control plane's name cannot be looked up");
    RETRY
}
