//! What one instance says to the registry, and how it stands there. No stream and no clock: events go in,
//! messages come out.

use crate::contracts::Declared;
use contract::Digest;
use contracts::treaty::v1::{
    Admitted, ContractRef, DescriptorSet, Readiness, Refusal, RegisterRequest, RegisterResponse,
    Registration, Wanted, register_request, register_response,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How an instance stands with the registry.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) enum Standing {
    /// No answer yet.
    #[default]
    Unknown,
    /// It may take traffic, governed by this Listener; the name is empty for a pure consumer.
    Admitted {
        /// The resource's name.
        listener: String,
        /// What it breaks that nothing gates.
        warnings: Vec<Refusal>,
    },
    /// It may not, and why.
    Refused(Vec<Refusal>),
}

/// One instance's side of the registry's stream.
#[derive(Debug)]
pub(crate) struct Registrant {
    registration: Registration,
    sets: BTreeMap<Digest, Arc<[u8]>>,
    ready: bool,
    standing: Standing,
}

/// What to do about an answer.
#[derive(Debug, PartialEq, Default)]
pub(crate) struct Reaction {
    /// To be sent, in this order.
    pub(crate) messages: Vec<RegisterRequest>,
    /// Set where the standing has changed.
    pub(crate) news: Option<Standing>,
    /// Digests that were asked for and are not ours.
    pub(crate) strange: Vec<String>,
}

impl Registrant {
    /// `registration` says everything but the contracts, which come from `declared`.
    pub(crate) fn new(registration: Registration, declared: &Declared) -> Self {
        let registration = Registration {
            serves: references(&declared.serves, &BTreeMap::new()),
            consumes: references(&declared.consumes, &declared.methods),
            ..registration
        };
        Self { registration, sets: declared.sets.clone(), ready: false, standing: Standing::Unknown }
    }

    /// What to say on a stream that has just been opened, be it the first or the hundredth.
    pub(crate) fn opened(&self) -> Vec<RegisterRequest> {
        let registration = register_request::Event::Registration(self.registration.clone());
        // Behind a registration at once: a control plane that restarted must not think us unready meanwhile.
        let readiness = self.ready.then_some(register_request::Event::Readiness(Readiness { ready: true }));
        [registration].into_iter().chain(readiness).map(request).collect()
    }

    /// Takes an answer.
    pub(crate) fn heard(&mut self, response: RegisterResponse) -> Reaction {
        match response.event {
            Some(register_response::Event::Wanted(wanted)) => self.wanted(&wanted),
            Some(register_response::Event::Admitted(Admitted { listener, warnings })) => {
                let messages = if self.ready { vec![readiness(true)] } else { Vec::new() };
                Reaction {
                    messages,
                    news: self.changed(Standing::Admitted { listener, warnings }),
                    strange: Vec::new(),
                }
            }
            Some(register_response::Event::Refused(refused)) => {
                Reaction { news: self.changed(Standing::Refused(refused.refusals)), ..Reaction::default() }
            }
            // A newer control plane's event: not for us.
            None => Reaction::default(),
        }
    }

    /// Whether this instance takes traffic has changed.
    pub(crate) fn turned(&mut self, ready: bool) -> Option<RegisterRequest> {
        let changed = self.ready != ready;
        self.ready = ready;
        changed.then(|| readiness(ready))
    }

    fn wanted(&self, wanted: &Wanted) -> Reaction {
        let mut reaction = Reaction::default();
        for digest in &wanted.digests {
            match Digest::parse(digest).and_then(|digest| self.sets.get(&digest)) {
                Some(bytes) => {
                    let set = DescriptorSet { digest: digest.clone(), bytes: bytes.to_vec() };
                    reaction.messages.push(request(register_request::Event::DescriptorSet(set)));
                }
                None => reaction.strange.push(digest.clone()),
            }
        }
        reaction
    }

    fn changed(&mut self, standing: Standing) -> Option<Standing> {
        let changed = self.standing != standing;
        self.standing = standing;
        changed.then(|| self.standing.clone())
    }
}

