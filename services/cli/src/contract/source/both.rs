//! Two contracts to compare, of which one may not be there yet, or no longer.

use super::{Beside, Input, Reach, Refusal, Source, git, in_words, load};
use contract::{Contract, compile::Sources};

/// Both sides.
pub(in crate::contract) struct Pair {
    pub(in crate::contract) old: Input,
    pub(in crate::contract) new: Input,
    /// What is special about them, where one has no contract: "a new contract: there is none in git:main".
    pub(in crate::contract) lacking: Option<String>,
}

/// Reads both. What a revision does not have, and the same path elsewhere does, is a contract of nothing: there was
/// none yet, or it is gone. Any other path that leads nowhere was mistyped.
pub(in crate::contract) fn both(old: &Source, new: &Source, reach: &Reach) -> Result<Pair, String> {
    let read = |source, other| match load(source, Beside { other: Some(other), services: None }, reach) {
        Ok(input) => Ok(Ok(input)),
        Err(Refusal::Absent(said)) => Ok(Err(said)),
        Err(refusal) => Err(in_words(source, refusal)),
    };
    match (read(old, new)?, read(new, old)?) {
        (Ok(old), Ok(new)) => Ok(Pair { old, new, lacking: None }),
        (Err(_), Ok(there)) if git::is_one_place(old, new) => {
            let lacking = Some(format!("a new contract: there is none in {old}"));
            Ok(Pair { old: nothing()?, new: there, lacking })
        }
        (Ok(there), Err(_)) if git::is_one_place(old, new) => {
            let lacking = Some(format!("a contract that is gone: there is none in {new}"));
            Ok(Pair { old: there, new: nothing()?, lacking })
        }
        (Err(one), Err(other)) if one != other => Err(format!("{one}; {other}")),
        (Err(said), _) | (_, Err(said)) => Err(said),
    }
}

fn nothing() -> Result<Input, String> {
    let contract = Contract::read(Vec::new()).map_err(|error| error.to_string())?;
    Ok(Input { contract, sources: Sources::default() })
}
