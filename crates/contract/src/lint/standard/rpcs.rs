//! Types of requests and responses.

use super::names::pascal;
use crate::lint::{
    judge::Judge,
    set::{FileAt, Set, descriptor::Method, own_name},
};
use std::collections::HashMap;

/// Where the request's type stands within a method, and the response's.
const INPUT: i32 = 2;
const OUTPUT: i32 = 3;

pub(super) fn check(set: &Set<'_>, judge: &mut Judge<'_>) {
    let mut uses: HashMap<&str, Vec<String>> = HashMap::new();
    for file in set.targets() {
        each(file, |service, method, _| {
            let name = format!("{service}/{}", method.name);
            // A method that answers with its own request has one type too few.
            uses.entry(&method.input_type).or_default().push(name.clone());
            uses.entry(&method.output_type).or_default().push(name);
        });
    }
    for file in set.targets() {
        each(file, |service, method, path| {
            unique(file, method, path, &uses, judge);
            standard(file, service, method, path, judge);
        });
    }
}

/// Calls `of` with each method's service, itself and its path.
fn each<'a>(file: &FileAt<'a>, mut of: impl FnMut(&'a str, &'a Method, &[i32])) {
    for at in &file.services {
        for (position, method) in (0..).zip(&at.it.method) {
            of(&at.it.name, method, &[at.path.as_slice(), &[2, position]].concat());
        }
    }
}

fn unique(
    file: &FileAt<'_>,
    method: &Method,
    path: &[i32],
    uses: &HashMap<&str, Vec<String>>,
    judge: &mut Judge<'_>,
) {
    let sides = [(INPUT, &method.input_type), (OUTPUT, &method.output_type)];
    for (side, of_type) in sides {
        let Some(users) = uses.get(of_type.as_str()).filter(|users| users.len() > 1) else { continue };
        let shown = users.iter().take(3).map(|user| format!("`{user}`")).collect::<Vec<_>>().join(", ");
        let more = if users.len() > 3 { format!(" and {} more", users.len() - 3) } else { String::new() };
        let message = format!("`{}` is used by {shown}{more}", own_name(of_type));
        let remedy = "give each method a request and a response of its own: they grow apart";
        let origin = file.places.at(&[path, &[side]].concat());
        judge.found("rpc-request-response-unique", origin, message, remedy);
    }
}

fn standard(file: &FileAt<'_>, service: &str, method: &Method, path: &[i32], judge: &mut Judge<'_>) {
    let name = pascal(&method.name);
    for (rule, side, of_type, end) in [
        ("rpc-request-standard-name", INPUT, &method.input_type, "Request"),
        ("rpc-response-standard-name", OUTPUT, &method.output_type, "Response"),
    ] {
        let (short, long) = (format!("{name}{end}"), format!("{}{name}{end}", pascal(service)));
        let own = own_name(of_type);
        if own != short && own != long {
            let message = format!("`{own}` is neither `{short}` nor `{long}`");
            let origin = file.places.at(&[path, &[side]].concat());
            judge.found(rule, origin, message, format!("name it `{short}`"));
        }
    }
}
