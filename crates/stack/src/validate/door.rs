//! A door that is not the provider's own: a gateway's, before anything is forwarded.

use super::{Judge, Judged, Rulebook, Verdict, Watched};
use crate::{
    Body,
    limit::{Direction, Metered},
    metadata::Room,
    status::{Answered, Fault, MeshError},
};
use contract::{Method, ValidateRequests};
use http_body_util::BodyExt as _;
use std::{future::poll_fn, pin::Pin, sync::Arc};

/// Judges the requests to one method. Clones are the same.
#[derive(Clone, Debug)]
pub struct Door {
    judge: Arc<Judge>,
    /// Whether the client streams: then nothing may wait for its first message.
    streaming: bool,
}

/// A request that was let in, and may yet send what is not.
#[derive(Debug)]
pub struct Passage {
    verdict: Verdict,
    streaming: bool,
}

impl Door {
    /// Of a method whose contract asks for one at the gateway.
    pub fn of(method: &Method, rulebook: &Rulebook) -> Option<Self> {
        let policy = method.policy.validate.value;
        if policy.requests != ValidateRequests::Gateway {
            return None;
        }
        let path = method.path.as_str();
        let judge = Judge::of_requests(path, rulebook.of(path)?, policy, &method.policy.max_request_bytes)?;
        Some(Self { judge: Arc::new(judge), streaming: method.client_streaming })
    }

    /// The request as it may be forwarded: behind its first message, unless the client streams.
    ///
    /// # Errors
    /// The first message breaks a rule, or is larger than the contract admits.
    pub async fn admit(
        &self,
        request: http::Request<Body>,
    ) -> Result<(http::Request<Body>, Passage), MeshError> {
        let verdict = Verdict::default();
        let judge = |body| {
            let metered = Metered::new(body, self.judge.clone(), Direction::Request);
            Box::pin(Judged::new(metered, self.judge.clone(), verdict.clone()))
        };
        let (head, body) = request.into_parts();
        let mut body: Pin<Box<Judged<Metered<Body>>>> = judge(body);
        if !self.streaming
            && let Err(Fault::Mesh(refusal)) = poll_fn(|cx| body.as_mut().poll_first(cx)).await
        {
            return Err(refusal);
        }
        let body = Body::new(body.map_err(tonic::Status::from));
        Ok((http::Request::from_parts(head, body), Passage { verdict, streaming: self.streaming }))
    }
}

impl Passage {
    /// What came of the call; or the refusal of what it sent after all, now or later.
    pub fn answer(self, response: http::Response<Body>) -> http::Response<Body> {
        if let Some(refusal) = self.verdict.take() {
            return refusal.into_response();
        }
        if !self.streaming {
            return response;
        }
        response
            .map(|body| Body::new(Answered::begun(Watched::new(body, Some(self.verdict)), Room::default())))
    }
}
