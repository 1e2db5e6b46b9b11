//! `treaty contract validate`: what a message does wrong, by the rules of its contract.

mod batch;
mod report;
mod rules;
mod sets;

use super::style;
use crate::output::Output;
use rules::{Answer, Rules};
use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract validate --descriptors proto --type shop.orders.v1.Order order.binpb
  treaty contract validate --descriptors set.binpb --type shop.v1.Order --input json - < order.json
  treaty contract validate --descriptors set.binpb --batch < messages.jsonl

--batch reads one request a line, {\"type\":\"pkg.Message\",\"bytes\":\"<base64>\"}, and answers each with \
one line:
  {\"violations\":[...]}          buf.validate.Violation as protobuf JSON; empty when it is valid
  {\"compilation_error\":\"...\"}   the rules of the type cannot be enforced as they are written
  {\"runtime_error\":\"...\"}       the message cannot be read, or a rule not be evaluated on it

Exit status: 0 valid (with --batch: every line was answered), 1 violations, 2 unusable input.";

/// What to validate, and by which rules.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// An encoded FileDescriptorSet, imports included; or a folder of .proto files, or of such sets.
    #[arg(long, value_name = "SET|DIR")]
    descriptors: PathBuf,
    /// A folder that imports are looked for in, and lines of a descriptor set; may be repeated.
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    includes: Vec<PathBuf>,
    /// The message's type, by full name.
    #[arg(long = "type", value_name = "NAME", required_unless_present = "batch")]
    type_name: Option<String>,
    /// How the message is written.
    #[arg(long, value_enum, default_value_t)]
    input: Input,
    /// Answer one message a line, from standard input or FILE.
    #[arg(long, conflicts_with_all = ["type_name", "input", "output"])]
    batch: bool,
    /// The message; - is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Protobuf's own encoding, or its JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Input {
    /// Encoded protobuf.
    #[default]
    Binary,
    /// Protobuf JSON.
    Json,
}

/// Whether the message is valid; with `--batch`, whether every line was a request.
pub(super) fn run(args: &Args) -> Result<bool, String> {
    let rules = Rules::read(&args.descriptors, &args.includes)?;
    let Some(type_name) = &args.type_name else {
        batch::run(rules, &args.file)?;
        return Ok(true);
    };
    let message = read(&args.file)?;
    let answer = match args.input {
        Input::Binary => rules.check(type_name, &message, SystemTime::now()),
        Input::Json => {
            let bytes = protojson::encode(&rules.schema, type_name, &message)
                .map_err(|error| format!("{}: {error}", shown(&args.file)))?;
            rules.check(type_name, &bytes, SystemTime::now())
        }
    };
    if args.output == Output::Json {
        style::print(&report::json(&answer).to_string())?;
    }
    match answer {
        Answer::Judged(violations) => {
            if args.output == Output::Human {
                style::print(&report::human(&violations, type_name, &rules.sources))?;
            }
            Ok(violations.is_empty())
        }
        Answer::CompilationError(message) | Answer::RuntimeError(message) => Err(message),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    read.map_err(|error| format!("{}: {error}", shown(file)))
}

fn shown(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() }
}
