//! What people read about a registration.

use super::Standing;
use contracts::treaty::v1::Refusal;
use tonic::Status;

/// The standing has changed.
pub(super) fn news(standing: &Standing) {
    match standing {
        Standing::Unknown => {}
        Standing::Admitted { listener } if listener.is_empty() => tracing::info!("admitted to the mesh"),
        Standing::Admitted { listener } => tracing::info!(listener, "admitted to the mesh"),
        Standing::Refused(refusals) if refusals.is_empty() => {
            tracing::error!("not admitted to the mesh; the control plane gives no reason");
        }
        Standing::Refused(refusals) => refusals.iter().for_each(refusal),
    }
}

/// The stream broke, and nothing else did.
pub(super) fn lost(control: &str, status: &Status) {
    let reason = status.message();
    tracing::warn!(
        control,
        reason,
        "no stream to the registry: going on with what is known, and trying again until it is back"
    );
}

fn refusal(refusal: &Refusal) {
    let Refusal { reason, .. } = refusal;
    tracing::error!(reason, "not admitted to the mesh: {}", sentence(refusal));
}

/// What is wrong, where, and what would be right.
fn sentence(refusal: &Refusal) -> String {
    let Refusal { reason: _, message, origin, remedy, breakage: _ } = refusal;
    let place = if origin.is_empty() { String::new() } else { format!(" ({origin})") };
    let way_out = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
    format!("{message}{place}{way_out}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_where_and_the_way_out() {
        let mut refused = Refusal {
            reason: "CONTRACT_CLAIMED".to_owned(),
            message: "`shop.catalog.v1.Catalog` is provided by shop/catalog; shop/orders claims it too"
                .to_owned(),
            origin: "shop/catalog/v1/catalog.proto:12:1".to_owned(),
            remedy: "let one of them serve it".to_owned(),
            breakage: None,
        };
        assert_eq!(
            sentence(&refused),
            "`shop.catalog.v1.Catalog` is provided by shop/catalog; shop/orders claims it too \
             (shop/catalog/v1/catalog.proto:12:1); let one of them serve it"
        );
        refused.origin.clear();
        refused.remedy.clear();
        assert_eq!(sentence(&refused), refused.message);
    }
}
