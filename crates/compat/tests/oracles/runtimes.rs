//! The same pairs and messages, written and read by other runtimes: one process answers all.

use crate::{
    buf::{Version, image, made},
    pair::{Pair, Side, WAYS},
};
use compat::{Encoding, Finding, Level, Party};
use prost::Message as _;
use prost_reflect::DescriptorPool;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Stdio},
    rc::Rc,
};
use testkit::{
    programs::{BUILD_PATIENCE, output_within},
    versions::{self, CHANGES, Choices, Node},
};

/// Versions of each change, in each syntax.
const EACH: usize = 4;
/// And versions with several changes.
const MIXED: u64 = 300;
/// Descriptor sets have their limits.
const AT_ONCE: usize = 600;
/// Of each version, each way round.
const MESSAGES: usize = 6;

/// Both sides of a version.
struct Sides {
    name: String,
    sides: [Side; 2],
}

/// What is asked of the runtime, and how the answer is judged.
struct Question<'s> {
    of: &'s Sides,
    pair: Rc<Pair<'s>>,
    /// Whose example it is; nothing: a random message.
    example: Option<Finding>,
}

/// Has a program that does as runtime.py does write and read all of that. Where it takes more than the
/// specification lets it, `indulgent` says so of findings whose examples then show nothing.
pub(crate) fn agrees(mut runtime: impl FnMut() -> Command, indulgent: fn(&Finding) -> bool) {
    let mut versions = made(EACH);
    versions.extend((0..asked("PROPTEST_CASES", 4 * MIXED) / 4).filter_map(mixed));
    let mut wrong = BTreeMap::new();
    for versions in versions.chunks(AT_ONCE) {
        judge(versions, &mut runtime(), indulgent, &mut wrong);
    }
    let first = |texts: &Vec<String>| format!("({} times) {}", texts.len(), texts[0]);
    assert!(wrong.is_empty(), "{}", wrong.values().map(first).collect::<Vec<_>>().join("\n"));
}

fn judge(
    versions: &[Version],
    runtime: &mut Command,
    indulgent: fn(&Finding) -> bool,
    wrong: &mut BTreeMap<String, Vec<String>>,
) {
    let images = [
        image(versions.iter().map(|version: &Version| &version.old)),
        image(versions.iter().map(|version: &Version| &version.new)),
    ];
    let parties = images.clone().map(|image| Party::read(image).unwrap());
    let pools = images.each_ref().map(|image| DescriptorPool::decode(image.as_slice()).unwrap());
    let sides: Vec<Sides> = (0..versions.len())
        .map(|at| {
            let name = format!("p{at}.M");
            let side = |which: usize| Side {
                party: parties[which].clone(),
                message: pools[which].get_message_by_name(&name).unwrap(),
            };
            Sides { sides: [side(0), side(1)], name }
        })
        .collect();
    let (mut questions, mut requests) = (Vec::new(), Vec::new());
    let seed = asked("PROPTEST_RNG_SEED", 0);
    for (at, of) in sides.iter().enumerate() {
        for writer in [0, 1] {
            ask(seed.wrapping_mul(1000).wrapping_add(at as u64), of, writer, &mut questions, &mut requests);
        }
    }
    let answers = answers(runtime, &images, &requests);
    assert_eq!(answers.len(), questions.len());
    let (mut refused, mut examples) = (0, 0);
    for ((question, request), answer) in questions.iter().zip(&requests).zip(&answers) {
        refused += usize::from(answer.get("error").is_some());
        examples += usize::from(question.example.is_some());
        if let Some(reason) = refute(question, answer, indulgent) {
            let version =
                &versions[question.of.name[1..].strip_suffix(".M").unwrap().parse::<usize>().unwrap()];
            let Version { change, old, new } = version;
            let text =
                format!("{change:?} {:?}: {reason}\n{request}\n{answer}\n{old}\n{new}", question.pair.way);
            wrong.entry(format!("{change:?}")).or_default().push(text);
        }
    }
    println!("{} reads, {refused} refused, {examples} of them examples", answers.len());
}

