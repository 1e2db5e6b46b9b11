//! The hook of `docs/contract-tool.md`, literally: it judges what is staged.

use crate::{
    git::{git, git_command},
    support::{MONEY, TILL, folder, text, write},
};
use std::{env, ffi::OsString, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

/// The first shell script behind the words.
fn recipe(behind: &str) -> String {
    let page = include_str!("../../../../docs/contract-tool.md");
    let (_, section) = page.split_once(behind).unwrap();
    let (_, script) = section.split_once("```sh\n").unwrap();
    script.split_once("```").unwrap().0.to_owned()
}

/// With `treaty` among them.
fn programs() -> OsString {
    let treaty = Path::new(env!("CARGO_BIN_EXE_treaty")).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap();
    env::join_paths([treaty].into_iter().chain(env::split_paths(&path))).unwrap()
}

/// Commits what is staged; whether the hook let it pass, and what was said.
fn commit(folder: &Path) -> (bool, String) {
    let done = git_command(folder, &["commit", "-q", "-m", "It"]).env("PATH", programs()).output().unwrap();
    (done.status.success(), text(&done.stdout) + &text(&done.stderr))
}

/// A repository with the hook, and nothing staged.
fn hooked(path: &Path) {
    git(path, &["init", "-q"]);
    let hook = path.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, recipe("## Before every commit")).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_first_contract_of_an_old_repository_may_be_committed_and_the_last_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    hooked(path);
    write(path, "README", "A shop");
    git(path, &["add", "."]);
    assert_eq!(commit(path), (true, String::new()), "no contract is being committed");

    write(path, "proto/shop/v1/till.proto", TILL);
    write(path, "proto/shop/v1/money.proto", MONEY);
    git(path, &["add", "."]);
    let (passed, said) = commit(path);
    assert!(passed && said.contains("nothing breaks in a new contract"), "{said}");

    git(path, &["rm", "-q", "-r", "proto"]);
    let (passed, said) = commit(path);
    assert!(!passed && said.contains("a contract that is gone") && said.contains("shop.v1"), "{said}");
}

/// "Anywhere else": a branch, and the main that it was made from.
#[test]
fn the_recipe_of_pipelines_works_before_there_is_a_contract_and_with_the_first() {
    let (origin, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(origin.path(), "README", "A shop");
    git(origin.path(), &["init", "-q"]);
    git(origin.path(), &["add", "."]);
    git(origin.path(), &["commit", "-q", "-m", "No contract"]);
    git(origin.path(), &["config", "receive.denyCurrentBranch", "ignore"]);
    let path = folder.path();
    git(path, &["clone", "-q", origin.path().to_str().unwrap(), "."]);
    let run = || {
        let mut shell = Command::new("sh");
        shell.args(["-c", &recipe("Anywhere else:")]).current_dir(path).env_remove("GIT_DIR");
        let done = shell.env("PATH", programs()).env("HOME", path).output().unwrap();
        (done.status.code(), text(&done.stdout) + &text(&done.stderr))
    };
    assert_eq!(run(), (Some(0), String::new()), "there is no contract yet");
    write(
        path,
        "proto/shop/v1/till.proto",
        &TILL.replace("  rpc Refund(PayRequest) returns (PayResponse);\n", "").replace(" RED", " COLOUR_RED"),
    );
    write(path, "proto/shop/v1/money.proto", MONEY);
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "The first contract"]);
    let (status, said) = run();
    assert!(status == Some(0) && said.contains("nothing breaks in a new contract"), "{status:?} {said}");
    git(path, &["push", "-q", "origin", "HEAD:main"]);
    git(path, &["rm", "-q", "-r", "proto"]);
    git(path, &["commit", "-q", "-m", "The last contract"]);
    let (status, said) = run();
    assert!(status == Some(1) && said.contains("a contract that is gone"), "{status:?} {said}");
}

#[test]
fn the_hook_judges_what_is_staged_and_not_what_lies_about() {
    let folder = folder();
    let path = folder.path();
    hooked(path);
    git(path, &["add", "."]);
    let (passed, said) = commit(path);
    assert!(passed, "the first commit breaks nobody: {said}");

    let money = "proto/shop/v1/money.proto";
    let breaks = MONEY.replace("int64 units = 2", "string units = 2");
    write(path, money, &breaks);
    git(path, &["add", money]);
    write(path, money, MONEY);
    let (passed, said) = commit(path);
    assert!(!passed && said.contains("error[field-type]"), "what is staged breaks: {said}");
    assert!(said.contains("--> proto/shop/v1/money.proto:7:3"), "{said}");

    git(path, &["add", money]);
    write(path, "proto/shop/v1/till.proto", &TILL.replace("// The till.", "// The till, by the door."));
    git(path, &["add", "proto/shop/v1/till.proto"]);
    write(path, money, &breaks);
    let (passed, said) = commit(path);
    assert!(passed, "what is not staged breaks nobody yet: {said}");

    write(path, "proto/shop/v1/till.proto", &TILL.replace("timeout: \"2s\"", "timeout: \"2\""));
    git(path, &["add", "proto/shop/v1/till.proto"]);
    let (passed, said) = commit(path);
    assert!(!passed && said.contains("error[bad-duration]"), "check is asked too: {said}");
}
