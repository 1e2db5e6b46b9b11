//! In which form a contract was given: a binary set or JSON; and of what is neither, what it looks like.

use serde_json::Value;

/// What may be read.
#[derive(Debug, PartialEq)]
pub(super) enum Form {
    Json(Value),
    Binary,
}

/// The form, or why this cannot be read.
///
/// A binary set may begin as JSON does, with a line break and a brace, but does not go on so: what is no text is
/// no broken JSON.
pub(super) fn of(bytes: &[u8]) -> Result<Form, String> {
    if let Some(how) = packed(bytes) {
        return Err(how.to_owned());
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii_start().starts_with(b"{") {
        match serde_json::from_slice(text) {
            Ok(value) => return Ok(Form::Json(value)),
            Err(error) if is_text(text) => return Err(broken(&error)),
            Err(_) => return Ok(Form::Binary),
        }
    }
    if bytes.is_empty() || !is_text(text) {
        return Ok(Form::Binary);
    }
    Err(of_text(text))
}

fn broken(error: &serde_json::Error) -> String {
    if error.is_eof() { format!("the JSON is cut off: {error}") } else { format!("broken JSON: {error}") }
}

/// What must be unpacked first.
fn packed(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0x1f, 0x8b, ..] => "it is compressed: gunzip it first",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "it is compressed: unzstd it first",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, ..] | [0, b'{', ..] => {
            "it is UTF-16, as PowerShell's `>` writes it: it must be UTF-8, as `-o` writes it"
        }
        _ => return None,
    })
}

/// Descriptors begin with lengths and numbers, which no text has.
fn is_text(bytes: &[u8]) -> bool {
    let start = bytes.get(..4096).unwrap_or(bytes);
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    // A character that the end of `start` cuts off is one all the same.
    let text = std::str::from_utf8(start).map_or_else(|error| error.error_len().is_none(), |_| true);
    text && !start.iter().any(control)
}

/// What a text that is no JSON object seems to be.
fn of_text(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.get(..4096).unwrap_or(text));
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let any = |starts: &[&str]| {
        // `name {` and `name{` alike.
        lines()
            .map(|line| line.replace(' ', ""))
            .any(|line| starts.iter().any(|start| line.starts_with(start)))
    };
    let form = if lines().next().is_some_and(|line| line.starts_with('[')) {
        "it is a JSON list"
    } else if any(&["syntax=", "edition="]) {
        return "it is a source: give it a name that ends in .proto".to_owned();
    } else if any(&["file{", "file:{", "file<"]) {
        "it is protobuf's text format"
    } else if any(&["file:", "---"]) {
        "it is YAML"
    } else {
        "it is some text"
    };
    format!(
        "{form}, and no descriptor set or image: these are binary (`buf build -o image.binpb`) or JSON objects"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_called_by_its_name() {
        for (bytes, reason) in [
            (
                &b"{\"file\": [{\"name\": \"a.pro"[..],
                "the JSON is cut off: EOF while parsing a string at line 1 column 25",
            ),
            (b"{\"file\": [}", "broken JSON: expected value at line 1 column 11"),
            (b"{\"file\": []}\n{}", "broken JSON: trailing characters at line 2 column 1"),
            (
                b"\xff\xfe{\0",
                "it is UTF-16, as PowerShell's `>` writes it: it must be UTF-8, as `-o` writes it",
            ),
            (b"{\0\"\0", "it is UTF-16, as PowerShell's `>` writes it: it must be UTF-8, as `-o` writes it"),
            (b"\x28\xb5\x2f\xfd\0", "it is compressed: unzstd it first"),
            (b"// A till.\nsyntax = \"proto3\";\n", "it is a source: give it a name that ends in .proto"),
        ] {
            assert_eq!(of(bytes), Err(reason.to_owned()));
        }
        for (text, form) in [
            ("[1, 2]", "it is a JSON list"),
            ("file {\n  name: \"a.proto\"\n}\n", "it is protobuf's text format"),
            ("# An image.\nfile: {\n  name: \"a.proto\"\n}\n", "it is protobuf's text format"),
            ("---\nfile:\n  - name: a.proto\n", "it is YAML"),
            ("file:\n  - name: a.proto\n", "it is YAML"),
            ("\u{feff}file:\n", "it is YAML"),
            ("\"x\"", "it is some text"),
            ("<html>", "it is some text"),
        ] {
            let said = of(text.as_bytes()).unwrap_err();
            assert!(said.starts_with(&format!("{form}, and no descriptor set or image")), "{text}: {said}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_passed_by_and_a_set_that_begins_with_a_brace_is_none_of_json() {
        let object = Form::Json(serde_json::json!({ "file": [] }));
        assert_eq!(of("\u{feff}{\"file\": []}".as_bytes()), Ok(object));
        // A file of 123 bytes.
        let name = "a".repeat(115);
        let set = [b"\x0a{\x0a\x73", name.as_bytes(), b"\x12\x04shop"].concat();
        assert_eq!(of(&set), Ok(Form::Binary));
        assert_eq!(of(b""), Ok(Form::Binary));
        assert_eq!(of(b"\x0a\xff\xff"), Ok(Form::Binary));
    }
}
