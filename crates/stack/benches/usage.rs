//! What counting usage costs a call: `cargo bench -p stack`.
//!
//! An order of five lines is counted over and over, with the look that one request in 256 gets; by one thread, and by two
//! at once on one counter, which is the worst that a busy method can do. Prints the median of rounds.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may end here, and prints")]

use contract::{Contract, schema::Schema};
use stack::client::usage::{Counter, Followed, Usage};
use std::{
    hint::black_box,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

const CALLS: u32 = 2_000_000;
const ROUNDS: usize = 15;

const SOURCE: &str = r#"syntax = "proto3"; package shop.v1;
    service Orders { rpc PlaceOrder(PlaceOrderRequest) returns (Order); }
    message PlaceOrderRequest { string request_id = 1; Order order = 2; }
    message Order { string name = 1; Customer customer = 2; repeated Line lines = 3; string note = 4; }
    message Customer { string name = 1; string address = 2; }
    message Line { string product = 1; int32 quantity = 2; }"#;

/// A field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut encoded = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 127 {
        encoded.push(u8::try_from(length & 127).unwrap() | 128);
        length >>= 7;
    }
    encoded.push(u8::try_from(length).unwrap());
    encoded.extend(bytes);
    encoded
}

/// An order of five lines, behind its prefix.
fn request() -> Vec<u8> {
    let line = field(3, &[field(1, b"products/espresso-beans"), vec![2 << 3, 3]].concat());
    let customer = field(2, &[field(1, b"Ada"), field(2, b"12 St James's Square, London")].concat());
    let order = field(2, &[customer, line.repeat(5), field(4, &[b'x'; 200])].concat());
    let message = [field(1, b"5f3759df-0000-4000-8000-000000000000"), order].concat();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, &message].concat()
}

fn count(counter: &Arc<Counter>, request: &[u8]) {
    for n in 0..CALLS {
        counter.unary(black_box(request), 300, Duration::from_micros(u64::from(n % 700)), 3);
    }
}

/// Nanoseconds for a call of one thread, while as many as `threads` count.
fn round(counter: &Arc<Counter>, request: &[u8], threads: usize) -> f64 {
    let begin = Barrier::new(threads);
    let took = thread::scope(|scope| {
        let work = || {
            begin.wait();
            let began = Instant::now();
            count(counter, request);
            began.elapsed()
        };
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().map(|one| one.join().unwrap()).max().unwrap()
    });
    took.as_secs_f64() * 1e9 / f64::from(CALLS)
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds.swap_remove(rounds.len() / 2)
}

fn main() {
    let bytes = contract::compile::texts(&[("shop.proto", SOURCE)]).unwrap().bytes;
    let (contract, schema) = (Contract::read(bytes.clone()).unwrap(), Schema::read(&bytes).unwrap());
    let request = request();
    for (what, schema) in [("counted", None), ("counted, one in 256 looked at", Some(&schema))] {
        let usage = Usage::default();
        usage.follow([Followed { service: "shop.v1.Orders", contract: &contract, schema }]);
        let counter = usage.counter("/shop.v1.Orders/PlaceOrder").unwrap();
        for threads in [1, 2] {
            let rounds = (0..ROUNDS).map(|_| round(&counter, &request, threads)).collect();
            println!("{what:<32} {threads} at once {:>8.1} ns a call", median(rounds));
        }
        black_box(usage.take());
    }
}
