//! The methods of a contract, and how each answers.

use super::{
    super::{names, source},
    answer::Answers,
    codec::Raw,
    faults::Faults,
};
use bytes::Bytes;
use contract::{Contract, Method, MethodPath, ValidateRequests};
use stack::{
    Body,
    validate::{Door, Rulebook},
};
use std::{collections::HashMap, convert::Infallible, pin::Pin, str::FromStr, sync::Arc};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};

/// Which methods something is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter(String);

impl FromStr for Filter {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim_start_matches('/').to_owned()))
    }
}

impl Filter {
    /// By full name, by the last part of the service's, or by the method's own.
    fn fits(&self, path: &MethodPath) -> bool {
        let ends = |name: &str, wanted: &str| {
            name == wanted || name.strip_suffix(wanted).is_some_and(|rest| rest.ends_with('.'))
        };
        let (service, method) = (path.service(), path.method());
        match self.0.split_once('/') {
            Some((of, wanted)) => ends(service, of) && (wanted == method || wanted == "*"),
            None => ends(service, &self.0) || self.0 == method,
        }
    }
}

/// All methods, by path.
#[derive(Clone)]
pub(super) struct Mocked(Arc<HashMap<Box<str>, Plan>>);

/// How one method answers.
#[derive(Clone)]
struct Plan {
    method: Arc<Method>,
    answers: Arc<Answers>,
    /// None where nothing goes wrong.
    faults: Option<Arc<Faults>>,
    door: Option<Door>,
    messages: u32,
}

type Answer = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;

impl Mocked {
    pub(super) fn of(
        contract: &Contract,
        answers: &Arc<Answers>,
        faults: &Arc<Faults>,
        filters: &[Filter],
        messages: u32,
    ) -> Result<Self, String> {
        // Rules have no comments.
        let set = source::without_source_info(&contract.bytes)?;
        let rulebook = Rulebook::read([&set]).map_err(|error| error.to_string())?;
        let methods = || contract.services.iter().flat_map(|service| &service.methods);
        if let Some(unknown) =
            filters.iter().find(|filter| !methods().any(|method| filter.fits(&method.path)))
        {
            let known: Vec<&str> =
                methods().map(|method| method.path.as_str().trim_start_matches('/')).collect();
            let meant = names::did_you_mean(&unknown.0, &known);
            return Err(format!(
                "--method {}: there is none{meant}\nthere {}",
                unknown.0,
                names::there(&known)
            ));
        }
        let plan = |method: &Method| {
            let troubled = filters.is_empty() || filters.iter().any(|filter| filter.fits(&method.path));
            let plan = Plan {
                method: Arc::new(method.clone()),
                answers: answers.clone(),
                faults: troubled.then(|| faults.clone()),
                door: door(method, &rulebook),
                messages,
            };
            (method.path.as_str().into(), plan)
        };
        Ok(Self(Arc::new(methods().map(plan).collect())))
    }

    /// Answers a call; nothing where there is no such method.
    pub(super) async fn call(&self, request: http::Request<Body>) -> Option<http::Response<Body>> {
        let plan = self.0.get(request.uri().path())?.clone();
        Some(plan.call(request).await)
    }
}

/// The provider's own door, which judges as a gateway's does, but earlier than anything is answered.
fn door(method: &Method, rulebook: &Rulebook) -> Option<Door> {
    let mut method = method.clone();
    let requests = &mut method.policy.validate.value.requests;
    if *requests != ValidateRequests::Nobody {
        *requests = ValidateRequests::Gateway;
    }
    Door::of(&method, rulebook)
}

impl Plan {
    async fn call(self, request: http::Request<Body>) -> http::Response<Body> {
        let Some(door) = self.door.clone() else { return self.answered(request).await };
        match door.admit(request).await {
            Ok((request, passage)) => passage.answer(self.answered(request).await),
            Err(refusal) => refusal.into_response(),
        }
    }

    async fn answered(self, request: http::Request<Body>) -> http::Response<Body> {
        let most = usize::try_from(self.method.policy.max_request_bytes.value).unwrap_or(usize::MAX);
        let answer = move |request: Request<Streaming<Bytes>>| {
            let plan = self.clone();
            async move { plan.answer(request.into_inner()).await.map(Response::new) }
        };
        // A stream of one message is what a unary call is on the wire, in both directions.
        let mut grpc = tonic::server::Grpc::new(Raw).max_decoding_message_size(most);
        grpc.streaming(tower::service_fn(answer), request).await
    }

    async fn answer(self, mut requests: Streaming<Bytes>) -> Result<Answer, Status> {
        if let Some(faults) = &self.faults {
            faults.wait().await;
            faults.fail()?;
        }
        match (self.method.client_streaming, self.method.server_streaming) {
            (false, false) => {
                let answer = self.to(&only(requests).await?, 0);
                Ok(Box::pin(tokio_stream::iter([Ok(answer?)])))
            }
            (false, true) => {
                let request = only(requests).await?;
                Ok(Box::pin(tokio_stream::iter(0..self.messages).then(move |number| {
                    let (plan, request) = (self.clone(), request.clone());
                    async move {
                        plan.between(number).await;
                        plan.to(&request, number)
                    }
                })))
            }
            (true, false) => {
                // What was said last is taken up.
                let (mut last, mut count) = (Bytes::new(), 0_u32);
                while let Some(message) = requests.message().await? {
                    (last, count) = (message, count.saturating_add(1));
                }
                let answer = self.to(&last, count.saturating_sub(1));
                Ok(Box::pin(tokio_stream::iter([Ok(answer?)])))
            }
            (true, true) => Ok(Box::pin(requests.then(move |request| {
                let plan = self.clone();
                async move {
                    plan.between(1).await;
                    plan.to(&request?, 0)
                }
            }))),
        }
    }

    /// Every message of a stream takes its time; the first one's is over.
    async fn between(&self, number: u32) {
        if let Some(faults) = self.faults.as_ref().filter(|_| number > 0) {
            faults.wait().await;
        }
    }

    fn to(&self, request: &[u8], number: u32) -> Result<Bytes, Status> {
        self.answers.to(&self.method, request, number)
    }
}

/// The one request of a client that does not stream.
async fn only(mut requests: Streaming<Bytes>) -> Result<Bytes, Status> {
    requests.message().await?.ok_or_else(|| Status::internal("the request has no message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_named_as_people_do() {
        let path = MethodPath::new("shop.orders.v1.Orders", "PlaceOrder");
        let fits = |text: &str| text.parse::<Filter>().is_ok_and(|filter| filter.fits(&path));
        for text in [
            "shop.orders.v1.Orders/PlaceOrder",
            "/shop.orders.v1.Orders/PlaceOrder",
            "Orders/PlaceOrder",
            "Orders",
            "shop.orders.v1.Orders",
            "PlaceOrder",
            "Orders/*",
        ] {
            assert!(fits(text), "{text}");
        }
        for text in ["rders", "Orders/GetOrder", "Place", "v1"] {
            assert!(!fits(text), "{text}");
        }
    }
}
