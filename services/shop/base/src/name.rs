//! Resource names (AIP-122): "products/espresso-beans".

/// The last part of `name`, if `name` is "`collection`/{id}" and the id is sound.
pub fn id<'a>(collection: &str, name: &'a str) -> Option<&'a str> {
    let id = name.strip_prefix(collection)?.strip_prefix('/')?;
    is_id(id).then_some(id)
}

/// 1 to 63 lower case letters, digits and hyphens, beginning and ending with a letter or digit.
pub fn is_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.len() <= 63
        && bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|b| alphanumeric(b) || *b == b'-')
}

/// What to say of a name that is not one of `collection`.
pub fn complaint(collection: &str) -> String {
    format!("must be \"{collection}/{{id}}\", where the id is lower case letters, digits and hyphens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(id("products", "products/espresso-beans"), Some("espresso-beans"));
        for wrong in ["", "products", "products/", "products/A", "products/a/b", "product/a", "products/-a"] {
            assert_eq!(id("products", wrong), None, "{wrong}");
        }
        assert!(!is_id(&"a".repeat(64)));
    }
}
