//! `treaty exec-child`: becomes a program that dies with its parent.
//!
//! `up` starts every process through this, so that a killed `up` leaves nothing behind. A step of its own
//! because setting the signal between fork and exec would need unsafe code.

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use std::{ffi::OsString, os::unix::process::CommandExt, process::Command};

/// What to become.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The process that must be the parent.
    #[arg(long)]
    parent: i32,
    /// The program and its arguments.
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Never returns if all is well.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| format!("prctl: {error}"))?;
    // The parent may have died before the line above.
    if getppid() != Pid::from_raw(args.parent) {
        return Err("the parent process is gone".to_owned());
    }
    let Some((program, arguments)) = args.command.split_first() else {
        return Err("no command".to_owned());
    };
    let error = Command::new(program).args(arguments).exec();
    Err(format!("cannot run `{}`: {error}", program.to_string_lossy()))
}
