//! Which type is shown where.

use contract::{
    Contract,
    schema::{FieldKind, Schema},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Types that one page of a package shows: browsers are slow with more.
const MOST: usize = 250;

/// Where every type that is shown is at home.
pub(super) struct Links {
    /// By full name, the page.
    homes: BTreeMap<String, Rc<Home>>,
    packages: BTreeMap<String, Vec<Rc<Home>>>,
}

/// A page with types of a package. Of several, each has a part of them.
pub(super) struct Home {
    pub(super) path: String,
    package: String,
    pub(super) types: BTreeSet<String>,
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
        let mut packages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in declared(schema) {
            let package = package_of(schema, name);
            let vocabulary = VOCABULARY.iter().any(|root| is_within(package, root));
            let shown = if contract.services.is_empty() { !vocabulary } else { own.contains(package) };
            if shown || reached.contains(name) {
                packages.entry(package).or_default().push(name);
            }
        }
        let packages: BTreeMap<_, _> = packages
            .into_iter()
            .map(|(package, types)| (package.to_owned(), homes(package, &types)))
            .collect();
        let all = packages.values().flatten();
        let homes =
            all.flat_map(|home| home.types.iter().map(|name| (name.clone(), Rc::clone(home)))).collect();
        Self { homes, packages }
    }

    /// The packages that have types to show, sorted.
    pub(super) fn packages(&self) -> impl Iterator<Item = &str> {
        self.packages.keys().map(String::as_str)
    }

    /// The package of a type that is shown.
    pub(super) fn package(&self, name: &str) -> Option<&str> {
        self.homes.get(name).map(|home| home.package.as_str())
    }

    /// The page on which a type is at home.
    pub(super) fn page(&self, name: &str) -> Option<&str> {
        self.homes.get(name).map(|home| home.path.as_str())
    }

    /// The pages that show the types of a package; those are sorted.
    pub(super) fn homes(&self, package: &str) -> &[Rc<Home>] {
        self.packages.get(package).map_or(&[], Vec::as_slice)
    }

    /// The types of a package, sorted.
    pub(super) fn types(&self, package: &str) -> impl Iterator<Item = &String> {
        self.homes(package).iter().flat_map(|home| &home.types)
    }

    pub(super) fn reach<'n>(
        &self,
        schema: &Schema,
        roots: impl Iterator<Item = &'n str>,
    ) -> BTreeSet<String> {
        reach(schema, roots)
    }
}

/// One page for few types, which is the package's own; several for many.
fn homes(package: &str, types: &[&str]) -> Vec<Rc<Home>> {
    let (own, all) = (of_package(package), types.len());
    let home = |(part, types): (usize, &[&str])| {
        // No package's name has a part that begins with a digit.
        let path = if types.len() == all {
            own.clone()
        } else {
            format!("{}.{}.html", own.trim_end_matches(".html"), part + 1)
        };
        let types = types.iter().map(|name| (*name).to_owned()).collect();
        Rc::new(Home { path, package: package.to_owned(), types })
    };
    types.chunks(MOST).enumerate().map(home).collect()
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
