use super::{super::balance::Pool, *};
use contract::{Origin, RetryPolicy, Sourced};
use resource::{ClusterName, MethodRoute};

/// A route to nowhere, for tests of what comes before.
pub(in crate::client) fn route(client_streaming: bool, server_streaming: bool, max: u32) -> Arc<Route> {
    let cluster = ClusterName("echo.v1.Echo@test/echo".to_owned());
    let retry =
        RetryPolicy { attempts: 1, on: Vec::new(), backoff: std::time::Duration::ZERO, per_try: None };
    let facts = MethodRoute {
        cluster: cluster.clone(),
        declared_at: Origin::Default,
        timeout: Sourced::default_of(None),
        retry: Sourced::default_of(retry),
        max_request_bytes: Sourced::default_of(max),
        max_response_bytes: Sourced::default_of(max),
        public: Sourced::default_of(false),
        client_streaming,
        server_streaming,
    };
    Arc::new(Route::new("echo.v1.Echo", "/echo.v1.Echo/Say", facts, Arc::new(Pool::nowhere(&cluster))))
}

#[test]
fn the_authority_is_the_service() {
    let route = route(false, false, 0);
    assert_eq!(route.uri.to_string(), "https://echo.v1.Echo/echo.v1.Echo/Say");
}
