//! The figures, for people. The first variant is what the others are compared with.

use crate::{
    Args,
    load::{Figures, SIZES},
    memory::Idle,
};

/// A variant's figures over all rounds.
struct Sum {
    failed: u64,
    calls_per_second: f64,
    cpu_micros: f64,
    p50_micros: f64,
    p99_micros: f64,
}

pub(crate) fn print(args: &Args, names: &[&str], rounds: &[(usize, usize, Figures)], idle: &[Idle]) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{} streams over one connection, client and server in one process, {cores} cores; \
         {} interleaved rounds of {} s; medians, and each ratio against the first line\n",
        args.streams, args.rounds, args.seconds
    );
    for bytes in SIZES {
        println!(
            "{bytes} bytes\n{:28}{:>16}{:>18}{:>16}{:>16}{:>8}",
            "", "calls/s", "CPU µs/call", "p50 µs", "p99 µs", "failed"
        );
        let sums: Vec<_> = (0..names.len()).map(|place| sum(rounds, bytes, place)).collect();
        for (name, sum) in names.iter().zip(&sums) {
            line(name, sum, sums.first().unwrap_or(sum));
        }
        println!();
    }
    println!("{:28}{:>17}{:>18}", "idle", "resident MB", "of it private");
    for Idle { name, resident, private } in idle {
        println!("{name:28}{resident:>17.1}{private:>18.1}");
    }
}

fn line(name: &str, sum: &Sum, base: &Sum) {
    let with_ratio =
        |value: f64, base: f64, digits: usize| format!("{value:.digits$} ({:.2}×)", value / base);
    println!(
        "{name:28}{:>17}{:>18}{:>16}{:>16}{:>8}",
        with_ratio(sum.calls_per_second, base.calls_per_second, 0),
        with_ratio(sum.cpu_micros, base.cpu_micros, 1),
        with_ratio(sum.p50_micros, base.p50_micros, 0),
        with_ratio(sum.p99_micros, base.p99_micros, 0),
        sum.failed,
    );
}

fn sum(rounds: &[(usize, usize, Figures)], bytes: usize, place: usize) -> Sum {
    let own: Vec<_> =
        rounds.iter().filter(|(b, p, _)| (*b, *p) == (bytes, place)).map(|(_, _, figures)| figures).collect();
    let of = |figure: fn(&Figures) -> f64| median(own.iter().map(|figures| figure(figures)).collect());
    Sum {
        failed: own.iter().map(|figures| figures.failed).sum(),
        calls_per_second: of(|figures| number(figures.calls) / figures.seconds),
        cpu_micros: of(|figures| figures.cpu_seconds * 1e6 / number(figures.calls)),
        p50_micros: of(|figures| number(figures.p50_micros)),
        p99_micros: of(|figures| number(figures.p99_micros)),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
const fn number(count: u64) -> f64 {
    count as f64
}
