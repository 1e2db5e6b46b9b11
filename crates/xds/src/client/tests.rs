use super::{Effect, Session};
use crate::{
    Decoded, Invalid, Request,
    fixture::{CATALOG, Mesh, STOCK, node},
};
use resource::{Kind, Resource};
use std::collections::BTreeSet;

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

fn requests(effects: Vec<Effect>) -> Vec<Request> {
    effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(request) => Some(*request),
            _ => None,
        })
        .collect()
}

fn connected(services: &[&str]) -> (Session, Vec<Request>) {
    let mut session = Session::new(node("treaty"));
    assert_eq!(session.watch(names(services), BTreeSet::new()), []);
    let requests = requests(session.on_connected());
    (session, requests)
}

fn listeners(version: &str, services: &[&str]) -> Decoded {
    let all = Mesh::new().publish().snapshot.resources(Kind::Listener);
    let resources = services.iter().map(|name| Ok(all[*name].clone())).collect();
    Decoded { kind: Kind::Listener, version: version.to_owned(), nonce: format!("n{version}"), resources }
}

#[test]
fn the_first_request_of_a_stream_and_no_other_introduces_the_client() {
    let (mut session, first) = connected(&[CATALOG]);
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].node, Some(node("treaty")));
    assert_eq!(first[0].names, names(&[CATALOG]));
    let next = requests(session.on_response(listeners("1", &[CATALOG])));
    let kinds: Vec<(Kind, bool)> =
        next.iter().map(|request| (request.kind, request.node.is_some())).collect();
    assert_eq!(kinds, [(Kind::Listener, false), (Kind::Routes, false)]);
    session.on_disconnected();
    let again = requests(session.on_connected());
    assert_eq!(again[0].node, Some(node("treaty")));
    // The nonce belonged to the stream, the version is what runs.
    assert_eq!((again[0].nonce.as_str(), again[0].version.as_str()), ("", "1"));
}

#[test]
fn nothing_is_asked_for_where_nothing_is_wanted() {
    // An empty list would mean "everything".
    let (mut session, first) = connected(&[]);
    assert_eq!(first, []);
    assert!(session.is_idle());
    let asked = requests(session.watch(names(&[CATALOG]), BTreeSet::new()));
    assert_eq!(asked.len(), 1);
    let no_longer = requests(session.watch(BTreeSet::new(), BTreeSet::new()));
    assert_eq!(no_longer[0].names, BTreeSet::new());
}

#[test]
fn what_is_usable_is_used_and_the_rest_is_refused_by_name() {
    let (mut session, _) = connected(&[CATALOG, STOCK]);
    let mut response = listeners("1", &[CATALOG]);
    response.resources.push(Err(Invalid { name: STOCK.to_owned(), reason: "it is broken".to_owned() }));
    let answers = requests(session.on_response(response));
    assert_eq!(answers[0].error.as_deref(), Some("`treaty.v1.Identity`: it is broken"));
    assert_eq!((answers[0].version.as_str(), answers[0].nonce.as_str()), ("", "n1"));
    assert_eq!((answers[1].kind, &answers[1].names), (Kind::Routes, &names(&[CATALOG])));
}

#[test]
fn a_reason_is_no_longer_than_it_must_be() {
    let (mut session, _) = connected(&[CATALOG]);
    let mut response = listeners("1", &[]);
    response.resources.push(Err(Invalid { name: CATALOG.to_owned(), reason: "ü".repeat(9999) }));
    let answers = requests(session.on_response(response));
    assert!(answers[0].error.as_ref().unwrap().len() <= 4096);
}

#[test]
fn what_nobody_asked_for_is_acknowledged_and_forgotten() {
    let (mut session, _) = connected(&[CATALOG]);
    let answers = requests(session.on_response(listeners("1", &[CATALOG, STOCK])));
    assert_eq!(answers[0].error, None);
    assert_eq!(answers[1].names, names(&[CATALOG]));
}

#[test]
fn a_change_of_interest_rides_on_the_latest_nonce() {
    let (mut session, _) = connected(&[CATALOG]);
    session.on_response(listeners("1", &[CATALOG]));
    let more = requests(session.watch(names(&[CATALOG, STOCK]), BTreeSet::new()));
    assert_eq!((more[0].nonce.as_str(), more[0].version.as_str()), ("n1", "1"));
    assert_eq!(more[0].names, names(&[CATALOG, STOCK]));
}

#[test]
fn a_watch_that_ends_ends_its_subscriptions() {
    let (mut session, _) = connected(&[CATALOG]);
    session.on_response(listeners("1", &[CATALOG]));
    let table = Mesh::new().publish().snapshot.routes[CATALOG].clone();
    let resources = vec![Ok(Resource::Routes(table))];
    let (version, nonce) = ("1".to_owned(), "n".to_owned());
    session.on_response(Decoded { kind: Kind::Routes, version, nonce, resources });
    let ended = requests(session.watch(BTreeSet::new(), BTreeSet::new()));
    let kinds: Vec<Kind> = ended.iter().map(|request| request.kind).collect();
    assert_eq!(kinds, [Kind::Listener, Kind::Routes, Kind::Cluster, Kind::Endpoints]);
    assert!(ended.iter().all(|request| request.names.is_empty()));
}
