use super::*;
use crate::{
    Node, Request, Response,
    fixture::{CATALOG, Mesh, STOCK, node},
};
use proptest::{prelude::*, sample::subsequence};
use resource::Kind;
use std::collections::BTreeSet;

fn session(mesh: &Mesh) -> Session {
    Session::new("shop/orders".parse().unwrap(), mesh.publish())
}

fn request(kind: Kind, names: &[&str], nonce: &str) -> Request {
    Request {
        node: Some(node("gRPC Go")),
        kind,
        names: names.iter().map(ToString::to_string).collect(),
        version: String::new(),
        nonce: nonce.to_owned(),
        error: None,
    }
}

fn nack(response: &Response, names: &[&str], reason: &str) -> Request {
    Request { error: Some(reason.to_owned()), ..request(response.kind, names, &response.nonce) }
}

/// The only response.
fn one(reaction: Reaction) -> Response {
    let [response] = <[Response; 1]>::try_from(reaction.responses).unwrap();
    response
}

fn names(response: &Response) -> Vec<&str> {
    response.resources.iter().map(resource::Resource::name).collect()
}

fn mesh() -> Mesh {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    mesh.see("shop/orders", STOCK);
    mesh
}

const CLUSTER: &str = "treaty.v1.Registry@shop/catalog";

#[test]
fn the_first_request_must_carry_a_node() {
    let mut session = session(&mesh());
    let anonymous = Request { node: None, ..request(Kind::Listener, &[CATALOG], "") };
    assert_eq!(session.on_request(anonymous.clone()), Err(Refusal::NodeMissing));
    session.on_request(request(Kind::Listener, &[CATALOG], "")).unwrap();
    assert!(session.on_request(anonymous).is_ok());
    assert_eq!(session.state().node, "n-1");
    assert_eq!(session.state().user_agent, "gRPC Go");
    assert!(!session.state().not_enforced.is_empty());
}

#[test]
fn names_and_their_number_are_bounded() {
    let mut session = session(&mesh());
    let long = "x".repeat(MAX_NAME_BYTES + 1);
    let refusal = session.on_request(request(Kind::Routes, &[&long], "")).unwrap_err();
    assert_eq!(refusal, Refusal::TooLong { field: "resource_names", bytes: MAX_NAME_BYTES + 1 });
    let names: BTreeSet<String> = (0..=MAX_NAMES).map(|n| n.to_string()).collect();
    let refusal = session.on_request(Request { names, ..request(Kind::Routes, &[], "") }).unwrap_err();
    assert_eq!(refusal, Refusal::TooManyNames { kind: Kind::Routes, count: MAX_NAMES + 1 });
    let unnamed = Node { user_agent_version: long, ..node("gRPC Go") };
    let refusal =
        session.on_request(Request { node: Some(unnamed), ..request(Kind::Routes, &[], "") }).unwrap_err();
    assert!(refusal.to_string().contains("node.user_agent_version"), "{refusal}");
}

#[test]
fn the_names_of_all_types_together_are_bounded() {
    let mut session = session(&mesh());
    let names = |count: usize| (0..count).map(|n| format!("{n:01024}")).collect::<BTreeSet<String>>();
    let half = MAX_NAMES_BYTES / MAX_NAME_BYTES / 2;
    let mut ask = |kind, count| session.on_request(Request { names: names(count), ..request(kind, &[], "") });
    ask(Kind::Routes, half).unwrap();
    ask(Kind::Cluster, half).unwrap();
    let refusal = ask(Kind::Endpoints, 1).unwrap_err();
    assert_eq!(refusal, Refusal::TooManyBytes { bytes: MAX_NAMES_BYTES + MAX_NAME_BYTES });
    // A subscription replaces the one before.
    ask(Kind::Routes, 1).unwrap();
    ask(Kind::Endpoints, 1).unwrap();
}

