//! The same judgements as the official runtimes, over generated schemas and messages.

use crate::{
    corpus::{self, Case},
    differences::{MEANT, SPLIT},
    toolchains::{file, toolchains_are_there},
    vectors,
};
use contract::{compile, schema::Schema};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};
use testkit::programs::{BUILD_PATIENCE, build, output_within, python, run};

const SEED: u64 = 4;
/// How many differences are shown.
const SHOWN: usize = 60;

/// What became of a message, as far as all runtimes must agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Field paths, rule paths, rule ids and whether it is about a key.
    Violations(BTreeSet<String>),
    /// The rules cannot be compiled.
    Compilation,
    /// The message cannot be read, or a rule not be evaluated.
    Runtime,
}

impl Outcome {
    pub(crate) fn of(answer: &Value) -> Self {
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
        let part = |name: &str| element.get(name).map(ToString::to_string).unwrap_or_default();
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
    let output = output_within(judge.stdin(Stdio::from(input)), BUILD_PATIENCE);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{judge:?}: {}\n{stderr}", output.status);
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write_requests(path: &Path, cases: &[Case]) {
    use base64::Engine as _;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    for Case { type_name, bytes, .. } in cases {
        let bytes = base64::engine::general_purpose::STANDARD.encode(bytes);
        writeln!(file, "{}", json!({ "type": type_name, "bytes": bytes })).unwrap();
    }
}

/// The program, built once.
fn go_oracle() -> PathBuf {
    static BUILT: OnceLock<tempfile::TempDir> = OnceLock::new();
    let build = || {
        let folder = tempfile::tempdir().unwrap();
        for name in ["main.go", "go.mod", "go.sum"] {
            std::fs::copy(file("go").join(name), folder.path().join(name)).unwrap();
        }
        build(Command::new("go").args(["build", "-o", "oracle", "."]).current_dir(folder.path()));
        folder
    };
    BUILT.get_or_init(build).path().join("oracle")
}

#[test]
fn the_official_runtimes_judge_the_same() {
    if !toolchains_are_there() {
        return;
    }
    let sources = corpus::sources(SEED);
    let files: Vec<(&str, &str)> =
        sources.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let set = compile::texts(&files).unwrap().bytes;
    let cases = corpus::cases(&Schema::read(&set).unwrap(), &sources.pools, SEED);
    let judged = judge(&set, &cases);
    if let Some(folder) = std::env::var_os("TREATY_WRITE_VECTORS") {
        let [ours, python, go] = &judged;
        let outcomes = |at: usize| [ours, python, go].map(|answers| Outcome::of(&answers[at]));
        let agree = |at: usize| outcomes(at).windows(2).all(|pair| pair[0] == pair[1]);
        let agreed: Vec<bool> = (0..cases.len()).map(agree).collect();
        for (name, prefix) in [("standard", "t.Field"), ("patterns", "t.Pattern")] {
            let source = sources.text(&format!("{name}.proto"));
            vectors::write(&Path::new(&folder).join(name), source, prefix, &cases, python, &agreed);
        }
    }
}

#[test]
fn the_official_runtimes_judge_editions_the_same() {
    if !toolchains_are_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["editions.proto", "editions_2024.proto"] {
        let compiled = folder.path().join("set.binpb");
        let mut protoc = Command::new(python());
        protoc.args(["-m", "grpc_tools.protoc", "--include_imports", "-I"]).arg(file("schemas"));
        protoc.arg("-I").arg(vocabulary()).arg("-o").arg(&compiled);
        run(protoc.arg(name));
        let set = std::fs::read(compiled).unwrap();
        let schema = Schema::read(&set).unwrap();
        let cases: Vec<Case> =
            (0..40).flat_map(|seed| corpus::cases(&schema, &corpus::Pools::new(), seed)).collect();
        judge(&set, &cases);
    }
}

/// The folder of the files that `contract` serves from inside.
fn vocabulary() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/contract/proto").canonicalize().unwrap()
}

/// What Treaty, Python and Go say, after it has been compared.
fn judge(set: &[u8], cases: &[Case]) -> [Vec<Value>; 3] {
    let [ours, python, go] = answers(set, cases);
    compare(cases, &ours, &python, &go);
    [ours, python, go]
}

/// What Treaty, Python and Go say.
pub(crate) fn answers(set: &[u8], cases: &[Case]) -> [Vec<Value>; 3] {
    let folder = tempfile::tempdir().unwrap();
    let (set_path, requests) = (folder.path().join("set.binpb"), folder.path().join("requests.jsonl"));
    std::fs::write(&set_path, set).unwrap();
    write_requests(&requests, cases);
    let mut treaty = Command::new(env!("CARGO_BIN_EXE_treaty"));
    treaty.args(["contract", "validate", "--batch", "--descriptors"]).arg(&set_path);
    let ours = judged(&mut treaty, &requests);
    let mut oracle = Command::new(python());
    let python = judged(oracle.arg(file("python/oracle.py")).arg(&set_path), &requests);
    let go = judged(Command::new(go_oracle()).arg(&set_path), &requests);
    [ours, python, go]
}

/// An answer, and what it says.
pub(crate) struct Answer<'a> {
    text: &'a Value,
    outcome: Outcome,
}

