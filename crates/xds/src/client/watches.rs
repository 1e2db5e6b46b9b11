//! Who waits for what.

use super::session::Effect;
use parking_lot::Mutex;
use resource::{ServerListener, ServiceView};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::sync::{Notify, watch};

/// What is watched, and by whom.
#[derive(Debug, Default)]
pub(super) struct Watches {
    services: Channels<ServiceView>,
    listeners: Channels<ServerListener>,
    /// Something is watched that was not.
    changed: Notify,
}

type Channels<T> = Mutex<BTreeMap<String, watch::Sender<Option<Arc<T>>>>>;

impl Watches {
    pub(super) fn service(&self, name: &str) -> watch::Receiver<Option<Arc<ServiceView>>> {
        self.subscribe(&self.services, name)
    }

    pub(super) fn listener(&self, name: &str) -> watch::Receiver<Option<Arc<ServerListener>>> {
        self.subscribe(&self.listeners, name)
    }

    fn subscribe<T>(&self, channels: &Channels<T>, name: &str) -> watch::Receiver<Option<Arc<T>>> {
        let mut channels = channels.lock();
        if let Some(sender) = channels.get(name) {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel(None);
        channels.insert(name.to_owned(), sender);
        drop(channels);
        self.changed.notify_one();
        receiver
    }

    /// Ready when something new is watched since the last time.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The services and listeners that somebody watches; forgets the others.
    pub(super) fn watched(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        (watched(&self.services), watched(&self.listeners))
    }

    /// Tells those who wait. A request is not theirs.
    pub(super) fn tell(&self, effect: Effect) {
        match effect {
            Effect::Service(name, view) => tell(&self.services, &name, view),
            Effect::Listener(name, listener) => tell(&self.listeners, &name, listener),
            Effect::Send(_) => {}
        }
    }
}

fn watched<T>(channels: &Channels<T>) -> BTreeSet<String> {
    let mut channels = channels.lock();
    channels.retain(|_, sender| sender.receiver_count() > 0);
    channels.keys().cloned().collect()
}

fn tell<T>(channels: &Channels<T>, name: &str, value: Option<Arc<T>>) {
    if let Some(sender) = channels.lock().get(name) {
        sender.send_replace(value);
    }
}
