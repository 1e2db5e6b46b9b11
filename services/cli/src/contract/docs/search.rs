//! What the search looks through.

use super::{
    links::of_service,
    site::{Page, Site},
};
use serde_json::{Value, json};

/// A script that sets two variables: pages opened from a disk may load scripts, but nothing else. An entry is its kind,
/// what it is called, within what, on which page, and what is written at it; where on the page, the first three say.
pub(super) fn page(site: &Site) -> Page {
    let mut all = Entries::default();
    for service in &site.contract.services {
        let page = all.page(&of_service(&service.name));
        let short = service.name.rsplit('.').next().unwrap_or_default();
        all.add(("service", short, &service.name), page, &service.documentation);
        for method in &service.methods {
            all.add(("method", method.path.method(), &service.name), page, &method.documentation);
        }
    }
    for home in site.links.packages().flat_map(|package| site.links.homes(package)) {
        let page = all.page(&home.path);
        for name in &home.types {
            let short = name.rsplit('.').next().unwrap_or_default();
            let message = site.schema.message(name);
            let kind = if message.is_some() { "message" } else { "enum" };
            all.add((kind, short, name), page, site.comments.text(name));
            let text = |own: &str| site.comments.text(&format!("{name}.{own}"));
            for field in message.iter().flat_map(|message| &message.fields) {
                all.add(("field", &field.name, name), page, text(&field.name));
            }
            for value in site.schema.enumeration(name).iter().flat_map(|of| &of.values) {
                all.add(("value", &value.name, name), page, text(&value.name));
            }
        }
    }
    Page { path: "search.js".to_owned(), text: all.script() }
}

#[derive(Default)]
struct Entries {
    pages: Vec<String>,
    entries: Vec<Value>,
}

impl Entries {
    /// The number of a page.
    fn page(&mut self, path: &str) -> usize {
        self.pages.push(path.to_owned());
        self.pages.len() - 1
    }

    fn add(&mut self, (kind, title, within): (&str, &str, &str), page: usize, text: &str) {
        let plain = text.replace('`', "");
        let words: Vec<&str> = plain.split_whitespace().collect();
        self.entries.push(json!([kind, title, within, page, words.join(" ")]));
    }

    /// One a line, so that a change of a contract is a change of a line.
    fn script(&self) -> String {
        let lines: Vec<String> = self.entries.iter().map(Value::to_string).collect();
        let pages = json!(self.pages);
        format!("window.treatyPages = {pages};\nwindow.treatySearch = [\n{}\n];\n", lines.join(",\n"))
    }
}