impl Answer<'_> {
    fn of(text: &Value) -> Answer<'_> {
        Answer { outcome: Outcome::of(text), text }
    }

    pub(crate) fn says(&self, part: &str) -> bool {
        let errors = [self.text.get("compilation_error"), self.text.get("runtime_error")];
        errors.into_iter().flatten().filter_map(Value::as_str).any(|error| error.contains(part))
    }

    pub(crate) fn is_malformed(&self) -> bool {
        self.says("malformed: ")
    }

    /// Whether these are some of the other's violations, and exactly `count`.
    pub(crate) fn is_part_of(&self, other: &Self, count: usize) -> bool {
        match (&self.outcome, &other.outcome) {
            (Outcome::Violations(some), Outcome::Violations(all)) => {
                some.len() == count && some.is_subset(all)
            }
            _ => false,
        }
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.outcome == other.outcome
    }

    fn violations(&self) -> Option<&BTreeSet<String>> {
        match &self.outcome {
            Outcome::Violations(found) => Some(found),
            Outcome::Compilation | Outcome::Runtime => None,
        }
    }

    /// Whether these are the other's violations, and more.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        let (all, some) = (self.violations(), other.violations());
        all.zip(some).is_some_and(|(all, some)| all.is_superset(some))
    }

    pub(crate) fn is_runtime_error(&self) -> bool {
        self.outcome == Outcome::Runtime
    }

    pub(crate) fn refuses_rules(&self) -> bool {
        self.outcome == Outcome::Compilation
    }
}

/// Those of all judges on one message.
pub(crate) struct Answers<'a> {
    pub(crate) ours: Answer<'a>,
    pub(crate) python: Answer<'a>,
    pub(crate) go: Answer<'a>,
}

impl Answers<'_> {
    /// Whether all that only one of the runtimes finds has one of these words in it.
    pub(crate) fn differ_only(&self, words: &[&str]) -> bool {
        let (python, go) = (self.python.violations(), self.go.violations());
        python.zip(go).is_some_and(|(python, go)| {
            python.symmetric_difference(go).all(|one| words.iter().any(|word| one.contains(word)))
        })
    }
}

/// Where the two runtimes do not agree with each other, either of them is right, if it is known why.
fn compare(cases: &[Case], ours: &[Value], python: &[Value], go: &[Value]) {
    assert!(cases.len() == ours.len() && cases.len() == python.len() && cases.len() == go.len());
    let mut different: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut valid, mut split, mut meant) = (0, [0; SPLIT.len()], [0; MEANT.len()]);
    for (((case, ours), python), go) in cases.iter().zip(ours).zip(python).zip(go) {
        let answers = Answers { ours: Answer::of(ours), python: Answer::of(python), go: Answer::of(go) };
        let (one, other) = (&answers.python.outcome, &answers.go.outcome);
        valid += usize::from(*one == Outcome::Violations(BTreeSet::new()));
        if answers.ours.outcome == *one && one == other {
            continue;
        }
        // As one of them, or as neither.
        let either = answers.ours.outcome == *one || answers.ours.outcome == *other;
        let (listed, counts) =
            if either { (&SPLIT[..], &mut split[..]) } else { (&MEANT[..], &mut meant[..]) };
        if let Some(at) = listed.iter().position(|difference| (difference.covers)(&answers)) {
            counts[at] += 1;
            continue;
        }
        let Case { type_name, bytes, .. } = case;
        let shown = format!("  {bytes:02x?}\n    ours:   {ours}\n    Python: {python}\n    Go:     {go}\n");
        different.entry(type_name).or_default().push(shown);
    }
    let disagreed: usize = split.iter().sum();
    println!("{} messages, {valid} of them valid; Python and Go disagree on {disagreed}", cases.len());
    for (difference, count) in MEANT.iter().zip(meant).chain(SPLIT.iter().zip(split)) {
        println!("  {count} times: {}", difference.reason);
    }
    let shown =
        |(name, found): (&&str, &Vec<String>)| format!("{name} ({} messages)\n{}", found.len(), found[0]);
    let text: String = different.iter().take(SHOWN).map(shown).collect();
    assert!(different.is_empty(), "messages of {} types are judged otherwise:\n{text}", different.len());
}
