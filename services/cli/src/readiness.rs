//! What must be ready, and what of it is not.

use crate::{admin::Admin, plain, refusal, up::Manifest};
use contracts::treaty::v1::{MeshStatus, WatchStatusResponse, instance_status::State};
use std::{collections::BTreeMap, time::Duration};
use tokio_stream::{Stream, StreamExt};
use tonic::Status;

/// How long to wait before asking a control plane again that went away.
const PAUSE: Duration = Duration::from_millis(200);
/// How many causes say why something is not ready; the others are in the state of its instances.
const CAUSES: usize = 3;

/// Workloads and how many instances of each must be ready.
#[derive(Debug, Default)]
pub(crate) struct Wanted(BTreeMap<String, usize>);

impl Wanted {
    /// Everything that the manifest names, and the gateway.
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let services = manifest.services.iter();
        let mut wanted: BTreeMap<String, usize> = services
            .map(|(workload, service)| {
                (workload.to_string(), usize::try_from(service.replicas).unwrap_or(usize::MAX))
            })
            .collect();
        wanted.insert("treaty/gateway".to_owned(), 1);
        Self(wanted)
    }

    /// One line for each workload that is not ready as often as it should be.
    pub(crate) fn missing(&self, status: &MeshStatus) -> Vec<String> {
        let short = self.0.iter().filter_map(|(workload, wanted)| {
            let ready = status
                .instances
                .iter()
                .filter(|instance| &instance.workload == workload && instance.state() == State::Ready)
                .count();
            (ready < *wanted).then(|| {
                let refused: Vec<_> = status
                    .instances
                    .iter()
                    .filter(|instance| &instance.workload == workload)
                    .flat_map(|instance| &instance.refusals)
                    .cloned()
                    .collect();
                let why = match refusal::in_short(&refused, CAUSES) {
                    none if none.is_empty() => none,
                    told => format!(": refused: {told}"),
                };
                format!("{workload}: {ready} of {wanted} ready{why}")
            })
        });
        short.collect()
    }
}

/// Hands every state of the mesh to `see`, in plain text, until it returns true; and why there is none,
/// whenever that is another reason than before. Outlives restarts of the control plane.
pub(crate) async fn follow(admin: &Admin, see: impl FnMut(Result<&MeshStatus, &str>) -> bool) {
    follow_streams(async || admin.watch().await, see).await;
}

async fn follow_streams<S>(
    open: impl AsyncFn() -> Result<S, Status>,
    mut see: impl FnMut(Result<&MeshStatus, &str>) -> bool,
) where
    S: Stream<Item = Result<WatchStatusResponse, Status>> + Unpin,
{
    let mut told = None;
    loop {
        let failure = match open().await {
            Ok(mut stream) => loop {
                match stream.next().await {
                    Some(Ok(message)) => {
                        told = None;
                        let status = message.status.map(plain::mesh);
                        if status.as_ref().is_some_and(|status| see(Ok(status))) {
                            return;
                        }
                    }
                    Some(Err(status)) => break Some(said(&status)),
                    None => break None,
                }
            },
            Err(status) => Some(said(&status)),
        };
        if let Some(failure) = failure.filter(|failure| told.as_ref() != Some(failure)) {
            if see(Err(&failure)) {
                return;
            }
            told = Some(failure);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// "RESOURCE_EXHAUSTED: …".
fn said(status: &Status) -> String {
    let code = contract::Code::from_number(status.code().into()).map_or("UNKNOWN", contract::Code::as_str);
    format!("{code}: {}", plain::text(status.message()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::RefCell, collections::VecDeque};

    #[tokio::test(start_paused = true)]
    async fn why_there_is_no_state_is_said_once_and_asked_again() {
        let state = |version: &str| {
            let status = MeshStatus { version: version.to_owned(), ..MeshStatus::default() };
            Ok(WatchStatusResponse { status: Some(status) })
        };
        let large = || Err(Status::resource_exhausted("a response above\u{1b}[31m max_response_bytes"));
        let streams =
            [vec![large()], vec![large()], vec![], vec![state("1\u{9b}2J"), large()], vec![state("2")]];
        let streams = RefCell::new(VecDeque::from(streams));
        let mut seen = Vec::new();
        let open = async || {
            let next = streams.borrow_mut().pop_front();
            next.map(tokio_stream::iter).ok_or_else(|| Status::unavailable("gone"))
        };
        follow_streams(open, |what| {
            seen.push(what.map(|status| status.version.clone()).map_err(str::to_owned));
            seen.len() == 4
        })
        .await;
        let large = "RESOURCE_EXHAUSTED: a response above\u{fffd}[31m max_response_bytes".to_owned();
        assert_eq!(seen, [Err(large.clone()), Ok("1\u{fffd}2J".to_owned()), Err(large), Ok("2".to_owned())]);
    }
}
