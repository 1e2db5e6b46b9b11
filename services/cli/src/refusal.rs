//! Refusals and warnings: for machines, and what they have in common.

use contracts::treaty::v1::{Break, Declaration, Refusal};
use serde_json::{Value, json};

/// One for each cause, and where else it shows: a field that many methods carry breaks all of them.
pub(crate) fn by_cause(refusals: &[Refusal]) -> Vec<(&Refusal, Vec<&Break>)> {
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
    let fields = !one.path.is_empty() && !other.path.is_empty();
    // One option may hold for many methods.
    let option = [&one.written, &one.read].into_iter().flatten().any(|said| !said.origin.is_empty());
    (fields || option) && parties(one) == parties(other) && (straight || crossed)
}

/// As a sentence: the first causes, at `most`, each once, and how many more there are.
pub(crate) fn in_short(refusals: &[Refusal], most: usize) -> String {
    let causes = by_cause(refusals);
    let told = causes.iter().take(most).map(|(refusal, also)| format!("{}{}", refusal.message, more(also)));
    let left_out = causes.len().checked_sub(most).filter(|count| *count > 0);
    told.chain(left_out.map(|count| format!("and {count} more"))).collect::<Vec<_>>().join("; ")
}

/// " (and in 2 more places)".
pub(crate) fn more(also: &[&Break]) -> String {
    match also.len() {
        0 => String::new(),
        1 => " (and in one more place)".to_owned(),
        count => format!(" (and in {count} more places)"),
    }
}

/// "shop.catalog.v1.Catalog/GetProduct, response Product.price".
pub(crate) fn place(breakage: &Break) -> String {
    let within = format!("{} {}", breakage.direction.to_lowercase(), breakage.path);
    let parts = [breakage.method.as_str(), within.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Of a message, what happens: without whom it concerns, and where, and for which values.
pub(crate) fn cause(message: &str, breakage: &Break) -> String {
    let before = format!("{}: ", place(breakage));
    let cause = message.split_once(&before).map_or(message, |(_, cause)| cause);
    match breakage.when.as_str() {
        "" => cause.to_owned(),
        when => cause.replacen(&format!(" ({when})"), "", 1),
    }
}

/// As treaty.v1.Refusal; an example's bytes are in hexadecimal digits.
pub(crate) fn json(refusal: &Refusal) -> Value {
    let Refusal { reason, message, origin, remedy, breakage } = refusal;
    let mut told = json!({ "reason": reason, "message": message, "origin": origin, "remedy": remedy });
    if let (Value::Object(told), Some(breakage)) = (&mut told, breakage) {
        told.insert("breakage".to_owned(), self::breakage(breakage));
    }
    told
}

fn breakage(breakage: &Break) -> Value {
    let declaration = |said: &Option<Declaration>| {
        said.as_ref().map(|said| json!({ "text": said.text, "origin": said.origin }))
    };
    let example = breakage.example.as_ref().map(|example| {
        let bytes: String = example.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "bytes": bytes, "written": example.written, "read": example.read })
    });
    json!({
        "provider": breakage.provider, "owner": breakage.owner, "consumer": breakage.consumer,
        "method": breakage.method, "direction": breakage.direction, "encoding": breakage.encoding,
        "path": breakage.path, "rule": breakage.rule, "level": breakage.level, "when": breakage.when,
        "written": declaration(&breakage.written), "read": declaration(&breakage.read), "example": example,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(method: &str) -> Refusal {
        let said =
            |text: &str, origin: &str| Some(Declaration { text: text.to_owned(), origin: origin.to_owned() });
        let breakage = Break {
            method: method.to_owned(),
            rule: "in-flight-lowered".to_owned(),
            level: "LOSSY".to_owned(),
            when: "above 2 at once".to_owned(),
            written: said("max_in_flight = unlimited", ""),
            read: said("max_in_flight = 2", "a.proto:5:3"),
            ..Break::default()
        };
        let message =
            format!("a breaks b: {method}: more now wait (above 2 at once); the method is not STABLE");
        Refusal { message, breakage: Some(breakage), ..Refusal::default() }
    }

    #[test]
    fn an_option_of_many_methods_is_one_cause() {
        let refusals = [limit("a.S/One"), limit("a.S/Two")];
        let causes = by_cause(&refusals);
        assert_eq!((causes.len(), causes[0].1.len()), (1, 1));
        let without = |mut refusal: Refusal| {
            refusal.breakage.as_mut().unwrap().read.as_mut().unwrap().origin.clear();
            refusal
        };
        assert_eq!(
            by_cause(&refusals.map(without)).len(),
            2,
            "without places, what looks the same may be two"
        );
    }

    #[test]
    fn in_short_a_cause_is_told_once() {
        let other = Refusal { message: "nobody answers".to_owned(), ..Refusal::default() };
        let refusals = [limit("a.S/One"), limit("a.S/Two"), other.clone(), other];
        let first = &refusals[0].message;
        assert_eq!(in_short(&refusals[..3], 3), format!("{first} (and in one more place); nobody answers"));
        assert_eq!(in_short(&refusals, 1), format!("{first} (and in one more place); and 2 more"));
        assert_eq!(in_short(&[], 3), "");
    }

    #[test]
    fn what_happens_is_said_without_when_it_does() {
        let refusal = limit("a.S/One");
        let cause = cause(&refusal.message, refusal.breakage.as_ref().unwrap());
        assert_eq!(cause, "more now wait; the method is not STABLE");
    }
}
