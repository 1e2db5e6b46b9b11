//! `treaty contract docs`: a site that says what contracts say.

mod calls;
mod diagram;
mod example;
mod field;
mod frame;
mod index;
mod links;
mod markdown;
mod method;
mod policy;
mod rules;
mod search;
mod service;
mod site;
#[cfg(test)]
mod tests;
mod types;
mod write;

use super::{
    source::{self, Beside, Reach, Source},
    style,
};
use crate::output::Output;
use calls::Calls;
use serde_json::json;
use site::{Look, Site};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract docs -o site                     everything below ./proto
  treaty contract docs -o site mesh                what is served in the running mesh, and called
  treaty contract docs -o site git:v1.2:proto --title \"Shop, as of 1.2\"
  treaty contract docs -o site --address api.example.com:443

The site is plain files: open site/index.html, or serve the folder from anywhere. It loads \
nothing from elsewhere. What an earlier run has written there is replaced; a folder that holds anything else is left alone.

Exit status: 0 written, 2 bad usage, unreadable input, or a folder that cannot be written.";

/// What to write, and where.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contracts.
    #[arg(value_name = "WHAT", default_value = "proto")]
    what: Source,
    /// The folder to write to.
    #[arg(short, long = "out", value_name = "DIR")]
    out: PathBuf,
    /// What the site is called.
    #[arg(long, value_name = "TEXT", default_value = "Contracts")]
    title: String,
    /// Where examples send their calls; that of `treaty contract mock` by default.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:50051")]
    address: String,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(args: &Args) -> Result<bool, String> {
    args.reach.fits(&[&args.what])?;
    let input = source::load_or_say(&args.what, Beside::default(), &args.reach)?;
    let look = Look { title: args.title.clone(), address: args.address.clone() };
    let mut site = Site::of(&input.contract, look).map_err(|error| format!("{}: {error}", args.what))?;
    if args.what == Source::Mesh {
        let services: Vec<String> = input.contract.services.iter().map(|one| one.name.clone()).collect();
        site.calls = Some(args.reach.mesh.ask(async |admin| Calls::ask(admin, &services).await)?);
    }
    let pages = site.pages();
    write::write(&args.out, &pages)?;
    let index = args.out.join("index.html");
    style::print(&match args.output {
        Output::Human => {
            let (services, files) = (input.contract.services.len(), pages.len());
            let (services, files) = (style::count(services, "service"), style::count(files, "file"));
            format!("{services} in {files}: {}", index.display())
        }
        Output::Json => {
            let files: Vec<&str> = pages.iter().map(|page| page.path.as_str()).collect();
            json!({ "out": args.out, "index": index, "files": files }).to_string()
        }
    })?;
    Ok(true)
}
