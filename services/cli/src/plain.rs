//! What others wrote, before a terminal shows it. Nothing of it may move the cursor, set colours or a title,
//! or turn the direction of reading.

use contracts::treaty::v1::{
    AdsClientStatus, AdsTypeStatus, AuditEvent, Break, Declaration, Example, InstanceStatus, MeshStatus,
    Refusal, ServedContract,
};

/// The same state, in plain text.
pub(crate) fn mesh(mut status: MeshStatus) -> MeshStatus {
    let MeshStatus { trust_domain, version, instances, contracts, ads_clients, audit, omitted: _ } =
        &mut status;
    texts([trust_domain, version]);
    instances.iter_mut().for_each(instance);
    for ServedContract { service, digest, workload, public: _ } in contracts {
        texts([service, digest, workload]);
    }
    ads_clients.iter_mut().for_each(client);
    for AuditEvent { time: _, kind, workload, message } in audit {
        texts([kind, workload, message]);
    }
    status
}

/// An instance, in plain text.
pub(crate) fn instance(instance: &mut InstanceStatus) {
    let InstanceStatus {
        workload,
        instance,
        version,
        address,
        metrics_address,
        refusals,
        warnings,
        serves,
        consumes,
        ..
    } = instance;
    texts([workload, instance, version, address, metrics_address]);
    refusals.iter_mut().chain(warnings).for_each(refusal);
    texts(serves.iter_mut().chain(consumes));
}

/// A refusal or a warning, in plain text.
pub(crate) fn refusal(refusal: &mut Refusal) {
    let Refusal { reason, message, origin, remedy, breakage } = refusal;
    texts([reason, message, origin, remedy]);
    breakage.iter_mut().for_each(self::breakage);
}

fn breakage(breakage: &mut Break) {
    let Break {
        provider,
        owner,
        consumer,
        method,
        direction,
        encoding,
        path,
        rule,
        level,
        when,
        written,
        read,
        example,
    } = breakage;
    texts([provider, owner, consumer, method, direction, encoding, path, rule, level, when]);
    for Declaration { text, origin } in written.iter_mut().chain(read.iter_mut()) {
        texts([text, origin]);
    }
    if let Some(Example { bytes: _, written, read }) = example {
        texts([written, read]);
    }
}

fn client(client: &mut AdsClientStatus) {
    let AdsClientStatus { workload, node, user_agent, types, not_enforced } = client;
    texts([workload, node, user_agent]);
    for AdsTypeStatus { type_url, acked_version, sent_version, nack } in types {
        texts([type_url, acked_version, sent_version, nack]);
    }
    texts(not_enforced);
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    for text in texts {
        if text.contains(steers) {
            *text = self::text(text);
        }
    }
}

/// The same text as one plain line.
pub(crate) fn text(text: &str) -> String {
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Control characters (C0, DEL, C1), line and paragraph separators, and the bidirectional controls of
/// Unicode Standard Annex 9.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
