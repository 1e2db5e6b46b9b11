//! `treaty contract`: what is wrong with a contract, and what it means.

mod asked;
mod breaking;
mod check;
mod consumers;
mod contradictory;
mod diff;
mod docs;
mod explain;
mod export;
mod grpcurl;
mod ignored;
mod lint;
mod mock;
mod names;
mod promise;
mod report;
mod rows;
mod source;
mod style;
mod unenforceable;
mod validate;
mod why;

pub(crate) use lint::{ContractTable, TableError};

use std::process::ExitCode;

/// Contracts, without a mesh.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say what is wrong with contracts, where, and what would be right.
    #[command(after_help = format!("{}\n\n{}", source::FORMS, check::EXAMPLES))]
    Check(check::Args),
    /// List the rules of `check` and `breaking`, or explain one.
    #[command(after_help = lint::rules::EXAMPLES)]
    Rules(lint::rules::Args),
    /// Say what a change would break, for whom, and what would make it safe.
    #[command(after_help = format!("{}\n\n{}", source::FORMS, breaking::EXAMPLES))]
    Breaking(breaking::Args),
    /// Say what changed, by what it means for callers.
    #[command(after_help = format!("{}\n\n{}", source::FORMS, diff::EXAMPLES))]
    Diff(diff::Args),
    /// Write a contract as a descriptor set.
    #[command(after_help = format!("{}\n\n{}", source::FORMS, export::EXAMPLES))]
    Export(export::Args),
    /// Say what holds for a method, and where it is written.
    #[command(after_help = format!("{}\n\n{}", source::FORMS, explain::EXAMPLES))]
    Explain(explain::Args),
    /// Say what a message does wrong, by the rules of its contract.
    #[command(after_help = validate::EXAMPLES)]
    Validate(validate::Args),
    /// Serve a contract without its provider: valid, plausible answers, late or failing on request.
    #[command(after_help = format!("{}\n\n{}", source::FORMS, mock::EXAMPLES))]
    Mock(mock::Args),
    /// Write a site that says what contracts say: services, policy, callers, types, examples.
    #[command(after_help = format!("{}\n\n{}", source::FORMS, docs::EXAMPLES))]
    Docs(docs::Args),
    /// Say why a workload is admitted to the running mesh, or is not: everything, with examples.
    #[command(after_help = why::EXAMPLES)]
    Why(why::Args),
    /// Say who consumes a contract in the running mesh, and what of it is called.
    #[command(after_help = consumers::EXAMPLES)]
    Consumers(consumers::Args),
}

/// 0: nothing wrong. 1: findings. 2: bad usage, or input that cannot be read.
pub(crate) fn run(args: &Args) -> ExitCode {
    let done = match &args.command {
        Command::Check(args) => check::run(args),
        Command::Rules(args) => lint::rules::run(args),
        Command::Breaking(args) => breaking::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Export(args) => export::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Validate(args) => validate::run(args),
        Command::Mock(args) => mock::run(args),
        Command::Docs(args) => docs::run(args),
        Command::Why(args) => why::run(args),
        Command::Consumers(args) => consumers::run(args),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            style::complain(&message);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Args as _;

    /// Help is wrapped where the terminal ends: a row of a table must fit, and a paragraph must be one line.
    #[test]
    fn help_is_wrapped_nowhere_but_between_words_of_a_paragraph() {
        let command = Args::augment_args(clap::Command::new("contract"));
        for sub in command.get_subcommands() {
            let help = sub.get_after_help().unwrap().to_string();
            let lines: Vec<&str> = help.lines().collect();
            for (at, line) in lines.iter().enumerate() {
                let row = line.starts_with("  ");
                let below = lines.get(at + 1).copied().unwrap_or_default();
                assert!(!row || line.chars().count() <= 100, "{}: {line}", sub.get_name());
                let alone = below.is_empty() || below.starts_with("  ") || line.ends_with(['.', ':']);
                let suppressed = line.contains("// treaty:ignore");
                assert!(row || line.is_empty() || alone || suppressed, "{}: {line}", sub.get_name());
            }
        }
    }
}
