//! `treaty contract breaking`: what a change would break, and for whom.

mod asked;
mod broken;
mod live;
mod shown;

pub(super) use broken::{Broken, Side, Weight, grouped};

use super::{
    ignored, names,
    report::{Format, Level, Report},
    source::{self, Input, Pair, Reach, Source},
    style::{self, count},
};
use compat::{Encodings, JsonReaders, Party, Settings, rules::RULES};
use contract::{Contract, ReadError, schema::Schema};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract breaking --against git:main                  what this branch would break
  treaty contract breaking --against git:origin/main api/proto
  treaty contract breaking v1.binpb v2.binpb                   two descriptor sets or images
  treaty contract breaking --against grpcs://api.shop:443      a running server, by reflection
  treaty contract breaking --against mesh                      who would break, if deployed now
  treaty contract breaking --against git:main --all-types      a library of messages
  treaty contract breaking --against git:main --output github  annotations of a pull request

A change breaks where a call fails, or means something else. Where something is lost (a field that the \
other side does not know) or may be refused (a limit that fell), the change is lossy: a warning, and an \
error with --deny-lossy only. Against the mesh, what counts is who is live: what the control plane would \
refuse is an error, all else is reported.

Exit status: 0 nothing breaks, 1 something does, 2 bad usage or unreadable input.";

/// What to compare.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What is compared: the contract as it shall be (proto by default); without --against, OLD and NEW.
    #[arg(value_name = "PATH", num_args = 0..=2)]
    sides: Vec<Source>,
    /// What it is compared with: the contract as it was.
    #[arg(long, value_name = "WHAT")]
    against: Option<Source>,
    /// Compare every message too, as request and as response, whether a method uses it or not.
    #[arg(long)]
    all_types: bool,
    /// In which encodings callers write and read.
    #[arg(long, value_enum, default_value_t)]
    encoding: Encoding,
    /// Whether readers of JSON refuse what they do not know; by default providers do, and consumers do not.
    #[arg(long, value_enum, value_name = "HOW")]
    json_readers: Option<Readers>,
    /// Leave out what this rule finds; may be repeated.
    #[arg(long, value_name = "RULE")]
    except: Vec<String>,
    /// Leave out what is declared in this file or folder, by the name that imports have; may be repeated.
    #[arg(long, value_name = "PATH")]
    ignore: Vec<String>,
    /// Let what is lost, or may be refused, fail the command too.
    #[arg(long)]
    deny_lossy: bool,
    /// Let methods break that promise nothing yet: BETA and EXPERIMENTAL ones.
    #[arg(long)]
    ignore_unstable: bool,
    /// Against the mesh: which of its workloads would serve it; whoever serves it now, by default.
    #[arg(long, value_name = "WORKLOAD")]
    workload: Option<identity::WorkloadId>,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    reach: Reach,
}

/// Which encodings are judged.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Encoding {
    /// The protobuf wire format.
    Binary,
    /// Protobuf JSON.
    Json,
    /// Both.
    #[default]
    Both,
}

/// How readers of JSON meet what they do not know.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Readers {
    /// All refuse it.
    Strict,
    /// All ignore it.
    Lenient,
}

impl Args {
    fn settings(&self) -> Settings<'static> {
        Settings {
            encodings: match self.encoding {
                Encoding::Binary => Encodings { binary: true, json: false },
                Encoding::Json => Encodings { binary: false, json: true },
                Encoding::Both => Encodings::default(),
            },
            readers: match self.json_readers {
                None => JsonReaders::Specified,
                Some(Readers::Strict) => JsonReaders::Strict,
                Some(Readers::Lenient) => JsonReaders::Lenient,
            },
            today: Some(today()),
            ..Settings::default()
        }
    }

    /// Of the encodings that are asked for, and without what is left out.
    fn counted(&self, found: impl IntoIterator<Item = Broken>) -> Counted {
        let encodings = self.settings().encodings;
        let asked = |at: &broken::Use| {
            at.encoding.is_none_or(|encoding| encodings.each().any(|asked| asked == encoding))
        };
        let used = found.into_iter().filter_map(|mut broken| {
            broken.uses.retain(asked);
            (!broken.uses.is_empty()).then_some(broken)
        });
        let (left_out, found): (Vec<_>, Vec<_>) =
            used.partition(|broken| self.except.contains(&broken.rule) || self.ignores(broken));
        Counted { found: grouped(found), left_out: grouped(left_out).len() }
    }

    /// By where it is now; what is gone, by where it was.
    fn ignores(&self, broken: &Broken) -> bool {
        let now = broken.new.origin.file();
        let file = if now.is_empty() { broken.old.origin.file() } else { now };
        self.ignore.iter().any(|path| ignored::covers(path, file))
    }

    /// What would say nothing, and nobody would know.
    fn fits(&self, old: &Source, new: &Source) -> Result<(), String> {
        known_rules(&self.except)?;
        if self.workload.is_some() && *old != Source::Mesh {
            return Err(
                "--workload says nothing without --against mesh: only the mesh knows workloads".to_owned()
            );
        }
        self.reach.fits(&[old, new])
    }
}

/// What is found, as far as it counts.
struct Counted {
    found: Vec<Broken>,
    /// By --except and --ignore.
    left_out: usize,
}

