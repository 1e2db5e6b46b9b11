//! One stream of treaty.v1.Registry/Register.

mod asked;

use super::{leaving, refusal};
use crate::{
    intake::{Arrived, Intake},
    reason::Reason,
    registrar::{Lease, Registrar},
    registry::{
        Answer, Breakage, Declared, Event, Judged, MAX_SETS, MAX_STREAMS, Offer, OfferedView, Room, Shown,
    },
    usage::Usage,
};
use asked::{Arrival, Asked};
use contract::Digest;
use contracts::treaty::v1::{
    Admitted, Break, ContractRef, Declaration, DescriptorSet, Example, Locality, Refusal, Refused,
    RegisterRequest, RegisterResponse, Registration, UsageReport, Wanted, register_request::Event as Said,
    register_response::Event as Told,
};
use identity::WorkloadId;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tonic::{Code, Status, Streaming};
use transport::Drain;

/// How many sets a stream may owe, and how many of those that came are known: those of one registration, and of
/// a few before it.
const MAX_ASKED: usize = 4 * MAX_SETS;

/// One instance on its stream.
pub(super) struct Session {
    workload: WorkloadId,
    registrar: Registrar,
    lease: Lease,
    answers: watch::Receiver<Option<Answer>>,
    registered: bool,
    /// The sets that it was asked for.
    asked: Asked,
    intake: Intake,
    /// The room of what comes.
    arrived: Arrived,
    usage: Usage,
    /// Whether it was told once what of its usage is not kept.
    warned: bool,
    out: mpsc::Sender<Result<RegisterResponse, Status>>,
}

impl Session {
    pub(super) fn new(
        workload: WorkloadId,
        registrar: &Registrar,
        usage: Usage,
        (intake, arrived): (Intake, Arrived),
        out: mpsc::Sender<Result<RegisterResponse, Status>>,
    ) -> Result<Self, Status> {
        let (lease, answers) = registrar.open(&workload).ok_or_else(|| too_many(&workload))?;
        let (registrar, asked) = (registrar.clone(), Asked::default());
        let (registered, warned) = (false, false);
        Ok(Self {
            workload,
            registrar,
            lease,
            answers,
            registered,
            asked,
            intake,
            arrived,
            usage,
            warned,
            out,
        })
    }

    /// Until either side ends it. The lease ends with it.
    pub(super) async fn run(mut self, mut incoming: Streaming<RegisterRequest>, mut drain: Drain) {
        let out = self.out.clone();
        let end = loop {
            let step = tokio::select! {
                // Answers first: whoever is asked for a set is known to have been asked when it comes.
                biased;
                () = drain.started() => Err(Some(leaving())),
                () = out.closed() => {
                    self.lease.lost = true;
                    Err(None)
                }
                answer = self.answers.changed() => match answer {
                    Ok(()) => self.answer().await,
                    Err(_) => Err(Some(leaving())),
                },
                message = incoming.message() => match message {
                    Ok(Some(RegisterRequest { event })) => {
                        // It is given back when what came is judged, and known or dropped.
                        let _room = self.arrived.next();
                        match event {
                            Some(said) => self.hear(said).await,
                            // Of a newer client: a kind of event that is not known here.
                            None => Ok(()),
                        }
                    }
                    // Whoever leaves says no more; of whoever is cut off, nobody knows.
                    Ok(None) => Err(None),
                    Err(_) => {
                        self.lease.lost = true;
                        Err(None)
                    }
                },
            };
            if let Err(end) = step {
                break end;
            }
        };
        if let Some(status) = end {
            let _ = out.send(Err(status)).await;
        }
    }

    async fn hear(&mut self, said: Said) -> Result<(), Option<Status>> {
        let lease = self.lease.id;
        let event = match said {
            Said::Registration(registration) => {
                let offer = offer(registration);
                if let Some(fault) = offer.malformed() {
                    return Err(Some(misused(&fault)));
                }
                self.registered = true;
                self.asked.registered();
                Event::Register { lease, workload: self.workload.clone(), offer: Box::new(offer) }
            }
            _ if !self.registered => return Err(Some(misused("the first message must be a registration"))),
            Said::Readiness(readiness) => Event::Readiness { lease, ready: readiness.ready },
            Said::Usage(report) => return self.used(report),
            Said::DescriptorSet(set) => match self.judge(set).await? {
                Some(event) => event,
                None => return Ok(()),
            },
        };
        if self.lease.tell(event).await { Ok(()) } else { Err(Some(leaving())) }
    }

    fn used(&mut self, report: UsageReport) -> Result<(), Option<Status>> {
        let strange = self.usage.report(&self.workload, report).map_err(|fault| Some(misused(&fault)))?;
        // One line for each stream, whatever comes.
        if strange > 0 && !std::mem::replace(&mut self.warned, true) {
            let workload = &self.workload;
            tracing::warn!(%workload, methods = strange, "reports calls of what it does not consume, fields that its contract does not have, or too many");
        }
        Ok(())
    }

