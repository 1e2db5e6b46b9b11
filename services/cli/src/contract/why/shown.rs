//! Refusals and warnings, for people: who, over what, both sides, an example, and the way out.

use crate::{
    contract::style::{self, BOLD, DIM, ERROR, PLACE, WARNING},
    refusal::{by_cause, cause, place},
};
use anstyle::Style;
use contracts::treaty::v1::{Break, Declaration, Example, InstanceStatus, Refusal, instance_status::State};
use std::fmt::Write as _;

/// Bytes of an example in one line.
const LINE: usize = 16;

pub(super) fn human(workload: &str, instances: &[InstanceStatus]) -> String {
    let refused = instances.iter().filter(|instance| instance.state() == State::Refused).count();
    let verdict = match refused {
        0 => "admitted".to_owned(),
        all if all == instances.len() => "refused".to_owned(),
        some => format!("{some} of {} refused", style::count(instances.len(), "instance")),
    };
    let mut text = format!("{BOLD}{workload}{BOLD:#}  {verdict}\n");
    for instance in instances {
        one(&mut text, instance);
    }
    text
}

fn one(text: &mut String, instance: &InstanceStatus) {
    let InstanceStatus { instance: name, version, address, refusals, warnings, .. } = instance;
    let state = instance.state().as_str_name();
    let style = if instance.state() == State::Refused { ERROR } else { BOLD };
    let since = instance.since.as_ref().map(|since| format!("since {}", second(since))).unwrap_or_default();
    let labels: Vec<_> = [version, address, &since].into_iter().filter(|label| !label.is_empty()).collect();
    let labels = labels.into_iter().map(String::as_str).collect::<Vec<_>>().join("  ");
    let _ = writeln!(text, "\n{style}{state}{style:#}  {name}  {DIM}{labels}{DIM:#}");
    for (what, style, said) in [("refused", ERROR, refusals), ("warning", WARNING, warnings)] {
        for (refusal, also) in by_cause(said) {
            paragraph(text, style, what, refusal, &also);
        }
    }
    if refusals.is_empty() && warnings.is_empty() {
        text.push_str("  nothing speaks against it\n");
    }
}

/// "2026-11-21T12:23:13Z".
fn second(time: &prost_types::Timestamp) -> String {
    prost_types::Timestamp { nanos: 0, ..*time }.to_string()
}

/// As compilers do it: what, where, both sides, help.
fn paragraph(text: &mut String, style: Style, what: &str, refusal: &Refusal, also: &[&Break]) {
    let Refusal { reason, message, origin, remedy, breakage } = refusal;
    let heading = breakage.as_ref().map_or_else(|| message.clone(), heading);
    let _ = writeln!(text, "\n{style}{what}[{reason}]{style:#}{BOLD}: {heading}{BOLD:#}");
    if !origin.is_empty() {
        let _ = writeln!(text, "  {PLACE}-->{PLACE:#} {origin}");
    }
    if let Some(breakage) = breakage {
        details(text, &cause(message, breakage), breakage, also);
    }
    if !remedy.is_empty() {
        let _ = writeln!(text, "   {PLACE}={PLACE:#} {BOLD}help:{BOLD:#} {remedy}");
    }
}

/// "shop/orders breaks in shop.catalog.v1.Catalog/GetProduct".
fn heading(breakage: &Break) -> String {
    let Break { provider, owner, consumer, method, level, encoding, .. } = breakage;
    let owner = if owner.is_empty() { String::new() } else { format!(" (owner: {owner})") };
    if level == "SAFE" {
        return format!("nobody who is live breaks in {method} of {provider}{owner}, and others could");
    }
    let consumer = if consumer.is_empty() { "somebody" } else { consumer };
    // What is lost is lost in an encoding; limits and rules shut out.
    let fate = match (level.as_str(), encoding.is_empty()) {
        ("LOSSY", false) => "loses values",
        ("LOSSY", true) => "may be refused",
        _ => "breaks",
    };
    format!("{consumer} {fate} in {method} of {provider}{owner}")
}

