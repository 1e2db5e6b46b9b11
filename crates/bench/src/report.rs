//! The figures, for people. The first variant is what the others are compared with.

use crate::{
    Args,
    load::{Figures, SIZES},
    memory::Idle,
};

/// One turn of each variant, for messages of one size.
pub(crate) struct Round {
    pub(crate) bytes: usize,
    /// In the order of the variants.
    pub(crate) turns: Vec<Figures>,
}

pub(crate) fn print(args: &Args, names: &[&str], rounds: &[Round], idle: &[Idle]) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{} streams over one connection, client and server in one process, {cores} cores; \
         {} interleaved rounds of {} s; medians, and in brackets the median of each round's ratio to the first line\n",
        args.streams, args.rounds, args.seconds
    );
    for bytes in SIZES {
        println!(
            "{bytes} bytes\n{:28}{:>16}{:>18}{:>16}{:>16}{:>8}",
            "", "calls/s", "CPU µs/call", "p50 µs", "p99 µs", "failed"
        );
        let rounds: Vec<_> = rounds.iter().filter(|round| round.bytes == bytes).collect();
        for (place, name) in names.iter().enumerate() {
            line(name, place, &rounds);
        }
        println!();
    }
    println!("{:28}{:>17}{:>18}", "idle", "resident MB", "of it private");
    for Idle { name, resident, private } in idle {
        println!("{name:28}{resident:>17.1}{private:>18.1}");
    }
}

/// One turn.
pub(crate) fn each(bytes: usize, name: &str, figures: &Figures) {
    let calls = number(figures.calls);
    let (per_second, cpu) = (calls / figures.seconds, figures.cpu_seconds * 1e6 / calls);
    println!("{bytes:>6} bytes  {name:28}{per_second:>10.0} calls/s {cpu:>8.1} CPU µs/call");
}

fn line(name: &str, place: usize, rounds: &[&Round]) {
    let cell = |digits: usize, figure: fn(&Figures) -> f64| {
        let of = |round: &&Round, place| round.turns.get(place).map_or(f64::NAN, figure);
        let value = median(rounds.iter().map(|round| of(round, place)).collect());
        // Within a round the machine was in one mood; over all of them it may not have been.
        let ratio = median(rounds.iter().map(|round| of(round, place) / of(round, 0)).collect());
        format!("{value:.digits$} ({ratio:.2}×)")
    };
    let failed: u64 = rounds.iter().filter_map(|round| round.turns.get(place)).map(|turn| turn.failed).sum();
    println!(
        "{name:28}{:>17}{:>18}{:>16}{:>16}{failed:>8}",
        cell(0, |turn| number(turn.calls) / turn.seconds),
        cell(1, cpu_micros),
        cell(0, |turn| number(turn.p50_micros)),
        cell(0, |turn| number(turn.p99_micros)),
    );
}

fn cpu_micros(turn: &Figures) -> f64 {
    turn.cpu_seconds * 1e6 / number(turn.calls)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
const fn number(count: u64) -> f64 {
    count as f64
}
