//! Other revisions of a repository.

use crate::support::{folder, json, rules, said, text, treaty, write};
use std::{fs, path::Path, process::Command};

pub(crate) fn git(folder: &Path, args: &[&str]) {
    let done = git_command(folder, args).output().unwrap();
    assert!(done.status.success(), "git {args:?}: {}", text(&done.stderr));
}

pub(crate) fn git_command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"])
        .args(["-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .env_remove("GIT_DIR");
    command
}

/// A repository whose main has the till, and whose work tree has another one.
fn repository() -> tempfile::TempDir {
    let folder = folder();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "The till"]);
    let changed = crate::support::MONEY.replace("int64 units = 2", "string units = 2");
    write(folder.path(), "proto/shop/v1/money.proto", &changed);
    folder
}

#[test]
fn a_branch_is_compared_with_the_work_tree_which_stays_as_it_is() {
    let folder = repository();
    let before = fs::read(folder.path().join(".git/index")).unwrap();
    let output = treaty(folder.path(), &["breaking", "--against", "git:main", "--encoding", "binary"]);
    let (status, said) = said(&output);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("--> proto/shop/v1/money.proto:7:3"), "{said}");
    assert!(said.contains("::: main:proto/shop/v1/money.proto:7:3"), "{said}");
    assert!(said.contains("7 |   int64 units = 2;"), "{said}");
    assert!(before == fs::read(folder.path().join(".git/index")).unwrap());
}

#[test]
fn a_path_counts_from_the_top_or_from_here() {
    let folder = repository();
    let inner = folder.path().join("proto/shop");
    for (at, against, path) in [
        (folder.path(), "git:main:proto", "proto"),
        (&folder.path().join("proto"), "git:HEAD:proto", "."),
        (&folder.path().join("proto"), "git:HEAD:./", "."),
        (&inner, "git:HEAD", "../../proto"),
        (&inner, "git:main:../", ".."),
        (folder.path(), "git:main", folder.path().join("proto").to_str().unwrap()),
        (folder.path(), "git:main:proto/shop/v1/till.proto", "proto/shop/v1/till.proto"),
    ] {
        let args = ["breaking", "--against", against, path, "--encoding", "binary", "--output", "json"];
        let output = treaty(at, &args);
        assert_eq!(output.status.code(), Some(1), "{against} {path}: {}", text(&output.stderr));
        assert!(!rules(&json(&output)).is_empty());
    }
}

/// A folder that is called as the first part of its package is, by every way to it.
#[test]
fn a_folder_may_be_typed_in_any_way_and_is_shown_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let with =
        |kind: &str| format!("syntax = \"proto3\";\npackage acme.v1;\nmessage M {{ {kind} a = 1; }}\n");
    let service = "syntax = \"proto3\";\npackage acme.v1;\nimport \"acme/v1/b.proto\";\nservice S { rpc Get(M) returns (M); }\n";
    write(path, "acme/acme/v1/a.proto", service);
    write(path, "acme/acme/v1/b.proto", &with("string"));
    git(path, &["init", "-q"]);
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "Acme"]);
    write(path, "acme/acme/v1/b.proto", &with("int64"));
    std::os::unix::fs::symlink("acme", path.join("link")).unwrap();
    let v1 = path.join("acme/acme/v1");
    for (at, against, given, shown) in [
        (path, "git:HEAD:acme", "acme", "acme/acme/v1/b.proto"),
        (path, "git:HEAD", "acme", "acme/acme/v1/b.proto"),
        (path, "git:HEAD", "./acme/", "./acme/acme/v1/b.proto"),
        (path, "git:HEAD", "acme/acme/v1/a.proto", "acme/acme/v1/b.proto"),
        (path, "git:HEAD", ".", "./acme/acme/v1/b.proto"),
        (path, "git:HEAD", "link", "link/acme/v1/b.proto"),
        (path, "git:HEAD", "link/acme/v1/a.proto", "link/acme/v1/b.proto"),
        (&v1, "git:HEAD", ".", "./b.proto"),
        (&v1, "git:HEAD", "..", "../v1/b.proto"),
        (&v1, "git:HEAD", "a.proto", "b.proto"),
    ] {
        let args = ["breaking", "--against", against, given, "--encoding", "binary"];
        let (status, said) = said(&treaty(at, &args));
        assert_eq!(status, 1, "{given}: {said}");
        assert!(said.contains(&format!("--> {shown}:3:13")), "{given}: {said}");
        assert!(said.contains("::: HEAD:acme/acme/v1/b.proto:3:13"), "{given}: {said}");
    }
}

#[test]
fn a_descriptor_set_may_be_committed_too() {
    let folder = repository();
    let path = folder.path();
    assert!(treaty(path, &["export", "git:main", "-o", "till.binpb"]).status.success());
    git(path, &["add", "till.binpb"]);
    git(path, &["commit", "-q", "-m", "As a descriptor set"]);
    let args = ["breaking", "git:HEAD~1", "git:HEAD:till.binpb"];
    assert_eq!(said(&treaty(path, &args)), (0, "nothing breaks in 2 methods\n".to_owned()));
}

