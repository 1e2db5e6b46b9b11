//! The hook of `docs/contract-tool.md`, literally: it judges what is staged.

use crate::{
    git::{git, git_command},
    support::{MONEY, TILL, folder, text, write},
};
use std::{env, fs, os::unix::fs::PermissionsExt as _, path::Path};

/// The first shell script behind the heading.
fn recipe() -> String {
    let page = include_str!("../../../../docs/contract-tool.md");
    let (_, section) = page.split_once("## Before every commit").unwrap();
    let (_, script) = section.split_once("```sh\n").unwrap();
    script.split_once("```").unwrap().0.to_owned()
}

/// Commits what is staged; whether the hook let it pass, and what was said.
fn commit(folder: &Path) -> (bool, String) {
    let treaty = Path::new(env!("CARGO_BIN_EXE_treaty")).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap();
    let path = env::join_paths([treaty].into_iter().chain(env::split_paths(&path))).unwrap();
    let done = git_command(folder, &["commit", "-q", "-m", "It"]).env("PATH", path).output().unwrap();
    (done.status.success(), text(&done.stdout) + &text(&done.stderr))
}

#[test]
fn the_hook_judges_what_is_staged_and_not_what_lies_about() {
    let folder = folder();
    let path = folder.path();
    git(path, &["init", "-q"]);
    let hook = path.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, recipe()).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
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
