//! Files full of odd names.

use crate::oracle::Files;
use std::fmt::Write as _;

const NAMES: [&str; 30] = [
    "a",
    "A",
    "aB",
    "AB",
    "ABc",
    "A_B",
    "a_b",
    "a_B",
    "A_b",
    "a__b",
    "A__B",
    "_a",
    "a_",
    "_A",
    "A_",
    "A1",
    "a1",
    "a1b",
    "a_1",
    "A_1",
    "a1B",
    "A1B",
    "V1Beta2",
    "HTTPMethod",
    "httpMethod",
    "Http2Url",
    "HTTP2URL",
    "MASK_LAST4",
    "Sha256Sum",
    "x2_y",
];

/// A name for it, and its files.
pub(crate) fn corpora() -> Vec<(&'static str, Files)> {
    let mut corpora =
        vec![("files", files()), ("packages", packages()), ("methods", methods()), ("imports", imports())];
    // In parts: of each severity a thousand findings are kept.
    let declarations: Vec<_> = declarations().into_iter().collect();
    corpora.extend(declarations.chunks(6).map(|part| ("declarations", part.iter().cloned().collect())));
    corpora
}

/// Each name as everything that is named.
fn declarations() -> Files {
    let of_name = |(number, name): (usize, &&str)| {
        let mut text = format!("syntax = \"proto3\";\n\npackage odd.n{number}.v1;\n\n");
        let _ = write!(
            text,
            "message {name} {{\n  message {name} {{}}\n  oneof {name}_ {{\n    int32 one = 1;\n  }}\n}}\n"
        );
        let _ = write!(
            text,
            "message Fields {{\n  string {name} = 1;\n  oneof o {{\n    int32 {name}2 = 2;\n  }}\n"
        );
        let _ = write!(text, "  map<string, {name}> {name}3 = 3;\n  optional int32 {name}_4 = 4;\n}}\n");
        let _ = write!(text, "message Oneofs {{\n  oneof {name} {{\n    int32 one = 1;\n  }}\n}}\n");
        let _ = write!(text, "enum {name}X {{\n  {name}X_UNSPECIFIED = 0;\n}}\n");
        let _ = write!(text, "enum E{name} {{\n  E{name}_UNSPECIFIED = 0;\n  {name}Q = 1;\n}}\n");
        let upper = name.to_ascii_uppercase();
        let _ = write!(
            text,
            "enum F{name} {{\n  F{upper}_NONE = 0;\n  F_{upper}_ONE = 1;\n  F{upper}_TWO = 2;\n}}\n"
        );
        let _ = write!(
            text,
            "message Req {{}}\nmessage Res {{}}\nservice S{name} {{\n  rpc {name}(Req) returns (Res);\n}}\n"
        );
        let _ = write!(text, "service {name}S {{}}\nservice {name}Service {{}}\n");
        (format!("odd/n{number}/v1/n.proto"), text)
    };
    NAMES.iter().enumerate().map(of_name).collect()
}

fn files() -> Files {
    let names =
        ["a-b", "aB", "AB", "a_b", "a__b", "_a", "a_", "a.b", "a1", "A1", "a_1", "v1beta1", "Http2Url"];
    let of_name = |name: &str| {
        let text = "syntax = \"proto3\";\n\npackage odd.files.v1;\n".to_owned();
        (format!("odd/files/v1/{name}.proto"), text)
    };
    let mut files: Files = names.into_iter().map(of_name).collect();
    // One of a package in another folder, one of another package in this folder, two that differ in options.
    let text = |package: &str, rest: &str| format!("syntax = \"proto3\";\n\npackage {package};\n\n{rest}\n");
    files.insert("odd/files/other.proto".into(), text("odd.files.v1", ""));
    files.insert("odd/files/v1/foreign.proto".into(), text("odd.foreign.v1", ""));
    files.insert("odd/files/v1/java.proto".into(), text("odd.files.v1", "option java_package = \"a\";"));
    files.insert("odd/none.proto".into(), "message A {}\n".into());
    files.insert(
        "none.proto".into(),
        "syntax = \"proto2\";\nmessage B {\n  required int32 a = 1;\n}\n".into(),
    );
    files
}

fn packages() -> Files {
    let packages = [
        "v1",
        "a",
        "a.v1",
        "a.v0",
        "a.v01",
        "a.v1alpha",
        "a.v1alpha1",
        "a.v1beta0",
        "a.v1beta01",
        "a.v1p1",
        "a.v1p1alpha1",
        "a.v1p0beta1",
        "a.v2test",
        "a.v2test_x",
        "a.v1rc1",
        "a.V1",
        "a.vv1",
        "a.v1.b",
        "A.v1",
        "aB.v1",
        "a_b.v1",
        "a__b.v1",
        "_a.v1",
        "a1.v1",
        "a_1.v1",
        "a.v1main",
        "a.v99999",
        "a.b.v1beta",
    ];
    let of_package = |package: &str| {
        let text = format!("syntax = \"proto3\";\n\npackage {package};\n\nmessage M {{}}\n");
        (format!("{}/m.proto", package.replace('.', "/")), text)
    };
    packages.into_iter().map(of_package).collect()
}

