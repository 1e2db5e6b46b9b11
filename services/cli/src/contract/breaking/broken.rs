//! What breaks, whoever found it: the engine here, or the control plane of a mesh.

use compat::{Declaration, Direction, Encoding, Example, Finding, Level, Verdict};
use contract::{Origin, Stability, compile::Sources};
use contracts::treaty::v1::{self, Refusal};

/// One side of a comparison, as far as it is shown.
#[derive(Clone, Copy)]
pub(in crate::contract) struct Side<'a> {
    /// What people call it.
    pub(in crate::contract) name: &'a str,
    pub(in crate::contract) sources: &'a Sources,
}

/// How bad it is for the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::contract) enum Weight {
    /// It fails the command.
    Breaks,
    /// It breaks what promises nothing, or what nothing gates.
    Spared,
    /// Something is lost.
    Loses,
    /// Worth knowing.
    Note,
}

/// Where one and the same thing breaks.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::contract) struct Use {
    /// "shop.v1.Till/Pay"; empty where no method is meant.
    pub(in crate::contract) method: String,
    pub(in crate::contract) direction: Option<Direction>,
    pub(in crate::contract) encoding: Option<Encoding>,
    /// From the message to the field.
    pub(in crate::contract) path: String,
    /// Who calls; empty where anybody might.
    pub(in crate::contract) consumer: String,
}

/// One change that breaks something.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::contract) struct Broken {
    pub(in crate::contract) rule: String,
    pub(in crate::contract) weight: Weight,
    pub(in crate::contract) when: Option<String>,
    /// At least one.
    pub(in crate::contract) uses: Vec<Use>,
    /// How the callers' side declares it.
    pub(in crate::contract) old: Declaration,
    /// How the side that changed does.
    pub(in crate::contract) new: Declaration,
    pub(in crate::contract) example: Option<Example>,
    pub(in crate::contract) message: String,
    /// What is said of responses, where requests are what the message is about: there the other side writes.
    pub(in crate::contract) turned: Option<String>,
    pub(in crate::contract) remedy: String,
}

impl Broken {
    /// `spared`: the weight of what breaks, if it does not fail the command.
    pub(in crate::contract) fn of(finding: &Finding, spared: Option<Weight>) -> Self {
        let (old, new) = match finding.direction {
            Some(Direction::Response) => (&finding.read, &finding.written),
            Some(Direction::Request) | None => (&finding.written, &finding.read),
        };
        Self {
            rule: finding.rule.to_owned(),
            weight: match finding.level {
                Level::Breaking => spared.unwrap_or(Weight::Breaks),
                Level::Lossy => Weight::Loses,
                Level::Safe => Weight::Note,
            },
            when: finding.when.clone(),
            uses: vec![Use {
                method: finding
                    .method
                    .as_ref()
                    .map_or_else(String::new, |path| path.as_str().trim_start_matches('/').to_owned()),
                direction: finding.direction,
                encoding: finding.encoding,
                path: finding.path.clone(),
                consumer: String::new(),
            }],
            old: old.clone(),
            new: new.clone(),
            example: finding.example.clone(),
            message: finding.message.clone(),
            turned: None,
            remedy: finding.remedy.clone(),
        }
    }

