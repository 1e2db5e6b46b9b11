//! Follows the control plane's list of public contracts: directory, reflection and health change together.

use super::{directory::Directory, edge::Shared, health::Health};
use contract::{Contract, ReadError, ValidateRequests, schema::Schema};
use contracts::treaty::v1::{FetchDescriptorSetRequest, ServedContract, WatchContractsRequest};
use stack::{client::usage::Followed, validate::Rulebook};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};
use tonic::{Code, Status};
use treaty::{control_plane::ControlPlane, reflection::Shown};

/// Pauses between attempts: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// The task that follows. It ends with this value.
#[derive(Debug)]
pub(super) struct Follow {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Follow {
    /// `first` is called once the first list is in force: then the gateway can take calls.
    pub(super) fn start(
        control: ControlPlane,
        shared: Arc<Shared>,
        first: impl FnOnce() + Send + 'static,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let health = Health::new(shared.reporter.clone(), shared.views.clone()).await;
            let mut follower = Follower {
                control,
                shared,
                health,
                contracts: BTreeMap::new(),
                first: Some(Box::new(first)),
            };
            tokio::select! {
                () = follower.follow() => {}
                _ = stopped => {}
            }
            follower.health.end().await;
        });
        Self { stop: Some(stop), task }
    }

    /// Reports that nothing serves any more.
    pub(super) async fn stop(&mut self) {
        self.stop.take();
        // It has only a lock to wait for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Follower {
    control: ControlPlane,
    shared: Arc<Shared>,
    health: Health,
    /// By digest: what the last list named.
    contracts: BTreeMap<String, Known>,
    /// What is still to be told of the first list.
    first: Option<Box<dyn FnOnce() + Send>>,
}

/// A contract that was fetched, and the rules by which the gateway judges for it.
struct Known {
    contract: Arc<Contract>,
    /// By which it is told which fields requests carry.
    schema: Option<Schema>,
    /// `None` while they are still to be compiled.
    rulebook: Option<Rulebook>,
}

impl Known {
    fn new(contract: Arc<Contract>) -> Self {
        let methods = contract.services.iter().flat_map(|service| &service.methods);
        let mut asked = methods.map(|method| method.policy.validate.value.requests);
        let judged = asked.any(|requests| requests == ValidateRequests::Gateway);
        let schema = Schema::read(&contract.bytes).ok();
        Self { contract, schema, rulebook: (!judged).then(Rulebook::default) }
    }
}

fn compile(contract: &Contract) -> Rulebook {
    Rulebook::read([&contract.bytes]).unwrap_or_else(|error| {
        let digest = &contract.digest;
        tracing::warn!(%digest, %error, "requests are not judged here, but by their provider alone");
        Rulebook::default()
    })
}

/// Why a listed contract is left out.
#[derive(Debug, thiserror::Error)]
enum ContractError {
    #[error("the control plane lists it, and does not have it")]
    Missing,
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Nothing can be said about it now.
    #[error("it was not delivered: {}", .0.message())]
    Away(Box<Status>),
}

impl Follower {
    /// Never returns. Whatever fails, the last list stays in force.
    async fn follow(&mut self) {
        let mut pause = PAUSES.0;
        loop {
            let ended = match self.session(&mut pause).await {
                Ok(()) => "the control plane ended it".to_owned(),
                Err(status) => status.message().to_owned(),
            };
            tracing::debug!(ended, "the list of public contracts is asked for again");
            sleep(pause.mul_f64(rand::random_range(0.5..=1.0))).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn session(&mut self, pause: &mut Duration) -> Result<(), Status> {
        let mut lists = self.control.registry().watch_contracts(WatchContractsRequest {}).await?.into_inner();
        while let Some(list) = lists.message().await? {
            *pause = PAUSES.0;
            self.publish(&list.contracts).await?;
        }
        Ok(())
    }

    /// All of the list, or nothing while the control plane does not deliver: what was public stays so.
    async fn publish(&mut self, list: &[ServedContract]) -> Result<(), Status> {
        let mut listed = BTreeMap::new();
        for ServedContract { service, digest, workload, public: _ } in list {
            match self.contract(digest).await {
                Ok(contract) => {
                    listed.insert(service.clone(), contract);
                }
                Err(ContractError::Away(status)) => return Err(*status),
                Err(error) => tracing::warn!(service, workload, %error, "a public contract is left out"),
            }
        }
        let named: BTreeSet<&str> = list.iter().map(|contract| contract.digest.as_str()).collect();
        self.contracts.retain(|digest, _| named.contains(digest.as_str()));
        self.shared.reflection.swap(shown(&listed));
        self.count(&listed);
        let directory = self.show(&listed);
        self.health.publish(directory.listed()).await;
        tracing::info!(services = ?listed.keys().collect::<Vec<_>>(), "public contracts");
        if let Some(first) = self.first.take() {
            first();
        }
        // Not before: until they are compiled, the provider's own door judges, as it does in any case.
        if self.compile_rules().await {
            self.show(&listed);
        }
        Ok(())
    }

    fn show(&self, listed: &BTreeMap<String, Arc<Contract>>) -> Arc<Directory> {
        let rulebook = Rulebook::join(self.contracts.values().filter_map(|known| known.rulebook.as_ref()));
        let directory = Arc::new(Directory::new(listed, &rulebook, &self.shared.usage));
        self.shared.directory.store(Some(directory.clone()));
        directory
    }

    /// From now on, calls are counted under these versions.
    fn count(&self, listed: &BTreeMap<String, Arc<Contract>>) {
        self.shared.usage.follow(listed.iter().map(|(service, contract)| {
            let known = self.contracts.get(contract.digest.as_str());
            Followed { service, contract, schema: known.and_then(|known| known.schema.as_ref()) }
        }));
    }

    /// Whether there was something to compile. Off this thread: rules may be many.
    async fn compile_rules(&mut self) -> bool {
        let mut compiled = false;
        for known in self.contracts.values_mut().filter(|known| known.rulebook.is_none()) {
            let contract = known.contract.clone();
            let rulebook = tokio::task::spawn_blocking(move || compile(&contract)).await;
            known.rulebook = Some(rulebook.unwrap_or_default());
            compiled = true;
        }
        compiled
    }

    async fn contract(&mut self, digest: &str) -> Result<Arc<Contract>, ContractError> {
        if let Some(known) = self.contracts.get(digest) {
            return Ok(known.contract.clone());
        }
        let request = FetchDescriptorSetRequest { digest: digest.to_owned() };
        let answer = self.control.registry().fetch_descriptor_set(request).await.map_err(|status| {
            match status.code() {
                Code::NotFound => ContractError::Missing,
                _ => ContractError::Away(Box::new(status)),
            }
        })?;
        let set = answer.into_inner().descriptor_set.ok_or(ContractError::Missing)?;
        let contract = Arc::new(Contract::read(set.bytes)?);
        self.contracts.insert(digest.to_owned(), Known::new(contract.clone()));
        Ok(contract)
    }
}

/// Each set once, with the services that are listed of it.
pub(super) fn shown(listed: &BTreeMap<String, Arc<Contract>>) -> Vec<Shown> {
    let mut sets: BTreeMap<String, (&Arc<Contract>, Vec<String>)> = BTreeMap::new();
    for (service, contract) in listed {
        let digest = contract.digest.to_string();
        sets.entry(digest).or_insert_with(|| (contract, Vec::new())).1.push(service.clone());
    }
    sets.into_values().map(|(contract, services)| Shown::only(contract.bytes.clone(), services)).collect()
}
