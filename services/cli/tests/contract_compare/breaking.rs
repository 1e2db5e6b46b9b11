//! What breaks, and how it is said.

use crate::support::{folder, json, rules, said, text, treaty, versions};

#[test]
fn what_did_not_change_breaks_nobody() {
    let folder = versions(str::to_owned);
    let (status, said) = said(&treaty(folder.path(), &["breaking", "old", "new"]));
    assert_eq!((status, said.as_str()), (0, "nothing breaks in 2 methods\n"));
}

#[test]
fn a_changed_type_is_explained_on_both_sides() {
    let folder = versions(|text| text.replace("int64 units = 2", "string units = 2"));
    let output = treaty(folder.path(), &["breaking", "old", "new", "--encoding", "binary"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn a_deleted_method_breaks_and_one_that_promises_nothing_may_be_spared() {
    let change = |text: &str| text.replace("  rpc Refund(PayRequest) returns (PayResponse);\n", "");
    let folder = versions(change);
    let output = treaty(folder.path(), &["breaking", "--against", "old", "new", "--output", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!(rules(&report), ["method-deleted"]);
    assert_eq!(report["findings"][0]["uses"][0]["method"], "shop.v1.Till/Refund");
    assert_eq!(report["findings"][0]["level"], "BREAKING");
    assert_eq!((&report["methods"], &report["breaks"]), (&2.into(), &true.into()));
    let except = ["breaking", "old", "new", "--except", "method-deleted"];
    let left_out = "nothing breaks in 2 methods; 1 finding left out\n".to_owned();
    assert_eq!(said(&treaty(folder.path(), &except)), (0, left_out));
    let report = json(&treaty(folder.path(), &[&except[..], &["--output", "json"]].concat()));
    assert_eq!((&report["left_out"], &report["breaks"]), (&1.into(), &false.into()));
}

#[test]
fn what_others_answer_for_may_be_left_out() {
    let change = |text: &str| {
        let text = text.replace("int64 units = 2", "string units = 2");
        text.replace("  rpc Refund(PayRequest) returns (PayResponse);\n", "")
    };
    let folder = versions(change);
    let rules_but = |ignored: &[&str]| {
        let ignored = ignored.iter().flat_map(|path| ["--ignore", path]);
        let args = ["breaking", "old", "new", "--encoding", "binary", "--output", "json"];
        rules(&json(&treaty(folder.path(), &args.into_iter().chain(ignored).collect::<Vec<_>>())))
    };
    assert_eq!(rules_but(&[]), ["field-type", "method-deleted"]);
    assert_eq!(rules_but(&["shop/v1/money.proto"]), ["method-deleted"]);
    assert_eq!(rules_but(&["shop/v1/till.proto"]), ["field-type"], "what is gone, by where it was");
    assert_eq!(rules_but(&["./shop/"]), [""; 0]);
    assert_eq!(rules_but(&["shop/v", "sho"]).len(), 2, "a folder is more than a beginning");
}

/// A folder that is there, and was not asked for, is no mistake.
#[test]
fn what_leaves_out_nothing_is_said() {
    let folder = folder();
    let path = folder.path();
    crate::support::write(
        path,
        "treaty.toml",
        "[contract.lint]\nignore = [\"shop\", \"vendor\", \"shpo\"]\n",
    );
    crate::support::write(path, "proto/vendor/README", "");
    let idle = |option: &str| {
        format!(
            "warning: {option}: there is no file or folder `shpo`: the names are those that imports have\n"
        )
    };
    let args =
        ["breaking", "proto", "proto", "--ignore", "shop/v1", "--ignore", "shpo", "--ignore", "vendor"];
    let output = treaty(path, &args);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), idle("--ignore")));
    let output = treaty(path, &["check", "proto/shop"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), idle("[contract.lint] ignore")));
}

#[test]
fn what_promises_nothing_yet_may_be_spared() {
    let beta = |text: &str| text.replace("shop.v1", "shop.v1beta1").replace("shop/v1/", "shop/v1beta1/");
    let folder = tempfile::tempdir().unwrap();
    for (version, units) in [("old", "int64"), ("new", "string")] {
        for (name, text) in [("till", crate::support::TILL), ("money", crate::support::MONEY)] {
            let text = beta(text).replace("int64 units", &format!("{units} units"));
            crate::support::write(folder.path(), &format!("{version}/shop/v1beta1/{name}.proto"), &text);
        }
    }
    assert_eq!(treaty(folder.path(), &["breaking", "old", "new"]).status.code(), Some(1));
    let spared = treaty(folder.path(), &["breaking", "old", "new", "--ignore-unstable", "--output", "json"]);
    assert_eq!(spared.status.code(), Some(0));
    assert!(json(&spared)["warnings"].as_u64().unwrap() > 0);
}

#[test]
fn encodings_and_readers_decide_what_counts() {
    let folder = versions(|text| text.replace("string receipt = 1", "string proof = 1"));
    let rules_of = |more: &[&str]| {
        let args = [&["breaking", "old", "new", "--output", "json"], more].concat();
        let output = treaty(folder.path(), &args);
        (output.status.code().unwrap(), json(&output)["errors"].as_u64().unwrap())
    };
    assert_eq!(rules_of(&["--encoding", "binary"]), (0, 0));
    let (status, errors) = rules_of(&["--encoding", "json", "--json-readers", "strict"]);
    assert!(status == 1 && errors > 0, "{errors}");
}

#[test]
fn what_is_lost_fails_only_where_that_is_denied() {
    let folder =
        versions(|text| text.replace("  repeated Money taken = 2;", "  reserved 2; reserved \"taken\";"));
    let args = ["breaking", "old", "new", "--encoding", "binary"];
    let output = treaty(folder.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("warning"), "{}", text(&output.stdout));
    let denied = treaty(folder.path(), &[&args[..], &["--deny-lossy"]].concat());
    assert_eq!(denied.status.code(), Some(1));
}

#[test]
fn messages_that_no_method_uses_are_compared_where_that_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let library =
        |field: &str| format!("syntax = \"proto3\";\npackage lib;\nmessage Point {{\n  {field}\n}}\n");
    crate::support::write(folder.path(), "old/lib.proto", &library("int32 x = 1;"));
    crate::support::write(folder.path(), "new/lib.proto", &library("string x = 1;"));
    let plain = treaty(folder.path(), &["breaking", "old", "new"]);
    assert_eq!(
        said(&plain),
        (0, "nothing breaks in 0 methods; --all-types compares messages without them\n".to_owned())
    );
    let all = treaty(folder.path(), &["breaking", "old", "new", "--all-types"]);
    assert_eq!(all.status.code(), Some(1), "{}", text(&all.stdout));
    assert!(text(&all.stdout).contains("int32 x = 1"), "{}", text(&all.stdout));
}