#[test]
fn two_revisions_are_compared() {
    let folder = repository();
    git(folder.path(), &["commit", "-q", "-a", "-m", "Text"]);
    assert_eq!(treaty(folder.path(), &["breaking", "git:HEAD~1", "git:HEAD"]).status.code(), Some(1));
    assert_eq!(treaty(folder.path(), &["breaking", "git:HEAD", "proto"]).status.code(), Some(0));
    assert_eq!(
        treaty(folder.path(), &["diff", "git:HEAD~1", "git:HEAD", "--exit-code"]).status.code(),
        Some(1)
    );
}

#[test]
fn what_git_does_not_have_is_said() {
    let folder = repository();
    let elsewhere = crate::support::folder();
    write(folder.path(), "broken.proto", "syntax = \"proto3\"; message M { Missing m = 1; }");
    git(folder.path(), &["add", "broken.proto"]);
    git(folder.path(), &["commit", "-q", "-m", "Broken"]);
    for (at, against, expected) in [
        (folder.path(), "git:develop", "git knows no revision `develop` here; in a shallow clone"),
        (folder.path(), "git:main:api", "there is no `api` in main: write git:main:PATH"),
        (folder.path(), "git:main:../x", "`../x` is not in this repository"),
        (folder.path(), "git:main:broken.proto", "git:main:broken.proto: broken.proto:1:32: "),
        (folder.path(), "git:-x", "`-x` is no revision"),
        (
            elsewhere.path(),
            "git:main",
            "git: not a git repository (or any of the parent directories): .git; asked in /",
        ),
    ] {
        let (status, said) = said(&treaty(at, &["breaking", "--against", against]));
        assert!(status == 2 && said.contains(expected), "{against}: {status} {said}");
    }
}

/// There was none yet, or there is none any more; only where neither side has it, it was mistyped.
#[test]
fn what_a_revision_does_not_have_is_a_contract_of_nothing() {
    let folder = repository();
    let path = folder.path();
    git(path, &["commit", "-q", "-a", "-m", "Text"]);
    write(path, "api/a.proto", "syntax = \"proto3\"; package a; message A {}");
    write(path, "proto/README", "Contracts");
    git(path, &["rm", "-q", "-r", "proto/shop"]);
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "The other one"]);
    let none = |revision: &str| format!("nothing breaks in a new contract: there is none in {revision}\n");
    for (args, expected) in [
        (&["breaking", "--against", "git:HEAD~1", "api"][..], none("git:HEAD~1")),
        (&["breaking", "--against", "git:HEAD~1", "api/a.proto"], none("git:HEAD~1")),
        (&["breaking", "git:HEAD~1:api", "git:HEAD:api"], none("git:HEAD~1:api")),
        // Files, and no contract.
        (&["breaking", "git:HEAD", "git:HEAD~1"], none("git:HEAD")),
    ] {
        assert_eq!(said(&treaty(path, args)), (0, expected), "{args:?}");
    }
    for args in [
        &["breaking", "--against", "git:HEAD~1"][..],
        &["breaking", "git:HEAD~1", "git:HEAD"],
        &["breaking", "--against", "git:HEAD~1", "proto/shop"],
        &["breaking", "--against", "git:HEAD~1", "proto/shop/v1/till.proto", "-I", "proto"],
    ] {
        let (status, said) = said(&treaty(path, args));
        assert!(status == 1 && said.contains("shop.v1"), "{args:?}: {status} {said}");
        assert!(said.contains("in a contract that is gone: there is none in "), "{args:?}: {said}");
    }
    for (args, expected) in [
        (&["breaking", "--against", "git:HEAD", "prto"][..], "there is no `prto` in HEAD"),
        (&["breaking", "--against", "git:HEAD~1:prto"], "there is no `prto` in HEAD~1"),
        (&["breaking", "--against", "git:HEAD~1:proto", "prto"], "prto: No such file or directory"),
        (&["breaking", "--against", "git:HEAD~1:prto", "api"], "there is no `prto` in HEAD~1"),
        (&["diff", "git:HEAD", "git:HEAD~1:prto"], "there is no `prto` in HEAD~1"),
    ] {
        let (status, said) = said(&treaty(path, args));
        assert!(status == 2 && said.contains(expected), "{args:?}: {status} {said}");
    }
    let diff = treaty(path, &["diff", "--against", "git:HEAD~1", "--exit-code"]);
    let (status, said) = said(&diff);
    assert!(status == 1 && said.contains("shop.v1.Till"), "{status} {said}");
}

