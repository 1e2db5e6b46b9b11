//! The processes of one service, and how a new build takes their place: one after another, and each only once
//! its successor takes traffic. A successor that is refused, or dies, displaces nobody.

use super::{
    child::{GRACE, Orders, Prepare, Spec, supervise},
    console::Console,
    state::write_private,
};
use crate::admin::Admin;
use contracts::treaty::v1::{InstanceStatus, MeshStatus, instance_status::State};
use identity::WorkloadId;
use std::{
    collections::BTreeSet,
    fs, io, mem,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// How long a refusal must last before people hear of it: the other side of a change may be under way.
const REFUSAL_LASTS: Duration = Duration::from_secs(1);
/// How long a process may take to join.
const TOKEN_TTL: Duration = Duration::from_secs(600);

/// What everybody who starts processes shares. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Yard {
    pub(crate) admin: Admin,
    pub(crate) console: Console,
    /// The folder of join tokens.
    pub(crate) tokens: PathBuf,
    /// The folder of programs that run.
    pub(crate) programs: PathBuf,
    /// True once everything is to end.
    pub(crate) stopped: watch::Receiver<bool>,
    /// The mesh, as the control plane sees it.
    pub(crate) mesh: watch::Receiver<Arc<MeshStatus>>,
}

/// A place for one process of a workload.
pub(crate) struct Seat {
    pub(crate) workload: WorkloadId,
    /// What its first process is called; the n-th is "<name>-b<n>".
    pub(crate) name: String,
    /// How each is started, but for its name and its token.
    pub(crate) spec: Spec,
    /// Whether cargo makes the program.
    pub(crate) built: bool,
}

/// Keeps the processes of a service alive until everything is to end, and replaces them at every new build.
pub(crate) async fn keep(yard: Yard, seats: Vec<Seat>, mut builds: watch::Receiver<u64>) {
    let mut stopped = yard.stopped.clone();
    let mut fleet = Fleet::new(yard, seats);
    let mut due = false;
    loop {
        tokio::select! {
            () = built(&mut builds) => {
                fleet.build += 1;
                due = true;
            }
            () = fleet.replace(), if due => due = false,
            // An error: nobody is left to say so, which is the same.
            _ = stopped.wait_for(|stop| *stop) => break,
        }
    }
    fleet.places.clear();
    while fleet.tasks.join_next().await.is_some() {}
}

/// Returns when another program is there to be started.
async fn built(builds: &mut watch::Receiver<u64>) {
    if builds.changed().await.is_err() {
        // Nobody builds: there never will be.
        std::future::pending::<()>().await;
    }
}

struct Fleet {
    yard: Yard,
    places: Vec<Place>,
    /// Every process's supervisor.
    tasks: JoinSet<()>,
    /// Counts builds, from one.
    build: u64,
}

struct Place {
    seat: Seat,
    current: Process,
    /// Started, and not yet taking traffic.
    next: Option<Process>,
}

/// A supervised process. Dropping it asks it to end.
struct Process {
    instance: String,
    _alive: watch::Sender<bool>,
}

impl Fleet {
    fn new(yard: Yard, seats: Vec<Seat>) -> Self {
        let mut tasks = JoinSet::new();
        let place = |seat: Seat| {
            let current = seat.begin(&yard, &mut tasks, 1);
            Place { seat, current, next: None }
        };
        let places = seats.into_iter().map(place).collect();
        Self { yard, places, tasks, build: 1 }
    }

    /// Ends early without loss: what was begun is kept, and the next build replaces it.
    async fn replace(&mut self) {
        for place in &mut self.places {
            let next = place.seat.begin(&self.yard, &mut self.tasks, self.build);
            // What an earlier build left waiting goes.
            let next = place.next.insert(next).instance.clone();
            self.yard.takes_traffic(&place.seat.workload, &next, &place.current.instance).await;
            if let Some(next) = place.next.take() {
                let before = mem::replace(&mut place.current, next).instance;
                self.yard.gone(&place.seat.workload, &before).await;
            }
        }
    }
}

impl Seat {
    fn begin(&self, yard: &Yard, tasks: &mut JoinSet<()>, build: u64) -> Process {
        let instance = if build == 1 { self.name.clone() } else { format!("{}-b{build}", self.name) };
        let token = yard.tokens.join(format!("{}-{instance}", self.workload.namespace()));
        let mut spec = Spec { label: instance.clone(), ..self.spec.clone() };
        // In front: what the manifest says comes last, and wins.
        let own =
            [("TREATY_JOIN_TOKEN_FILE", token.clone().into()), ("TREATY_INSTANCE", instance.clone().into())];
        spec.env.splice(0..0, own.map(|(key, value)| (key.to_owned(), value)));
        let kept = yard.programs.join(&instance);
        let built = self.built.then_some(kept);
        let member =
            Member { admin: yard.admin.clone(), workload: self.workload.clone(), token, built, spec };
        let (alive, stop) = watch::channel(false);
        tasks.spawn(supervise(member, yard.console.clone(), Orders { stop, grace: GRACE, deaths: None }));
        Process { instance, _alive: alive }
    }
}

impl Yard {
    /// Returns once `next` takes traffic; says so, and when it is refused for longer than a moment.
    async fn takes_traffic(&self, workload: &WorkloadId, next: &str, current: &str) {
        let mut mesh = self.mesh.clone();
        let (mut told, mut refused) = (BTreeSet::new(), None);
        loop {
            let now = mesh.borrow_and_update().clone();
            match state(&now, workload, next) {
                Some(State::Ready) => {
                    return self.console.step(&format!("{next} takes over from {current}"));
                }
                Some(State::Refused) => {
                    let lasting = *refused.get_or_insert_with(Instant::now) + REFUSAL_LASTS;
                    let mut texts = refusal(&now, workload, next, current);
                    texts.retain(|text| !told.contains(text));
                    tokio::select! {
                        () = changed(&mut mesh) => {}
                        () = sleep_until(lasting), if !texts.is_empty() => {
                            texts.iter().for_each(|text| self.console.step(text));
                            told.extend(texts);
                        }
                    }
                }
                _ => changed(&mut mesh).await,
            }
        }
    }

