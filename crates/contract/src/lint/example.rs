//! What the examples of rules stand for.

/// The files of an example, as names and texts.
///
/// An example of several files names each by a line `// file: NAME`. Another one is a part of
/// `shop/till/v1/till.proto`, whose head is left out: with its imports, the messages that its methods name, and,
/// where it begins with a method, the service around it.
pub fn files(example: &str) -> Vec<(String, String)> {
    if !example.starts_with(MARK) {
        return vec![("shop/till/v1/till.proto".to_owned(), whole(example))];
    }
    let parts = example.split(MARK).skip(1);
    let file = |part: &str| {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        (name.trim().to_owned(), text.to_owned())
    };
    parts.map(file).collect()
}

const MARK: &str = "// file: ";

/// What is imported where it is mentioned.
const IMPORTS: [(&str, &str); 5] = [
    ("(buf.validate.", "buf/validate/validate.proto"),
    ("(google.api.", "google/api/annotations.proto"),
    ("google.protobuf.Empty", "google/protobuf/empty.proto"),
    ("google.protobuf.FieldMask", "google/protobuf/field_mask.proto"),
    ("google.protobuf.Timestamp", "google/protobuf/timestamp.proto"),
];

fn whole(example: &str) -> String {
    let mut body = example.to_owned();
    if first_statement(example).starts_with("rpc ") {
        let indented: Vec<String> = example.lines().map(|line| format!("  {line}")).collect();
        body = format!("service Till {{\n{}\n}}", indented.join("\n"));
    }
    let mut text = "syntax = \"proto3\";\n\npackage shop.till.v1;\n\n".to_owned();
    let duration = ("google.protobuf.Duration", "google/protobuf/duration.proto");
    let vocabulary = ("(treaty.v1.", "treaty/v1/options.proto");
    for (mention, import) in IMPORTS.into_iter().chain([duration, vocabulary]) {
        if body.contains(mention) {
            text.push_str(&format!("import \"{import}\";\n"));
        }
    }
    let missing = undeclared(&body);
    text.push_str(&format!("\n{body}\n"));
    for name in missing {
        text.push_str(&format!("\nmessage {name} {{}}\n"));
    }
    text
}

fn first_statement(text: &str) -> &str {
    text.lines().find(|line| !line.trim_start().starts_with("//")).unwrap_or_default()
}

/// Types of requests and responses that nothing declares, each once.
fn undeclared(text: &str) -> Vec<&str> {
    let methods = text.lines().map(str::trim_start).filter(|line| line.starts_with("rpc "));
    let types = methods.flat_map(|line| line.split(['(', ')']).skip(1).step_by(2).take(2));
    let mut names = Vec::new();
    for name in types.map(|of_type| of_type.trim_start_matches("stream ")) {
        let declared = text.contains(&format!("message {name} {{"));
        if !name.contains('.') && !declared && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
