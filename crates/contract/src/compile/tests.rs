//! Files on a disk, and what is wrong with some.

use super::{CompileError, Tree, aggregate::Aggregate, paths, texts, tree};
use crate::{
    Contract,
    read::{descriptor::FileSet, schema::Schema},
};
use proptest::prelude::*;
use prost::Message as _;
use std::{
    fs,
    path::{Path, PathBuf},
};

const HEAD: &str = "syntax = \"proto3\";\n";

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{HEAD}{text}")).unwrap();
    }
    folder
}

/// The names that the services' files have in the set.
fn checked(given: &[PathBuf], includes: &[PathBuf]) -> Vec<String> {
    let contract = Contract::read(paths(given, includes).unwrap().bytes).unwrap();
    contract.services.iter().map(|service| service.origin.to_string()).collect()
}

#[test]
fn a_folder_is_the_root_of_its_imports() {
    let folder = folder(&[
        ("a/b/a.proto", "package other; import \"c.proto\"; service S { rpc A(other.M) returns (other.M); }"),
        ("c.proto", "package other; message M {}"),
        (".hidden/broken.proto", "}"),
        ("notes.txt", "}"),
    ]);
    assert_eq!(checked(&[folder.path().into()], &[]), ["a/b/a.proto:2:34"]);
}

#[test]
fn a_file_or_inner_folder_finds_its_root_by_its_package() {
    let folder = folder(&[
        (
            "shop/a/v1/a.proto",
            "package shop.a.v1;\nimport \"shop/b/v1/b.proto\"; service S { rpc A(shop.b.v1.M) returns (shop.b.v1.M); }",
        ),
        ("shop/b/v1/b.proto", "package shop.b.v1;\nmessage M {}"),
    ]);
    for given in ["shop/a/v1/a.proto", "shop/a", "shop", ""] {
        assert_eq!(checked(&[folder.path().join(given)], &[]), ["shop/a/v1/a.proto:3:29"], "{given}");
    }
}

/// Tests of relative paths: those from the current folder to `folder`, which nobody changes.
fn from_here(folder: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap();
    let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
    up.join(folder.strip_prefix("/").unwrap())
}

#[test]
fn how_a_path_is_typed_decides_what_is_shown_and_nothing_else() {
    // A folder that is called as the first part of its package is.
    let folder = folder(&[
        (
            "acme/acme/v1/a.proto",
            "package acme.v1;\nimport \"acme/v1/b.proto\"; service S { rpc A(M) returns (M); }",
        ),
        ("acme/acme/v1/b.proto", "package acme.v1;\nmessage M {}"),
    ]);
    let acme = from_here(&folder.path().canonicalize().unwrap()).join("acme");
    let v1 = acme.join("acme/v1");
    for (given, shown) in [
        (acme.clone(), &v1),
        (acme.join(""), &v1),
        (acme.join("."), &v1),
        (acme.join("acme"), &v1),
        (v1.join(".."), &v1.join("../v1")),
        (v1.join("../.."), &v1.join("../../acme/v1")),
        (v1.clone(), &v1),
        (v1.join("a.proto"), &v1),
    ] {
        let compiled = paths(std::slice::from_ref(&given), &[]).unwrap();
        let contract = Contract::read(compiled.bytes.clone()).unwrap();
        let name = contract.services[0].origin.file();
        assert_eq!(name, "acme/v1/a.proto", "{given:?}");
        for file in ["a.proto", "b.proto"] {
            let path = compiled.sources.path(&format!("acme/v1/{file}")).unwrap();
            assert_eq!(path, shown.join(file), "{given:?}");
        }
    }
}

#[test]
fn a_link_to_a_folder_is_that_folder() {
    let folder = folder(&[
        (
            "real/acme/v1/a.proto",
            "package acme.v1;\nimport \"acme/v1/b.proto\"; service S { rpc A(M) returns (M); }",
        ),
        ("real/acme/v1/b.proto", "package acme.v1;\nmessage M {}"),
    ]);
    let link = folder.path().join("acme");
    std::os::unix::fs::symlink(folder.path().join("real"), &link).unwrap();
    let compiled = paths(std::slice::from_ref(&link), &[]).unwrap();
    assert_eq!(compiled.sources.path("acme/v1/a.proto"), Some(link.join("acme/v1/a.proto")));
    assert_eq!(checked(&[link.join("acme/v1/a.proto")], &[]), ["acme/v1/a.proto:3:27"]);
}

