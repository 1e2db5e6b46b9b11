//! Forms of names, as buf has them (`private/pkg/stringutil`).

/// "HTTPMethod" of "HTTPMethod", "http_method" and "HTTP_method".
pub(in crate::lint) fn pascal(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut first = true;
    for c in name.chars() {
        if is_delimiter(c) {
            first = true;
            continue;
        }
        if first || c.is_ascii_uppercase() {
            text.push(c.to_ascii_uppercase());
        } else {
            text.push(c.to_ascii_lowercase());
        }
        first = false;
    }
    text
}

/// "http_method" of "HTTPMethod".
pub(in crate::lint) fn lower_snake(name: &str) -> String {
    snake(name).to_ascii_lowercase()
}

/// "HTTP_METHOD" of "HTTPMethod".
pub(in crate::lint) fn upper_snake(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

fn snake(name: &str) -> String {
    let chars: Vec<char> = name.trim_matches(is_delimiter).chars().collect();
    let mut text = String::with_capacity(name.len() + 4);
    let mut previous = None;
    for (at, c) in chars.iter().copied().enumerate() {
        let next = chars.get(at + 1).copied();
        let word_ends_here =
            next.is_some_and(|c| !c.is_ascii_uppercase() && !c.is_ascii_digit() && !is_delimiter(c));
        let new_word = c.is_ascii_uppercase()
            && !text.is_empty()
            && !text.ends_with('_')
            && (word_ends_here || previous.is_some_and(|c: char| c.is_ascii_lowercase()));
        let c = if is_delimiter(c) { '_' } else { c };
        if new_word {
            text.push('_');
            text.push(c);
        } else if !(c == '_' && text.ends_with('_')) {
            text.push(c);
        }
        previous = chars.get(at).copied();
    }
    text
}

const fn is_delimiter(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_names() {
        for (name, as_pascal, snake) in [
            ("HTTPMethod", "HTTPMethod", "http_method"),
            ("http_method", "HttpMethod", "http_method"),
            ("orderId", "OrderId", "order_id"),
            ("V1Beta2", "V1Beta2", "v1_beta2"),
            ("Sha256Sum", "Sha256Sum", "sha256_sum"),
            ("two__bars_", "TwoBars", "two_bars"),
            ("MASK_LAST4", "MASKLAST4", "mask_last4"),
        ] {
            assert_eq!((pascal(name).as_str(), lower_snake(name).as_str()), (as_pascal, snake), "{name}");
        }
        assert_eq!(upper_snake("orderState"), "ORDER_STATE");
    }
}
