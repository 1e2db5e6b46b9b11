//! Hostile contracts: whatever their options say, they are read or refused, and what is wrong with them is told, in
//! bounds, and the same twice.
#![no_main]

use compat::Party;
use contract::{
    Contract,
    lint::{self, Settings},
};
use fuzz::Source;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static IMPORTS: LazyLock<Vec<u8>> = LazyLock::new(|| Source::options().imports());
/// Of each severity a thousand, and how many more there are.
const MAX_FOUND: usize = 2002;

fuzz_target!(init: fuzz::write_seeds("intake", seeds()), |bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let set = if which & 1 == 0 { fuzz::with(&IMPORTS, bytes) } else { bytes.to_vec() };
    let read = Contract::read(set.clone());
    let party = Party::read(set);
    let contract = match read {
        Ok(contract) => contract,
        Err(error) => return assert_eq!(error.to_string(), party.expect_err("refused too").to_string()),
    };
    let found = lint::lint(&contract);
    assert!(found.len() <= MAX_FOUND && found == lint::lint(&contract));
    let (errors, count) = lint::errors(&contract, 7);
    assert!(errors.len() == count.min(7));
    let checked = lint::check(&contract, &Settings::default());
    assert!(checked.findings.len() <= MAX_FOUND && checked.suppressed.len() <= MAX_FOUND);
    assert!(checked == lint::check(&contract, &Settings::default()));
    for finding in &checked.findings {
        assert!(!finding.message.is_empty() && lint::find(finding.rule).is_some(), "{finding:?}");
    }
});

fn seeds() -> impl Iterator<Item = (String, Vec<u8>)> {
    let seed = |(name, file): (String, Vec<u8>)| (name, [&[0], file.as_slice()].concat());
    let whole = Source::shapes()
        .seeds()
        .into_iter()
        .map(|(name, file)| (name, [vec![1], fuzz::record(&file)].concat()));
    Source::options().seeds().into_iter().chain(Source::rules().seeds()).map(seed).chain(whole)
}