#[test]
fn imports_decide_where_names_begin() {
    // The folder is called as its packages begin, and is the root nevertheless.
    let folder = folder(&[
        ("acme/v1/a.proto", "package acme.v1;\nimport \"v1/b.proto\"; service S { rpc A(M) returns (M); }"),
        ("acme/v1/b.proto", "package acme.v1;\nmessage M {}"),
    ]);
    assert_eq!(checked(&[folder.path().join("acme")], &[]), ["v1/a.proto:3:22"]);
    // A folder that holds the root, and more.
    let folder = self::folder(&[
        (
            "api/acme/v1/a.proto",
            "package acme.v1;\nimport \"acme/v1/b.proto\"; service S { rpc A(M) returns (M); }",
        ),
        ("api/acme/v1/b.proto", "package acme.v1;\nmessage M {}"),
        ("other/c.proto", "package other;\nimport \"other/d.proto\"; service O { rpc A(M) returns (M); }"),
        ("other/d.proto", "package other;\nmessage M {}"),
    ]);
    let names = ["acme/v1/a.proto:3:27", "other/c.proto:3:25"];
    assert_eq!(checked(&[folder.path().into()], &[]), names);
}

#[test]
fn imports_come_from_includes_too_and_an_own_copy_of_the_vocabulary_wins() {
    let file = folder(&[(
        "a.proto",
        "import \"lib/m.proto\"; import \"treaty/v1/options.proto\"; service S { rpc A(lib.M) returns (lib.M); }",
    )]);
    let include = folder(&[
        ("lib/m.proto", "package lib; message M {}"),
        ("treaty/v1/options.proto", "package treaty.v1; message OfMyOwn {}"),
    ]);
    let compiled = paths(&[file.path().join("a.proto")], &[include.path().into()]).unwrap();
    let own = compiled.sources.path("treaty/v1/options.proto").unwrap();
    assert!(own.starts_with(include.path()));
    assert!(compiled.bytes.windows(7).any(|window| window == b"OfMyOwn"));
}

#[test]
fn two_files_of_one_name_are_named() {
    let folder = folder(&[("x/a.proto", ""), ("y/a.proto", "")]);
    let given = ["x", "y"].map(|name| folder.path().join(name));
    let error = paths(&given, &[]).unwrap_err();
    assert!(matches!(&error, CompileError::Ambiguous { name, .. } if name == "a.proto"), "{error}");
    assert!(paths(&[given[0].clone(), given[0].clone()], &[]).is_ok(), "the same one twice is one");
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = folder(&[]);
    let missing = folder.path().join("missing");
    assert!(matches!(paths(&[missing], &[]), Err(CompileError::Unreadable { .. })));
    assert!(matches!(paths(&[folder.path().into()], &[]), Err(CompileError::Nothing { .. })));
}

/// The error as a build script would print it.
fn error(text: &str) -> String {
    format!("{:?}", texts(&[("a.proto", &format!("{HEAD}{text}"))]).unwrap_err())
}

