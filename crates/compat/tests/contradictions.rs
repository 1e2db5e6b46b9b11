//! What `buf lint`'s rule PROTOVALIDATE finds, this crate finds too, or says why not.
//!
//! Needs the buf CLI; without it nothing is compared, unless TREATY_REQUIRE_TOOLCHAINS=1 makes that a failure.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on says where"
)]

use contract::schema::Schema;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// A type and its rules, in the braces of `(buf.validate.field)`.
const RULES: &[(&str, &str)] = &[
    ("string", "string: {min_len: 5, max_len: 5}"),
    ("string", "string: {min_len: 6, max_len: 5}"),
    ("string", "string: {min_bytes: 6, max_bytes: 5}"),
    ("string", "string: {len: 5, max_len: 4}"),
    ("string", "string: {len: 5, min_len: 6}"),
    ("string", "string: {len: 5, max_len: 6}"),
    ("string", "string: {len: 5, max_len: 5}"),
    ("string", "string: {len_bytes: 5, max_bytes: 4}"),
    ("string", "string: {in: [\"a\", \"b\"], not_in: [\"c\"]}"),
    ("string", "string: {in: [\"a\", \"b\"], not_in: [\"b\", \"a\"]}"),
    ("string", "string: {const: \"a\", in: [\"b\"]}"),
    ("string", "string: {const: \"a\", not_in: [\"a\"]}"),
    ("string", "string: {const: \"a\", min_len: 3}"),
    ("string", "string: {const: \"abc\", min_len: 3}"),
    ("string", "string: {prefix: \"abc\", max_len: 2}"),
    ("string", "string: {suffix: \"abc\", max_len: 2}"),
    ("string", "string: {contains: \"abc\", max_len: 2}"),
    ("string", "string: {prefix: \"abc\", max_bytes: 2}"),
    ("string", "string: {prefix: \"abc\", suffix: \"xyz\", max_len: 5}"),
    ("string", "string: {contains: \"abc\", not_contains: \"b\"}"),
    ("string", "string: {prefix: \"abc\", not_contains: \"b\"}"),
    ("string", "string: {suffix: \"abc\", not_contains: \"b\"}"),
    ("string", "string: {max_len: 4, min_bytes: 100}"),
    ("string", "string: {max_len: 4, min_bytes: 16}"),
    ("string", "string: {min_len: 5, max_bytes: 4}"),
    ("string", "string: {email: true, min_len: 3}"),
    ("string", "string: {uuid: true, max_len: 10}"),
    ("string", "string: {max_len: 2, example: \"toolong\"}"),
    ("string", "string: {max_len: 2, example: \"ok\"}"),
    ("string", "required: true, string: {max_len: 0}"),
    ("string", "required: true, ignore: IGNORE_ALWAYS"),
    ("string", "ignore: IGNORE_ALWAYS"),
    (
        "string",
        "cel: {id: \"x\", message: \"m\", expression: \"this != ''\"}, cel: {id: \"x\", message: \"m\", expression: \"this != 'a'\"}",
    ),
    ("string", "cel: {id: \"x y\", message: \"m\", expression: \"this != ''\"}"),
    ("string", "cel: {id: \"x.y_z-1\", message: \"m\", expression: \"this != ''\"}"),
    ("string", "string: {example: \"\"}, cel: {id: \"x\", message: \"m\", expression: \"this != ''\"}"),
    ("bytes", "bytes: {min_len: 6, max_len: 5}"),
    ("bytes", "bytes: {len: 3, max_len: 2}"),
    ("bytes", "bytes: {prefix: \"abc\", max_len: 2}"),
    ("bytes", "bytes: {ipv4: true, len: 5}"),
    ("int32", "int32: {gt: 5, lt: 3}"),
    ("int32", "int32: {gt: 5, lt: 5}"),
    ("int32", "int32: {gte: 5, lt: 5}"),
    ("int32", "int32: {gte: 5, lte: 5}"),
    ("int32", "int32: {in: [1, 2], not_in: [2, 1]}"),
    ("int32", "int32: {const: 1, in: [2]}"),
    ("int32", "int32: {const: 1, gt: 3}"),
    ("int32", "int32: {gt: 5, example: 2}"),
    ("uint32", "uint32: {lt: 0}"),
    ("uint64", "uint64: {gte: 3, lte: 3}"),
    ("double", "double: {gt: 5, lt: 5}"),
    ("float", "float: {gt: 5, lte: 5}"),
    ("bool", "required: true, bool: {const: false}"),
    ("E", "enum: {const: 7, defined_only: true}"),
    ("E", "enum: {in: [7], defined_only: true}"),
    ("google.protobuf.Duration", "duration: {gt: {seconds: 5}, lt: {seconds: 5}}"),
    ("google.protobuf.Duration", "duration: {const: {seconds: 5}, lt: {seconds: 3}}"),
    ("google.protobuf.Timestamp", "timestamp: {lt_now: true, gt_now: true}"),
    ("google.protobuf.Timestamp", "timestamp: {within: {seconds: -1}}"),
    ("google.protobuf.Timestamp", "timestamp: {within: {}}"),
    ("google.protobuf.Timestamp", "timestamp: {gt: {seconds: 5}, lt: {seconds: 5}}"),
    ("google.protobuf.Timestamp", "timestamp: {gt_now: true, lt: {seconds: 5}}"),
    ("google.protobuf.Any", "any: {in: [\"x\"], not_in: [\"x\"]}"),
    ("google.protobuf.StringValue", "string: {min_len: 3, max_len: 2}"),
    ("repeated string", "repeated: {min_items: 3, max_items: 2}"),
    ("repeated string", "repeated: {min_items: 2, max_items: 2}"),
    ("repeated string", "repeated: {items: {string: {min_len: 3, max_len: 2}}}"),
    ("repeated bool", "repeated: {unique: true, min_items: 3}"),
    ("map<string, string>", "map: {min_pairs: 3, max_pairs: 2}"),
    ("map<string, string>", "map: {keys: {string: {min_len: 3, max_len: 2}}}"),
    ("map<string, int64>", "map: {values: {int64: {in: [1], not_in: [1]}}}"),
    ("map<bool, string>", "map: {min_pairs: 3}"),
];

