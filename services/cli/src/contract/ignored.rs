//! Files and folders that somebody wants left out, by the names that imports have.

use super::{
    source::{file_name, set_files},
    style,
};
use contract::{Contract, compile::Sources};

/// Whether the file is the one that is named, or within the folder.
pub(super) fn covers(named: &str, file: &str) -> bool {
    let named = named.trim_start_matches("./").trim_end_matches('/');
    file.strip_prefix(named).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What leaves out nothing is misspelt, and nobody would notice. What is there, and was not asked for, is fine.
///
/// # Errors
/// A contract is no sound descriptor set.
pub(super) fn warn_of_idle(
    option: &str,
    ignored: &[String],
    contracts: &[&Contract],
    sources: &Sources,
) -> Result<(), String> {
    if ignored.is_empty() {
        return Ok(());
    }
    let mut files = Vec::new();
    for contract in contracts {
        for file in set_files(&contract.bytes)? {
            files.push(file_name(&file)?);
        }
    }
    let idle = |named: &&String| !files.iter().any(|file| covers(named, file)) && !sources.leads_to(named);
    for named in ignored.iter().filter(idle) {
        style::warn(&format!(
            "{option}: there is no file or folder `{named}`: the names are those that imports have"
        ));
    }
    Ok(())
}