#[test]
fn a_workload_has_its_share_of_the_streams_and_leaves_the_others_theirs() {
    let clients = Arc::new(Clients::default());
    let enter = |workload: &str| {
        let session = Session::new(workload.parse().unwrap(), Mesh::new().publish());
        Clients::enter(&clients, session.state())
    };
    let mut seats: Vec<Seat> = (0..MAX_STREAMS_OF_WORKLOAD).map(|_| enter("shop/greedy").unwrap()).collect();
    let refusal = enter("shop/greedy").unwrap_err();
    assert_eq!(refusal, Refusal::TooManyOfWorkload { workload: "shop/greedy".parse().unwrap() });
    let status = Status::from(&refusal);
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    let info = tonic_types::StatusExt::get_details_error_info(&status).unwrap();
    assert_eq!((info.domain.as_str(), info.reason.as_str()), ("treaty", "WORKLOAD_STREAMS_EXHAUSTED"));

    let other = enter("shop/orders").unwrap();
    seats.pop();
    seats.push(enter("shop/greedy").unwrap());
    drop((seats, other));
    assert!(clients.seated.lock().of_workload.is_empty());
    assert!(clients.seated.lock().by_stream.is_empty());
}

#[test]
fn only_what_is_asked_for_is_sent_and_an_ack_is_not_answered() {
    let mut session = session(&mesh());
    let response = one(session.on_request(request(Kind::Listener, &[CATALOG], "")).unwrap());
    assert_eq!(names(&response), [CATALOG]);
    let reaction = session.on_request(request(Kind::Listener, &[CATALOG], &response.nonce)).unwrap();
    assert_eq!(reaction, Reaction::default());
    assert_eq!(session.state().types[0].acked_version, response.version);
}

#[test]
fn a_name_that_does_not_exist_is_absent_from_lds_and_nothing_is_sent_for_rds() {
    let mut session = session(&mesh());
    let response = one(session.on_request(request(Kind::Listener, &["none.v1.None"], "")).unwrap());
    assert_eq!(names(&response), [""; 0]);
    assert!(session.on_request(request(Kind::Routes, &["none.v1.None"], "")).unwrap().responses.is_empty());
    // One more name that does not exist is answered too: gRPC waits 15 s for it otherwise.
    let more = request(Kind::Listener, &["none.v1.None", "nor.v1.This"], &response.nonce);
    assert_eq!(names(&one(session.on_request(more).unwrap())), [""; 0]);
}

#[test]
fn a_stale_nonce_says_nothing() {
    let mut mesh = mesh();
    let mut session = session(&mesh);
    let first = one(session.on_request(request(Kind::Endpoints, &[CLUSTER], "")).unwrap());
    mesh.place(CATALOG, 4002);
    let [second] = <[Response; 1]>::try_from(session.on_snapshot(mesh.publish())).unwrap();
    // The ACK of the first crosses the second on its way.
    assert_eq!(session.on_request(request(Kind::Endpoints, &[], &first.nonce)).unwrap(), Reaction::default());
    assert_eq!(session.state().types[0].acked_version, "");
    session.on_request(request(Kind::Endpoints, &[CLUSTER], &second.nonce)).unwrap();
    assert_eq!(session.state().types[0].acked_version, second.version);
}

#[test]
fn a_nack_keeps_its_reason_until_something_else_is_accepted() {
    let mut mesh = mesh();
    let mut session = session(&mesh);
    let first = one(session.on_request(request(Kind::Cluster, &[CLUSTER], "")).unwrap());
    let reaction = session.on_request(nack(&first, &[CLUSTER], "no such thing")).unwrap();
    let (kind, recorded) = reaction.nack.unwrap();
    assert_eq!(
        (kind, recorded.reason.as_str(), &recorded.version),
        (Kind::Cluster, "no such thing", &first.version)
    );
    assert!(reaction.responses.is_empty());
    assert_eq!(session.state().types[0].nack.as_deref(), Some("no such thing"));
    // Once more the same: neither an answer nor news.
    assert_eq!(session.on_request(nack(&first, &[CLUSTER], "no such thing")).unwrap(), Reaction::default());
    assert!(session.on_snapshot(mesh.publish()).is_empty());

    mesh.world.services.get_mut(CATALOG).unwrap().service.policy.max_in_flight.value = 7;
    let [second] = <[Response; 1]>::try_from(session.on_snapshot(mesh.publish())).unwrap();
    session.on_request(request(Kind::Cluster, &[CLUSTER], &second.nonce)).unwrap();
    assert_eq!(session.state().types[0].nack, None);
}

#[test]
fn a_reason_is_kept_up_to_a_size() {
    let mut session = session(&mesh());
    let first = one(session.on_request(request(Kind::Cluster, &[CLUSTER], "")).unwrap());
    let reaction = session.on_request(nack(&first, &[CLUSTER], &"ü".repeat(MAX_REASON_BYTES))).unwrap();
    assert_eq!(reaction.nack.unwrap().1.reason.len(), MAX_REASON_BYTES);
}

