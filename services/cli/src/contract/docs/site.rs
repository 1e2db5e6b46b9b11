//! What is shown, and the pages that show it.

use super::{calls::Calls, index, links::Links, search, service, types};
use contract::{Contract, ReadError, Service, comments::Comments, schema::Schema};
use sample::Sampler;
use std::{collections::BTreeSet, sync::Arc};

/// How the site is dressed.
pub(super) struct Look {
    pub(super) title: String,
    /// Where examples send their calls.
    pub(super) address: String,
}

/// A file of the site.
pub(super) struct Page {
    /// Below the site's folder, with slashes.
    pub(super) path: String,
    pub(super) text: String,
}

/// Everything that pages are made of.
pub(super) struct Site {
    pub(super) look: Look,
    pub(super) contract: Contract,
    pub(super) schema: Schema,
    pub(super) comments: Arc<Comments>,
    pub(super) sampler: Sampler,
    pub(super) links: Links,
    /// What was called, where the site is that of a running mesh.
    pub(super) calls: Option<Calls>,
}

impl Site {
    pub(super) fn of(contract: &Contract, look: Look) -> Result<Self, ReadError> {
        let schema = Schema::of(contract)?;
        let comments = Comments::of(contract)?;
        let links = Links::of(contract, &schema);
        let sampler = Sampler::new(schema.clone(), comments.clone());
        let methods = contract.services.iter().flat_map(|service| &service.methods);
        let asked: BTreeSet<&str> = methods.flat_map(|method| [&*method.input, &*method.output]).collect();
        sampler.prepare(&asked.into_iter().collect::<Vec<_>>());
        let (contract, comments, calls) = (contract.clone(), Arc::new(comments), None);
        Ok(Self { look, contract, schema, comments, sampler, links, calls })
    }

    /// In order of their paths.
    pub(super) fn pages(&self) -> Vec<Page> {
        let mut pages = vec![index::page(self)];
        pages.extend(self.contract.services.iter().map(|service| service::page(self, service)));
        pages.extend(self.links.packages().flat_map(|package| types::pages(self, package)));
        pages.push(search::page(self));
        pages.sort_by(|one, other| one.path.cmp(&other.path));
        pages
    }

    /// The types of a service's own package that its page shows: those that its methods reach, or, where these are
    /// too many, those that they take and return; and how many more there are.
    pub(super) fn types_of(&self, service: &Service) -> (BTreeSet<String>, usize) {
        const MOST: usize = 100;
        let own = |name: &str| self.links.package(name) == Some(package_of(&service.name));
        let roots = || service.methods.iter().flat_map(|method| [method.input.as_str(), &method.output]);
        let reached = self.links.reach(&self.schema, roots());
        let reached: BTreeSet<String> = reached.into_iter().filter(|name| own(name)).collect();
        if reached.len() <= MOST {
            return (reached, 0);
        }
        let named: BTreeSet<String> = roots().filter(|name| own(name)).map(str::to_owned).collect();
        let more = reached.len() - named.len();
        (named, more)
    }
}

/// Of a service's full name.
pub(super) fn package_of(service: &str) -> &str {
    service.rsplit_once('.').map_or("", |(package, _)| package)
}

/// The first paragraph of a comment, cut where a list has no more room.
pub(super) fn summary(comment: &str) -> String {
    const ROOM: usize = 150;
    let paragraph: Vec<&str> = comment.lines().take_while(|line| !line.trim().is_empty()).collect();
    let text = paragraph.join(" ");
    if text.chars().count() <= ROOM {
        return text;
    }
    let cut: String = text.chars().take(ROOM).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{} …", whole.trim_end_matches([',', ';', '.', ':']))
}