    /// Returns once `instance` has left the mesh.
    async fn gone(&self, workload: &WorkloadId, instance: &str) {
        let mut mesh = self.mesh.clone();
        while state(&mesh.borrow_and_update(), workload, instance).is_some() {
            changed(&mut mesh).await;
        }
    }
}

async fn changed(mesh: &mut watch::Receiver<Arc<MeshStatus>>) {
    if mesh.changed().await.is_err() {
        // Everything ends.
        std::future::pending::<()>().await;
    }
}

fn state(mesh: &MeshStatus, workload: &WorkloadId, instance: &str) -> Option<State> {
    known(mesh, workload, instance).map(InstanceStatus::state)
}

fn known<'a>(mesh: &'a MeshStatus, workload: &WorkloadId, instance: &str) -> Option<&'a InstanceStatus> {
    let workload = workload.to_string();
    mesh.instances.iter().find(|known| known.workload == workload && known.instance == instance)
}

/// That `next` is refused; and, said by one of the two, when it and another one wait for each other.
fn refusal(mesh: &MeshStatus, workload: &WorkloadId, next: &str, current: &str) -> Vec<String> {
    let own = workload.to_string();
    let mut said =
        vec![format!("{next} is refused; {current} goes on serving (treaty contract why {workload})")];
    let against: BTreeSet<_> = known(mesh, workload, next).into_iter().flat_map(against).collect();
    let mut refused = mesh.instances.iter().filter(|other| other.state() == State::Refused);
    let waits = refused.find(|other| {
        own < other.workload
            && against.contains(&other.workload)
            && self::against(other).any(|name| name == &own)
    });
    said.extend(waits.map(|other| {
        format!(
            "{next} and {} wait for each other: neither can go first. Mend the contract as `why` says, or start \
             `up` again, which takes both at once",
            other.instance
        )
    }));
    said
}

/// The workloads that an instance is refused for.
fn against(refused: &InstanceStatus) -> impl Iterator<Item = &String> {
    let breaks = refused.refusals.iter().filter_map(|refusal| refusal.breakage.as_ref());
    let both = breaks.flat_map(|over| [&over.provider, &over.consumer]);
    both.filter(|name| **name != refused.workload)
}

/// A workload's process: every life begins with a join token of its own.
struct Member {
    admin: Admin,
    workload: WorkloadId,
    token: PathBuf,
    /// Where a program that cargo made is kept: the next build replaces the original, and a process that dies
    /// must come back as what it was.
    built: Option<PathBuf>,
    spec: Spec,
}

impl Prepare for Member {
    async fn prepare(&mut self) -> Result<Spec, String> {
        if let Some(kept) = self.built.take() {
            keep_program(&self.spec.program, &kept)
                .map_err(|error| format!("{}: {error}", self.spec.program.display()))?;
            self.spec.program = kept;
        }
        let token =
            self.admin.join_token(&self.workload, TOKEN_TTL).await.map_err(|error| error.to_string())?;
        write_private(&self.token, token.as_bytes())
            .map_err(|error| format!("{}: {error}", self.token.display()))?;
        Ok(self.spec.clone())
    }
}

/// By a link where the file system can: cargo writes a new file, and leaves the old one to who has it.
fn keep_program(program: &Path, kept: &Path) -> io::Result<()> {
    match fs::remove_file(kept) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::hard_link(program, kept).or_else(|_| fs::copy(program, kept).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::treaty::v1::{Break, Refusal};

    fn refused(workload: &str, instance: &str, provider: &str, consumer: &str) -> InstanceStatus {
        let breakage = Break { provider: provider.into(), consumer: consumer.into(), ..Break::default() };
        InstanceStatus {
            workload: workload.into(),
            instance: instance.into(),
            state: State::Refused.into(),
            refusals: vec![Refusal { breakage: Some(breakage), ..Refusal::default() }],
            ..InstanceStatus::default()
        }
    }

    #[test]
    fn two_that_wait_for_each_other_are_told_from_one_that_waits() {
        let provider = refused("shop/catalog", "catalog-1-b2", "shop/catalog", "shop/orders");
        let consumer = refused("shop/orders", "orders-1-b2", "shop/catalog", "shop/orders");
        let stranger = refused("shop/orders", "orders-1-b2", "shop/inventory", "shop/orders");
        let workload = "shop/catalog".parse().unwrap();
        let said = |instances: &[&InstanceStatus]| {
            let instances = instances.iter().map(|it| (*it).clone()).collect();
            refusal(
                &MeshStatus { instances, ..MeshStatus::default() },
                &workload,
                "catalog-1-b2",
                "catalog-1",
            )
        };
        let alone = ["catalog-1-b2 is refused; catalog-1 goes on serving (treaty contract why shop/catalog)"];
        assert_eq!(said(&[&provider]), alone);
        assert_eq!(said(&[&provider, &stranger]), alone);
        let both = said(&[&provider, &consumer]);
        assert_eq!(both[..1], alone);
        assert!(both[1].starts_with("catalog-1-b2 and orders-1-b2 wait for each other"), "{both:?}");
        let orders = "shop/orders".parse().unwrap();
        let mesh = MeshStatus { instances: vec![provider, consumer], ..MeshStatus::default() };
        assert_eq!(refusal(&mesh, &orders, "orders-1-b2", "orders-1").len(), 1, "it is said once");
    }
}
