//! `[contract.lint]` of treaty.toml.

use contract::{
    Severity,
    lint::{SettingError, Settings},
};
use serde::{Deserialize, de::IgnoredAny};
use std::{collections::BTreeMap, ops::Range, path::Path};
use toml::Spanned;

/// `[contract]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ContractTable {
    lint: LintTable,
}

/// `[contract.lint]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LintTable {
    /// Categories and rules; what is looked for where this is missing, the rules say.
    r#use: Option<Vec<Spanned<String>>>,
    /// Not these.
    except: Vec<Spanned<String>>,
    /// Not in these files and folders, by the names that imports have.
    ignore: Vec<String>,
    severity: BTreeMap<Spanned<String>, Severity>,
    service_suffix: Option<String>,
    enum_zero_value_suffix: Option<String>,
}

/// Something that cannot be meant, and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TableError {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl ContractTable {
    /// What the table asks for; `text` is the file that it was read from.
    pub(crate) fn settings(&self, text: &str) -> Result<Settings, TableError> {
        let LintTable { r#use, except, ignore, severity, service_suffix, enum_zero_value_suffix } =
            &self.lint;
        let mut settings = Settings::default();
        if let Some(names) = r#use {
            // One by one first, so that the wrong one is named with its line.
            for name in names {
                Settings::default().also(name.as_ref()).map_err(|error| at(text, &name.span(), &error))?;
            }
            let all = names.iter().map(|name| name.as_ref().as_str());
            settings.only(all).map_err(|error| at(text, &(0..0), &error))?;
        }
        if let Some(suffix) = service_suffix {
            settings.also("service-suffix").map_err(|error| at(text, &(0..0), &error))?;
            settings.service_suffix.clone_from(suffix);
        }
        for name in except {
            settings.except(name.as_ref()).map_err(|error| at(text, &name.span(), &error))?;
        }
        for (name, severity) in severity {
            settings.weigh(name.as_ref(), *severity).map_err(|error| at(text, &name.span(), &error))?;
        }
        settings.ignore.clone_from(ignore);
        if let Some(suffix) = enum_zero_value_suffix {
            settings.enum_zero_value_suffix.clone_from(suffix);
        }
        Ok(settings)
    }
}

fn at(text: &str, span: &Range<usize>, error: &SettingError) -> TableError {
    let before = text.get(..span.start).unwrap_or_default();
    TableError { line: before.matches('\n').count() + 1, message: error.to_string() }
}

/// A treaty.toml, as far as contracts go: what `treaty up` reads of it is not judged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    contract: ContractTable,
    #[serde(rename = "trust_domain")]
    _trust_domain: Option<IgnoredAny>,
    #[serde(rename = "gateway")]
    _gateway: Option<IgnoredAny>,
    #[serde(rename = "services")]
    _services: Option<IgnoredAny>,
}

/// What the file asks for. Without `named`, a treaty.toml in this folder, if there is one.
pub(in crate::contract) fn settings_of(named: Option<&Path>) -> Result<Settings, String> {
    let path = named.unwrap_or_else(|| Path::new("treaty.toml"));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Settings::default());
        }
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let file: File = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    file.contract.settings(&text).map_err(|TableError { line, message }| {
        format!("{}:{line}: {message}; `treaty contract rules` lists them", path.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Result<Settings, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        file.contract.settings(text).map_err(|error| format!("{}: {}", error.line, error.message))
    }

    #[test]
    fn a_table_chooses() {
        let text = "trust_domain = \"a\"\n[contract.lint]\nuse = [\"STANDARD\", \"money-as-float\"]\nexcept = [\"ENUM_VALUE_PREFIX\"]\n\
                    service_suffix = \"API\"\n[contract.lint.severity]\nmoney-as-float = \"error\"\n";
        let settings = settings(text).unwrap();
        assert!(
            settings.is_on("enum-pascal-case")
                && settings.is_on("money-as-float")
                && settings.is_on("service-suffix")
        );
        assert!(!settings.is_on("enum-value-prefix") && !settings.is_on("missing-owner"));
        assert!(settings.is_on("bad-duration"), "what the mesh refuses is always found");
        assert_eq!(settings.service_suffix, "API");
    }

    #[test]
    fn what_cannot_be_meant_is_shown_with_its_line() {
        let unknown = settings("[contract.lint]\nexcept = [\n  \"enum-prefix-value\",\n]\n").unwrap_err();
        assert_eq!(unknown, "3: `enum-prefix-value` is neither a rule nor a category");
        let refused = settings("[contract.lint.severity]\nbad-duration = \"warning\"\n").unwrap_err();
        assert_eq!(refused, "2: `bad-duration` stays an error: the control plane refuses what breaks it");
        let key = settings("[contract.lint]\nuses = []\n").unwrap_err();
        assert!(key.contains("line 2") && key.contains("unknown field `uses`"), "{key}");
        let severity = settings("[contract.lint.severity]\nmoney-as-float = \"loud\"\n").unwrap_err();
        assert!(severity.contains("line 2") && severity.contains("loud"), "{severity}");
    }
}