#[test]
fn the_wildcard_is_everything_that_may_be_seen() {
    for wildcard in [&[][..], &["*"][..]] {
        let mut session = session(&mesh());
        let response = one(session.on_request(request(Kind::Cluster, wildcard, "")).unwrap());
        assert_eq!(names(&response), ["treaty.v1.Identity@shop/stock", CLUSTER]);
        // An empty list after names means none.
        let narrowed = request(Kind::Cluster, &[CLUSTER], &response.nonce);
        assert!(session.on_request(narrowed).unwrap().responses.is_empty());
        assert!(
            session.on_request(request(Kind::Cluster, &[], &response.nonce)).unwrap().responses.is_empty()
        );
        let back = one(session.on_request(request(Kind::Cluster, &[CLUSTER], &response.nonce)).unwrap());
        assert_eq!(names(&back), [CLUSTER]);
    }
    let mut session = session(&mesh());
    assert!(session.on_request(request(Kind::Routes, &["*"], "")).unwrap().responses.is_empty());
}

#[test]
fn with_a_wildcard_a_cluster_goes_when_the_routes_away_from_it_are_running() {
    let mut mesh = mesh();
    let mut session = session(&mesh);
    let clusters = one(session.on_request(request(Kind::Cluster, &["*"], "")).unwrap());
    session.on_request(request(Kind::Cluster, &["*"], &clusters.nonce)).unwrap();
    let routes = one(session.on_request(request(Kind::Routes, &[CATALOG], "")).unwrap());
    session.on_request(request(Kind::Routes, &[CATALOG], &routes.nonce)).unwrap();

    mesh.world.services.get_mut(CATALOG).unwrap().provider = "shop/books".parse().unwrap();
    let [clusters, routes] = <[Response; 2]>::try_from(session.on_snapshot(mesh.publish())).unwrap();
    assert_eq!((clusters.kind, routes.kind), (Kind::Cluster, Kind::Routes));
    assert_eq!(clusters.resources.len(), 3);
    let last = one(session.on_request(request(Kind::Routes, &[CATALOG], &routes.nonce)).unwrap());
    assert_eq!((last.kind, last.resources.len()), (Kind::Cluster, 2));
}

#[test]
fn a_change_is_told_in_the_order_clusters_endpoints_listeners_routes() {
    let mut mesh = mesh();
    let mut session = session(&mesh);
    for (kind, name) in [
        (Kind::Routes, CATALOG),
        (Kind::Listener, CATALOG),
        (Kind::Listener, "treaty.v1.New"),
        (Kind::Endpoints, CLUSTER),
        (Kind::Cluster, CLUSTER),
    ] {
        session.on_request(request(kind, &[name], "")).unwrap();
    }
    let service = mesh.world.services[CATALOG].clone();
    mesh.world.services.insert("treaty.v1.New".to_owned(), service);
    mesh.see("shop/orders", "treaty.v1.New");
    mesh.place(CATALOG, 4002);
    mesh.world.services.get_mut(CATALOG).unwrap().service.policy.max_in_flight.value = 7;
    mesh.world.services.get_mut(CATALOG).unwrap().service.policy.owner.value = "others".to_owned();
    let kinds: Vec<Kind> = session.on_snapshot(mesh.publish()).iter().map(|response| response.kind).collect();
    assert_eq!(kinds, Kind::ALL);
}

#[test]
fn to_ask_again_is_to_be_sent_again() {
    let mut session = session(&mesh());
    let first = one(session.on_request(request(Kind::Endpoints, &[CLUSTER], "")).unwrap());
    session.on_request(request(Kind::Endpoints, &[], &first.nonce)).unwrap();
    let second = one(session.on_request(request(Kind::Endpoints, &[CLUSTER], &first.nonce)).unwrap());
    assert_eq!(second.version, first.version);
    assert_ne!(second.nonce, first.nonce);
}

#[test]
fn an_unanswered_question_is_answered_when_the_workload_is_known() {
    let mut mesh = mesh();
    mesh.visible.clear();
    let mut session = session(&mesh);
    assert!(session.on_request(request(Kind::Listener, &["none.v1.None"], "")).unwrap().responses.is_empty());
    mesh.see("shop/orders", CATALOG);
    assert_eq!(session.on_snapshot(mesh.publish()).len(), 1);
}

