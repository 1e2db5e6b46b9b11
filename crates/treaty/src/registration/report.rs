//! What people read about a registration.

use super::Standing;
use contracts::treaty::v1::{Break, Declaration, Refusal};
use std::fmt::Write as _;
use tonic::Status;

/// Bytes of an example that are shown.
const SHOWN: usize = 32;

/// The standing has changed. Of warnings, those are told that were not told before.
pub(super) fn news(before: &Standing, standing: &Standing) {
    let (same, warned) = match (before, standing) {
        (Standing::Admitted { listener: before, warnings }, Standing::Admitted { listener, .. }) => {
            (before == listener, warnings.as_slice())
        }
        _ => (false, &[][..]),
    };
    match standing {
        Standing::Unknown => {}
        Standing::Admitted { listener, warnings } => {
            if same {
                tracing::debug!("admitted to the mesh still, with other warnings");
            } else if listener.is_empty() {
                tracing::info!("admitted to the mesh");
            } else {
                tracing::info!(listener, "admitted to the mesh");
            }
            let new: Vec<_> = warnings.iter().filter(|warning| !warned.contains(warning)).cloned().collect();
            for (warning, also) in by_cause(&new) {
                tracing::warn!(reason = warning.reason, "{}", told(warning, &also));
            }
        }
        Standing::Refused(refusals) if refusals.is_empty() => {
            tracing::error!("not admitted to the mesh; the control plane gives no reason");
        }
        Standing::Refused(refusals) => {
            for (Refusal { reason, .. }, text) in
                by_cause(refusals).into_iter().map(|(one, also)| (one, told(one, &also)))
            {
                tracing::error!(reason, "not admitted to the mesh, and without traffic until then: {text}");
            }
        }
    }
}

/// The stream broke, and nothing else did.
pub(super) fn lost(control: &str, status: &Status) {
    let reason = status.message();
    tracing::warn!(
        control,
        reason,
        "no stream to the registry: going on with what is known, and trying again until it is back"
    );
}

/// One for each cause, and where else it shows: a field that many methods carry breaks all of them.
fn by_cause(refusals: &[Refusal]) -> Vec<(&Refusal, Vec<&Break>)> {
    let mut causes: Vec<(&Refusal, Vec<&Break>)> = Vec::new();
    for refusal in refusals {
        let known = causes.iter_mut().find(|(first, _)| same_cause(first, refusal));
        match (known, &refusal.breakage) {
            (Some((_, also)), Some(breakage)) => also.push(breakage),
            _ => causes.push((refusal, Vec::new())),
        }
    }
    causes
}

/// The same rule about the same two declarations, whoever of them writes, to the same people.
fn same_cause(one: &Refusal, other: &Refusal) -> bool {
    let (Some(one), Some(other)) = (&one.breakage, &other.breakage) else { return false };
    let parties = |of: &Break| (of.provider.clone(), of.consumer.clone(), of.rule.clone(), of.level.clone());
    let straight = one.written == other.written && one.read == other.read;
    let crossed = one.written == other.read && one.read == other.written;
    let placed = !one.path.is_empty() && !other.path.is_empty();
    placed && parties(one) == parties(other) && (straight || crossed)
}

fn told(refusal: &Refusal, also: &[&Break]) -> String {
    let in_full = |breakage| paragraph(refusal, breakage, also);
    refusal.breakage.as_ref().map_or_else(|| sentence(refusal), in_full)
}

/// What is wrong, where, and what would be right.
fn sentence(refusal: &Refusal) -> String {
    let Refusal { reason: _, message, origin, remedy, breakage: _ } = refusal;
    let place = if origin.is_empty() { String::new() } else { format!(" ({origin})") };
    let way_out = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
    format!("{message}{place}{way_out}")
}

/// The same with both sides and an example, below each other.
fn paragraph(refusal: &Refusal, breakage: &Break, also: &[&Break]) -> String {
    let mut text = refusal.message.clone();
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(text, "\n    {name:<8} {value}");
        }
    };
    let (writer, reader) = match breakage.direction.as_str() {
        "REQUEST" => ("consumer", "provider"),
        "RESPONSE" => ("provider", "consumer"),
        _ => ("", ""),
    };
    if writer.is_empty() {
        row("at", &refusal.origin);
    } else {
        row(writer, &declared(breakage.written.as_ref(), "writes"));
        row(reader, &declared(breakage.read.as_ref(), "reads"));
    }
    for (at, also) in also.iter().enumerate() {
        let within = format!("{}, {} {}", also.method, also.direction.to_lowercase(), also.path);
        row(if at == 0 { "also in" } else { "" }, &within);
    }
    if let Some(example) = &breakage.example {
        let bytes =
            if breakage.encoding == "JSON" { String::new() } else { format!(" ({})", hex(&example.bytes)) };
        row("example", &format!("{}{bytes} is read as: {}", example.written, example.read));
    }
    row("way out", &refusal.remedy);
    text
}

/// "writes `string units = 2` (shop/money/v1/money.proto:4:3)".
fn declared(declaration: Option<&Declaration>, verb: &str) -> String {
    match declaration.filter(|said| !said.text.is_empty()) {
        None => format!("{verb} nothing of that kind"),
        Some(Declaration { text, origin }) if origin.is_empty() => format!("{verb} `{text}`"),
        Some(Declaration { text, origin }) => format!("{verb} `{text}` ({origin})"),
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut shown: Vec<_> = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    shown.extend((bytes.len() > SHOWN).then(|| "…".to_owned()));
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::treaty::v1::Example;

    #[test]
    fn a_refusal_says_what_where_and_the_way_out() {
        let mut refused = Refusal {
            reason: "CONTRACT_CLAIMED".to_owned(),
            message: "`shop.catalog.v1.Catalog` is provided by shop/catalog; shop/orders claims it too"
                .to_owned(),
            origin: "shop/catalog/v1/catalog.proto:12:1".to_owned(),
            remedy: "let one of them serve it".to_owned(),
            breakage: None,
        };
        assert_eq!(
            told(&refused, &[]),
            "`shop.catalog.v1.Catalog` is provided by shop/catalog; shop/orders claims it too \
             (shop/catalog/v1/catalog.proto:12:1); let one of them serve it"
        );
        refused.origin.clear();
        refused.remedy.clear();
        assert_eq!(told(&refused, &[]), refused.message);
    }

    #[test]
    fn a_break_shows_both_sides_and_what_becomes_of_an_example() {
        let declaration =
            |text: &str, origin: &str| Some(Declaration { text: text.to_owned(), origin: origin.to_owned() });
        let refused = Refusal {
            reason: "CONTRACT_BREAKS".to_owned(),
            message: "this version of shop/catalog breaks shop/orders".to_owned(),
            origin: "money.proto:4:3".to_owned(),
            remedy: "take a new number".to_owned(),
            breakage: Some(Break {
                direction: "RESPONSE".to_owned(),
                written: declaration("string units = 2", "money.proto:4:3"),
                read: declaration("int64 units = 2", ""),
                example: Some(Example {
                    bytes: vec![0x12, 1, b'7'],
                    written: "units: \"7\"".to_owned(),
                    read: "an error, or nothing".to_owned(),
                }),
                ..Break::default()
            }),
        };
        assert_eq!(
            told(&refused, &[]),
            "this version of shop/catalog breaks shop/orders\n    provider writes `string units = 2` (money.proto:4:3)\n    \
             consumer reads `int64 units = 2`\n    example  units: \"7\" (12 01 37) is read as: an error, or nothing\n    \
             way out  take a new number"
        );
    }
}
