//! TLS contexts. Certificates come from the provider instance "mesh" of a client's bootstrap file (gRFC
//! A29); nothing secret travels over xDS.

use super::common::{Fault, any, missing, unpack, unusable};
use envoy_types::pb::{
    envoy::{
        config::core::v3::{TransportSocket, transport_socket::ConfigType},
        extensions::transport_sockets::tls::v3::{
            CertificateProviderPluginInstance, CertificateValidationContext, CommonTlsContext,
            DownstreamTlsContext, SubjectAltNameMatcher, UpstreamTlsContext,
            common_tls_context::ValidationContextType, subject_alt_name_matcher::SanType,
        },
        r#type::matcher::v3::{StringMatcher, string_matcher::MatchPattern},
    },
    google::protobuf::BoolValue,
};
use identity::SpiffeId;

/// The certificate provider instance that a bootstrap file must define.
pub(super) const PROVIDER: &str = "mesh";
/// What Envoy calls this transport socket; gRPC demands the name.
const SOCKET: &str = "envoy.transport_sockets.tls";

/// Towards a server that must be `expect`.
pub(super) fn upstream(expect: &SpiffeId) -> TransportSocket {
    let context = UpstreamTlsContext {
        common_tls_context: Some(common(Some(expect))),
        ..UpstreamTlsContext::default()
    };
    socket(ConfigType::TypedConfig(any(&context)))
}

/// Towards clients, who need a certificate unless `anonymous`.
pub(super) fn downstream(anonymous: bool) -> TransportSocket {
    let context = DownstreamTlsContext {
        common_tls_context: Some(common(None)),
        require_client_certificate: Some(BoolValue { value: !anonymous }),
        ..DownstreamTlsContext::default()
    };
    socket(ConfigType::TypedConfig(any(&context)))
}

fn socket(config: ConfigType) -> TransportSocket {
    TransportSocket { name: SOCKET.to_owned(), config_type: Some(config) }
}

fn common(expect: Option<&SpiffeId>) -> CommonTlsContext {
    let provider = CertificateProviderPluginInstance {
        instance_name: PROVIDER.to_owned(),
        ..CertificateProviderPluginInstance::default()
    };
    let context = CertificateValidationContext {
        ca_certificate_provider_instance: Some(provider.clone()),
        ..names(expect)
    };
    CommonTlsContext {
        tls_certificate_provider_instance: Some(provider),
        validation_context_type: Some(ValidationContextType::ValidationContext(context)),
        ..CommonTlsContext::default()
    }
}

/// Both forms of the SAN matcher: gRPC's C core and Go enforce the deprecated one only, and ignore the
/// typed one without a word; others read the typed one.
#[allow(deprecated, reason = "the deprecated field is the one that gRPC enforces")]
fn names(expect: Option<&SpiffeId>) -> CertificateValidationContext {
    let matcher = |id: &SpiffeId| StringMatcher {
        match_pattern: Some(MatchPattern::Exact(id.to_string())),
        ..StringMatcher::default()
    };
    let typed = |id: &SpiffeId| SubjectAltNameMatcher {
        san_type: SanType::Uri as i32,
        matcher: Some(matcher(id)),
        ..SubjectAltNameMatcher::default()
    };
    CertificateValidationContext {
        match_subject_alt_names: expect.map(matcher).into_iter().collect(),
        match_typed_subject_alt_names: expect.map(typed).into_iter().collect(),
        ..CertificateValidationContext::default()
    }
}

/// The one identity that [`upstream`] names.
#[allow(deprecated, reason = "both forms must say the same")]
pub(super) fn read_upstream(socket: Option<&TransportSocket>) -> Result<SpiffeId, Fault> {
    const WANT: &str = "a Treaty data plane does not call without TLS";
    const NAMES: &str = "match_typed_subject_alt_names";
    let Some(ConfigType::TypedConfig(config)) = socket.and_then(|socket| socket.config_type.as_ref()) else {
        return Err(missing("transport_socket", WANT));
    };
    let context: UpstreamTlsContext = unpack(config, "transport_socket")?;
    let validation = context.common_tls_context.and_then(|common| common.validation_context_type);
    let Some(ValidationContextType::ValidationContext(validation)) = validation else {
        return Err(missing("validation_context", WANT));
    };
    let [SubjectAltNameMatcher { matcher: Some(typed), .. }] =
        validation.match_typed_subject_alt_names.as_slice()
    else {
        return Err(missing(NAMES, "exactly one SPIFFE ID is expected"));
    };
    if validation.match_subject_alt_names.as_slice() != std::slice::from_ref(typed) {
        return Err(missing("match_subject_alt_names", "it must say the same as the typed form"));
    }
    let Some(MatchPattern::Exact(id)) = &typed.match_pattern else {
        return Err(missing(NAMES, "a SPIFFE ID is matched as a whole, not in part"));
    };
    id.parse().map_err(|error| unusable(NAMES, error, "a SPIFFE ID is expected"))
}