#[test]
fn a_namespace_with_a_provider_of_its_own_sees_that_one() {
    let (mesh, mut own) = (mesh(), mesh());
    own.world.services.get_mut(CATALOG).unwrap().provider = "shop/books".parse().unwrap();
    let namespaces = [("shop".to_owned(), own.publish().snapshot.clone())].into();
    let published = Published { namespaces, ..(*mesh.publish()).clone() };
    let mut session = Session::new("shop/orders".parse().unwrap(), Arc::new(published));
    let response = one(session.on_request(request(Kind::Cluster, &["*"], "")).unwrap());
    assert!(names(&response).contains(&"treaty.v1.Registry@shop/books"));
}

#[test]
fn a_refused_process_sees_nothing_of_what_it_was_refused_for_until_it_is_admitted() {
    let mesh = mesh();
    let orders: WorkloadId = "shop/orders".parse().unwrap();
    let refused = |node: &str| {
        let services = [(node.to_owned(), [CATALOG.to_owned()].into())].into();
        Arc::new(Published { refused: [(orders.clone(), services)].into(), ..(*mesh.publish()).clone() })
    };
    let open = |node: &str, user_agent: &str| {
        let mut session = Session::new(orders.clone(), refused(node));
        let request =
            Request { node: Some(crate::fixture::node(user_agent)), ..request(Kind::Listener, &[], "") };
        let everything = one(session.on_request(request).unwrap());
        (session, names(&everything).iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let sees = |node, user_agent| open(node, user_agent).1.contains(&CATALOG.to_owned());
    assert!(!sees("n-1", "gRPC Go"));
    assert!(sees("n-2", "gRPC Go"), "that is another one");
    assert!(sees("n-1", "treaty"), "it knows by itself");
    let (mut session, others) = open("n-1", "gRPC Go");
    assert!(others.contains(&STOCK.to_owned()));
    for (kind, name) in [(Kind::Routes, CATALOG), (Kind::Cluster, CLUSTER), (Kind::Endpoints, CLUSTER)] {
        let answer = session.on_request(request(kind, &[name], "")).unwrap();
        assert!(answer.responses.iter().all(|response| response.resources.is_empty()), "{kind:?}");
    }
    let admitted = session.on_snapshot(mesh.publish());
    let listeners = admitted.iter().find(|response| response.kind == Kind::Listener).unwrap();
    assert!(names(listeners).contains(&CATALOG));
    let again = session.on_snapshot(refused("n-1"));
    let listeners = again.iter().find(|response| response.kind == Kind::Listener).unwrap();
    assert!(!names(listeners).contains(&CATALOG));
}

/// Whatever a client says, in whatever order, the server does not panic, never sends what may not be seen,
/// and never the same twice without being asked.
#[derive(Clone, Debug)]
enum Step {
    Ask(usize, Vec<&'static str>, bool, bool),
    Place(u16),
    Displace(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let all = vec![CATALOG, STOCK, "treaty.v1.Admin", CLUSTER, "treaty.v1.Identity@shop/stock", "*"];
    prop_oneof![
        4 => (0..4_usize, subsequence(all, 0..4), any::<bool>(), any::<bool>())
            .prop_map(|(kind, names, fresh, error)| Step::Ask(kind, names, fresh, error)),
        1 => (4000..4004_u16).prop_map(Step::Place),
        1 => (4000..4004_u16).prop_map(Step::Displace),
    ]
}

proptest! {
    #[test]
    fn any_conversation_is_survived(steps in prop::collection::vec(step(), 0..40)) {
        let mut mesh = Mesh::new();
        let mut session = session(&mesh);
        let mut nonces = BTreeMap::new();
        for step in steps {
            let responses = match step {
                Step::Ask(kind, names, fresh, error) => {
                    let kind = Kind::ALL[kind];
                    let nonce = if fresh { nonces.get(&kind).cloned().unwrap_or_default() } else { "old".to_owned() };
                    let error = error.then(|| "no".to_owned());
                    session.on_request(Request { error, ..request(kind, &names, &nonce) }).unwrap().responses
                }
                Step::Place(port) => {
                    mesh.place(CATALOG, port);
                    session.on_snapshot(mesh.publish())
                }
                Step::Displace(port) => {
                    mesh.displace(port);
                    session.on_snapshot(mesh.publish())
                }
            };
            for response in responses {
                prop_assert!(response.resources.iter().all(|resource| resource.name().starts_with(CATALOG)));
                nonces.insert(response.kind, response.nonce);
            }
            prop_assert!(session.on_snapshot(mesh.publish()).is_empty());
        }
    }
}
