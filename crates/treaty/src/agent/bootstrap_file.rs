//! gRPC's xDS bootstrap file (gRFC A27; TLS to the control plane by gRFC A65; certificate providers by A29;
//! servers by A36).

use crate::Config;
use identity::SpiffeId;
use serde_json::{Value, json};
use std::path::Path;

/// The provider instance that the control plane's resources name.
const PROVIDER: &str = "mesh";
/// How often clients look for new certificates: short against the shortest lifetime.
const REFRESH: &str = "5s";

/// The content of the file, for certificate files in `directory`.
pub(super) fn render(config: &Config, id: &SpiffeId, directory: &Path) -> Value {
    let files = json!({
        "certificate_file": directory.join(super::files::CERTIFICATE),
        "private_key_file": directory.join(super::files::KEY),
        "ca_certificate_file": directory.join(super::files::BUNDLE),
        "refresh_interval": REFRESH,
    });
    json!({
        "xds_servers": [{
            "server_uri": config.control,
            "channel_creds": [{ "type": "tls", "config": files }],
            "server_features": ["xds_v3"],
        }],
        "node": {
            "id": config.instance,
            "cluster": id.workload().to_string(),
            "locality": { "region": config.locality.region, "zone": config.locality.zone },
        },
        "certificate_providers": { PROVIDER: { "plugin_name": "file_watcher", "config": files } },
        "server_listener_resource_name_template": "grpc/server?xds.resource.listening_address=%s",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_control_plane_the_files_and_the_workload() {
        let mut config = Config::new("127.0.0.1:15010", "/b".into(), "/t".into());
        config.instance = "py-1".to_owned();
        let id = "spiffe://treaty.local/ns/shop/sa/reports".parse().unwrap();
        let file = render(&config, &id, Path::new("/run/treaty"));
        let server = &file["xds_servers"][0];
        assert_eq!(server["server_uri"], "127.0.0.1:15010");
        assert_eq!(server["channel_creds"][0]["type"], "tls");
        assert_eq!(server["channel_creds"][0]["config"]["private_key_file"], "/run/treaty/key.pem");
        assert_eq!(
            file["certificate_providers"]["mesh"]["config"]["ca_certificate_file"],
            "/run/treaty/bundle.pem"
        );
        assert_eq!(file["node"]["id"], "py-1");
        assert_eq!(file["node"]["cluster"], "shop/reports");
    }
}
