//! Who may call what, and what the others are told.

use crate::{
    echo::{Echo, reason, said, unary},
    world::{CONSUMER, World},
};
use tonic::{Code, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

#[tokio::test]
async fn a_caller_that_the_contract_names_is_served() {
    let mut world = World::new();
    let echo = Echo::new();
    let _provider = world.provider(echo.clone()).await;
    let answer = unary(&world.client(CONSUMER), "Once", "hello".to_owned()).await.unwrap();
    assert_eq!(answer.into_inner(), "hello");
    assert_eq!(echo.calls(), 1);
}

#[tokio::test]
async fn a_denied_caller_is_told_the_rule_and_where_it_is_written() {
    let mut world = World::new();
    let echo = Echo::new();
    let _provider = world.provider(echo.clone()).await;
    let denied = unary(&world.client(CONSUMER), "Secret", "psst".to_owned()).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    assert_eq!(reason(&denied).as_deref(), Some("CALLER_NOT_ALLOWED"));
    assert_eq!(said(&denied, "rule").as_deref(), Some("allow: test/boss"));
    assert_eq!(said(&denied, "origin").as_deref(), Some("echo.proto:34:35"));
    assert_eq!(said(&denied, "caller").as_deref(), Some(CONSUMER));
    assert_eq!(said(&denied, "method").as_deref(), Some("/echo.v1.Echo/Secret"));
    assert!(said(&denied, "remedy").unwrap().contains("echo.proto:34:35"));
    assert_eq!(echo.calls(), 0, "no handler has seen it");
}

#[tokio::test]
async fn a_new_rule_judges_the_next_call() {
    let mut world = World::new();
    let provider = world.provider(Echo::new()).await;
    let client = world.client(CONSUMER);
    unary(&client, "Once", String::new()).await.unwrap();

    provider.policy.send_modify(|listener| {
        let listener = std::sync::Arc::make_mut(listener.as_mut().unwrap());
        for guard in listener.guards.values_mut() {
            guard.allow.value.clear();
        }
    });
    let denied = unary(&client, "Once", String::new()).await.unwrap_err();
    assert_eq!(said(&denied, "rule").as_deref(), Some("allow: nobody"));
}

#[tokio::test]
async fn without_a_contract_nobody_is_served() {
    let mut world = World::new();
    let provider = world.provider(Echo::new()).await;
    provider.policy.send_replace(None);
    let refused = unary(&world.client(CONSUMER), "Once", String::new()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_deref()), (Code::Unavailable, Some("POLICY_NOT_READY")));
}

#[tokio::test]
async fn methods_that_the_contract_does_not_have_are_unknown_to_both_sides() {
    let mut world = World::new();
    let provider = world.provider(Echo::new()).await;
    let client = world.client(CONSUMER);
    let unknown = unary(&client, "Twice", String::new()).await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_deref()), (Code::Unimplemented, Some("METHOD_UNKNOWN")));

    provider
        .policy
        .send_modify(|listener| std::sync::Arc::make_mut(listener.as_mut().unwrap()).guards.clear());
    let unknown = unary(&client, "Once", String::new()).await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_deref()), (Code::Unimplemented, Some("METHOD_UNKNOWN")));
    assert_eq!(said(&unknown, "caller").as_deref(), Some(CONSUMER), "the provider said so");
}

#[tokio::test]
async fn an_applications_own_status_passes_untouched() {
    let mut world = World::new();
    let echo = Echo::answering(|_| async {
        let details = ErrorDetails::with_bad_request_violation("name", "is empty");
        let mut status = Status::with_error_details(Code::InvalidArgument, "no name · kein Name", details);
        status.metadata_mut().insert("x-shop", "7".parse().unwrap());
        status.metadata_mut().insert_bin("x-shop-bin", tonic::metadata::MetadataValue::from_bytes(&[0, 255]));
        Err(status)
    });
    let _provider = world.provider(echo).await;
    let status = unary(&world.client(CONSUMER), "Once", String::new()).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::InvalidArgument, "no name · kein Name"));
    assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "name");
    assert_eq!(status.metadata().get("x-shop").unwrap(), "7");
    assert_eq!(status.metadata().get_bin("x-shop-bin").unwrap().to_bytes().unwrap().as_ref(), [0, 255]);
    assert_eq!(reason(&status), None);
}

#[tokio::test]
async fn metadata_travels_both_ways() {
    let mut world = World::new();
    let echo = Echo::answering(|request| async move {
        let mut response = Response::new(String::new());
        let asked = request.metadata().get("x-asked").unwrap().clone();
        response.metadata_mut().insert("x-answered", asked);
        Ok(response)
    });
    let _provider = world.provider(echo).await;
    let mut request = tonic::Request::new(String::new());
    request.metadata_mut().insert("x-asked", "why".parse().unwrap());
    let answer = unary(&world.client(CONSUMER), "Once", request).await.unwrap();
    assert_eq!(answer.metadata().get("x-answered").unwrap(), "why");
}

#[tokio::test]
async fn messages_beyond_the_contract_are_refused_where_they_arise() {
    let mut world = World::new();
    let echo = Echo::answering(|request| async move {
        let length: usize = request.into_inner().parse().unwrap();
        Ok(Response::new("x".repeat(length)))
    });
    let _provider = world.provider(echo.clone()).await;
    let client = world.client(CONSUMER);

    let answer = unary(&client, "Small", "62".to_owned()).await.unwrap();
    assert_eq!(answer.into_inner().len(), 62, "64 bytes with the field's tag and length");
    let long = unary(&client, "Small", "63".to_owned()).await.unwrap_err();
    assert_eq!(
        (long.code(), reason(&long).as_deref()),
        (Code::ResourceExhausted, Some("RESPONSE_TOO_LARGE"))
    );
    assert_eq!(said(&long, "bytes").as_deref(), Some("65"));

    let calls = echo.calls();
    let long = unary(&client, "Small", "1".repeat(31)).await.unwrap_err();
    assert_eq!((long.code(), reason(&long).as_deref()), (Code::ResourceExhausted, Some("REQUEST_TOO_LARGE")));
    assert_eq!(said(&long, "rule").as_deref(), Some("max_request_bytes: 32"));
    assert_eq!(echo.calls(), calls, "it never left");
}
