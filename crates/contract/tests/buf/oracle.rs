//! `buf lint`, asked.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// Names and texts.
pub(crate) type Files = BTreeMap<String, String>;

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) file: String,
    pub(crate) rule: String,
    /// 0 for the file as a whole.
    pub(crate) line: u32,
}

pub(crate) fn is_there() -> bool {
    let there = Command::new("buf").arg("--version").stdin(Stdio::null()).output();
    let there = there.is_ok_and(|output| output.status.success());
    if !there {
        let required = std::env::var_os("TREATY_REQUIRE_TOOLCHAINS").is_some_and(|value| value == "1");
        assert!(!required, "buf is required (TREATY_REQUIRE_TOOLCHAINS=1) and not there");
        eprintln!("NOT RUN: buf is not there");
    }
    there
}

/// What buf finds in `files` with `rules` alone.
pub(crate) fn lint(files: &Files, rules: &[&str]) -> Vec<Found> {
    let folder = tempfile::tempdir().unwrap();
    let vocabulary = [
        ("treaty/v1/options.proto", include_str!("../../../../proto/treaty/v1/options.proto")),
        ("buf/validate/validate.proto", include_str!("../../proto/buf/validate/validate.proto")),
        ("google/rpc/code.proto", include_str!("../../proto/google/rpc/code.proto")),
    ];
    vocabulary.iter().for_each(|(name, text)| write(&folder.path().join("vocabulary"), name, text));
    files.iter().for_each(|(name, text)| write(&folder.path().join("ours"), name, text));
    let rules = rules.join(", ");
    let config = format!(
        "version: v2\nmodules:\n  - path: ours\n  - path: vocabulary\n    lint:\n      ignore: [vocabulary]\nlint:\n  use: [{rules}]\n"
    );
    fs::write(folder.path().join("buf.yaml"), config).unwrap();
    let output = Command::new("buf")
        .args(["lint", "--error-format", "json"])
        .current_dir(folder.path())
        .env("BUF_CACHE_DIR", folder.path().join("cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // 100: findings.
    let judged = output.status.success() || output.status.code() == Some(100);
    assert!(judged, "{}{files:#?}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut found: Vec<Found> = text.lines().filter_map(found).collect();
    found.sort();
    found
}

fn found(line: &str) -> Option<Found> {
    let object: serde_json::Value = serde_json::from_str(line).unwrap();
    let file = object["path"].as_str()?.strip_prefix("ours/")?.to_owned();
    let line = u32::try_from(object["start_line"].as_u64().unwrap_or_default()).unwrap();
    let rule = object["type"].as_str()?.to_owned();
    let line = crate::differences::comparable(&rule, line);
    Some(Found { file, rule, line })
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
