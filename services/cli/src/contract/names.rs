//! Names that were typed, and those that there are.

use contract::lint::nearest;

/// As many as one reads.
const SHOWN: usize = 5;

/// "is a", "are a, b, c, d, e and 25 more": what follows "there".
pub(super) fn there(names: &[&str]) -> String {
    match names {
        [] => "is none".to_owned(),
        [one] => format!("is {one}"),
        several => {
            let shown: Vec<&str> = several.iter().take(SHOWN).copied().collect();
            let more = match several.len() - shown.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("are {}{more}", shown.join(", "))
        }
    }
}

/// "; did you mean `shop.v1.Till`?", where `name` is its end, or misspells it or its end. Nothing where that is not plain.
pub(super) fn did_you_mean(name: &str, known: &[&str]) -> String {
    if known.len() < 2 {
        return String::new();
    }
    let end = |full: &str, parts: usize| {
        let from = full.rmatch_indices('.').nth(parts).map_or(0, |(at, _)| at + 1);
        full.get(from..).unwrap_or_default().to_ascii_lowercase()
    };
    let ends: Vec<String> = known.iter().map(|full| end(full, name.matches('.').count())).collect();
    let written = name.to_ascii_lowercase();
    let mut same = known.iter().zip(&ends).filter(|(_, end)| **end == written).map(|(full, _)| *full);
    let meant = match (same.next(), same.next()) {
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) => None,
        (None, _) => nearest(name, known.iter().copied()).or_else(|| {
            let near = nearest(name, ends.iter().map(String::as_str))?;
            known.iter().zip(&ends).find(|(_, end)| *end == near).map(|(full, _)| *full)
        }),
    };
    meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_said_where_it_is_plain() {
        let known = ["shop.a.v1.Orders", "shop.b.v1.Till", "shop.c.v1.Till"];
        for (name, meant) in [
            ("Orders", "shop.a.v1.Orders"),
            ("v1.orders", "shop.a.v1.Orders"),
            ("shop.a.v1.Order", "shop.a.v1.Orders"),
            ("Ordrs", "shop.a.v1.Orders"),
            ("shop.c.v1.Til", "shop.c.v1.Till"),
        ] {
            assert_eq!(did_you_mean(name, &known), format!("; did you mean `{meant}`?"), "{name}");
        }
        for name in ["Till", "Something", ""] {
            assert_eq!(did_you_mean(name, &known), "", "{name}");
        }
    }

    #[test]
    fn a_few_names_are_shown() {
        assert_eq!(there(&["a", "b"]), "are a, b");
        assert_eq!(there(&["a"; 30]), "are a, a, a, a, a and 25 more");
    }
}
