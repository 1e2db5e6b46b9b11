//! A service and its methods, from their descriptors and what they say about themselves.

use super::{
    ReadError,
    descriptor::{self, File, path},
    fields::Reachable,
    findings::Findings,
    places::Places,
    policy::{Layer, Said, join, method_option},
    schema::Schema,
    vocabulary,
};
use crate::{
    http::{self, Bound},
    model::{Idempotency, Method, MethodPath, Service},
    origin::Sourced,
    policy::{Balance, EjectPolicy, Gate, RolloutPolicy, ServicePolicy},
};
use std::collections::HashMap;

/// One file, while its services are read.
pub(crate) struct Reader<'a, 'b> {
    pub(crate) schema: &'a Schema,
    pub(crate) file: &'a File,
    pub(crate) places: &'a Places<'a>,
    pub(crate) reachable: &'b mut Reachable<'a>,
    pub(crate) findings: &'b mut Findings,
    pub(crate) http: &'b mut HashMap<MethodPath, Bound>,
}

impl Reader<'_, '_> {
    pub(crate) fn service(&mut self, at: i32, service: &descriptor::Service) -> Result<Service, ReadError> {
        let declared = [path::FILE_SERVICE, at];
        let option = join(&declared, &[path::SERVICE_OPTIONS, path::TREATY]);
        let name = match self.file.package.as_str() {
            "" => service.name.clone(),
            package => format!("{package}.{}", service.name),
        };
        let none = descriptor::ServiceOptions::default();
        let options = service.options.as_ref().unwrap_or(&none);
        let said: vocabulary::Service = self.decode("Service", &options.treaty, &name, &option)?;
        let defaults = said.defaults.clone().map(|options| Layer { options, path: join(&option, &[3]) });
        let of_service = OfService { name: &name, said: &said, option: &option, defaults: defaults.as_ref() };
        let deprecated = self.deprecated(options.deprecated, &join(&declared, &[path::SERVICE_OPTIONS]));
        let mut methods = Vec::with_capacity(service.method.len());
        for (position, method) in service.method.iter().enumerate() {
            let declared = join(&declared, &[path::SERVICE_METHOD, super::index::as_step(position)]);
            methods.push(self.method(&of_service, &deprecated, &declared, method)?);
        }
        Ok(Service {
            origin: self.places.at(&declared),
            documentation: super::readable(&self.places.comment(&declared)),
            deprecated,
            policy: self.service_policy(&said, &option),
            methods,
            name,
        })
    }

    fn method(
        &mut self,
        service: &OfService<'_>,
        service_deprecated: &Sourced<bool>,
        declared: &[i32],
        method: &descriptor::Method,
    ) -> Result<Method, ReadError> {
        let none = descriptor::MethodOptions::default();
        let options = method.options.as_ref().unwrap_or(&none);
        let path = MethodPath::new(service.name, &method.name);
        let option = method_option(declared);
        let label = format!("{}/{}", service.name, method.name);
        let own = Layer { options: self.decode("Method", &options.treaty, &label, &option)?, path: option };
        let standard = join(declared, &[path::METHOD_OPTIONS]);
        let bound = self.bindings(&options.http, &label, &join(&standard, &[path::HTTP]));
        if bound != Bound::default() {
            self.http.insert(path.clone(), bound);
        }
        let idempotency = self.idempotency(options.idempotency_level, &standard);
        let package =
            Sourced { value: self.file.package.clone(), origin: self.places.at(&[path::FILE_PACKAGE]) };
        let said = Said {
            places: self.places,
            service: service.said,
            service_path: service.option,
            own,
            defaults: service.defaults,
            idempotency: &idempotency,
            streaming: method.client_streaming || method.server_streaming,
            package: &package,
            method: &label,
        };
        let policy = said.policy(self.findings);
        let (input, output) = (unqualified(&method.input_type), unqualified(&method.output_type));
        let own_deprecated = self.deprecated(options.deprecated, &standard);
        Ok(Method {
            path,
            origin: self.places.at(declared),
            fields: self.reachable.of_method(&input, &output)?,
            input,
            output,
            client_streaming: method.client_streaming,
            server_streaming: method.server_streaming,
            idempotent: idempotency.value != Idempotency::IdempotencyUnknown,
            idempotency,
            deprecated: if own_deprecated.value { own_deprecated } else { service_deprecated.clone() },
            documentation: super::readable(&self.places.comment(declared)),
            policy,
        })
    }

    fn bindings(&mut self, statements: &[Vec<u8>], label: &str, option: &[i32]) -> Bound {
        let origin = self.places.at(option);
        http::bindings(statements, &origin, |reason| {
            let message = format!("the option (google.api.http) of `{label}` {reason}");
            self.findings.warning(
                "http-binding",
                &origin,
                message,
                "give each binding a verb and a path: get: \"/v1/orders\"",
            );
        })
    }

