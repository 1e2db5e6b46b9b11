//! `treaty contract export`: a contract as a descriptor set.

use super::source::{self, Beside, Reach, Source};
use crate::output;
use contract::schema::Schema;
use protojson::image;
use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
};

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract export -o shop.binpb                    everything below ./proto
  treaty contract export mesh --services shop.catalog.v1.Catalog -o catalog.binpb
  treaty contract export grpc://localhost:50051 -o - | grpcurl -protoset /dev/stdin …
  treaty contract export git:v1.2 --no-source-info --format json -o -

What is written is the descriptor set as it was read or compiled, imports included and in front of \
what imports them: options stay byte for byte. --services keeps whole files, with all the services that they declare.

Exit status: 0 written, 2 bad usage or unreadable input.";

/// What to write, and where.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to export.
    #[arg(value_name = "WHAT", default_value = "proto")]
    source: Source,
    /// Where to write it; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Leave out places and comments, which are most of a descriptor set.
    #[arg(long)]
    no_source_info: bool,
    /// Only the files that declare these services, and what they import.
    #[arg(long, value_name = "SERVICE", num_args = 1.., value_delimiter = ',')]
    services: Vec<String>,
    /// How it is written; by the file's name, by default.
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    reach: Reach,
}

/// How a descriptor set is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The protobuf wire format.
    Binpb,
    /// Protobuf JSON.
    Json,
}

/// Always true: it was written.
pub(super) fn run(args: &Args) -> Result<bool, String> {
    let format = format(args)?;
    args.reach.fits(&[&args.source])?;
    let wanted = Some(args.services.as_slice()).filter(|services| !services.is_empty());
    let input = source::load_or_say(&args.source, Beside { other: None, services: wanted }, &args.reach)?;
    let mut set = input.contract.bytes.to_vec();
    if !args.services.is_empty() {
        set = source::select(&set, &args.services)?;
    }
    if args.no_source_info {
        set = source::without_source_info(&set)?;
    }
    if format == Format::Json {
        set = as_json(&set)?;
    }
    let failed = |error: io::Error| format!("{}: {error}", args.output.display());
    if args.output.as_os_str() != "-" {
        return fs::write(&args.output, set).map(|()| true).map_err(failed);
    }
    let mut out = io::stdout().lock();
    if format == Format::Binpb && out.is_terminal() {
        return Err("a descriptor set is nothing for a terminal: name a file, or --format json".to_owned());
    }
    output::written(out.write_all(&set).and_then(|()| out.flush()))?;
    Ok(true)
}

/// As said, else by the file's name.
fn format(args: &Args) -> Result<Format, String> {
    let extension = args.output.extension().and_then(|extension| extension.to_str());
    match (args.format, extension) {
        (Some(format), _) => Ok(format),
        (None, Some("json")) => Ok(Format::Json),
        (None, Some(text @ ("yaml" | "yml" | "txtpb" | "textproto" | "textpb"))) => Err(format!(
            "a descriptor set is not written as .{text}: name a .binpb or .json file, or say --format"
        )),
        (None, _) => Ok(Format::Binpb),
    }
}

fn as_json(set: &[u8]) -> Result<Vec<u8>, String> {
    let all = image::with_descriptors(set).map_err(|error| error.to_string())?;
    let schema = Schema::read_own(&all).map_err(|error| error.to_string())?;
    let value = protojson::decode(&schema, image::TYPE, set).map_err(|error| error.to_string())?;
    let mut text = serde_json::to_vec_pretty(&value).map_err(|error| error.to_string())?;
    text.push(b'\n');
    Ok(text)
}
