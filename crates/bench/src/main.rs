//! What the mesh costs: the same message, facade to facade over mTLS with policy, and over bare tonic with
//! mTLS, in one run on one machine, as ratios.
//!
//! Each variant is a process of its own (client and server side together, so that its CPU time is the cost of
//! both), and they take turns in short rounds, so that whatever else the machine does hits all alike. It measures
//! and judges nothing; docs/performance.md says how to read it.
#![allow(clippy::print_stdout, reason = "the figures are the product")]

mod bare;
mod child;
mod echo;
mod load;
mod memory;
mod mesh;
mod report;
mod sink;
mod world;

use clap::{Parser, Subcommand};
use load::Figures;
use report::Round;
use std::{error::Error, time::Duration};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The in-process mesh against bare tonic with mTLS.
#[derive(Parser)]
#[command(name = "bench")]
struct Args {
    /// How long each variant runs in each round.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// How often each variant gets its turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Calls at the same time, over one connection.
    #[arg(long, default_value_t = 32)]
    streams: usize,
    /// Show each turn, as it ends.
    #[arg(long)]
    each: bool,
    #[command(subcommand)]
    child: Option<Role>,
}

/// What a child process is.
#[derive(Subcommand)]
#[command(hide = true)]
enum Role {
    #[command(hide = true)]
    Control(child::State),
    #[command(hide = true)]
    Gateway(child::Joining),
    #[command(hide = true)]
    Service(child::Joining),
    #[command(hide = true)]
    Bare(child::Pair),
    #[command(hide = true)]
    Mesh(child::Pair),
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let args = Args::parse();
    match args.child {
        Some(role) => {
            telemetry::logs::init("warn");
            child::run(role).await
        }
        None => measure(&args).await,
    }
}

async fn measure(args: &Args) -> Outcome<()> {
    let idle = memory::idle().await?;
    let collector = sink::start().await?;
    let mut variants = world::variants(collector).await?;
    let turn = Duration::from_secs(args.seconds);
    for variant in &mut variants {
        for bytes in load::SIZES {
            variant.run(bytes, args.streams, Duration::from_secs(1)).await?;
        }
    }
    let mut rounds = Vec::new();
    for bytes in load::SIZES {
        for round in 0..args.rounds {
            let count = variants.len();
            let mut turns = vec![Figures::default(); count];
            // Who begins takes turns too.
            for place in (0..count).map(|step| (round + step) % count) {
                let (Some(variant), Some(figures)) = (variants.get_mut(place), turns.get_mut(place)) else {
                    continue;
                };
                *figures = variant.run(bytes, args.streams, turn).await?;
                if args.each {
                    report::each(bytes, variant.name, figures);
                }
            }
            rounds.push(Round { bytes, turns });
        }
    }
    let names: Vec<_> = variants.iter().map(|variant| variant.name).collect();
    report::print(args, &names, &rounds, &idle);
    Ok(())
}