/// Whether nothing breaks.
pub(super) fn run(args: &Args) -> Result<bool, String> {
    let (old, new) = sides(&args.sides, args.against.as_ref())?;
    args.fits(&old, &new)?;
    if old == Source::Mesh {
        return live::run(args, &new);
    }
    let Pair { old: before, new: after, lacking } = source::both(&old, &new, &args.reach)?;
    let digests = json!({
        "old": { "source": old.to_string(), "digest": before.contract.digest },
        "new": { "source": new.to_string(), "digest": after.contract.digest },
    });
    let contracts = [&before.contract, &after.contract];
    ignored::warn_of_idle("--ignore", &args.ignore, &contracts, &after.sources)?;
    let ((before, old_sources), (after, new_sources)) = (party(before)?, party(after)?);
    let settings = args.settings();
    let verdicts = compat::breaking(&before, &after, &settings);
    let methods: usize = verdicts.iter().map(|verdict| verdict.methods.len()).sum();
    let mut found: Vec<Broken> = broken::of_verdicts(&verdicts, args.ignore_unstable);
    if args.all_types {
        let files = partial(&new).then(|| files(&after.contract)).transpose()?;
        let all = compat::all_types(&before, &after, &settings);
        found.extend(all.iter().map(|finding| of_any_type(finding, files.as_ref(), &new)));
    }
    let found = args.counted(found);
    let name = old.to_string();
    let old_side = Side { name: &name, sources: &old_sources };
    let new_side = Side { name: "now", sources: &new_sources };
    let judged = match (args.all_types, methods) {
        _ if lacking.is_some() => lacking.unwrap_or_default(),
        (true, 0) => "all messages".to_owned(),
        (true, methods) => format!("{}, and all messages", count(methods, "method")),
        (false, 0) => "0 methods; --all-types compares messages without them".to_owned(),
        (false, methods) => count(methods, "method"),
    };
    let mut totals = Map::new();
    totals.insert("methods".to_owned(), methods.into());
    if let Value::Object(digests) = digests {
        totals.extend(digests);
    }
    finish(args, &found, (old_side, new_side), Some(&judged), totals)
}

/// Whether a source shows only what its services need: a server by reflection, and the mesh.
const fn partial(source: &Source) -> bool {
    matches!(source, Source::Server(_) | Source::Mesh)
}

fn files(contract: &Contract) -> Result<BTreeSet<String>, String> {
    source::set_files(&contract.bytes)?.iter().map(|file| source::file_name(file)).collect()
}

/// `shown`: the files that are all one sees of `new`. What was declared in another one may be there still.
fn of_any_type(finding: &compat::Finding, shown: Option<&BTreeSet<String>>, new: &Source) -> Broken {
    let file = finding.written.origin.file();
    let unseen = finding.rule == "message-deleted" && shown.is_some_and(|shown| !shown.contains(file));
    if !unseen {
        return Broken::of(finding, None);
    }
    let message = format!(
        "{} is not compared: {new} shows only files that its services need, and {file} is none of them",
        finding.path
    );
    Broken { message, remedy: String::new(), ..Broken::of(finding, Some(Weight::Note)) }
}

/// Prints; whether nothing breaks. `judged`: "12 methods"; `None` where a contract is wrong by itself.
fn finish(
    args: &Args,
    counted: &Counted,
    sides: (Side<'_>, Side<'_>),
    judged: Option<&str>,
    mut totals: Map<String, Value>,
) -> Result<bool, String> {
    let Counted { found, left_out } = counted;
    let has = |weight| found.iter().any(|broken| broken.weight == weight);
    let fails = has(Weight::Breaks) || (args.deny_lossy && has(Weight::Loses));
    let mut report = Report {
        findings: shown::findings(found, sides.0, sides.1),
        suppressed: Vec::new(),
        rules: RULES.iter().map(shown::rule).collect(),
        conclusion: String::new(),
        totals: Map::new(),
    };
    let errors = report.count(Level::Error);
    report.conclusion = match judged {
        Some(judged) => shown::conclusion(errors, report.count(Level::Warning), judged),
        None => shown::unsound(errors),
    };
    if *left_out > 0 {
        let _ = write!(report.conclusion, "; {} left out", count(*left_out, "finding"));
    }
    totals.insert("left_out".to_owned(), (*left_out).into());
    totals.insert("breaks".to_owned(), fails.into());
    report.totals = totals;
    style::print(&report.show(args.output))?;
    Ok(!fails)
}

/// A misspelled rule would leave out nothing, and nobody would know.
fn known_rules(except: &[String]) -> Result<(), String> {
    match except.iter().find(|rule| !RULES.iter().any(|known| known.id == **rule)) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
            let meant = names::did_you_mean(unknown, &known);
            Err(format!("there is no rule `{unknown}`{meant}\n`treaty contract rules BREAKING` lists them"))
        }
    }
}

/// The contract as it was, and as it shall be.
pub(super) fn sides(sides: &[Source], against: Option<&Source>) -> Result<(Source, Source), String> {
    let (old, new) = match (sides, against) {
        ([], Some(old)) => (old.clone(), Source::Path("proto".into())),
        ([new], Some(old)) | ([old, new], None) => (old.clone(), new.clone()),
        ([_, _, ..], Some(_)) => return Err("with --against there is one PATH, not two".to_owned()),
        _ => return Err("say what to compare with: --against git:main, or OLD and NEW".to_owned()),
    };
    if old == Source::Stdin && new == Source::Stdin {
        return Err("only one side can be read from standard input".to_owned());
    }
    Ok((old, new))
}

/// A contract, as the engine compares it.
pub(super) fn party(input: Input) -> Result<(Party, contract::compile::Sources), String> {
    let Input { contract, sources } = input;
    let schema = Schema::of(&contract).map_err(|error: ReadError| error.to_string())?;
    Ok((Party { contract: Arc::new(contract), schema }, sources))
}

/// For what is promised until a day.
pub(super) fn today() -> compat::Date {
    let today = jiff::Zoned::now().date();
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    (u16::try_from(today.year()).unwrap_or_default(), part(today.month()), part(today.day()))
}
