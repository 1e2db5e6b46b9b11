//! The same judgements as the official runtimes, over generated schemas and messages.

use crate::{
    corpus::{self, Case},
    toolchains::{available, file, python, python_is_there, run},
};
use contract::{compile, schema::Schema};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const SEED: u64 = 4;
/// How many differences are shown.
const SHOWN: usize = 60;

/// What became of a message, as far as all runtimes must agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Field paths, rule paths, rule ids and whether it is about a key.
    Violations(BTreeSet<String>),
    /// The rules cannot be compiled.
    Compilation,
    /// The message cannot be read, or a rule not be evaluated.
    Runtime,
}

impl Outcome {
    fn of(answer: &Value) -> Self {
        if answer.get("compilation_error").is_some() {
            return Self::Compilation;
        }
        let Some(violations) = answer.get("violations") else { return Self::Runtime };
        let key = |violation: &Value| {
            let part = |name: &str| violation.get(name).map(path).unwrap_or_default();
            let for_key = violation.get("forKey").is_some_and(|found| found == true);
            let id = violation.get("ruleId").and_then(Value::as_str).unwrap_or_default();
            format!(
                "{} [{id}] by {}{}",
                part("field"),
                part("rule"),
                if for_key { " of the key" } else { "" }
            )
        };
        Self::Violations(violations.as_array().unwrap().iter().map(key).collect())
    }
}

/// All that a path says, in one line.
fn path(path: &Value) -> String {
    let elements = path.get("elements").and_then(Value::as_array).into_iter().flatten();
    let element = |element: &Value| {
        let part = |name: &str| element.get(name).map(|value| value.to_string()).unwrap_or_default();
        let subscripts = ["index", "boolKey", "intKey", "uintKey", "stringKey"];
        let subscript: String = subscripts.iter().map(|name| part(name)).collect();
        let types: String =
            ["fieldType", "keyType", "valueType"].map(|name| part(name).replace("TYPE_", "")).concat();
        format!("{}={}:{types}[{subscript}]", part("fieldName"), part("fieldNumber")).replace('"', "")
    };
    elements.map(element).collect::<Vec<_>>().join("/")
}

/// Those of one judge, in the order of the requests.
fn judged(judge: &mut Command, requests: &Path) -> Vec<Value> {
    let input = std::fs::File::open(requests).unwrap();
    let output = judge.stdin(Stdio::from(input)).stderr(Stdio::piped()).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{judge:?}: {}\n{stderr}", output.status);
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write_requests(path: &Path, cases: &[Case]) {
    use base64::Engine as _;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    for Case { type_name, bytes } in cases {
        let bytes = base64::engine::general_purpose::STANDARD.encode(bytes);
        writeln!(file, "{}", json!({ "type": type_name, "bytes": bytes })).unwrap();
    }
}

fn go_oracle(folder: &Path) -> PathBuf {
    for name in ["main.go", "go.mod", "go.sum"] {
        std::fs::copy(file("go").join(name), folder.join(name)).unwrap();
    }
    let program = folder.join("oracle");
    run(Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(folder));
    program
}

#[test]
fn the_official_runtimes_judge_the_same() {
    if !python_is_there() || !available("Go", Command::new("go").arg("version")) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let go_oracle = go_oracle(folder.path());
    let sources = corpus::sources(SEED);
    let files: Vec<(&str, &str)> =
        sources.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let set = compile::texts(&files).unwrap().bytes;
    let cases = corpus::cases(&Schema::read(&set).unwrap(), &sources.pools, SEED);
    let (set_path, requests) = (folder.path().join("set.binpb"), folder.path().join("requests.jsonl"));
    std::fs::write(&set_path, &set).unwrap();
    write_requests(&requests, &cases);
    if let Some(kept) = std::env::var_os("TREATY_KEEP_CORPUS") {
        std::fs::copy(&set_path, Path::new(&kept).join("set.binpb")).unwrap();
        std::fs::copy(&requests, Path::new(&kept).join("requests.jsonl")).unwrap();
    }
    let mut ours = Command::new(env!("CARGO_BIN_EXE_treaty"));
    ours.args(["contract", "validate", "--batch", "--descriptors"]).arg(&set_path);
    let ours = judged(&mut ours, &requests);
    let mut python_oracle = Command::new(python());
    let python = judged(python_oracle.arg(file("python/oracle.py")).arg(&set_path), &requests);
    let go = judged(Command::new(go_oracle).arg(&set_path), &requests);
    compare(&cases, &ours, &python, &go);
}

/// Where the two do not agree among themselves, either of them is right.
fn compare(cases: &[Case], ours: &[Value], python: &[Value], go: &[Value]) {
    assert!(cases.len() == ours.len() && cases.len() == python.len() && cases.len() == go.len());
    let mut different: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut valid, mut split) = (0, 0);
    for (((case, ours), python), go) in cases.iter().zip(ours).zip(python).zip(go) {
        let [our_outcome, one, other] = [ours, python, go].map(Outcome::of);
        valid += usize::from(one == Outcome::Violations(BTreeSet::new()));
        split += usize::from(one != other);
        if our_outcome != one && our_outcome != other {
            let Case { type_name, bytes } = case;
            let shown =
                format!("  {bytes:02x?}\n    ours:   {ours}\n    Python: {python}\n    Go:     {go}\n");
            different.entry(type_name).or_default().push(shown);
        }
    }
    println!("{} messages, {valid} of them valid; Python and Go disagree on {split}", cases.len());
    let shown =
        |(name, found): (&&str, &Vec<String>)| format!("{name} ({} messages)\n{}", found.len(), found[0]);
    let text: String = different.iter().take(SHOWN).map(shown).collect();
    assert!(different.is_empty(), "messages of {} types are judged otherwise:\n{text}", different.len());
}
