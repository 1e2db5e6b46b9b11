//! What the search looks through.

use super::{
    links::{of_package, of_service},
    site::{Page, Site},
};
use serde_json::{Value, json};

/// A script that sets one variable: pages opened from a disk may load scripts, but nothing else.
pub(super) fn page(site: &Site) -> Page {
    let mut entries: Vec<Value> = Vec::new();
    let mut add = |kind: &str, title: &str, within: &str, url: String, text: &str| {
        let plain = text.replace('`', "");
        let words: Vec<&str> = plain.split_whitespace().collect();
        entries.push(json!([kind, title, within, url, words.join(" ")]));
    };
    for service in &site.contract.services {
        let page = of_service(&service.name);
        let short = service.name.rsplit('.').next().unwrap_or_default();
        add("service", short, &service.name, page.clone(), &service.documentation);
        for method in &service.methods {
            let name = method.path.method();
            add("method", name, &service.name, format!("{page}#{name}"), &method.documentation);
        }
    }
    for package in site.links.packages() {
        let page = of_package(package);
        for name in site.links.types(package) {
            let short = name.rsplit('.').next().unwrap_or_default();
            let text = site.comments.text(&name);
            let message = site.schema.message(&name);
            let kind = if message.is_some() { "message" } else { "enum" };
            add(kind, short, &name, format!("{page}#{name}"), text);
            for field in message.iter().flat_map(|message| &message.fields) {
                let full = format!("{name}.{}", field.name);
                add("field", &field.name, &name, format!("{page}#{full}"), site.comments.text(&full));
            }
            for value in site.schema.enumeration(&name).iter().flat_map(|of| &of.values) {
                let full = format!("{name}.{}", value.name);
                add("value", &value.name, &name, format!("{page}#{full}"), site.comments.text(&full));
            }
        }
    }
    // One a line, so that a change of a contract is a change of a line.
    let lines: Vec<String> = entries.iter().map(Value::to_string).collect();
    let text = format!("window.treatySearch = [\n{}\n];\n", lines.join(",\n"));
    Page { path: "search.js".to_owned(), text }
}
