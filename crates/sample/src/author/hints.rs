//! What expressions mention: whoever asks that `this.kind == 'book'` will be content with 'book'.

use crate::{
    rules,
    tree::{Message, Value},
    values::Hint,
};
use contract::schema::{Field, Schema};

/// More of one expression are of no use.
const MOST: usize = 64;

/// The literals of all expressions of `buf.validate.FieldRules` or `buf.validate.MessageRules`.
pub(super) fn of(schema: &Schema, rules: &Message) -> Vec<Hint> {
    let bare = rules.list(schema, "cel_expression").iter().filter_map(Value::as_str);
    let named = rules.list(schema, "cel").iter().filter_map(|rule| match rule {
        Value::Message(rule) => rule.one(schema, "expression")?.as_str(),
        _ => None,
    });
    bare.chain(named)
        .flat_map(|expression| {
            [literals(expression), of_functions(expression), patterns(expression)].concat()
        })
        .collect()
}

/// What a predefined rule is given in the options of a field: `[shop.one_of]: ["a", "b"]` is an extension of
/// the rules of a family.
pub(super) fn of_extensions(field: &Field) -> Vec<Hint> {
    const FIRST_EXTENSION: u32 = 1000;
    let mut found = Vec::new();
    for (_, rules) in rules::stretches(&field.options, rules::RULES) {
        for (_, family) in rules::stretches(rules, rules::ANY) {
            for (number, value) in rules::stretches(family, rules::ANY).filter(|(n, _)| *n >= FIRST_EXTENSION)
            {
                found.extend(std::str::from_utf8(value).ok().map(|text| Hint::Text(text.to_owned())));
                let packed = rules::numbers(family, number);
                found.extend(packed.into_iter().map(|value| Hint::Integer(value.into())));
            }
            let single = (FIRST_EXTENSION..FIRST_EXTENSION + 1000).flat_map(|n| rules::numbers(family, n));
            found.extend(single.map(|value| Hint::Integer(value.into())));
        }
    }
    found.truncate(MOST);
    found
}

/// What the functions of protovalidate ask for.
fn of_functions(expression: &str) -> Vec<Hint> {
    const TEXTS: [(&str, &[&str]); 7] = [
        ("isEmail(", &["ada.lovelace@example.com"]),
        ("isHostname(", &["example.com"]),
        ("isHostAndPort(", &["example.com:8443"]),
        ("isIp(", &["192.0.2.7", "2001:db8::7"]),
        ("isIpPrefix(", &["10.7.0.0/16", "2001:db8:7::/48"]),
        ("isUri(", &["https://example.com/blue-teapot"]),
        ("isUriRef(", &["/blue-teapot"]),
    ];
    let asked = |name: &str| expression.contains(name);
    let texts = TEXTS.iter().filter(|(name, _)| asked(name)).flat_map(|(_, texts)| *texts);
    let mut found: Vec<Hint> = texts.map(|text| Hint::Text((*text).to_owned())).collect();
    if asked("isInf(") {
        found.extend([f64::INFINITY, f64::NEG_INFINITY].map(Hint::Double));
    }
    if asked("isNan(") {
        found.push(Hint::Double(f64::NAN));
    }
    found
}

/// The regular expressions that `matches` is given as literals.
fn patterns(expression: &str) -> Vec<Hint> {
    let calls = expression.split("matches(").skip(1).take(MOST);
    let literal = |arguments: &str| {
        let start = arguments.find(['\'', '"'])?;
        let (before, rest) = arguments.split_at_checked(start)?;
        let raw = before.ends_with(['r', 'R']);
        let mut rest = rest.chars();
        let quote = rest.next()?;
        let mut text = String::new();
        loop {
            match rest.next()? {
                c if c == quote => return Some(Hint::Pattern(text)),
                '\\' if !raw => match rest.next()? {
                    c @ ('\\' | '\'' | '"' | '`' | '?') => text.push(c),
                    c => text.extend(['\\', c]),
                },
                c => text.push(c),
            }
        }
    };
    calls.filter_map(literal).collect()
}

/// Crude: a number within a name is none, and an escape is taken as it stands.
fn literals(expression: &str) -> Vec<Hint> {
    let mut found = Vec::new();
    let mut rest = expression;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        if found.len() >= MOST {
            break;
        }
        let part = if c == '"' || c == '\'' {
            let inner = rest.get(1..).unwrap_or_default();
            let end = inner.find(c).unwrap_or(inner.len());
            let text = inner.get(..end).unwrap_or_default();
            found.push(Hint::Text(text.to_owned()));
            rest.get(..end + 2).map_or(rest.len(), str::len)
        } else if c.is_ascii_digit() && !(before.is_alphanumeric() || before == '_') {
            let length = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            found.extend(rest.get(..length).and_then(|digits| number(digits, before == '-')));
            length
        } else {
            c.len_utf8()
        };
        before = rest.get(..part).and_then(|part| part.chars().last()).unwrap_or(' ');
        rest = rest.get(part..).unwrap_or_default();
    }
    found
}

fn number(digits: &str, negative: bool) -> Option<Hint> {
    let sign = if negative { -1 } else { 1 };
    if let Ok(integer) = digits.parse::<i64>() {
        return Some(Hint::Integer(sign * i128::from(integer)));
    }
    digits
        .parse::<f64>()
        .ok()
        .map(|double| Hint::Double(f64::from(i16::try_from(sign).unwrap_or(1)) * double))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found() {
        assert_eq!(
            literals("this.a1 == 'it' && this.b > -12 || c2 < 0.5 || x in [\"y\"]"),
            [Hint::Text("it".into()), Hint::Integer(-12), Hint::Double(0.5), Hint::Text("y".into())]
        );
        assert_eq!(literals("'open"), [Hint::Text("open".into())]);
        assert!(literals("this.é.all(x, x)").is_empty());
    }

    #[test]
    fn regular_expressions_are_found() {
        let found = |expression| -> Vec<String> {
            let text = |hint| if let Hint::Pattern(text) = hint { text } else { String::new() };
            patterns(expression).into_iter().map(text).collect()
        };
        assert_eq!(found(r#"this.matches('^[a-z]{3}$') || matches(this, "^'+$")"#), ["^[a-z]{3}$", "^'+$"]);
        assert_eq!(found(r"this.matches('^\\d\'$') && this.matches(r'^\d\\$')"), [r"^\d'$", r"^\d\\$"]);
        assert_eq!(found("this.matches('open"), [""; 0]);
        assert_eq!(found("this.matches(this.other)"), [""; 0]);
    }
}