/// No value keeps them, which buf does not see.
const ONLY_OURS: &[&str] = &[
    "string: {in: [\"a\", \"b\"], not_in: [\"b\", \"a\"]}",
    "int32: {in: [1, 2], not_in: [2, 1]}",
    "map: {values: {int64: {in: [1], not_in: [1]}}}",
    "any: {in: [\"x\"], not_in: [\"x\"]}",
    "enum: {in: [7], defined_only: true}",
    "string: {prefix: \"abc\", suffix: \"xyz\", max_len: 5}",
    "string: {uuid: true, max_len: 10}",
    "bytes: {ipv4: true, len: 5}",
    "required: true, string: {max_len: 0}",
    "required: true, bool: {const: false}",
    "uint32: {lt: 0}",
    "timestamp: {gt_now: true, lt: {seconds: 5}}",
    "repeated: {unique: true, min_items: 3}",
    "map: {min_pairs: 3}",
];

/// Rules that can be kept, and why buf does not like them.
const ONLY_BUF: &[(&str, &str)] = &[
    ("string: {min_len: 5, max_len: 5}", "it could be said with `len`"),
    ("int32: {gte: 5, lte: 5}", "it could be said with `const`"),
    ("uint64: {gte: 3, lte: 3}", "it could be said with `const`"),
    ("timestamp: {within: {}}", "one moment keeps it: that of the check"),
    (
        "string: {example: \"\"}, cel: {id: \"x\", message: \"m\", expression: \"this != ''\"}",
        "examples are held against standard rules, not against expressions",
    ),
];

#[test]
fn what_buf_finds_is_found() {
    if !is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let texts: Vec<String> = RULES.iter().enumerate().map(|(at, rules)| text(at, rules)).collect();
    for (at, text) in texts.iter().enumerate() {
        write(&folder.path().join(format!("ours/odd/n{at}/v1/m.proto")), text);
    }
    let theirs = lint(folder.path());
    let mut differing = Vec::new();
    for ((at, text), (_, rules)) in texts.iter().enumerate().zip(RULES) {
        let set = contract::compile::texts(&[("m.proto", text)]).unwrap().bytes;
        let found = compat::contradictions(&Schema::read(&set).unwrap());
        let theirs = theirs.contains(&format!("ours/odd/n{at}/v1/m.proto"));
        let spared = ONLY_BUF.iter().any(|(spared, _)| spared == rules);
        let wanted = ONLY_OURS.contains(rules) || theirs && !spared;
        if found.is_empty() == wanted || ONLY_OURS.contains(rules) && theirs || spared && !theirs {
            let ours: Vec<_> = found.into_iter().map(|found| found.message).collect();
            differing.push(format!("{rules}: buf {theirs}, ours {ours:?}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn text(at: usize, (of_type, rules): &(&str, &str)) -> String {
    let well_known = of_type.strip_prefix("google.protobuf.").map(|name| match name {
        "StringValue" => "wrappers".to_owned(),
        name => name.to_lowercase(),
    });
    let import =
        well_known.map_or_else(String::new, |name| format!("import \"google/protobuf/{name}.proto\";\n"));
    format!(
        "syntax = \"proto3\";\npackage odd.n{at}.v1;\nimport \"buf/validate/validate.proto\";\n{import}\
         message M {{\n  {of_type} a = 1 [(buf.validate.field) = {{{rules}}}];\n}}\n\
         enum E {{\n  E_UNSPECIFIED = 0;\n  E_A = 1;\n}}\n"
    )
}

fn is_there() -> bool {
    let there = Command::new("buf").arg("--version").stdin(Stdio::null()).output();
    let there = there.is_ok_and(|output| output.status.success());
    if !there {
        let required = std::env::var_os("TREATY_REQUIRE_TOOLCHAINS").is_some_and(|value| value == "1");
        assert!(!required, "buf is required (TREATY_REQUIRE_TOOLCHAINS=1) and not there");
        eprintln!("NOT RUN: buf is not there");
    }
    there
}

/// The files that buf finds something in.
fn lint(folder: &Path) -> BTreeSet<String> {
    let vocabulary = include_str!("../../contract/proto/buf/validate/validate.proto");
    write(&folder.join("vocabulary/buf/validate/validate.proto"), vocabulary);
    let config = "version: v2\nmodules:\n  - path: ours\n  - path: vocabulary\n    lint:\n      ignore: [vocabulary]\n\
                  lint:\n  use: [PROTOVALIDATE]\n";
    write(&folder.join("buf.yaml"), config);
    let output = Command::new("buf")
        .args(["lint", "--error-format", "json"])
        .current_dir(folder)
        .env("BUF_CACHE_DIR", folder.join("cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // 100: findings.
    let judged = output.status.success() || output.status.code() == Some(100);
    assert!(judged, "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let path = |line: &str| {
        let found: serde_json::Value = serde_json::from_str(line).unwrap();
        found["path"].as_str().map(ToOwned::to_owned)
    };
    text.lines().filter_map(path).collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