    /// What a set that comes means; `None`: nothing, it is here already.
    async fn judge(
        &mut self,
        DescriptorSet { digest, bytes }: DescriptorSet,
    ) -> Result<Option<Event>, Option<Status>> {
        let unasked = || Some(misused("a descriptor set came that was not asked for"));
        let said = Digest::parse(&digest).ok_or_else(unasked)?;
        match self.asked.comes(&said, MAX_ASKED) {
            Arrival::Owed => {}
            Arrival::Again => return Ok(None),
            Arrival::Unasked => return Err(unasked()),
        }
        match self.room(&said, bytes.len()).await? {
            Room::Free => {}
            Room::Exceeded => return Ok(Some(Event::TooLarge { lease: self.lease.id, digest: said })),
            Room::Unwanted => return Ok(None),
        }
        // Large sets take their time, and must not take everybody's.
        let judged = self.intake.judge(move || Judged::of(Arc::from(bytes))).await;
        let judged = judged.map_err(|error| Some(super::internal(&error)))?;
        Ok(Some(if judged.digest == said {
            Event::Learn { judged, stored: false }
        } else {
            Event::Mismatch { lease: self.lease.id, said, is: judged.digest }
        }))
    }

    async fn room(&self, digest: &Digest, bytes: usize) -> Result<Room, Option<Status>> {
        let (workload, digest) = (self.workload.clone(), digest.clone());
        let room = self.registrar.read(move |registry| registry.room(&workload, &digest, bytes)).await;
        room.ok_or_else(|| Some(leaving()))
    }

    async fn answer(&mut self) -> Result<(), Option<Status>> {
        let Some(answer) = self.answers.borrow_and_update().clone() else { return Ok(()) };
        let told = match answer {
            Answer::Wanted(digests) => {
                let digests = self.asked.wanted(&digests);
                if self.asked.owed() > MAX_ASKED {
                    return Err(Some(misused(
                        "descriptor sets were asked for again and again, and never came",
                    )));
                }
                if digests.is_empty() {
                    return Ok(());
                }
                Told::Wanted(Wanted { digests: digests.iter().map(ToString::to_string).collect() })
            }
            Answer::Admitted { listener, warnings } => {
                Told::Admitted(Admitted { listener, warnings: warnings.iter().map(message).collect() })
            }
            Answer::Refused(refusals) => {
                Told::Refused(Refused { refusals: refusals.iter().map(message).collect() })
            }
            Answer::Superseded => return Err(Some(superseded())),
        };
        self.out.send(Ok(RegisterResponse { event: Some(told) })).await.map_err(|_| None)
    }
}

/// As treaty.v1 says it.
pub(super) fn message(refusal: &crate::registry::Refusal) -> Refusal {
    Refusal {
        reason: refusal.reason.as_str().to_owned(),
        message: refusal.message.clone(),
        origin: refusal.origin.clone(),
        remedy: refusal.remedy.clone(),
        breakage: refusal.breakage.as_deref().map(breakage),
    }
}

fn breakage(breakage: &Breakage) -> Break {
    let declared = |said: &Declared| {
        let declaration = Declaration { text: said.text.clone(), origin: said.origin.clone() };
        (declaration != Declaration::default()).then_some(declaration)
    };
    let example = |shown: &Shown| Example {
        bytes: shown.bytes.clone(),
        written: shown.written.clone(),
        read: shown.read.clone(),
    };
    Break {
        provider: breakage.provider.clone(),
        owner: breakage.owner.clone(),
        consumer: breakage.consumer.clone(),
        method: breakage.method.clone(),
        direction: breakage.direction.clone(),
        encoding: breakage.encoding.clone(),
        path: breakage.path.clone(),
        rule: breakage.rule.clone(),
        level: breakage.level.clone(),
        when: breakage.when.clone(),
        written: declared(&breakage.written),
        read: declared(&breakage.read),
        example: breakage.example.as_ref().map(example),
    }
}

fn offer(registration: Registration) -> Offer {
    let Locality { region, zone } = registration.locality.unwrap_or_default();
    Offer {
        instance: registration.instance,
        version: registration.version,
        serves: registration.serves.into_iter().map(|contract| (contract.service, contract.digest)).collect(),
        consumes: registration.consumes.iter().map(|contract| contract.service.clone()).collect(),
        views: registration
            .consumes
            .into_iter()
            .filter(|contract| !contract.digest.is_empty())
            .map(view)
            .collect(),
        address: registration.address,
        metrics_address: registration.metrics_address,
        locality: resource::Locality { region, zone },
    }
}

fn view(ContractRef { service, digest, methods }: ContractRef) -> OfferedView {
    OfferedView { service, digest, methods }
}

fn misused(fault: &str) -> Status {
    refusal(Code::InvalidArgument, Reason::REGISTRATION_MALFORMED, fault, &[])
}

fn too_many(workload: &WorkloadId) -> Status {
    let message = format!("{workload} has {MAX_STREAMS} streams of registration open, and may have no more");
    refusal(Code::ResourceExhausted, Reason::INSTANCES_TOO_MANY, &message, &[])
}

fn superseded() -> Status {
    let message = "another stream registered the same instance; give each process its own instance name";
    refusal(Code::Aborted, Reason::INSTANCE_SUPERSEDED, message, &[])
}
