//! What the conversions share: `Any`, durations, origins, and what can be wrong.

use contract::{MethodPath, Origin};
use envoy_types::pb::{
    envoy::config::core::v3::{
        Address, AggregatedConfigSource, ApiVersion, ConfigSource, SocketAddress, address,
        config_source::ConfigSourceSpecifier, socket_address::PortSpecifier,
    },
    google::protobuf::{Any, Duration as WireDuration},
};
use prost::{Message, Name};
use std::{
    fmt::Display,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// What every type URL starts with; gRPC's clients refuse anything else.
pub(super) const TYPE_PREFIX: &str = "type.googleapis.com/";

/// Why a resource cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// The control plane left something out.
    #[error("`{field}` is not set: {want}")]
    Missing { field: &'static str, want: &'static str },
    /// The control plane sent something that means nothing here.
    #[error("`{field}` is {found}: {want}")]
    Unusable { field: &'static str, found: String, want: &'static str },
}

pub(super) fn missing(field: &'static str, want: &'static str) -> Fault {
    Fault::Missing { field, want }
}

pub(super) fn unusable(field: &'static str, found: impl Display, want: &'static str) -> Fault {
    Fault::Unusable { field, found: format!("`{found}`"), want }
}

/// `message` in an `Any`.
pub(super) fn any<M: Message + Name>(message: &M) -> Any {
    any_named(&M::full_name(), message.encode_to_vec())
}

/// An encoded message of this full name in an `Any`.
pub(super) fn any_named(full_name: &str, value: Vec<u8>) -> Any {
    Any { type_url: format!("{TYPE_PREFIX}{full_name}"), value }
}

/// The message in `any`, which must be of the wanted type.
pub(super) fn unpack<M: Message + Name + Default>(any: &Any, field: &'static str) -> Result<M, Fault> {
    unpack_named(&M::full_name(), any, field)
}

/// The message in `any`, which must have this full name.
pub(super) fn unpack_named<M: Message + Default>(
    full_name: &str,
    any: &Any,
    field: &'static str,
) -> Result<M, Fault> {
    if any.type_url.rsplit('/').next() != Some(full_name) {
        let want = "another type is expected here";
        return Err(unusable(field, &any.type_url, want));
    }
    M::decode(any.value.as_slice()).map_err(|error| unusable(field, error, "it must decode as its type says"))
}

/// "Over the stream that this came by."
pub(super) fn over_ads() -> ConfigSource {
    ConfigSource {
        resource_api_version: ApiVersion::V3 as i32,
        config_source_specifier: Some(ConfigSourceSpecifier::Ads(AggregatedConfigSource {})),
        ..ConfigSource::default()
    }
}

pub(super) fn duration(duration: Duration) -> WireDuration {
    let (seconds, nanos) = parts(duration);
    WireDuration { seconds, nanos }
}

pub(super) fn facts_duration(duration: Duration) -> prost_types::Duration {
    let (seconds, nanos) = parts(duration);
    prost_types::Duration { seconds, nanos }
}

/// Saturates at what protobuf allows: 315,576,000,000 s, some ten thousand years.
fn parts(duration: Duration) -> (i64, i32) {
    const MAX_SECONDS: u64 = 315_576_000_000;
    let nanos = i32::try_from(duration.subsec_nanos()).unwrap_or(0);
    match i64::try_from(duration.as_secs().min(MAX_SECONDS)) {
        Ok(seconds) if duration.as_secs() <= MAX_SECONDS => (seconds, nanos),
        Ok(seconds) => (seconds, 0),
        Err(_) => (i64::MAX, 0),
    }
}

/// The inverse of [`facts_duration`].
pub(super) fn read_duration(
    wire: Option<prost_types::Duration>,
    field: &'static str,
) -> Result<Option<Duration>, Fault> {
    let Some(prost_types::Duration { seconds, nanos }) = wire else { return Ok(None) };
    match (u64::try_from(seconds), u32::try_from(nanos)) {
        (Ok(seconds), Ok(nanos)) if nanos < 1_000_000_000 => Ok(Some(Duration::new(seconds, nanos))),
        _ => Err(unusable(field, format!("{seconds} s, {nanos} ns"), "a duration must not be negative")),
    }
}

/// "default", or the place.
pub(super) fn read_origin(text: String) -> Origin {
    Origin::from(text)
}

/// "/package.Service/Method".
pub(super) fn read_path(text: &str, field: &'static str) -> Result<MethodPath, Fault> {
    match text.strip_prefix('/').and_then(|rest| rest.split_once('/')) {
        Some((service, method)) if !service.is_empty() && !method.is_empty() && !method.contains('/') => {
            Ok(MethodPath::new(service, method))
        }
        _ => Err(unusable(field, text, "write \"/package.Service/Method\"")),
    }
}

pub(super) fn address(address: SocketAddr) -> Address {
    let socket = SocketAddress {
        address: address.ip().to_string(),
        port_specifier: Some(PortSpecifier::PortValue(address.port().into())),
        ..SocketAddress::default()
    };
    Address { address: Some(address::Address::SocketAddress(socket)) }
}

pub(super) fn read_address(wire: Option<Address>, field: &'static str) -> Result<SocketAddr, Fault> {
    const WANT: &str = "an IP address and a port number are needed; names are not resolved here";
    let Some(address::Address::SocketAddress(socket)) = wire.and_then(|address| address.address) else {
        return Err(missing(field, WANT));
    };
    let ip: IpAddr = socket.address.parse().map_err(|_| unusable(field, &socket.address, WANT))?;
    let Some(PortSpecifier::PortValue(port)) = socket.port_specifier else {
        return Err(missing(field, WANT));
    };
    let port = u16::try_from(port).map_err(|_| unusable(field, port, WANT))?;
    Ok(SocketAddr::new(ip, port))
}
