//! Refusals and warnings, for people: who, over what, both sides, an example, and the way out.

use crate::{
    contract::style::{self, BOLD, DIM, ERROR, PLACE, WARNING},
    refusal::{by_cause, cause, place},
};
use anstyle::Style;
use contracts::treaty::v1::{
    Break, Declaration, Example, InstanceStatus, ReadAdmissionResponse, Refusal, instance_status::State,
};
use std::fmt::Write as _;

/// Bytes of an example in one line.
const LINE: usize = 16;

pub(super) fn human(workload: &str, answer: &ReadAdmissionResponse) -> String {
    let ReadAdmissionResponse { instances, omitted } = answer;
    let refused = instances.iter().filter(|instance| instance.state() == State::Refused).count();
    let all = instances.len() + *omitted as usize;
    let verdict = match refused {
        0 => "admitted".to_owned(),
        refused if refused == all => "refused".to_owned(),
        some => format!("{some} of {} refused", style::count(all, "instance")),
    };
    let mut text = format!("{BOLD}{workload}{BOLD:#}  {verdict}\n");
    for (at, instance) in instances.iter().enumerate() {
        heading(&mut text, instance);
        let earlier = instances.iter().take(at);
        match earlier.into_iter().find(|other| said(other) == said(instance)) {
            _ if instance.truncated => text.push_str("  what is said of it is left out: there is too much\n"),
            Some(other) if said(instance) != (&[], &[]) => {
                let _ = writeln!(text, "  the same is said of it as of {}", other.instance);
            }
            _ => reasons(&mut text, instance),
        }
    }
    if *omitted > 0 {
        let _ = writeln!(
            text,
            "\n{} left out: there is too much",
            style::count(*omitted as usize, "more instance")
        );
    }
    text
}

fn said(instance: &InstanceStatus) -> (&[Refusal], &[Refusal]) {
    (&instance.refusals, &instance.warnings)
}

/// "READY  catalog-2  dev  127.0.0.1:46653  since 2026-11-21T13:31:39Z".
fn heading(text: &mut String, instance: &InstanceStatus) {
    let InstanceStatus { instance: name, version, address, .. } = instance;
    let state = instance.state().as_str_name();
    let style = if instance.state() == State::Refused { ERROR } else { BOLD };
    let since = instance.since.as_ref().map(|since| format!("since {}", second(since))).unwrap_or_default();
    let labels: Vec<_> = [version, address, &since].into_iter().filter(|label| !label.is_empty()).collect();
    let labels = labels.into_iter().map(String::as_str).collect::<Vec<_>>().join("  ");
    let _ = writeln!(text, "\n{style}{state}{style:#}  {name}  {DIM}{labels}{DIM:#}");
}

fn reasons(text: &mut String, instance: &InstanceStatus) {
    let InstanceStatus { refusals, warnings, .. } = instance;
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
    let heading = breakage.as_ref().map_or_else(|| message.clone(), fate);
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
fn fate(breakage: &Break) -> String {
    let Break { provider, owner, consumer, method, level, encoding, .. } = breakage;
    let owner = if owner.is_empty() { String::new() } else { format!(" (owner: {owner})") };
    if level == "SAFE" {
        return format!("nobody who is live breaks in {method} of {provider}{owner}, and others could");
    }
    let consumer = if consumer.is_empty() { "somebody" } else { consumer };
    // What is lost is lost in an encoding; limits and rules shut out.
    let what = match (level.as_str(), encoding.is_empty()) {
        ("LOSSY", false) => "loses values",
        ("LOSSY", true) => "may be refused",
        _ => "breaks",
    };
    format!("{consumer} {what} in {method} of {provider}{owner}")
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
    let [(writer, writes), (reader, reads)] = sides(direction);
    row(writer, &declared(breakage.written.as_ref(), writes));
    row(reader, &declared(breakage.read.as_ref(), reads));
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

/// Who writes, and who reads; of what is no message, what was promised, and what holds.
fn sides(direction: &str) -> [(&'static str, &'static str); 2] {
    match direction {
        "REQUEST" => [("consumer", "writes"), ("provider", "reads")],
        "RESPONSE" => [("provider", "writes"), ("consumer", "reads")],
        _ => [("consumer", "has"), ("provider", "has")],
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

    fn refused() -> InstanceStatus {
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
        InstanceStatus {
            instance: "catalog-2".to_owned(),
            version: "1.5.0".to_owned(),
            state: State::Refused.into(),
            refusals: vec![refusal, also],
            ..InstanceStatus::default()
        }
    }

    fn shown(instances: Vec<InstanceStatus>, omitted: u32) -> String {
        let answer = ReadAdmissionResponse { instances, omitted };
        anstream::adapter::strip_str(&human("shop/catalog", &answer)).to_string()
    }

    #[test]
    fn a_refusal_shows_both_sides_an_example_and_the_way_out() {
        insta::assert_snapshot!(shown(vec![refused()], 0), @r#"
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

    #[test]
    fn what_is_said_of_many_is_said_once_and_what_is_left_out_is_counted() {
        let other = |name: &str| InstanceStatus { instance: name.to_owned(), ..refused() };
        let (again, mut silent) = (other("catalog-3"), other("catalog-4"));
        (silent.refusals, silent.truncated) = (Vec::new(), true);
        let ready = InstanceStatus { state: State::Ready.into(), refusals: Vec::new(), ..other("catalog-5") };
        let text = shown(vec![refused(), again, silent, ready], 3);
        assert!(text.starts_with("shop/catalog  3 of 7 instances refused\n"), "{text}");
        insta::assert_snapshot!(&text[text.find("REFUSED  catalog-3").unwrap()..], @r"
        REFUSED  catalog-3  1.5.0
          the same is said of it as of catalog-2

        REFUSED  catalog-4  1.5.0
          what is said of it is left out: there is too much

        READY  catalog-5  1.5.0
          nothing speaks against it

        3 more instances left out: there is too much
        ");
    }
}
