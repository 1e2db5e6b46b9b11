use super::*;
use crate::plain;
use contracts::treaty::v1::{AdsTypeStatus, Refusal};

fn client(nack: &str, not_enforced: &[&str]) -> AdsClientStatus {
    AdsClientStatus {
        workload: "demo/client".to_owned(),
        node: "c\u{1b}[2J".to_owned(),
        user_agent: "gRPC Go 1".to_owned(),
        types: vec![AdsTypeStatus {
            type_url: "type.googleapis.com/envoy.config.cluster.v3.Cluster".to_owned(),
            acked_version: "6".to_owned(),
            sent_version: "7".to_owned(),
            nack: nack.to_owned(),
        }],
        not_enforced: not_enforced.iter().map(|&line| line.to_owned()).collect(),
    }
}

/// As people see it, without colours.
fn shown(status: MeshStatus) -> String {
    anstream::adapter::strip_str(&human(&plain::mesh(status), &[])).to_string()
}

#[test]
fn a_nack_is_shown_with_what_the_client_keeps_and_does_not_enforce() {
    let clients = vec![client("no EDS", &["deadlines of demo.v1.Greeter"]), client("", &[])];
    let text = shown(MeshStatus { ads_clients: clients, ..MeshStatus::default() });
    let lines: Vec<_> = text.lines().skip_while(|line| !line.starts_with("xDS clients")).collect();
    assert_eq!(
        lines,
        [
            "xDS clients with something to say",
            "  demo/client (c\u{fffd}[2J, gRPC Go 1)",
            "    NACK type.googleapis.com/envoy.config.cluster.v3.Cluster version 7: no EDS",
            "      keeps version 6",
            "    does not enforce: deadlines of demo.v1.Greeter",
        ]
    );
}

#[test]
fn nothing_that_others_wrote_steers_the_terminal() {
    let evil = "x\u{1b}]0;owned\u{7}\r\n\u{9b}31m\u{202e}";
    let text = || evil.to_owned();
    let refusal = Refusal { reason: text(), message: text(), origin: text(), remedy: text(), breakage: None };
    let instance = InstanceStatus {
        workload: text(),
        instance: text(),
        version: text(),
        address: text(),
        refusals: vec![refusal],
        truncated: true,
        ..InstanceStatus::default()
    };
    let client = AdsClientStatus { user_agent: text(), ..client(evil, &[evil]) };
    let status = MeshStatus {
        version: text(),
        instances: vec![instance],
        ads_clients: vec![client],
        ..MeshStatus::default()
    };
    let colourless = human(&plain::mesh(status), &[]).replace('\u{1b}', "");
    // Of what the terminal gets, the escapes of our own styles are the only ones: none follows an "x".
    assert!(!colourless.contains(['\u{7}', '\r', '\u{9b}', '\u{202e}']), "{colourless:?}");
    assert!(!colourless.contains("x]0;"), "{colourless:?}");
}

#[test]
fn what_is_left_out_is_said() {
    let omitted = Some(Omitted { instances: 3, contracts: 0, ads_clients: 2 });
    let text = shown(MeshStatus { omitted, ..MeshStatus::default() });
    assert!(text.contains("and 3 more instances, too many to be told"), "{text}");
    assert!(text.contains("and 2 more xDS clients") && !text.contains("contracts"), "{text}");
}

#[test]
fn a_control_plane_that_refuses_is_told_from_one_that_is_not_there() {
    let place = Path::new("/state");
    let refuses = Failure::Refuses("RESOURCE_EXHAUSTED: too large".to_owned()).at(place);
    assert_eq!(refuses, "the control plane at /state does not say its state: RESOURCE_EXHAUSTED: too large");
    assert!(Failure::Silent("no address".to_owned()).at(place).contains("is `treaty up` running?"));
}
