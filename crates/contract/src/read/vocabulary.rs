//! The messages of `treaty/v1/options.proto`. Written by hand, since the generated ones are made with
//! the help of this crate; `tests.rs` holds them against the file, field by field.

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Service {
    #[prost(string, tag = "1")]
    pub(crate) owner: String,
    #[prost(string, repeated, tag = "2")]
    pub(crate) allow: Vec<String>,
    #[prost(message, optional, tag = "3")]
    pub(crate) defaults: Option<Method>,
    #[prost(uint32, tag = "4")]
    pub(crate) max_in_flight: u32,
    #[prost(int32, tag = "5")]
    pub(crate) balance: i32,
    #[prost(message, optional, tag = "6")]
    pub(crate) eject: Option<Eject>,
    #[prost(message, optional, tag = "7")]
    pub(crate) rollout: Option<Rollout>,
    #[prost(bool, tag = "8")]
    pub(crate) public: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Method {
    #[prost(string, tag = "1")]
    pub(crate) timeout: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) retry: Option<Retry>,
    #[prost(message, optional, tag = "3")]
    pub(crate) hedge: Option<Hedge>,
    #[prost(string, repeated, tag = "4")]
    pub(crate) allow: Vec<String>,
    #[prost(message, optional, tag = "5")]
    pub(crate) limit: Option<Limit>,
    #[prost(int32, tag = "6")]
    pub(crate) criticality: i32,
    #[prost(int32, tag = "7")]
    pub(crate) stability: i32,
    #[prost(string, tag = "8")]
    pub(crate) sunset: String,
    #[prost(string, tag = "9")]
    pub(crate) replaced_by: String,
    #[prost(bool, optional, tag = "10")]
    pub(crate) mirror: Option<bool>,
    #[prost(uint32, tag = "11")]
    pub(crate) max_request_bytes: u32,
    #[prost(uint32, tag = "12")]
    pub(crate) max_response_bytes: u32,
    #[prost(string, repeated, tag = "13")]
    pub(crate) scopes: Vec<String>,
    #[prost(bool, optional, tag = "14")]
    pub(crate) public: Option<bool>,
    #[prost(message, optional, tag = "15")]
    pub(crate) validate: Option<Validate>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Validate {
    #[prost(int32, tag = "1")]
    pub(crate) requests: i32,
    #[prost(int32, tag = "2")]
    pub(crate) responses: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Retry {
    #[prost(uint32, tag = "1")]
    pub(crate) attempts: u32,
    #[prost(int32, repeated, tag = "2")]
    pub(crate) on: Vec<i32>,
    #[prost(string, tag = "3")]
    pub(crate) backoff: String,
    #[prost(string, tag = "4")]
    pub(crate) per_try: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Hedge {
    #[prost(uint32, tag = "1")]
    pub(crate) attempts: u32,
    #[prost(string, tag = "2")]
    pub(crate) delay: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Limit {
    #[prost(uint32, tag = "1")]
    pub(crate) requests: u32,
    #[prost(string, tag = "2")]
    pub(crate) per: String,
    #[prost(uint32, tag = "3")]
    pub(crate) burst: u32,
    #[prost(int32, tag = "4")]
    pub(crate) by: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Eject {
    #[prost(uint32, tag = "1")]
    pub(crate) min_success_percent: u32,
    #[prost(uint32, tag = "2")]
    pub(crate) min_requests: u32,
    #[prost(string, tag = "3")]
    pub(crate) interval: String,
    #[prost(string, tag = "4")]
    pub(crate) base: String,
    #[prost(uint32, tag = "5")]
    pub(crate) max_percent: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Rollout {
    #[prost(uint32, repeated, tag = "1")]
    pub(crate) steps: Vec<u32>,
    #[prost(string, tag = "2")]
    pub(crate) bake: String,
    #[prost(int32, tag = "3")]
    pub(crate) gate: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Field {
    #[prost(int32, tag = "1")]
    pub(crate) sensitivity: i32,
    #[prost(int32, tag = "2")]
    pub(crate) mask: i32,
    #[prost(bool, tag = "3")]
    pub(crate) key: bool,
    #[prost(string, tag = "4")]
    pub(crate) claim: String,
    #[prost(string, tag = "5")]
    pub(crate) attribute: String,
    #[prost(string, repeated, tag = "6")]
    pub(crate) visible_to: Vec<String>,
}
