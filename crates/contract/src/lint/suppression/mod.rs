//! Comments that suppress findings: `// treaty:ignore rule-id: reason`, and buf's own form.
//!
//! A comment belongs to the declaration that it stands before, or at the end of whose line it stands; it
//! suppresses what is found there and within. Before `syntax` or `package` it is about the whole file. What the
//! control plane refuses cannot be suppressed.

mod comment;
mod rules;

pub(crate) use comment::is_suppression;
pub(super) use rules::RULES;

use super::{
    Diagnostic, Severity,
    near::nearest,
    rule::{self, Category, Rule},
    set::{
        FileAt, Set,
        descriptor::Location,
        places::{locations, span},
    },
    settings::Settings,
};
use crate::origin::Origin;
use comment::{Comment, Form};
use std::collections::{BTreeMap, HashMap};

/// All suppressions of a set.
#[derive(Default)]
pub(super) struct Suppressions {
    /// By file and rule.
    by_rule: HashMap<(String, &'static str), Scopes>,
    /// What is wrong with suppressions themselves.
    findings: Vec<Diagnostic>,
}

type Position = (u32, u32);

/// Where one rule is suppressed within one file.
#[derive(Default)]
struct Scopes {
    /// By their beginnings.
    all: Vec<Scope>,
    /// For each, which of those up to it reaches farthest.
    farthest: Vec<usize>,
}

struct Scope {
    from: Position,
    to: Position,
    reason: String,
    /// Where the comment stands; `None` where nobody minds whether it is needed.
    at: Option<Origin>,
    used: bool,
}

impl Suppressions {
    pub(super) fn of(set: &Set<'_>) -> Self {
        let mut suppressions = Self::default();
        for file in &set.files {
            for location in locations(file.file) {
                suppressions.add_location(file, location);
            }
        }
        suppressions.by_rule.values_mut().for_each(Scopes::sort);
        suppressions
    }

    /// Why `rule` does not count at `origin`; `None` if it does.
    pub(super) fn reason(&mut self, rule: &'static str, origin: &Origin) -> Option<String> {
        if self.by_rule.is_empty() {
            return None;
        }
        let scopes = self.by_rule.get_mut(&(origin.file().to_owned(), rule))?;
        let scope = scopes.around(origin.position().unwrap_or_default())?;
        scope.used = true;
        Some(scope.reason.clone())
    }

    /// What is wrong with suppressions, now that it is known which were needed.
    pub(super) fn findings(self, settings: &Settings) -> Vec<Diagnostic> {
        let mut findings = self.findings;
        let by_rule: BTreeMap<_, _> = self.by_rule.into_iter().collect();
        for ((_, rule), scopes) in by_rule {
            let idle = scopes.all.into_iter().filter(|scope| !scope.used && settings.is_on(rule));
            for at in idle.filter_map(|scope| scope.at) {
                let message = format!("nothing breaks {rule} here: the suppression is not needed");
                findings.push(Diagnostic::warning(
                    "suppression-unused",
                    &at,
                    message,
                    "take the comment away",
                ));
            }
        }
        findings
    }

    fn add_location(&mut self, file: &FileAt<'_>, location: &Location) {
        let written = [&location.leading_comments, &location.trailing_comments];
        let written = written.into_iter().chain(&location.leading_detached_comments);
        if !written.clone().any(|text| text.contains(":ignore")) {
            return;
        }
        for text in written {
            for comment in Comment::all(text) {
                let lines_before = (std::ptr::eq(text, &location.leading_comments)).then(|| {
                    u32::try_from(text.lines().count().saturating_sub(comment.line)).unwrap_or_default()
                });
                let place = Place::of(file, location, lines_before.unwrap_or_default());
                self.add(file, &place, comment);
            }
        }
    }

