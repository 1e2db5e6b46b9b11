//! What a contract says about how it is run makes sense.
//!
//! Values that are wrong by themselves are found while the contract is read; what they mean together, here:
//! [`contract`] by the effective policy, which the control plane asks for too, and [`said`] by what is
//! written, effective or not.

mod callers;
mod defaults;
mod ends;
mod fields;
mod method;
mod rules;
mod running;
mod service;
mod times;

pub(super) use rules::RULES;

use super::{
    judge::Judge,
    kept::Sink,
    set::{FileAt, Set, descriptor, options},
};
use crate::{
    model::{Contract, Method, Service},
    origin::Origin,
    read::vocabulary,
};
use prost::Message as _;

/// By the effective policy of each method.
pub(super) fn contract(contract: &Contract, found: &mut impl Sink) {
    for service in &contract.services {
        service::check(service, found);
        for method in &service.methods {
            method::check(contract, service, method, found);
        }
    }
}

/// By what is written.
pub(super) fn said(contract: &Contract, set: &Set<'_>, judge: &mut Judge<'_>) {
    let ruled = running::ruled(set);
    for file in &set.files {
        for at in &file.services {
            let Some(service) = contract.service(&at.name) else { continue };
            let options = options::message(&at.it.options, TREATY.unsigned_abs()).unwrap_or_default();
            let said = vocabulary::Service::decode(options.as_slice()).unwrap_or_default();
            let of = OfService { file, path: &at.path, service, said: &said };
            callers::service(&of, judge);
            defaults::check(&of, judge);
            running::service(&of, judge);
            for (number, declared) in (0..).zip(&at.it.method) {
                let Some(method) = service.methods.get(usize::try_from(number).unwrap_or(usize::MAX)) else {
                    continue;
                };
                let said = method_said(declared);
                let of = OfMethod { of: &of, number, method, said: &said };
                callers::method(&of, judge);
                times::check(&of, judge);
                ends::check(contract, &of, judge);
                running::method(&of, &ruled, judge);
                fields::attributes(&of, judge);
            }
        }
    }
    fields::check(set, contract, judge);
}

/// The number of the vocabulary's option of services, methods and fields.
const TREATY: i32 = 50717;

fn method_said(declared: &descriptor::Method) -> vocabulary::Method {
    let options = options::message(&declared.options, TREATY.unsigned_abs()).unwrap_or_default();
    vocabulary::Method::decode(options.as_slice()).unwrap_or_default()
}

/// A service, and what is written of it.
struct OfService<'a> {
    file: &'a FileAt<'a>,
    path: &'a [i32],
    /// What comes of it.
    service: &'a Service,
    said: &'a vocabulary::Service,
}

impl OfService<'_> {
    /// Where a part of its option stands.
    fn at(&self, steps: &[i32]) -> Origin {
        self.file.places.at(&[self.path, &[3, TREATY], steps].concat())
    }
}

/// A method, and what is written of it.
struct OfMethod<'a> {
    of: &'a OfService<'a>,
    number: i32,
    /// What comes of it.
    method: &'a Method,
    said: &'a vocabulary::Method,
}

impl OfMethod<'_> {
    /// Where a part of its option stands.
    fn at(&self, steps: &[i32]) -> Origin {
        self.of.file.places.at(&[self.of.path, &[2, self.number, 4, TREATY], steps].concat())
    }

    /// "shop.till.v1.Till/Pay".
    fn name(&self) -> &str {
        self.method.path.as_str().trim_start_matches('/')
    }
}
