//! What to look for, and how bad it is.

use super::{
    Severity,
    near::nearest,
    rule::{self, Category, Rule},
};
use std::collections::{BTreeMap, BTreeSet};

/// What to look for, and how bad it is. By default every rule but those that are off, as bad as it says.
#[derive(Clone, Debug)]
pub struct Settings {
    on: BTreeSet<&'static str>,
    severities: BTreeMap<&'static str, Severity>,
    /// Folders and files, by the names they have in the set, in which nothing but errors of the contract is
    /// looked for.
    pub ignore: Vec<String>,
    /// What names of services end with (`service-suffix`).
    pub service_suffix: String,
    /// What names of enums' zero values end with (`enum-zero-value-suffix`).
    pub enum_zero_value_suffix: String,
    /// The files that somebody asked for; those that they import are not looked at for names and design.
    /// `None`: every file but those of the vocabulary and of Google's, and those that a buf image calls imports.
    pub targets: Option<BTreeSet<String>>,
}

/// What cannot be set so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no such rule or category.
    #[error("`{name}` is neither a rule nor a category{}", meant.as_ref().map(|meant| format!("; `{meant}` is one")).unwrap_or_default())]
    Unknown {
        /// What was written.
        name: String,
        /// What may have been meant.
        meant: Option<String>,
    },
    /// The control plane refuses what breaks it.
    #[error("`{rule}` stays an error: the control plane refuses what breaks it")]
    Refused {
        /// The rule.
        rule: &'static str,
    },
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            on: rule::rules().filter(|rule| rule.on).map(|rule| rule.id).collect(),
            severities: BTreeMap::new(),
            ignore: Vec::new(),
            service_suffix: "Service".to_owned(),
            enum_zero_value_suffix: "_UNSPECIFIED".to_owned(),
            targets: None,
        }
    }
}

impl Settings {
    /// Those of `names` alone: categories ("STANDARD") and rules, by our ids or buf's. What the control plane
    /// refuses is looked for besides. A rule that is off by default has to be named itself.
    ///
    /// # Errors
    /// When a name means nothing.
    pub fn only<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> Result<(), SettingError> {
        self.on = rule::rules().filter(|rule| rule.is_refused()).map(|rule| rule.id).collect();
        for name in names {
            let found = named(name)?;
            let whole = found.len() > 1;
            // A category that is off as a whole is meant as a whole.
            let dormant = found.iter().all(|rule| !rule.on);
            self.on.extend(found.into_iter().filter(|rule| !whole || rule.on || dormant).map(|rule| rule.id));
        }
        Ok(())
    }

    /// Not what `name` means.
    ///
    /// # Errors
    /// When the name means nothing, or a rule that the control plane insists on.
    pub fn except(&mut self, name: &str) -> Result<(), SettingError> {
        let found = named(name)?;
        if let [rule] = found.as_slice()
            && rule.is_refused()
        {
            return Err(SettingError::Refused { rule: rule.id });
        }
        for rule in found.into_iter().filter(|rule| !rule.is_refused()) {
            self.on.remove(rule.id);
        }
        Ok(())
    }

    /// Besides, what `name` means, even if it is off by default.
    ///
    /// # Errors
    /// When the name means nothing.
    pub fn also(&mut self, name: &str) -> Result<(), SettingError> {
        self.on.extend(named(name)?.into_iter().map(|rule| rule.id));
        Ok(())
    }

    /// How bad it is to break what `name` means.
    ///
    /// # Errors
    /// When the name means nothing, or a rule that the control plane insists on.
    pub fn weigh(&mut self, name: &str, severity: Severity) -> Result<(), SettingError> {
        let found = named(name)?;
        if let [rule] = found.as_slice()
            && rule.is_refused()
        {
            return Err(SettingError::Refused { rule: rule.id });
        }
        let free = found.into_iter().filter(|rule| !rule.is_refused());
        self.severities.extend(free.map(|rule| (rule.id, severity)));
        Ok(())
    }

    /// Whether the rule is looked for.
    pub fn is_on(&self, rule: &str) -> bool {
        self.on.contains(rule)
    }

    pub(super) fn severity(&self, rule: &str) -> Option<Severity> {
        self.severities.get(rule).copied()
    }

    pub(super) fn ignores(&self, file: &str) -> bool {
        let within = |folder: &String| {
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            file.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.ignore.iter().any(within)
    }
}

fn named(name: &str) -> Result<Vec<&'static Rule>, SettingError> {
    if let Some(category) = Category::ALL.into_iter().find(|category| category.name() == name) {
        return Ok(rule::rules().filter(|rule| rule.category == category).collect());
    }
    match rule::find(name) {
        Some(rule) => Ok(vec![rule]),
        None => Err(SettingError::Unknown { name: name.to_owned(), meant: meant(name) }),
    }
}

/// The rule or category that `name` misspells, if it is plain which.
fn meant(name: &str) -> Option<String> {
    let ids = rule::rules().map(|rule| rule.id).chain(Category::ALL.into_iter().map(Category::name));
    nearest(name, ids).map(ToOwned::to_owned)
}
