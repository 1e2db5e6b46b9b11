//! Two hostile contracts: they are compared, in bounds, and judged the same twice.
//!
//! The first byte says how; then a file and its length. The rest is either another file, or the changes that make the
//! next version of the first.
#![no_main]

use compat::{Encodings, Finding, History, JsonReaders, Level, Party, Settings, Usage, rules::RULES};
use fuzz::{Source, mutate};
use libfuzzer_sys::fuzz_target;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

static IMPORTS: LazyLock<Vec<u8>> = LazyLock::new(|| Source::shapes().imports());
/// Of a file of so many bytes, examples and words are not larger: a message has a path of at most 90 steps.
const MAX_SAID: usize = 1 << 20;
const MAX_FOUND: usize = 60_000;

fuzz_target!(init: fuzz::write_seeds("compat", seeds()), |bytes: &[u8]| {
    let Some((how, one, rest)) = parts(bytes) else { return };
    let other = if how & 1 == 0 { mutate::version(one, rest) } else { Some(rest.to_vec()) };
    let party = |file: &[u8]| Party::read(fuzz::with(&IMPORTS, file));
    let (Ok(one), Some(Ok(other))) = (party(one), other.map(|file| party(&file))) else { return };
    let history = if how & 2 == 0 { History::default() } else { History::of(&[other.clone(), one.clone()]) };
    let settings = Settings {
        encodings: Encodings { binary: how & 12 != 4, json: how & 12 != 8 },
        readers: [JsonReaders::Specified, JsonReaders::Strict, JsonReaders::Lenient][usize::from(how >> 4) % 3],
        history: &history,
        caller: (how & 64 != 0).then_some("shop/web"),
        today: Some((2027, 1, 1)),
    };
    let verdicts = compat::breaking(&one, &other, &settings);
    assert!(verdicts == compat::breaking(&one, &other, &settings));
    let found: Vec<_> = verdicts.iter().flat_map(|verdict| verdict.findings()).cloned().collect();
    check(&found);
    check(&compat::all_types(&one, &other, &settings));
    let (methods, written) = (BTreeSet::from(["Call".to_owned()]), BTreeMap::from([("Call".to_owned(), paths())]));
    let usage = Usage { methods: Some(&methods), written: Some(&written) };
    for service in &other.contract.services {
        check(&compat::judge(&other, &one, &service.name, &usage, &settings).findings().cloned().collect::<Vec<_>>());
    }
});

fn parts(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(3)?;
    let (one, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([head[1], head[2]])))?;
    Some((head[0], one, rest))
}

fn check(found: &[Finding]) {
    assert!(found.len() <= MAX_FOUND, "{} findings", found.len());
    for finding in found {
        let rule = RULES.iter().find(|rule| rule.id == finding.rule).unwrap_or_else(|| panic!("{finding:?}"));
        assert!(rule.levels.contains(&finding.level), "{finding:?}");
        assert!(!finding.message.is_empty() && finding.numbers.len() <= 90, "{finding:?}");
        assert!(finding.level == Level::Safe || !finding.remedy.is_empty(), "{finding:?}");
        let example = finding.example.iter().flat_map(|example| [example.bytes.len(), example.read.len()]);
        let said = example.chain([finding.message.len(), finding.path.len(), finding.written.text.len()]);
        assert!(said.max().unwrap_or_default() <= MAX_SAID, "{} says too much", finding.rule);
    }
}

fn paths() -> BTreeSet<Vec<u32>> {
    (1..10).flat_map(|at| [vec![at], vec![10, at], vec![4, 2, at]]).collect()
}

/// Each file with changes here and there, and beside itself.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let files =
        || Source::shapes().seeds().into_iter().chain(Source::options().seeds().into_iter().map(bare));
    let head = |how: u8, file: &[u8]| {
        [&[how], &u16::try_from(file.len()).expect("short").to_le_bytes()[..], file].concat()
    };
    let mut seeds = Vec::new();
    for (name, file) in files() {
        seeds.push((format!("{name}-same"), [head(1, &file), file.clone()].concat()));
        for changes in 0..6_u8 {
            let changes: Vec<u8> = (0..8).flat_map(|at| [at * 31, changes & 1, changes, at * 17]).collect();
            seeds.push((format!("{name}-{}", changes[2]), [head(0, &file), changes].concat()));
        }
    }
    seeds
}

fn bare((name, file): (String, Vec<u8>)) -> (String, Vec<u8>) {
    let file = mutate::bare(&file);
    (name, file)
}