/// Git keeps links as links, and of another repository nothing but its name.
#[test]
fn what_is_behind_a_link_is_never_new() {
    let folder = folder();
    let path = folder.path();
    let link = |target: &str, at: &str| {
        fs::create_dir_all(path.join(at).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path.join(at)).unwrap();
    };
    for (target, at) in [
        ("proto", "api"),
        ("../../proto/shop", "contracts/a/shop"),
        ("../proto/shop/v1/money.proto", "files/money.proto"),
        ("nowhere", "leading-nowhere/shop"),
        ("../lib", "leading-on/lib"),
        ("/etc", "absolute"),
    ] {
        link(target, at);
    }
    write(path, "files/till.proto", &crate::support::TILL.replace("shop/v1/money", "money"));
    write(path, "leading-on/a.proto", "syntax = \"proto3\";");
    write(path, "absolute.proto", "syntax = \"proto3\";");
    git(path, &["init", "-q"]);
    git(path, &["add", "."]);
    let other = "160000,0123456789012345678901234567890123456789,lib/other";
    git(path, &["update-index", "--add", "--cacheinfo", other]);
    git(path, &["commit", "-q", "-m", "Links"]);
    let changed = crate::support::MONEY.replace("int64 units = 2", "string units = 2");
    write(path, "proto/shop/v1/money.proto", &changed);
    write(path, "lib/other/a.proto", "syntax = \"proto3\";");
    for side in ["proto", "api", "contracts/a", "contracts", "files"] {
        let args = ["breaking", "--against", "git:HEAD", side, "--encoding", "binary"];
        let (status, said) = said(&treaty(path, &args));
        assert!(status == 1 && said.contains("error[field-type]: `units`"), "{side}: {status} {said}");
    }
    for (side, expected) in [
        ("lib", "`lib/other` in HEAD is a submodule, a repository of its own: compare within it"),
        ("lib/other", "`lib/other` in HEAD is a submodule"),
        ("lib/other/a.proto", "`lib/other` in HEAD is a submodule"),
        ("leading-on", "`lib/other` in HEAD is a submodule"),
        ("absolute", "`absolute` in HEAD is a link to `/etc`, which leads out of the repository"),
        ("leading-nowhere", "is a link to `nowhere`, which HEAD does not have"),
        (".", " in HEAD is a "),
    ] {
        let (status, text) = said(&treaty(path, &["breaking", "--against", &format!("git:HEAD:{side}")]));
        assert!(status == 2 && text.contains(expected), "{side}: {status} {text}");
    }
    for side in ["lib", "lib/other", "lib/other/a.proto"] {
        let (status, text) = said(&treaty(path, &["breaking", "--against", "git:HEAD", side]));
        assert!(
            status == 2 && text.contains("`lib/other` in HEAD is a submodule"),
            "{side}: {status} {text}"
        );
    }
    // Of a submodule without contracts nothing could be new.
    let beside = ["breaking", "--against", "git:HEAD", "leading-on"];
    assert_eq!(said(&treaty(path, &beside)).0, 2);
    fs::remove_file(path.join("lib/other/a.proto")).unwrap();
    let (status, text) = said(&treaty(path, &beside));
    assert!(status == 0 && text.contains("nothing breaks"), "{status} {text}");
    // What is new within a folder that a link leads to is new.
    write(path, "proto/shop/v2/a.proto", "syntax = \"proto3\"; package shop.v2; message A {}");
    let (status, text) = said(&treaty(path, &["breaking", "--against", "git:HEAD", "api/shop/v2"]));
    assert!(status == 0 && text.contains("a new contract: there is none in git:HEAD"), "{status} {text}");
}

/// A tree is what it is, wherever it was.
#[test]
fn a_tree_without_a_commit_is_compared_as_it_is() {
    let folder = repository();
    let path = folder.path();
    let tree = git_command(path, &["rev-parse", "HEAD:proto"]).output().unwrap();
    let tree = text(tree.stdout.trim_ascii_end());
    let args = ["breaking", "--against", &format!("git:{tree}"), "--encoding", "binary"];
    assert_eq!(treaty(path, &args).status.code(), Some(1));
    let against = format!("git:{tree}:proto");
    let (status, said) = said(&treaty(path, &["breaking", "--against", &against]));
    assert!(status == 2 && said.contains("there is no `proto` in "), "{status} {said}");
}

#[test]
fn the_repository_is_that_of_the_path_where_here_is_none() {
    let folder = repository();
    let elsewhere = tempfile::tempdir().unwrap();
    let proto = folder.path().join("proto");
    for against in ["git:main", "git:main:proto"] {
        let args = ["breaking", "--against", against, proto.to_str().unwrap(), "--encoding", "binary"];
        let (status, said) = said(&treaty(elsewhere.path(), &args));
        assert_eq!(status, 1, "{against}: {said}");
    }
    let new = folder.path().join("api");
    write(&new, "a.proto", "syntax = \"proto3\"; package a; message A {}");
    let args = ["breaking", "--against", "git:main", new.to_str().unwrap()];
    assert_eq!(treaty(elsewhere.path(), &args).status.code(), Some(0));
}

#[test]
fn without_git_that_is_what_is_said() {
    let folder = folder();
    let output = Command::new(env!("CARGO_BIN_EXE_treaty"))
        .args(["contract", "breaking", "--against", "git:main"])
        .current_dir(folder.path())
        .env("PATH", folder.path())
        .output()
        .unwrap();
    assert_eq!(said(&output), (2, "error: git is not installed, or not on the PATH\n".to_owned()));
}