#[test]
fn errors_show_their_line() {
    insta::assert_snapshot!(error("mesage M {}"), @r###"
a.proto:2:1: expected 'enum', 'extend', 'import', 'message', 'option', 'service', 'package' or ';', but found 'mesage'
  |
2 | mesage M {}
  | ^^^^^^
"###);
    insta::assert_snapshot!(error("message M { Foo foo = 1; }"), @r###"
a.proto:2:13: name 'Foo' is not defined
  |
2 | message M { Foo foo = 1; }
  |             ^^^
"###);
    insta::assert_snapshot!(error("import \"missing.proto\";"), @r###"
a.proto:2:1: import 'missing.proto' not found
  |
2 | import "missing.proto";
  | ^^^^^^^^^^^^^^^^^^^^^^^
"###);
    insta::assert_snapshot!(error("import \"a.proto\";"), @"a.proto: import cycle detected: a.proto -> a.proto");
    let option = |value: &str| {
        error(&format!(
            "import \"treaty/v1/options.proto\";\nmessage M {{}}\nservice S {{ rpc A(M) returns (M) {{ option (treaty.v1.method) = {value}; }} }}"
        ))
    };
    insta::assert_snapshot!(option("{ tiemout: \"1s\" }"), @r###"
a.proto:4:66: invalid value of type 'treaty.v1.Method' for option '(treaty.v1.method)': field 'tiemout' not found for message 'treaty.v1.Method'
  |
4 | service S { rpc A(M) returns (M) { option (treaty.v1.method) = { tiemout: "1s" }; } }
  |                                                                  ^^^^^^^
help: treaty.v1.Method knows timeout, retry, hedge, allow, limit, criticality, stability, sunset, replaced_by, mirror, max_request_bytes, max_response_bytes, scopes, public, validate
"###);
    insta::assert_snapshot!(option("{ timeout: 15 }"), @r###"
a.proto:4:75: invalid value of type 'treaty.v1.Method' for option '(treaty.v1.method)': expected a string, but found '15'
  |
4 | service S { rpc A(M) returns (M) { option (treaty.v1.method) = { timeout: 15 }; } }
  |                                                                           ^^
"###);
    insta::assert_snapshot!(option("{ criticality: URGENT }"), @r###"
a.proto:4:79: invalid value of type 'treaty.v1.Method' for option '(treaty.v1.method)': value 'URGENT' was not found for enum 'treaty.v1.Criticality'
  |
4 | service S { rpc A(M) returns (M) { option (treaty.v1.method) = { criticality: URGENT }; } }
  |                                                                               ^^^^^^
help: treaty.v1.Criticality knows SHEDDABLE, STANDARD, CRITICAL
"###);
    let editions = texts(&[("e.proto", "edition = \"2023\";\nmessage M {}")]).unwrap_err();
    insta::assert_snapshot!(format!("{editions:?}"), @r###"
e.proto:1:1: expected 'enum', 'extend', 'import', 'message', 'option', 'service', 'package' or ';', but found 'edition'
  |
1 | edition = "2023";
  | ^^^^^^^
help: sources are read in proto2 and proto3; build those in editions into a descriptor set, with `buf build -o set.binpb` or `protoc --include_imports --include_source_info -o set.binpb`, and pass that
"###);
}

#[test]
fn what_is_embedded_compiles_and_can_be_imported_together() {
    let imports: String = super::EMBEDDED.iter().map(|(name, _)| format!("import \"{name}\";\n")).collect();
    let text =
        format!("{HEAD}{imports}message M {{ string id = 1 [(buf.validate.field).string.uuid = true]; }}");
    Contract::read(texts(&[("m.proto", &text)]).unwrap().bytes).unwrap();
}

#[test]
fn rules_within_aggregates_have_places() {
    let text = r#"syntax = "proto2";
import "buf/validate/validate.proto";
message M {
  option (buf.validate.message).cel = {
    id: "a"
    expression: "true"
  };
  repeated string x = 2 [(buf.validate.field) = {
    repeated: {
      unique: true
      items: { string: { [even]: true, in: ["a", "b"] } }
    }
  }];
}
extend buf.validate.StringRules {
  optional bool even = 1100 [(buf.validate.predefined).cel = { id: "string.even" expression: "true" }];
}
"#;
    let set = FileSet::decode(texts(&[("m.proto", text)]).unwrap().bytes.as_slice()).unwrap();
    let locations = &set.file.last().unwrap().source_code_info.as_ref().unwrap().location;
    let line_of = |path: &[i32]| locations.iter().find(|at| at.path == path).map(|at| at.span[0] + 1);
    assert_eq!(line_of(&[4, 0, 7, 1159, 3, 0]), Some(4), "the statement");
    assert_eq!(line_of(&[4, 0, 7, 1159, 3, 0, 3]), Some(6), "the expression of a rule of the message");
    assert_eq!(line_of(&[4, 0, 2, 0, 8, 1159, 18, 3]), Some(10));
    assert_eq!(line_of(&[4, 0, 2, 0, 8, 1159, 18, 4, 14, 10]), Some(11), "behind an extension");
    assert_eq!(line_of(&[7, 0, 8, 1160, 1, 0, 3]), Some(16), "of a predefined rule");
}

proptest! {
    /// Places are guessed from texts that a compiler accepted; others must do no harm.
    #[test]
    fn any_text_has_places_or_none(text in "= ?[{<](\\PC|[{}<>:;,\\[\\]\"'#/* \n]|timeout|retry|allow|\"1s\"){0,40}") {
        let _ = Aggregate::entries(Schema::known().unwrap(), &text, "treaty.v1.Method");
    }
}

#[test]
fn a_tree_that_is_on_no_disk_compiles_as_a_folder_does() {
    let files = [
        (
            "api/shop/a/v1/a.proto",
            "package shop.a.v1;\nimport \"shop/b/v1/b.proto\"; service S { rpc A(shop.b.v1.M) returns (shop.b.v1.M); }",
        ),
        ("api/shop/b/v1/b.proto", "package shop.b.v1;\nmessage M {}"),
        ("api/shop/.old/b.proto", "}"),
    ];
    let texts = files.map(|(path, text)| (PathBuf::from(path), format!("{HEAD}{text}")));
    let copy = Tree::new("main", texts.into_iter().collect());
    for given in ["api/shop/a/v1/a.proto", "api/shop/a", "api"] {
        let compiled = tree(&copy, &[given.into()], &[]).unwrap();
        let contract = Contract::read(compiled.bytes).unwrap();
        assert_eq!(contract.services[0].origin.to_string(), "shop/a/v1/a.proto:3:29", "{given}");
        assert_eq!(compiled.sources.shown("shop/b/v1/b.proto"), "main:api/shop/b/v1/b.proto", "{given}");
        assert_eq!(compiled.sources.path("shop/b/v1/b.proto"), None);
    }
    assert_eq!(tree(&copy, &["web".into()], &[]).unwrap_err().to_string(), "web: not in main");
}

#[test]
fn links_of_a_tree_lead_to_its_files() {
    let files = [
        ("real/b.proto", "package b; message M {}"),
        ("api/a.proto", "package a; import \"shared/b.proto\"; service S { rpc A(b.M) returns (b.M); }"),
    ];
    let texts = files.map(|(path, text)| (PathBuf::from(path), format!("{HEAD}{text}")));
    let links = [("api/shared/b.proto", "real/b.proto"), ("api/other.proto", "api/a.proto")];
    let links = links.map(|(link, file)| (PathBuf::from(link), PathBuf::from(file)));
    let copy = Tree::new("main", texts.into_iter().collect()).with_links(links.into_iter().collect());
    let compiled = tree(&copy, &["api".into()], &[]).unwrap();
    assert_eq!(compiled.sources.shown("shared/b.proto"), "main:api/shared/b.proto");
    let asked: Vec<_> = compiled.sources.asked().iter().map(String::as_str).collect();
    assert_eq!(asked, ["a.proto", "shared/b.proto"], "each file once");
    assert_eq!(Contract::read(compiled.bytes).unwrap().services.len(), 1);
}

#[test]
fn what_is_wrong_in_a_tree_has_its_line() {
    let files = [(PathBuf::from("p/a.proto"), format!("{HEAD}message M {{ Missing one = 1; }}"))];
    let error = tree(&Tree::new("v1", files.into_iter().collect()), &["p".into()], &[]).unwrap_err();
    let CompileError::Source { origin, excerpt, .. } = error else { panic!("{error}") };
    assert_eq!(origin.to_string(), "a.proto:2:13");
    assert_eq!(excerpt.unwrap().text, "message M { Missing one = 1; }");
}
