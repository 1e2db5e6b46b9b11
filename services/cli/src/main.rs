//! `treaty`: every part of the mesh, and its command line.
//!
//! This binary reads arguments and puts the parts to work; what the parts do is theirs to say. It holds no
//! logic of its own but that of `up`, which runs a mesh on a laptop.

mod admin;
mod agent;
mod contract;
mod control;
mod dial;
mod duration;
mod exec;
mod gateway;
mod output;
mod plain;
mod readiness;
mod refusal;
mod status;
mod token;
mod up;

use clap::{Parser, Subcommand};
use std::{io::Write as _, process::ExitCode};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A gRPC service mesh whose protobuf contracts are its configuration.
#[derive(Parser)]
#[command(name = "treaty", version, propagate_version = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a whole mesh on this machine, as treaty.toml names it.
    Up(up::Args),
    /// Show who serves, who consumes, who is ready, and who was refused why.
    Status(status::Args),
    /// Make a join token for a workload.
    Token(token::Args),
    /// Check and explain contracts.
    Contract(contract::Args),
    /// Run the control plane.
    Control(control::Args),
    /// Run the gateway: the way in from outside of the mesh.
    Gateway(gateway::Args),
    /// Keep certificates and an xDS bootstrap file fresh for a program that is an xDS client itself.
    Agent(agent::Args),
    /// Become another program that dies with its parent.
    #[command(hide = true)]
    ExecChild(exec::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Up(args) => finish(runtime(up::run(args))),
        Command::Status(args) => runtime(status::run(args)),
        Command::Token(args) => finish(runtime(token::run(args))),
        Command::Contract(args) => contract::run(&args),
        Command::Control(args) => finish(runtime(control::run(args))),
        Command::Gateway(args) => finish(runtime(gateway::run(args))),
        Command::Agent(args) => finish(runtime(agent::run(args))),
        Command::ExecChild(args) => finish(exec::run(&args)),
    }
}

/// One thread is enough for what a command line does; the gateway makes its own.
fn runtime<T>(future: impl Future<Output = T>) -> T {
    #[allow(clippy::expect_used, reason = "without a runtime there is nobody to report to")]
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a tokio runtime");
    runtime.block_on(future)
}

/// Failures go to standard error, once.
fn finish(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => complain(&message),
    }
}

/// "error: …", and exit status 1.
fn complain(message: &str) -> ExitCode {
    let red = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    let _ = writeln!(anstream::stderr(), "{red}error:{red:#} {message}");
    ExitCode::FAILURE
}

/// Resolves when the process is asked to end.
async fn shutdown() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
