//! How much a request may hold.

use crate::lint::{
    judge::Judge,
    set::{
        FileAt, Set,
        descriptor::{Field, kind},
        options,
    },
};
use std::collections::HashSet;

const LISTS: &str = "unbounded-list-in-request";
const TEXTS: &str = "unbounded-text-in-request";
/// protovalidate's option of fields.
const VALIDATE: u32 = 1159;

pub(super) fn check(set: &Set<'_>, judge: &mut Judge<'_>) {
    if !judge.wants(LISTS) && !judge.wants(TEXTS) {
        return;
    }
    let services = set.targets().flat_map(|file| &file.services);
    let requests = services.flat_map(|at| &at.it.method).map(|method| method.input_type.as_str());
    let reached = set.reached_from(requests);
    let entries: HashSet<&str> =
        set.files.iter().flat_map(|file| &file.entries).map(|at| at.name.as_str()).collect();
    for file in set.targets() {
        for (of, field, path) in file.fields().filter(|(of, ..)| reached.contains(*of)) {
            check_field(file, of, field, &path, &entries, judge);
        }
    }
}

fn check_field(
    file: &FileAt<'_>,
    of: &str,
    field: &Field,
    path: &[i32],
    entries: &HashSet<&str>,
    judge: &mut Judge<'_>,
) {
    let rules = options::message(&field.options, VALIDATE).unwrap_or_default();
    let name = format!("{of}.{}", field.name);
    if field.label == kind::REPEATED {
        let map = entries.contains(field.type_name.trim_start_matches('.'));
        let (bound, what, remedy) = if map {
            ([19, 2], "a map", "(buf.validate.field).map.max_pairs")
        } else {
            ([18, 2], "a list", "(buf.validate.field).repeated.max_items")
        };
        if !says(&rules, bound) {
            let message = format!("`{name}` is {what} of a request, as long as its caller likes");
            judge.found(LISTS, file.places.at(path), message, format!("bound it: {remedy}"));
        }
        return;
    }
    let (bounds, remedy): (&[[u32; 2]], _) = match field.r#type {
        kind::STRING => (&TEXT_BOUNDS, "(buf.validate.field).string.max_len"),
        kind::BYTES => (&BYTES_BOUNDS, "(buf.validate.field).bytes.max_len"),
        _ => return,
    };
    if !bounds.iter().any(|bound| says(&rules, *bound)) {
        let message = format!("`{name}` is a text of a request, as long as its caller likes");
        judge.found(TEXTS, file.places.at(path), message, format!("bound it: {remedy}"));
    }
}

/// `const`, `max_len`, `max_bytes`, `pattern`, `in`, `len`, `len_bytes`, and formats that bound: `hostname`, `ip`,
/// `ipv4`, `ipv6`, `uuid`, `tuuid`.
const TEXT_BOUNDS: [[u32; 2]; 13] = [
    [14, 1],
    [14, 3],
    [14, 5],
    [14, 6],
    [14, 10],
    [14, 13],
    [14, 14],
    [14, 15],
    [14, 16],
    [14, 19],
    [14, 20],
    [14, 22],
    [14, 33],
];
/// `const`, `max_len`, `pattern`, `in`, `len`, `ip`, `ipv4`, `ipv6`.
const BYTES_BOUNDS: [[u32; 2]; 8] =
    [[15, 1], [15, 3], [15, 4], [15, 8], [15, 10], [15, 11], [15, 12], [15, 13]];

/// Whether the rules of a kind say something about `number`.
fn says(rules: &[u8], [kind, number]: [u32; 2]) -> bool {
    options::lists(rules, kind).any(|of_kind| options::numbers(of_kind).any(|(found, _)| found == number))
}
