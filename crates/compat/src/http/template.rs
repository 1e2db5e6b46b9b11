//! Path templates (`google/api/http.proto`, "Path template syntax").
//!
//! ```text
//! Template = "/" Segments [ ":" Verb ]      Segment = "*" | "**" | LITERAL | Variable
//! Variable = "{" FieldPath [ "=" Segments ] "}"
//! ```

use contract::schema::{MessageId, Schema};

/// A path template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    segments: Vec<Segment>,
    variables: Vec<Variable>,
    /// What stands behind the last colon; empty without one.
    verb: String,
}

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    One,
    Rest,
}

/// A field that a part of the path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    /// The field by numbers; by name where there is none of this name.
    pub(super) numbers: Result<Vec<u32>, String>,
    /// Its first segment, and the one behind its last.
    segments: (usize, usize),
}

/// What becomes of the paths of one template under another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All fit, and mean the same.
    Same,
    /// All fit, but mean something else: what.
    Other(String),
    /// Some fit.
    Narrower,
    /// None does.
    Elsewhere,
}

/// The field of a path of names, by numbers.
pub(super) fn numbers(schema: &Schema, message: MessageId, path: &str) -> Result<Vec<u32>, String> {
    let mut message = Some(message);
    let mut numbers = Vec::new();
    for name in path.split('.') {
        let field =
            message.and_then(|id| schema.message_at(id).field_named(name)).ok_or_else(|| path.to_owned())?;
        numbers.push(field.number);
        message = field.kind.message();
    }
    Ok(numbers)
}

impl Template {
    pub(super) fn of(text: &str, numbers: impl Fn(&str) -> Result<Vec<u32>, String>) -> Self {
        let (path, verb) = match text.rsplit_once(':') {
            Some((path, verb)) if !verb.contains(['/', '}']) => (path, verb),
            _ => (text, ""),
        };
        let mut template = Self { segments: Vec::new(), variables: Vec::new(), verb: verb.to_owned() };
        for part in parts(path) {
            let Some(variable) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
                template.segments.push(Segment::of(part));
                continue;
            };
            let (name, pattern) = variable.split_once('=').unwrap_or((variable, "*"));
            let start = template.segments.len();
            template.segments.extend(pattern.split('/').map(Segment::of));
            let segments = (start, template.segments.len());
            template.variables.push(Variable { name: name.to_owned(), numbers: numbers(name), segments });
        }
        template
    }

    pub(super) fn variables(&self) -> Vec<&Variable> {
        self.variables.iter().collect()
    }

    /// What becomes of this template's paths under another one.
    pub(super) fn reach(&self, other: &Self) -> Reach {
        let pairs: Vec<_> = self.segments.iter().zip(&other.segments).collect();
        let rest = |segments: &[Segment]| segments.iter().position(|segment| *segment == Segment::Rest);
        let open = rest(&other.segments)
            .is_some_and(|at| at + 1 == other.segments.len() && at < self.segments.len());
        let same_length = self.segments.len() == other.segments.len();
        if self.verb != other.verb || !(same_length || open) {
            return self.partly(other);
        }
        if !pairs.iter().all(|(own, others)| others.takes(own)) {
            return self.partly(other);
        }
        let position = |variable: &&Variable| variable.segments;
        for own in &self.variables {
            let ends = |template: &Self, variable: &Variable| variable.segments.1 == template.segments.len();
            let same = |found: &&Variable| {
                let to_the_end = open && ends(self, own) && ends(other, found);
                let here =
                    found.segments.0 == own.segments.0 && (to_the_end || found.segments == own.segments);
                found.numbers == own.numbers && here
            };
            if !other.variables.iter().any(|found| same(&found)) {
                return Reach::Other(match other.variables.iter().find(|v| position(v) == own.segments) {
                    Some(now) => format!("what was `{}` is read as `{}`", own.name, now.name),
                    None => format!("`{}` is no longer that part of the path", own.name),
                });
            }
        }
        Reach::Same
    }

    /// What this one reads out of the path, and the other does not.
    pub(super) fn binds_besides<'t>(&'t self, other: &'t Self) -> impl Iterator<Item = &'t Variable> {
        let bound = |new: &&Variable| other.variables.iter().any(|own| own.numbers == new.numbers);
        self.variables.iter().filter(move |new| !bound(new))
    }

    /// What it takes, whatever is read out of it: "v1/things/*:verb".
    pub(super) fn paths(&self) -> String {
        let shown = |segment: &Segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::One => "*".to_owned(),
            Segment::Rest => "**".to_owned(),
        };
        let segments: Vec<_> = self.segments.iter().map(shown).collect();
        format!("{}:{}", segments.join("/"), self.verb)
    }

    /// Whether some paths fit both, and this one is not just what is left to it by the other, which says more.
    pub(super) fn competes_with(&self, other: &Self) -> bool {
        let all = |one: &Self, two: &Self| matches!(one.reach(two), Reach::Same | Reach::Other(_));
        match other.reach(self) {
            Reach::Elsewhere => false,
            // It takes all that the other takes, and more.
            Reach::Same | Reach::Other(_) => all(self, other),
            Reach::Narrower => true,
        }
    }

    /// Not all paths fit: whether any does.
    fn partly(&self, other: &Self) -> Reach {
        let open = |template: &Self| template.segments.contains(&Segment::Rest);
        let comparable = self.segments.len() == other.segments.len() || open(self) || open(other);
        let meet = |(one, two): (&Segment, &Segment)| one.takes(two) || two.takes(one);
        let upto = |segments: &[Segment]| segments.iter().take_while(|s| **s != Segment::Rest).count();
        let shared = upto(&self.segments).min(upto(&other.segments));
        let fits = self.segments.iter().zip(&other.segments).take(shared).all(meet);
        if self.verb == other.verb && comparable && fits { Reach::Narrower } else { Reach::Elsewhere }
    }
}

