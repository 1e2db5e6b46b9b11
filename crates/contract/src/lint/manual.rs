//! The rules, explained: `docs/lint-rules.md`.

use super::{
    Severity,
    rule::{Category, Rule, rules},
};
use std::fmt::Write as _;

const HEAD: &str = "\
# The rules of `treaty contract check`

This page is made of the table of rules in `crates/contract/src/lint`, and held against it by a test;
`treaty contract rules ID` shows the same. An example without a line `// file:` is a part of
`shop/till/v1/till.proto`, of package `shop.till.v1`; imports, and messages that do not matter, are left out.

**Choosing.** In `treaty.toml`, beside the sources:

```toml
[contract.lint]
use = [\"SEMANTIC\", \"STANDARD\", \"DESIGN\"] # the default; categories, rules, and buf's ids
except = [\"enum-value-prefix\"]            # not these
ignore = [\"vendor\"]                       # not these files and folders, by the names that imports have
service_suffix = \"Service\"                # looks for service-suffix, which is off by default
enum_zero_value_suffix = \"_UNSPECIFIED\"

[contract.lint.severity]
money-as-float = \"error\"                  # or \"warning\"
```

**Suppressing.** A comment in front of a declaration, or at the end of its line, suppresses what is found there and
within; in front of `syntax` or `package`, in the whole file. It says why:

```protobuf
// treaty:ignore enum-value-prefix: generated code of all our languages scopes values by their enum
enum State {
```

Several rules are separated by commas; a category is suppressed by no comment. `// buf:lint:ignore RULE_ID` is understood
too, for rules that buf has, and even where a blank line stands between it and the declaration, which buf passes over;
whether it is needed is buf's to say. What the mesh refuses (errors of the category SEMANTIC) is found whatever a configuration
or a comment says.
";

/// All rules as a page of markdown.
pub fn manual() -> String {
    let mut text = HEAD.to_owned();
    for category in Category::ALL {
        let of_category: Vec<&Rule> = rules().filter(|rule| rule.category == category).collect();
        let _ = write!(text, "\n## {category}\n\n{}\n\n", category.summary());
        text.push_str("| rule | asks for | breaking it | buf |\n|---|---|---|---|\n");
        for rule in &of_category {
            let id = rule.id;
            let buf = rule.buf.map(|id| format!("`{id}`")).unwrap_or_default();
            let _ = writeln!(text, "| [`{id}`](#{id}) | {} | {} | {buf} |", rule.summary, severity(rule));
        }
        for rule in of_category {
            let _ = write!(text, "\n### {}\n\n{}", rule.id, rule.help());
        }
    }
    text
}

fn severity(rule: &Rule) -> &'static str {
    match (rule.on, rule.severity) {
        (false, _) => "off",
        (_, Severity::Error) => "error",
        (_, Severity::Warning) => "warning",
    }
}

impl Rule {
    /// What it asks for, why, and how it is kept: markdown.
    pub fn help(&self) -> String {
        let mut text = format!("{}. {}\n", self.summary, self.why);
        for (what, example) in [("Wrong", self.wrong), ("Right", self.right)] {
            if !example.is_empty() {
                let _ = write!(text, "\n{what}:\n\n```protobuf\n{example}\n```\n");
            }
        }
        text
    }
}