#[test]
fn pull_requests_are_annotated_in_the_new_file() {
    let folder = versions(|text| text.replace("int64 units = 2", "string units = 2"));
    let args = ["breaking", "old", "new", "--encoding", "binary", "--output", "github"];
    let output = treaty(folder.path(), &args);
    assert_eq!(output.status.code(), Some(1));
    let first = text(&output.stdout).lines().next().unwrap().to_owned();
    assert!(first.starts_with("::error title=treaty%3A "), "{first}");
    assert!(first.contains(",file=new/shop/v1/money.proto,line=7,col=3"), "{first}");
    let sarif = treaty(folder.path(), &["breaking", "old", "new", "--output", "sarif"]);
    assert_eq!(json(&sarif)["version"], "2.1.0");
}

#[test]
fn bad_usage_and_what_cannot_be_read_are_no_verdict() {
    let folder = folder();
    crate::support::write(
        folder.path(),
        "broken/a.proto",
        "syntax = \"proto3\"; message M { Missing m = 1; }",
    );
    for (args, expected) in [
        (&["breaking"][..], "say what to compare with: --against git:main, or OLD and NEW"),
        (&["breaking", "proto"], "say what to compare with"),
        (&["breaking", "proto", "proto", "--against", "proto"], "with --against there is one PATH, not two"),
        (&["breaking", "-", "-"], "only one side can be read from standard input"),
        (&["breaking", "missing", "proto"], "missing: No such file or directory"),
        (&["breaking", "--against", "broken"], "broken: a.proto:1:32: "),
        (
            &["breaking", "--against", "proto", "--except", "no-such"],
            "there is no rule `no-such`\n`treaty contract rules BREAKING` lists them",
        ),
        (
            &["breaking", "--against", "proto", "--except", "field-typ"],
            "there is no rule `field-typ`; did you mean `field-type`?",
        ),
        (&["breaking", "proto", "proto", "--workload", "shop/till"], "--workload says nothing without"),
        (&["breaking", "proto", "proto", "-H", "a: b"], "-H is sent to running servers, and none is asked"),
        (&["diff", "proto", "proto", "--insecure"], "--ca and --insecure are about grpcs://"),
        (
            &["export", "grpc://localhost:1", "--insecure", "-o", "-"],
            "--ca and --insecure are about grpcs://",
        ),
        (&["breaking", "--against", "https://a:1"], "write grpcs://HOST:PORT"),
        (&["breaking", "--against", "mesh"], "treaty.toml"),
        (&["breaking", "--against", "mesh", "--all-types"], "say nothing to the mesh"),
    ] {
        let (status, said) = said(&treaty(folder.path(), args));
        assert!(status == 2 && said.contains(expected), "{args:?}: {status} {said}");
    }
}