impl Segment {
    fn of(text: &str) -> Self {
        match text {
            "*" => Self::One,
            "**" => Self::Rest,
            literal => Self::Literal(literal.to_owned()),
        }
    }

    /// Whether everything that fits the other fits this one.
    fn takes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Rest, _) | (Self::One, Self::One | Self::Literal(_)) => true,
            (one, another) => one == another,
        }
    }
}

/// The parts between slashes; a variable is one part, whatever is in it.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = path.strip_prefix('/').unwrap_or(path);
    loop {
        let end = if rest.starts_with('{') {
            rest.find('}').map_or(rest.len(), |close| close + 1)
        } else {
            rest.find('/').unwrap_or(rest.len())
        };
        let (part, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        parts.push(part);
        match after.strip_prefix('/') {
            Some(next) => rest = next,
            None => return parts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::of(text, |name| Err(name.to_owned()))
    }

    #[test]
    fn templates_reach_or_do_not() {
        let cases = [
            ("/v1/a", "/v1/a", "same"),
            ("/v1/{name=a/*}", "/v1/{name=a/*}", "same"),
            ("/v1/{name=a/*}", "/v1/{name=a/**}", "same"),
            ("/v1/{name=**}", "/v1/{name=a/*}", "narrower"),
            ("/v1/{id}", "/v1/{other}", "other"),
            ("/v1/{id}", "/v1/fixed", "narrower"),
            ("/v1/a", "/v2/a", "elsewhere"),
            ("/v1/a:go", "/v1/a:stop", "elsewhere"),
            ("/v1/a", "/v1/a/{id}", "elsewhere"),
            ("/v1/{name=*}", "/v1/{name}", "same"),
        ];
        for (from, to, expected) in cases {
            let found = match template(from).reach(&template(to)) {
                Reach::Same => "same",
                Reach::Other(_) => "other",
                Reach::Narrower => "narrower",
                Reach::Elsewhere => "elsewhere",
            };
            assert_eq!(found, expected, "{from} → {to}");
        }
    }
}
