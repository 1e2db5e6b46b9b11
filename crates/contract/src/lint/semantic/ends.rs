//! Promises, and what replaces them.

use super::OfMethod;
use crate::{
    lint::{judge::Judge, standard::Version},
    model::Contract,
};

/// `treaty.v1.Stability.STABLE`.
const STABLE: i32 = 3;

pub(super) fn check(contract: &Contract, of: &OfMethod<'_>, judge: &mut Judge<'_>) {
    let package = &of.of.file.file.package;
    let unstable = Version::of_package(package).is_some_and(|version| !version.stable);
    let own = of.said.stability == STABLE;
    if own && unstable {
        let message = format!("{} is STABLE, and its package {package} is not", of.name());
        let remedy = "move it to a package whose version is stable, or promise less";
        judge.found("stability-contradicts-package", of.at(&[7]), message, remedy);
    }
    // What `defaults` say is found there.
    if of.said.replaced_by.is_empty() {
        return;
    }
    if !of.method.deprecated.value {
        let message = format!("{} is replaced by {}, and is not deprecated", of.name(), of.said.replaced_by);
        let remedy = "add `option deprecated = true;`, so that generated code warns its callers";
        judge.found("replaced-by-without-deprecated", of.at(&[9]), message, remedy);
    }
    let target = of.said.replaced_by.split_once('/').and_then(|(service, method)| {
        contract.service(service)?.methods.iter().find(|found| found.path.method() == method)
    });
    if let Some(target) = target.filter(|found| found.deprecated.value && found.path != of.method.path) {
        let message =
            format!("{} is replaced by {}, which is deprecated too", of.name(), of.said.replaced_by);
        let remedy = target.policy.replaced_by.value.as_ref().map_or_else(
            || "name what is there to stay".to_owned(),
            |last| format!("name what replaces that one: \"{last}\""),
        );
        judge.found("replaced-by-deprecated", of.at(&[9]), message, remedy);
    }
}