    fn add(&mut self, file: &FileAt<'_>, place: &Place, comment: Comment<'_>) {
        let ours = comment.form == Form::Ours;
        if ours && comment.reason.is_empty() {
            let message = "a suppression says why".to_owned();
            self.wrong("suppression-without-reason", file, place, message, FORM);
            return;
        }
        if ours && comment.rules.is_empty() {
            let message = "this suppression names no rule".to_owned();
            self.wrong("suppression-of-unknown-rule", file, place, message, FORM);
        }
        for name in comment.rules {
            match found(name, comment.form) {
                Some(rule) if rule.is_refused() && ours => {
                    let message = format!("{} cannot be suppressed: the control plane refuses it", rule.id);
                    self.wrong("suppression-refused", file, place, message, "mend what is found");
                }
                Some(rule) if !rule.is_refused() => {
                    let at = (ours && file.target).then(|| place.at.clone());
                    let scope = Scope {
                        from: place.from,
                        to: place.to,
                        reason: comment.reason.to_owned(),
                        at,
                        used: false,
                    };
                    self.by_rule.entry((file.file.name.clone(), rule.id)).or_default().all.push(scope);
                }
                None if ours => {
                    let (message, remedy) = unknown(name);
                    self.wrong("suppression-of-unknown-rule", file, place, message, &remedy);
                }
                _ => {}
            }
        }
    }

    fn wrong(&mut self, rule: &'static str, file: &FileAt<'_>, place: &Place, message: String, remedy: &str) {
        if file.target {
            let severity = rule::find(rule).map_or(Severity::Warning, |rule| rule.severity);
            let (origin, remedy) = (place.at.clone(), remedy.to_owned());
            self.findings.push(Diagnostic { severity, rule, message, origin, remedy });
        }
    }
}

const FORM: &str = "write `// treaty:ignore rule-id: reason`";

/// What is wrong with a name that is no rule's, and what would be right.
fn unknown(name: &str) -> (String, String) {
    if Category::ALL.into_iter().any(|category| category.name().eq_ignore_ascii_case(name)) {
        let remedy =
            format!("name the rule: `treaty contract rules {}` lists them", name.to_ascii_uppercase());
        return (format!("`{name}` is a category, which no comment suppresses"), remedy);
    }
    let meant = nearest(name, rule::rules().map(|rule| rule.id)).map(|meant| format!("write `{meant}`"));
    let remedy = meant.unwrap_or_else(|| "`treaty contract rules` lists them".to_owned());
    (format!("there is no rule `{name}`"), remedy)
}

/// buf's ids may be of rules that are not ours, which is nobody's mistake.
fn found(name: &str, form: Form) -> Option<&'static Rule> {
    match form {
        Form::Ours => rule::find(name),
        Form::Buf => rule::of_buf(name),
    }
}

/// What a comment is about, and where it stands.
struct Place {
    from: Position,
    to: Position,
    at: Origin,
}

impl Place {
    fn of(file: &FileAt<'_>, location: &Location, lines_before: u32) -> Self {
        let Some((line, column, last, end)) = span(location) else {
            return Self { from: (0, 0), to: (0, 0), at: file.places.file() };
        };
        let name = file.file.name.clone();
        let at = Origin::At { file: name, line: line.saturating_sub(lines_before).max(1), column };
        // [12] is `syntax`, [2] is `package`.
        let whole = matches!(location.path.as_slice(), [] | [12] | [2]);
        let (from, to) = if whole { ((0, 0), (u32::MAX, u32::MAX)) } else { ((line, column), (last, end)) };
        Self { from, to, at }
    }
}

impl Scopes {
    fn sort(&mut self) {
        self.all.sort_by_key(|scope| (scope.from, scope.to));
        let mut farthest: Option<(usize, Position)> = None;
        for (at, scope) in self.all.iter().enumerate() {
            let best = match farthest {
                Some((best, to)) if to >= scope.to => (best, to),
                _ => (at, scope.to),
            };
            farthest = Some(best);
            self.farthest.push(best.0);
        }
    }

    fn around(&mut self, position: Position) -> Option<&mut Scope> {
        let before = self.all.partition_point(|scope| scope.from <= position);
        let best = *self.farthest.get(before.checked_sub(1)?)?;
        self.all.get_mut(best).filter(|scope| scope.to >= position)
    }
}