/// Types of requests and responses, shared or not, and imports.
fn methods() -> Files {
    let messages = ["GetRequest", "GetResponse", "OddsGetRequest", "oddsGetResponse", "Shared", "Req"];
    let mut text = "syntax = \"proto3\";\n\npackage odd.methods.v1;\n\n".to_owned();
    text.push_str("import \"google/protobuf/empty.proto\";\nimport \"google/protobuf/timestamp.proto\";\nimport \"google/protobuf/any.proto\";\n\n");
    messages.iter().for_each(|name| {
        let _ = writeln!(text, "message {name} {{}}");
    });
    text.push_str("service Odds {\n");
    let mut used = 0;
    for input in messages {
        for output in ["GetResponse", "Shared", "oddsGetResponse", "google.protobuf.Empty"] {
            used += 1;
            let method = if used % 3 == 0 { format!("get{used}") } else { format!("Get{used}") };
            let _ = writeln!(text, "  rpc {method}({input}) returns (stream {output});");
        }
    }
    text.push_str("  rpc Get(GetRequest) returns (GetResponse);\n  rpc Same(Req) returns (Req);\n}\n");
    text.push_str("service OddsTwo {\n  rpc get(stream OddsGetRequest) returns (oddsGetResponse);\n}\n");
    text.push_str("message Used {\n  google.protobuf.Timestamp at = 1;\n}\n");
    Files::from([("odd/methods/v1/methods.proto".to_owned(), text)])
}

/// Imports that are used for types, options, options within options, by way of another file, or not at all.
fn imports() -> Files {
    let file = |imports: &[&str], body: &str| {
        let imports: String = imports.iter().map(|name| format!("import \"{name}.proto\";\n")).collect();
        format!("syntax = \"proto3\";\n\npackage odd.v1;\n\n{imports}\n{body}\n")
    };
    let options = "extend google.protobuf.FieldOptions {\n  Deep deep = 50001;\n}\nmessage Deep {\n  string text = 1;\n  Deeper deeper = 2;\n}\n\
                   message Deeper {\n  int32 n = 1;\n}\n";
    let rules = "import \"buf/validate/validate.proto\";\nextend buf.validate.StringRules {\n  optional bool nice = 80048954 [(buf.validate.predefined).cel = {id: \"nice\", expression: \"this == 'nice'\", message: \"be nice\"}];\n}\n";
    let files = [
        ("types", file(&[], "message T {}\nenum E {\n  E_UNSPECIFIED = 0;\n}\n")),
        ("options", file(&["google/protobuf/descriptor"], options)),
        ("rules", format!("syntax = \"proto2\";\n\npackage odd.v1;\n\n{rules}")),
        (
            "public",
            "syntax = \"proto3\";\n\npackage odd.v1;\n\nimport public \"odd/v1/types.proto\";\n".to_owned(),
        ),
        (
            "idle",
            file(
                &["odd/v1/types", "odd/v1/options", "google/protobuf/any", "buf/validate/validate"],
                "message Idle {}",
            ),
        ),
        ("typed", file(&["odd/v1/types"], "message Typed {\n  map<string, T> ts = 1;\n}")),
        ("chosen", file(&["odd/v1/types"], "message Chosen {\n  repeated E es = 1;\n}")),
        (
            "optioned",
            file(&["odd/v1/options"], "message Optioned {\n  string s = 1 [(deep) = {deeper: {n: 1}}];\n}"),
        ),
        (
            "ruled",
            file(
                &["buf/validate/validate", "odd/v1/rules"],
                "message Ruled {\n  string s = 1 [(buf.validate.field).string.(odd.v1.nice) = true];\n}",
            ),
        ),
        (
            "unruled",
            file(
                &["buf/validate/validate", "odd/v1/rules"],
                "message Unruled {\n  string s = 1 [(buf.validate.field).string.min_len = 1];\n}",
            ),
        ),
        ("detour", file(&["odd/v1/public"], "message Detour {\n  T t = 1;\n}")),
        ("no_detour", file(&["odd/v1/public"], "message NoDetour {}")),
        (
            "served",
            file(
                &["odd/v1/types", "treaty/v1/options", "google/protobuf/empty"],
                "service Served {\n  rpc Do(T) returns (google.protobuf.Empty) {\n    option (treaty.v1.method).timeout = \"1s\";\n  }\n}",
            ),
        ),
        (
            "extended",
            file(
                &["google/protobuf/descriptor", "odd/v1/types"],
                "extend google.protobuf.MessageOptions {\n  T t = 50002;\n}",
            ),
        ),
    ];
    files.into_iter().map(|(name, text)| (format!("odd/v1/{name}.proto"), text)).collect()
}
