//! Which type is shown where.

use contract::{
    Contract,
    schema::{FieldKind, Schema},
};
use std::collections::{BTreeMap, BTreeSet};

/// Where every type that is shown is at home.
pub(super) struct Links {
    /// Types by full name, with their packages.
    packages: BTreeMap<String, String>,
}

/// What contracts import rather than say.
const VOCABULARY: [&str; 4] = ["google", "buf.validate", "treaty.v1", "grpc"];

impl Links {
    /// All types that services reach, and whatever else the packages of services declare. Without any
    /// service, all that is no vocabulary.
    pub(super) fn of(contract: &Contract, schema: &Schema) -> Self {
        let methods = contract.services.iter().flat_map(|service| &service.methods);
        let reached = reach(schema, methods.flat_map(|method| [method.input.as_str(), &method.output]));
        let own: BTreeSet<&str> =
            contract.services.iter().map(|service| super::site::package_of(&service.name)).collect();
        let mut packages = BTreeMap::new();
        for name in declared(schema) {
            let package = package_of(schema, name);
            let vocabulary = VOCABULARY.iter().any(|root| is_within(package, root));
            let shown = if contract.services.is_empty() { !vocabulary } else { own.contains(package) };
            if shown || reached.contains(name) {
                packages.insert(name.to_owned(), package.to_owned());
            }
        }
        Self { packages }
    }

    /// The packages that have types to show, sorted.
    pub(super) fn packages(&self) -> impl Iterator<Item = &str> {
        let all: BTreeSet<&str> = self.packages.values().map(String::as_str).collect();
        all.into_iter()
    }

    /// The package of a type that is shown.
    pub(super) fn package(&self, name: &str) -> Option<&str> {
        self.packages.get(name).map(String::as_str)
    }

    /// The types of a package, sorted.
    pub(super) fn types(&self, package: &str) -> BTreeSet<String> {
        let within = self.packages.iter().filter(|(_, of)| *of == package);
        within.map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn reach<'n>(
        &self,
        schema: &Schema,
        roots: impl Iterator<Item = &'n str>,
    ) -> BTreeSet<String> {
        reach(schema, roots)
    }
}

/// The types that these messages are made of, themselves included; entries of maps are not named.
fn reach<'n>(schema: &Schema, roots: impl Iterator<Item = &'n str>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut pending: Vec<_> = roots.filter_map(|name| schema.message_id(name)).collect();
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        let message = schema.message_at(id);
        if !message.map_entry {
            reached.insert(message.name.clone());
        }
        for field in &message.fields {
            match field.kind {
                FieldKind::Enum(id) => _ = reached.insert(schema.enum_at(id).name.clone()),
                kind => pending.extend(kind.message()),
            }
        }
    }
    reached
}

/// The full names of all messages and enums.
fn declared(schema: &Schema) -> BTreeSet<&str> {
    let messages = schema.messages().filter(|message| !message.map_entry);
    let fields = schema.messages().flat_map(|message| &message.fields);
    let enums = fields.filter_map(|field| match field.kind {
        FieldKind::Enum(id) => Some(schema.enum_at(id).name.as_str()),
        _ => None,
    });
    messages.map(|message| message.name.as_str()).chain(enums).collect()
}

/// What is left of a type's name without its own and those of the messages around it.
fn package_of<'n>(schema: &Schema, name: &'n str) -> &'n str {
    let mut scope = name;
    loop {
        scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
        if schema.message_id(scope).is_none() {
            return scope;
        }
    }
}

fn is_within(package: &str, root: &str) -> bool {
    package.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The page of a service.
pub(super) fn of_service(name: &str) -> String {
    format!("services/{name}.html")
}

/// The page of a package.
pub(super) fn of_package(name: &str) -> String {
    if name.is_empty() { "packages/_.html".to_owned() } else { format!("packages/{name}.html") }
}

/// How a page is reached from another.
pub(super) fn relative(from: &str, to: &str) -> String {
    let up = "../".repeat(from.matches('/').count());
    match (from.rsplit_once('/'), to.rsplit_once('/')) {
        (Some((here, _)), Some((there, file))) if here == there => file.to_owned(),
        _ => format!("{up}{to}"),
    }
}