fn details(text: &mut String, cause: &str, breakage: &Break, also: &[&Break]) {
    let bar = format!("   {PLACE}|{PLACE:#}");
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{bar} {DIM}{name:<9}{DIM:#} {value}");
        }
    };
    let Break { direction, encoding, path, rule, when, .. } = breakage;
    row("what", cause);
    row("field", path);
    let within = [direction, encoding].map(|part| part.to_lowercase()).join(" ");
    row("in", &within.trim().replace(' ', ", "));
    for (at, also) in also.iter().enumerate() {
        row(if at == 0 { "also in" } else { "" }, &place(also));
    }
    let (writer, reader) = sides(direction);
    row(writer, &declared(breakage.written.as_ref(), "writes"));
    row(reader, &declared(breakage.read.as_ref(), "reads"));
    row("rule", rule);
    row("when", when);
    if let Some(Example { bytes, written, read }) = &breakage.example {
        row("example", written);
        if encoding != "JSON" {
            for (at, line) in bytes.chunks(LINE).enumerate() {
                let hex: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
                row(if at == 0 { "bytes" } else { "" }, &hex.join(" "));
            }
        }
        row("read as", read);
    }
}

/// Who writes, who reads.
fn sides(direction: &str) -> (&'static str, &'static str) {
    match direction {
        "REQUEST" => ("consumer", "provider"),
        "RESPONSE" => ("provider", "consumer"),
        _ => ("", ""),
    }
}

/// "writes `string units = 2`  shop/money/v1/money.proto:4:3".
fn declared(declaration: Option<&Declaration>, verb: &str) -> String {
    match declaration.filter(|said| !said.text.is_empty()) {
        None => String::new(),
        Some(Declaration { text, origin }) => format!("{verb:<6} `{text}`  {PLACE}{origin}{PLACE:#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_both_sides_an_example_and_the_way_out() {
        let declaration = |text: &str, at: &str| {
            Some(Declaration { text: text.to_owned(), origin: format!("money.proto:{at}") })
        };
        let refusal = Refusal {
            reason: "CONTRACT_BREAKS".to_owned(),
            message: "this version of shop/catalog (owner: catalog) breaks shop/orders: \
                      shop.catalog.v1.Catalog/GetProduct, response Product.price.units: `units` is text now"
                .to_owned(),
            origin: "money.proto:4:3".to_owned(),
            remedy: "take a new number".to_owned(),
            breakage: Some(Break {
                provider: "shop/catalog".to_owned(),
                owner: "catalog".to_owned(),
                consumer: "shop/orders".to_owned(),
                method: "shop.catalog.v1.Catalog/GetProduct".to_owned(),
                direction: "RESPONSE".to_owned(),
                path: "Product.price.units".to_owned(),
                rule: "field-type".to_owned(),
                level: "BREAKING".to_owned(),
                written: declaration("string units = 2", "4:3"),
                read: declaration("int64 units = 2", "5:3"),
                example: Some(Example {
                    bytes: vec![0x12, 0x01, 0x37],
                    written: "units: \"7\"".to_owned(),
                    read: "an error, or no units".to_owned(),
                }),
                ..Break::default()
            }),
        };
        let mut also = refusal.clone();
        let breakage = also.breakage.as_mut().unwrap();
        (breakage.method, breakage.direction) =
            ("shop.catalog.v1.Catalog/SetPrice".to_owned(), "REQUEST".to_owned());
        std::mem::swap(&mut breakage.written, &mut breakage.read);
        let instance = InstanceStatus {
            instance: "catalog-2".to_owned(),
            version: "1.5.0".to_owned(),
            state: State::Refused.into(),
            refusals: vec![refusal, also],
            ..InstanceStatus::default()
        };
        let text = anstream::adapter::strip_str(&human("shop/catalog", &[instance])).to_string();
        insta::assert_snapshot!(text, @r#"
        shop/catalog  refused

        REFUSED  catalog-2  1.5.0

        refused[CONTRACT_BREAKS]: shop/orders breaks in shop.catalog.v1.Catalog/GetProduct of shop/catalog (owner: catalog)
          --> money.proto:4:3
           | what      `units` is text now
           | field     Product.price.units
           | in        response
           | also in   shop.catalog.v1.Catalog/SetPrice, request Product.price.units
           | provider  writes `string units = 2`  money.proto:4:3
           | consumer  reads  `int64 units = 2`  money.proto:5:3
           | rule      field-type
           | example   units: "7"
           | bytes     12 01 37
           | read as   an error, or no units
           = help: take a new number
        "#);
    }
}
