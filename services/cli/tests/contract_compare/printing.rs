//! What cannot be printed was not said.

use crate::support::{command, text, versions, write};
use std::{
    fs::File,
    io,
    process::{Output, Stdio},
};

const COMMANDS: &[&[&str]] = &[
    &["check", "old"],
    &["check", "old", "--output", "json"],
    &["check", "old", "--output", "sarif"],
    &["explain", "shop.v1.Till", "--from", "old"],
    &["rules"],
    &["diff", "old", "new"],
    &["breaking", "old", "new"],
    &["breaking", "old", "old"],
    &["export", "old", "-o", "-"],
    &["validate", "--descriptors", "old", "--type", "shop.v1.Money", "empty"],
    &["validate", "--descriptors", "old", "--batch", "batch"],
];

fn each(stdout: impl Fn() -> Stdio, check: impl Fn(&[&str], Output)) {
    let folder = versions(|text| text.replace("int64 units = 2", "string units = 2"));
    write(folder.path(), "empty", "");
    write(folder.path(), "batch", "{\"type\": \"shop.v1.Money\", \"bytes\": \"\"}\n\n");
    for args in COMMANDS {
        let mut command = command(folder.path(), args);
        check(args, command.stdin(Stdio::null()).stdout(stdout()).output().unwrap());
    }
}

#[test]
fn a_full_disk_is_no_success() {
    let full = || File::create("/dev/full").unwrap().into();
    each(full, |args, output| {
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(
            said.ends_with("error: standard output: No space left on device (os error 28)\n"),
            "{args:?}: {said}"
        );
    });
}

#[test]
fn who_reads_no_further_had_enough() {
    let nobody = || {
        let (_, writer) = io::pipe().unwrap();
        writer.into()
    };
    each(nobody, |args, output| {
        let breaks = args == ["breaking", "old", "new"];
        assert_eq!(output.status.code(), Some(i32::from(breaks)), "{args:?}: {}", text(&output.stderr));
    });
}
