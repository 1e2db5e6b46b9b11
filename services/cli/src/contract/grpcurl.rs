//! Calls as somebody would paste them into a shell.

use serde_json::Value;

/// Where a call goes.
pub(super) enum At<'a> {
    /// Without TLS.
    Plain(&'a str),
    /// With TLS, trusting a certificate.
    Trusting(&'a str, &'a str),
}

/// One line of a shell. `method` is "package.Service/Method".
pub(super) fn line(at: &At<'_>, method: &str, message: &Value) -> String {
    let (how, address) = match at {
        At::Plain(address) => ("-plaintext".to_owned(), address),
        At::Trusting(address, certificate) => (format!("-cacert {}", quoted(certificate)), address),
    };
    format!("grpcurl {how} -d {} {} {method}", quoted(&message.to_string()), quoted(address))
}

/// As a POSIX shell reads it back.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:/-[]".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.contains('[') {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_pasted_is_one_argument() {
        let message = json!({ "note": "it's $HOME `x`", "n": [1] });
        let shown = line(&At::Plain("127.0.0.1:50051"), "a.B/C", &message);
        assert_eq!(
            shown,
            r#"grpcurl -plaintext -d '{"note":"it'\''s $HOME `x`","n":[1]}' 127.0.0.1:50051 a.B/C"#
        );
        let shown = line(&At::Trusting("[::1]:1", "my ca.pem"), "a.B/C", &json!({}));
        assert_eq!(shown, "grpcurl -cacert 'my ca.pem' -d '{}' '[::1]:1' a.B/C");
    }
}