fn references(
    services: &BTreeMap<String, Digest>,
    methods: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<ContractRef> {
    let reference = |(service, digest): (&String, &Digest)| ContractRef {
        service: service.clone(),
        digest: digest.to_string(),
        methods: methods.get(service).into_iter().flatten().cloned().collect(),
    };
    services.iter().map(reference).collect()
}

fn readiness(ready: bool) -> RegisterRequest {
    request(register_request::Event::Readiness(Readiness { ready }))
}

const fn request(event: register_request::Event) -> RegisterRequest {
    RegisterRequest { event: Some(event) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Contracts;
    use contracts::treaty::v1::Refused;

    fn registrant() -> Registrant {
        let set = testkit::descriptor_set(&[("demo/v1/greeter.proto", testkit::GREETER)]);
        let declared = Contracts::serving(set).declared().unwrap();
        let registration = Registration { instance: "1".to_owned(), ..Registration::default() };
        Registrant::new(registration, &declared)
    }

    fn answer(event: register_response::Event) -> RegisterResponse {
        RegisterResponse { event: Some(event) }
    }

    fn admitted() -> RegisterResponse {
        answer(register_response::Event::Admitted(Admitted {
            listener: "l".to_owned(),
            warnings: Vec::new(),
        }))
    }

    fn refused(message: &str) -> RegisterResponse {
        let refusal = Refusal { message: message.to_owned(), ..Refusal::default() };
        answer(register_response::Event::Refused(Refused { refusals: vec![refusal] }))
    }

    #[test]
    fn a_registration_names_its_contracts_by_digest() {
        let opened = registrant().opened();
        let Some(register_request::Event::Registration(said)) = &opened[0].event else {
            panic!("{opened:?}")
        };
        assert_eq!(said.serves[0].service, "demo.v1.Greeter");
        assert!(said.serves[0].digest.starts_with("sha256:"));
        assert_eq!(opened.len(), 1, "not ready yet");
    }

    #[test]
    fn a_consumer_says_which_methods_it_calls_if_it_knows() {
        let set = testkit::descriptor_set(&[("demo/v1/greeter.proto", testkit::GREETER)]);
        let said = |contracts: Contracts| {
            let registrant = Registrant::new(Registration::default(), &contracts.declared().unwrap());
            registrant.registration.consumes[0].methods.clone()
        };
        assert_eq!(said(Contracts::none().consuming(set.clone())), Vec::<String>::new());
        assert_eq!(said(Contracts::none().consuming_methods(set, ["SayHello"])), ["SayHello"]);
    }

    #[test]
    fn only_what_is_wanted_is_uploaded() {
        let mut registrant = registrant();
        let known = registrant.registration.serves[0].digest.clone();
        let strange = Digest::of(b"other").to_string();
        let wanted = Wanted { digests: vec![known.clone(), strange.clone(), "nonsense".to_owned()] };
        let reaction = registrant.heard(answer(register_response::Event::Wanted(wanted)));
        let Some(register_request::Event::DescriptorSet(set)) = &reaction.messages[0].event else { panic!() };
        assert_eq!(
            (set.digest.as_str(), Digest::of(&set.bytes).to_string()),
            (known.as_str(), known.clone())
        );
        assert_eq!(reaction.strange, [strange, "nonsense".to_owned()]);
    }

    #[test]
    fn what_is_consumed_is_shown_and_uploaded_as_what_is_served() {
        let set = testkit::descriptor_set(&[("demo/v1/greeter.proto", testkit::GREETER)]);
        let declared = Contracts::none().consuming(set.clone()).declared().unwrap();
        let mut registrant = Registrant::new(Registration::default(), &declared);
        let view = registrant.registration.consumes[0].clone();
        assert_eq!((view.service.as_str(), view.digest), ("demo.v1.Greeter", Digest::of(&set).to_string()));
        let wanted = Wanted { digests: vec![Digest::of(&set).to_string()] };
        let reaction = registrant.heard(answer(register_response::Event::Wanted(wanted)));
        let Some(register_request::Event::DescriptorSet(sent)) = &reaction.messages[0].event else {
            panic!()
        };
        assert_eq!(sent.bytes, set);
    }

    #[test]
    fn each_change_of_standing_is_news_once() {
        let mut registrant = registrant();
        assert!(matches!(registrant.heard(refused("claimed")).news, Some(Standing::Refused(_))));
        assert_eq!(registrant.heard(refused("claimed")).news, None);
        assert!(matches!(registrant.heard(refused("lint")).news, Some(Standing::Refused(_))));
        let now = registrant.heard(admitted()).news;
        assert_eq!(
            now,
            Some(Standing::Admitted { listener: "l".to_owned(), warnings: Vec::new() }),
            "re-admitted without a restart"
        );
        assert_eq!(registrant.heard(admitted()).news, None);
    }

    #[test]
    fn readiness_survives_a_new_stream() {
        let mut registrant = registrant();
        assert_eq!(registrant.heard(admitted()).messages, []);
        assert_eq!(registrant.turned(true), Some(readiness(true)));
        assert_eq!(registrant.turned(true), None);
        assert_eq!(registrant.opened()[1], readiness(true));
        assert_eq!(registrant.heard(admitted()).messages, [readiness(true)]);
        assert_eq!(registrant.turned(false), Some(readiness(false)));
        assert_eq!(registrant.opened().len(), 1);
    }

    #[test]
    fn an_event_from_the_future_is_ignored() {
        assert_eq!(registrant().heard(RegisterResponse { event: None }), Reaction::default());
    }
}
