//! Rules of `buf.validate` that no message can keep, and some that look so.

/// A type and its rules.
pub(crate) const RULES: &[(&str, &str)] = &[
    ("string", "string = {min_len: 5, max_len: 5}"),
    ("string", "string = {min_len: 6, max_len: 5}"),
    ("string", "string = {min_bytes: 6, max_bytes: 5}"),
    ("string", "string = {len: 5, max_len: 4}"),
    ("string", "string = {len: 5, min_len: 6}"),
    ("string", "string = {len: 5, max_len: 6}"),
    ("string", "string = {len_bytes: 5, max_bytes: 4}"),
    ("string", "string = {in: [\"a\", \"b\"], not_in: [\"c\"]}"),
    ("string", "string = {in: [\"a\", \"b\"], not_in: [\"b\", \"a\"]}"),
    ("string", "string = {const: \"a\", in: [\"b\"]}"),
    ("string", "string = {const: \"a\", not_in: [\"a\"]}"),
    ("bytes", "bytes = {min_len: 6, max_len: 5}"),
    ("bytes", "bytes = {len: 3, max_len: 2}"),
    ("int32", "int32 = {gt: 5, lt: 3}"),
    ("int32", "int32 = {in: [1, 2], not_in: [2, 1]}"),
    ("int32", "int32 = {const: 1, in: [2]}"),
    ("uint64", "uint64 = {gte: 3, lte: 3}"),
    ("repeated string", "repeated = {min_items: 3, max_items: 2}"),
    ("repeated string", "repeated = {min_items: 2, max_items: 2}"),
    ("repeated string", "repeated.items.string = {min_len: 3, max_len: 2}"),
    ("map<string, string>", "map = {min_pairs: 3, max_pairs: 2}"),
    ("map<string, string>", "map.keys.string = {min_len: 3, max_len: 2}"),
    ("map<string, int64>", "map.values.int64 = {in: [1], not_in: [1]}"),
];
