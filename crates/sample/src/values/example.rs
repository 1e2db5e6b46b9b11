//! What comments say by way of example.

use super::words::slug;

/// Longer quotations are no examples.
const MAX_LENGTH: usize = 80;

/// The quoted texts of a comment, in order; `products/{product}` is filled in.
pub(crate) fn texts(comment: &str, theme: u64) -> Vec<String> {
    let quoted = comment.split('"').skip(1).step_by(2);
    let short = quoted.filter(|text| !text.is_empty() && text.len() <= MAX_LENGTH && !text.contains('\n'));
    short.map(|text| filled(text, theme)).collect()
}

fn filled(text: &str, theme: u64) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        if !name.is_empty() {
            out.push_str(&slug(theme));
        }
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_examples() {
        assert_eq!(texts("\"products/{product}\" each; 1 to 100.", 0), ["products/espresso-beans"]);
        assert_eq!(texts("ISO 4217: \"EUR\".", 3), ["EUR"]);
        assert_eq!(texts("No \" quotation.\nAt all.", 0), Vec::<String>::new());
        assert_eq!(texts("\"a/{b}/c/{d}\"", 1), ["a/blue-teapot/c/blue-teapot"]);
    }
}
