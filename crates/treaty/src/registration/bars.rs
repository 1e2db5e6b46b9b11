//! What a refused process must not call: the services over whose contracts it was refused as a consumer. Who
//! provides them is shown to it all the same, unlike to clients that cannot say why they do not call.

use super::Standing;
use contracts::treaty::v1::{Break, Refusal};
use stack::{
    client::Bar,
    status::{MeshError, Reason},
};
use std::collections::BTreeMap;

/// One for each service that is consumed. Open at first: a start does not wait for the verdict.
#[derive(Debug)]
pub(crate) struct Bars {
    /// This process's own workload.
    workload: String,
    of: BTreeMap<String, Bar>,
    /// Whoever was admitted once runs, and is not stopped by who came after.
    admitted: bool,
}

impl Bars {
    pub(crate) fn new<'a>(workload: String, services: impl IntoIterator<Item = &'a String>) -> Self {
        let of = services.into_iter().map(|service| (service.clone(), Bar::default())).collect();
        Self { workload, of, admitted: false }
    }

    /// All of them, by service.
    pub(crate) fn of(&self) -> BTreeMap<String, Bar> {
        self.of.clone()
    }

    /// The standing is another one.
    pub(super) fn stand(&mut self, standing: &Standing) {
        self.admitted |= matches!(standing, Standing::Admitted { .. });
        let refusals = match standing {
            Standing::Refused(refusals) if !self.admitted => refusals.as_slice(),
            _ => &[],
        };
        for (service, bar) in &self.of {
            let over = refusals.iter().find_map(|refusal| self.over(service, refusal));
            over.map_or_else(|| bar.open(), |reason| bar.shut(reason));
        }
    }

    /// What a refusal means for calls of `service`, if anything.
    fn over(&self, service: &str, refusal: &Refusal) -> Option<MeshError> {
        let Break { provider, consumer, method, rule, .. } = refusal.breakage.as_ref()?;
        // "shop.catalog.v1.Catalog/GetProduct", or the service as a whole.
        let broken = method.split('/').next().unwrap_or_default();
        if *consumer != self.workload || broken != service {
            return None;
        }
        let message = format!("{consumer} was not admitted as a caller of {service}: {}", refusal.message);
        let error = MeshError::new(Reason::CallerNotAdmitted, message);
        let error = error.caller(consumer).with("provider", provider).with("service", service);
        let said = [("rule", rule), ("origin", &refusal.origin), ("remedy", &refusal.remedy)];
        let said = said.into_iter().filter(|(_, text)| !text.is_empty());
        Some(said.fold(error, |error, (key, text)| error.with(key, text)))
    }
}
