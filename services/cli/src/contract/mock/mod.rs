//! `treaty contract mock`: a server that answers as a contract says.

mod answer;
mod codec;
mod faults;
mod listen;
mod method;
mod shown;

use super::{
    source::{self, Beside, Reach, Source},
    style,
};
use crate::output::Output;
use answer::Answers;
use faults::{Errors, Latency};
use listen::Listening;
use method::{Filter, Mocked};
use std::{path::PathBuf, sync::Arc};

pub(super) const EXAMPLES: &str = "\
Examples:
  treaty contract mock                                    everything below ./proto, on port 50051
  treaty contract mock proto/shop/orders --port 0         any port; it is printed
  treaty contract mock git:main:proto --seed 7            other values; the same ones each time
  treaty contract mock --latency 50ms..200ms --error-rate 5%
  treaty contract mock --error UNAVAILABLE --method Orders/PlaceOrder

Same seed and same request: same answer. What the request says is taken up where the answer has a \
field of the same name and type, and page by page an end is reached. Requests are held against the \
rules of buf.validate as the provider's own door would; who calls is not asked. Reflection and health are served too.

Exit status: 0 it was ended, 2 bad usage, unreadable input, or a port that is taken.";

/// What to answer, and how well.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract.
    #[arg(value_name = "CONTRACT", default_value = "proto")]
    contract: Source,
    /// The port to listen on; 0 is any that is free.
    #[arg(long, value_name = "N", default_value_t = 50051)]
    port: u16,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: std::net::IpAddr,
    /// Decides between answers that are equally plausible.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many messages a stream answers with, unless the client streams as well.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    messages: u32,
    /// How long each answer takes: 50ms, or from the one to the other, 50ms..200ms.
    #[arg(long, value_name = "DURATION", help_heading = "Trouble")]
    latency: Option<Latency>,
    /// How many calls fail: 5%, or 0.05. All of them where only --error is given.
    #[arg(long, value_name = "SHARE", help_heading = "Trouble")]
    error_rate: Option<faults::Share>,
    /// With which status calls fail; UNAVAILABLE where only --error-rate is given.
    #[arg(long, value_name = "CODE", help_heading = "Trouble")]
    error: Option<faults::ErrorCode>,
    /// Latency and errors only here: "Orders/PlaceOrder", or "Orders" for all of its methods; may be
    /// repeated.
    #[arg(long = "method", value_name = "METHOD", help_heading = "Trouble")]
    methods: Vec<Filter>,
    /// A certificate chain (PEM): listen with TLS.
    #[arg(long, value_name = "FILE", requires = "key", help_heading = "TLS")]
    cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "cert", help_heading = "TLS")]
    key: Option<PathBuf>,
    /// Do not print every call.
    #[arg(short, long)]
    quiet: bool,
    /// For whom to print.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(args: &Args) -> Result<bool, String> {
    args.reach.fits(&[&args.contract])?;
    let input = source::load_or_say(&args.contract, Beside::default(), &args.reach)?;
    let contract = input.contract;
    if contract.services.is_empty() {
        return Err(format!("{}: there is no service in it", args.contract));
    }
    let answers = Arc::new(Answers::of(&contract, args.seed).map_err(|error| error.to_string())?);
    let faults = faults::Faults::new(args.latency, Errors::of(args.error_rate, args.error), args.seed);
    let mocked = Mocked::of(&contract, &answers, &Arc::new(faults), &args.methods, args.messages)?;
    answers.prepare(&contract);
    for complaint in answers.unsatisfied(&contract) {
        style::warn(&complaint);
    }
    let tls = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => Some(listen::tls(cert, key)?),
        _ => None,
    };
    let report = shown::Report { output: args.output, quiet: args.quiet };
    crate::runtime(async {
        let listening = Listening::at((args.host, args.port).into(), tls).await?;
        shown::start(&report, args, &contract, &answers, listening.address())?;
        tokio::select! {
            () = listening.serve(&contract, mocked, report) => Ok(true),
            () = crate::shutdown() => Ok(true),
        }
    })
}