    /// What the control plane says. `refused`: whether it would let the contract in.
    pub(super) fn of_refusal(refusal: Refusal, refused: bool) -> Self {
        let Refusal { reason, message, origin, remedy, breakage } = refusal;
        let breakage = breakage.unwrap_or_default();
        // Whom it concerns, and where, is said below it.
        let message = crate::refusal::cause(&message, &breakage);
        let direction = match breakage.direction.as_str() {
            "REQUEST" => Some(Direction::Request),
            "RESPONSE" => Some(Direction::Response),
            _ => None,
        };
        let encoding = match breakage.encoding.as_str() {
            "BINARY" => Some(Encoding::Binary),
            "JSON" => Some(Encoding::Json),
            _ => None,
        };
        let (written, read) = (declaration(breakage.written), declaration(breakage.read));
        let (old, mut new) =
            if direction == Some(Direction::Response) { (read, written) } else { (written, read) };
        let rule =
            if breakage.rule.is_empty() { reason.to_lowercase().replace('_', "-") } else { breakage.rule };
        if new.origin == Origin::Default && old.origin == Origin::Default && !origin.is_empty() {
            new.origin = origin.into();
        }
        Self {
            rule,
            weight: match (refused, breakage.level.as_str()) {
                (true, _) => Weight::Breaks,
                (false, "LOSSY") => Weight::Loses,
                (false, "SAFE") => Weight::Note,
                (false, _) => Weight::Spared,
            },
            when: Some(breakage.when).filter(|when| !when.is_empty()),
            uses: vec![Use {
                method: breakage.method.trim_start_matches('/').to_owned(),
                direction,
                encoding,
                path: breakage.path,
                consumer: breakage.consumer,
            }],
            old,
            new,
            example: breakage.example.map(|v1::Example { bytes, written, read }| Example {
                bytes,
                written,
                read,
            }),
            message,
            turned: None,
            remedy,
        }
    }

    fn is_of(&self, direction: Direction) -> bool {
        self.uses.first().is_some_and(|at| at.direction == Some(direction))
    }

    fn is_the_same_as(&self, other: &Self) -> bool {
        let same_places = self.old.origin == other.old.origin && self.new.origin == other.new.origin;
        let placed = self.old.origin.position().is_some() || self.new.origin.position().is_some();
        (&self.rule, self.weight, &self.when, &self.old.text, &self.new.text)
            == (&other.rule, other.weight, &other.when, &other.old.text, &other.new.text)
            && same_places
            // Each caller needs its own of a limit.
            && needed(&self.message) == needed(&other.message)
            // Without places, what looks the same may be something else.
            && (placed || self.uses.iter().map(|at| &at.path).eq(other.uses.iter().map(|at| &at.path)))
    }
}

/// What the control plane says that somebody was seen to need.
fn needed(message: &str) -> Option<&str> {
    ["; seen: ", "; the most that was seen is "].iter().find_map(|said| Some(message.split_once(said)?.1))
}

fn declaration(said: Option<v1::Declaration>) -> Declaration {
    said.map_or_else(Declaration::default, |v1::Declaration { text, origin }| Declaration {
        text,
        origin: origin.into(),
    })
}

pub(super) fn of_verdicts(verdicts: &[Verdict], ignore_unstable: bool) -> Vec<Broken> {
    let mut found = Vec::new();
    for verdict in verdicts {
        found.extend(verdict.findings.iter().map(|finding| Broken::of(finding, None)));
        for method in &verdict.methods {
            let spared = (ignore_unstable && method.stability != Stability::Stable).then_some(Weight::Spared);
            found.extend(method.findings.iter().map(|finding| Broken::of(finding, spared)));
        }
    }
    found
}

/// What one change does to several methods, directions and encodings is one; the worst first.
pub(in crate::contract) fn grouped(found: Vec<Broken>) -> Vec<Broken> {
    let mut groups: Vec<Broken> = Vec::new();
    for broken in found {
        match groups.iter_mut().find(|group| group.is_the_same_as(&broken)) {
            Some(group) => {
                // As callers write it, which is the way from old to new.
                let others = |one: &str, other: &str| (one != other).then(|| other.to_owned());
                if group.is_of(Direction::Request) && broken.is_of(Direction::Response) {
                    group.turned = group.turned.take().or_else(|| others(&group.message, &broken.message));
                }
                if group.is_of(Direction::Response) && broken.is_of(Direction::Request) {
                    group.turned = others(&broken.message, &group.message);
                    group.message.clone_from(&broken.message);
                    group.remedy.clone_from(&broken.remedy);
                    group.example.clone_from(&broken.example);
                    group.uses.splice(0..0, broken.uses.iter().cloned());
                }
                let new = broken.uses.into_iter().filter(|at| !group.uses.contains(at)).collect::<Vec<_>>();
                group.uses.extend(new);
            }
            None => groups.push(broken),
        }
    }
    groups.sort_by_key(|group| group.weight);
    groups
}