    fn service_policy(&mut self, said: &vocabulary::Service, option: &[i32]) -> ServicePolicy {
        let at = |field: i32| self.places.at(&join(option, &[field]));
        let mut policy = ServicePolicy::default();
        if !said.owner.is_empty() {
            policy.owner = Sourced { value: said.owner.clone(), origin: at(1) };
        }
        if said.max_in_flight > 0 {
            policy.max_in_flight = Sourced { value: said.max_in_flight, origin: at(4) };
        }
        let balance = match said.balance {
            1 => Some(Balance::LeastRequest),
            2 => Some(Balance::RoundRobin),
            3 => Some(Balance::RingHash),
            _ => None,
        };
        if let Some(value) = balance {
            policy.balance = Sourced { value, origin: at(5) };
        }
        if let Some(eject) = &said.eject {
            policy.eject = self.eject(eject, &join(option, &[6]));
        }
        if let Some(rollout) = &said.rollout {
            policy.rollout = self.rollout(rollout, &join(option, &[7]));
        }
        policy
    }

    fn eject(&mut self, said: &vocabulary::Eject, option: &[i32]) -> Sourced<EjectPolicy> {
        let at = |field: i32| self.places.at(&join(option, &[field]));
        let mut value = EjectPolicy::default();
        for (what, said, at, field) in [
            ("eject.min_success_percent", said.min_success_percent, at(1), &mut value.min_success_percent),
            ("eject.max_percent", said.max_percent, at(5), &mut value.max_percent),
        ] {
            match said {
                0 => {}
                1..=100 => *field = said,
                _ => {
                    let message = format!("{what}: {said} is no percentage");
                    self.findings.error("bad-percent", &at, message, "write a number from 1 to 100");
                }
            }
        }
        if said.min_requests > 0 {
            value.min_requests = said.min_requests;
        }
        value.interval =
            self.findings.duration("eject.interval", &said.interval, &at(3)).unwrap_or(value.interval);
        value.base = self.findings.duration("eject.base", &said.base, &at(4)).unwrap_or(value.base);
        Sourced { value, origin: self.places.at(option) }
    }

    fn rollout(&mut self, said: &vocabulary::Rollout, option: &[i32]) -> Sourced<RolloutPolicy> {
        let at = |field: i32| self.places.at(&join(option, &[field]));
        let mut value = RolloutPolicy::default();
        let rising = said.steps.iter().zip(said.steps.iter().skip(1)).all(|(one, next)| one < next);
        if !said.steps.is_empty() {
            if rising && said.steps.first() > Some(&0) && said.steps.last() == Some(&100) {
                value.steps.clone_from(&said.steps);
            } else {
                let message = format!("rollout.steps: {:?} does not rise from above 0 to 100", said.steps);
                let remedy = "write for example [1, 10, 50, 100]";
                self.findings.error("bad-rollout-steps", &at(1), message, remedy);
            }
        }
        value.bake = self.findings.duration("rollout.bake", &said.bake, &at(2)).unwrap_or(value.bake);
        value.gate = match said.gate {
            2 => Gate::Strict,
            3 => Gate::Report,
            _ => Gate::Consumers,
        };
        Sourced { value, origin: self.places.at(option) }
    }

    fn idempotency(&self, level: i32, options: &[i32]) -> Sourced<Idempotency> {
        let value = match level {
            1 => Idempotency::NoSideEffects,
            2 => Idempotency::Idempotent,
            _ => return Sourced::default(),
        };
        Sourced { value, origin: self.places.at(&join(options, &[path::IDEMPOTENCY_LEVEL])) }
    }

    fn deprecated(&self, deprecated: bool, options: &[i32]) -> Sourced<bool> {
        if !deprecated {
            return Sourced::default();
        }
        Sourced { value: true, origin: self.places.at(&join(options, &[path::DEPRECATED])) }
    }

    fn decode<M>(&self, kind: &str, statements: &[Vec<u8>], of: &str, option: &[i32]) -> Result<M, ReadError>
    where
        M: prost::Message + Default,
    {
        self.schema.decode(kind, statements).map_err(|reason| ReadError::Option {
            of: of.to_owned(),
            origin: self.places.at(option),
            reason,
        })
    }
}

/// What a service's methods see of it.
struct OfService<'a> {
    name: &'a str,
    said: &'a vocabulary::Service,
    option: &'a [i32],
    defaults: Option<&'a Layer>,
}

fn unqualified(name: &str) -> String {
    name.strip_prefix('.').unwrap_or(name).to_owned()
}