/// How many, or with which seed, somebody asks for who lets it run for long (`just properties`).
fn asked(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Three changes at once; nothing: what comes of them does not compile.
fn mixed(at: u64) -> Option<Version> {
    let seed = asked("PROPTEST_RNG_SEED", 0).wrapping_mul(1_000_003).wrapping_add(at);
    let (schema, changes) = (versions::bytes(seed.wrapping_add(1_000_000), 100), versions::bytes(!seed, 60));
    let old = versions::grow(&mut Choices::of(&schema));
    let (mut new, mut choices) = (old.clone(), Choices::of(&changes));
    let made = [(); 3].map(|()| choices.pick(CHANGES));
    made.iter().for_each(|change| _ = versions::change(&mut new, *change, &mut choices));
    let (old, new) = (old.text("p"), new.text("p"));
    let sound = |text: &str| contract::compile::texts(&[("p.proto", text)]).is_ok();
    (sound(&old) && sound(&new)).then_some(Version { change: made[0], old, new })
}

/// Random messages, and the examples of all findings.
fn ask<'s>(
    seed: u64,
    of: &'s Sides,
    writer: usize,
    questions: &mut Vec<Question<'s>>,
    requests: &mut Vec<Value>,
) {
    let bytes = versions::bytes(seed.wrapping_mul(2).wrapping_add(writer as u64), 400);
    let mut choices = Choices::of(&bytes);
    let message = &of.sides[writer].message;
    let messages: Vec<String> = (0..MESSAGES)
        .map(|at| hex(&versions::random(message, &mut choices, at % 2 == 1).encode_to_vec()))
        .collect();
    for way in WAYS {
        let request = |key: &str, value: &str| json!({ "type": of.name, "writer": writer, key: value, "json": way.json(), "lenient": way.lenient });
        let pair = Rc::new(Pair::new(&of.sides[writer], &of.sides[1 - writer], way));
        let mut push = |request: Value, example: Option<&Finding>| {
            questions.push(Question { of, pair: Rc::clone(&pair), example: example.cloned() });
            requests.push(request);
        };
        messages.iter().for_each(|bytes| push(request("bytes", bytes), None));
        for finding in pair.bad() {
            let Some(example) = &finding.example else { continue };
            let request = match way.encoding {
                Encoding::Binary => request("bytes", &hex(&example.bytes)),
                Encoding::Json => request("text", std::str::from_utf8(&example.bytes).unwrap()),
            };
            push(request, Some(finding));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An answer to each request. Upb 7.36 dies of some maps; whoever dies begins again behind what it died of.
fn answers(runtime: &mut Command, images: &[Vec<u8>; 2], requests: &[Value]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("old.binpb"), &images[0]).unwrap();
    std::fs::write(path("new.binpb"), &images[1]).unwrap();
    runtime.args([path("old.binpb"), path("new.binpb")]);
    let mut answers: Vec<Value> = Vec::with_capacity(requests.len());
    while answers.len() < requests.len() {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path("requests.jsonl")).unwrap());
        requests[answers.len()..].iter().for_each(|request| writeln!(file, "{request}").unwrap());
        file.flush().unwrap();
        let asked = std::fs::File::open(path("requests.jsonl")).unwrap();
        let output = output_within(runtime.stdin(Stdio::from(asked)), BUILD_PATIENCE);
        let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        answers.extend(lines.map(|line| serde_json::from_slice::<Value>(line).unwrap()));
        if output.status.code().is_none() && answers.len() < requests.len() {
            answers.push(json!({ "died": output.status.to_string() }));
        } else {
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && answers.len() == requests.len(), "{} {told}", output.status);
        }
    }
    answers
}

/// What is wrong with a verdict, or an example.
fn refute(question: &Question<'_>, answer: &Value, indulgent: fn(&Finding) -> bool) -> Option<String> {
    let Question { pair, example, .. } = question;
    let told = |reason: String| Some(format!("{reason}\n  found: {}", pair.summary()));
    if let Some(error) = answer.get("unwritable") {
        return told(format!("its writer does not write that: {error}"));
    }
    if answer.get("died").is_some() {
        let breaks = pair.bad().any(|finding| finding.level == Level::Breaking);
        return if breaks { None } else { told("its reader dies, and nothing of that is found".to_owned()) };
    }
    let written = Node::parse(&answer["written"]);
    let Some(read) = answer.get("read").map(Node::parse) else {
        let error = answer["error"].as_str().unwrap();
        if example.as_ref().is_some_and(|finding| finding.level == Level::Breaking) {
            return None;
        }
        // Neither is a field that has another number where it is required.
        let missing = |finding: &Finding| {
            matches!(finding.rule, "field-required" | "field-renumbered") || pair.is_required(finding)
        };
        let places = versions::places(&pair.writer.message, &written, &pair.reader.message, pair.way.json());
        // In JSON, the field that is missing may have another number.
        let named = |finding: &Finding| {
            let name = finding.path.rsplit('.').next().unwrap_or_default();
            finding.level == Level::Breaking && error.split([' ', ',', '.', '[']).any(|word| word == name)
        };
        let found = pair.finds(places.iter(), Level::Breaking)
            || error.starts_with("required") && pair.bad().any(|finding| missing(finding) || named(finding));
        return if found {
            None
        } else {
            told(format!("it is refused, and nothing of that is found: {error}"))
        };
    };
    match example {
        Some(finding) if pair.shows(finding, &written, &read) || indulgent(finding) => None,
        Some(finding) => told(format!("the example of {} shows nothing", finding.rule)),
        None => pair
            .unfound(&written, &read)
            .and_then(|found| told(format!("it is read otherwise, and nothing of that is found: {found:?}"))),
    }
}
