//! What whoever sent a message is told about it.

use super::{Judge, shorten};
use crate::{
    limit::Direction,
    metadata::Room,
    status::{MeshError, Reason, cut},
};
use contract::Origin;
use validate::{Failure, MAX_VIOLATIONS, Steps, Violation, Violations};

/// Violations that are told in full: what fits into trailers that every client accepts.
const TOLD: usize = 16;
/// Of the encoded details together, in bytes; base64 makes a third more of it.
const MAX_DETAILS: usize = 4096;
/// What the two details take besides themselves: the names of their types, and how many are told.
const FRAME: usize = 256;
/// Violations that the one sentence names.
const NAMED: usize = 4;
/// How long that sentence may be, in bytes.
const MAX_SENTENCE: usize = 800;
/// How long the first rule and its field may be in `ErrorInfo`, in bytes.
const MAX_VALUE: usize = 256;
/// How long values in violations may be, in bytes; shorter where there is no room for them.
const LENGTHS: [usize; 4] = [512, 256, 96, 32];

const VIOLATIONS: &str = "type.googleapis.com/buf.validate.Violations";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";

pub(super) fn of(judge: &Judge, failure: Failure, steps: &Steps) -> MeshError {
    match failure {
        Failure::Violations(found) => of_violations(judge, found),
        Failure::Malformed(error) => {
            let message = format!("no {}: {error}", judge.typed.name);
            error_of(judge, Reason::MessageMalformed, message)
                .remedy("encode it with code that is generated from the contract")
        }
        Failure::Runtime(error) if error.too_dear => {
            let message = format!("{} is too dear to judge: {error}", judge.typed.name);
            error_of(judge, Reason::MessageTooDear, message)
                .rule(&error.rule_id)
                .origin(&error.origin)
                .with("steps", steps.spent())
                .remedy("send less at once; the contract's author can bound lists and texts, so that the rule cannot take long")
        }
        Failure::Runtime(error) => {
            let message = format!("{} cannot be judged: {error}", judge.typed.name);
            error_of(judge, Reason::RuleNotApplicable, message)
                .rule(&error.rule_id)
                .origin(&error.origin)
                .remedy("write the rule so that it holds for every message, or guard it with has(…)")
        }
    }
}

pub(super) fn of_compressed(judge: &Judge) -> MeshError {
    let message = format!("a compressed {} cannot be judged by the rules of its contract", judge.typed.name);
    error_of(judge, Reason::MessageCompressed, message)
        .remedy("send it uncompressed (grpc-encoding: identity)")
}

fn of_violations(judge: &Judge, found: Violations) -> MeshError {
    let Violations(mut found) = found;
    let count = found.len();
    found.truncate(TOLD);
    let message = summary(&judge.typed.name, &found, count);
    let mut error = error_of(judge, Reason::Validation, message).with("violations", count);
    if let Some(first) = found.first() {
        let short = |text: &dyn std::fmt::Display| {
            let mut text = text.to_string();
            cut(&mut text, MAX_VALUE);
            text
        };
        error = error.rule(short(&first.rule_id)).origin(&first.origin).remedy("send what the rule asks for");
        if !first.field.0.is_empty() {
            error = error.with("field", short(&first.field));
        }
    }
    let room = error.room_for_details(Room::ALL_TAKE).saturating_sub(FRAME).min(MAX_DETAILS);
    let (told, violations, bad_request) = details(&found, room);
    if told < count {
        error = error.with("violations_in_details", told);
    }
    error.detail(BAD_REQUEST, bad_request).detail(VIOLATIONS, violations)
}

/// One sentence about the first of `count` violations.
fn summary(name: &str, found: &[Violation], count: usize) -> String {
    // More than these are not looked for.
    let bound = if count >= MAX_VIOLATIONS { "at least " } else { "" };
    let (rules, more) = match (count, count.saturating_sub(NAMED)) {
        (1, _) => ("a rule".to_owned(), String::new()),
        (_, 0) => (format!("{count} rules"), String::new()),
        (_, more) => (format!("{bound}{count} rules"), format!("; and {bound}{more} more")),
    };
    let mut message = String::new();
    for most in LENGTHS {
        let named = found.iter().take(NAMED).map(|one| sentence(&shorten::violation(one.clone(), most)));
        let named: Vec<String> = named.collect();
        message = format!("{name} breaks {rules} of its contract: {}{more}", named.join("; "));
        if message.len() <= MAX_SENTENCE {
            return message;
        }
    }
    cut(&mut message, MAX_SENTENCE);
    message
}

/// The reason is the caller's fault in a request, the provider's in a response.
fn error_of(judge: &Judge, reason: Reason, message: String) -> MeshError {
    let (reason, message) = match judge.direction {
        Direction::Request => (reason, message),
        Direction::Response => (Reason::ResponseInvalid, format!("the provider's answer: {message}")),
    };
    MeshError::new(reason, message).method(&judge.path).with("message", &judge.typed.name)
}

/// "items[0].quantity: must be greater than 0 (orders.proto:7:3)".
fn sentence(violation: &Violation) -> String {
    match &violation.origin {
        Origin::Default => violation.to_string(),
        origin => format!("{violation} ({origin})"),
    }
}

/// The same in two vocabularies, as much as there is room for: how many, at least one, and the encodings. Values are
/// shortened before fewer violations are told than a sentence names.
fn details(found: &[Violation], room: usize) -> (usize, Vec<u8>, Vec<u8>) {
    let mut told = (0, Vec::new(), Vec::new());
    for most in LENGTHS {
        let short = found.iter().map(|one| shorten::violation(one.clone(), most)).collect();
        told = fitting(short, room);
        if told.1.len() + told.2.len() <= room && told.0 >= found.len().min(NAMED) {
            break;
        }
    }
    told
}

fn fitting(mut found: Vec<Violation>, room: usize) -> (usize, Vec<u8>, Vec<u8>) {
    loop {
        let bad_request = bad_request(&found);
        let violations = Violations(found);
        let encoded = violations.encode();
        if violations.0.len() <= 1 || encoded.len() + bad_request.len() <= room {
            return (violations.0.len(), encoded, bad_request);
        }
        found = violations.0;
        found.truncate(found.len() / 2);
    }
}

/// An encoded `google.rpc.BadRequest`.
fn bad_request(found: &[Violation]) -> Vec<u8> {
    let mut out = Vec::new();
    for violation in found {
        let mut one = Vec::new();
        crate::status::put_bytes(&mut one, 1, violation.field.to_string().as_bytes());
        let what = if violation.message.is_empty() { &violation.rule_id } else { &violation.message };
        crate::status::put_bytes(&mut one, 2, what.as_bytes());
        crate::status::put_bytes(&mut out, 1, &one);
    }
    out
}
