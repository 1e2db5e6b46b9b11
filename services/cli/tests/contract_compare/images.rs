//! Descriptor sets and images that others made.

use crate::support::{folder, said, text, treaty, treaty_reading, versions, write};
use serde_json::{Value, json};
use std::fs;

/// The sources as an image in JSON, as `buf build -o image.json` writes one.
fn image() -> Value {
    let folder = folder();
    let exported = treaty(folder.path(), &["export", "--format", "json", "-o", "-"]);
    let mut image: Value = serde_json::from_slice(&exported.stdout).unwrap();
    for file in image["file"].as_array_mut().unwrap() {
        file["bufExtension"] = json!({ "isImport": false, "isSyntaxUnspecified": false });
    }
    image
}

#[test]
fn an_image_is_read_from_a_file_and_from_standard_input() {
    let folder = folder();
    let image = image().to_string();
    fs::write(folder.path().join("image.json"), &image).unwrap();
    let same = (0, "nothing breaks in 2 methods\n".to_owned());
    assert_eq!(said(&treaty(folder.path(), &["breaking", "--against", "image.json"])), same);
    let piped = treaty_reading(folder.path(), &["breaking", "--against", "-"], image.as_bytes());
    assert_eq!(said(&piped), same);
    let nothing = treaty_reading(folder.path(), &["breaking", "--against", "-"], b"");
    assert_eq!(nothing.status.code(), Some(2));
}

/// The control plane takes 16 MiB of anybody; what lies on one's own machine may have more.
#[test]
fn a_contract_of_ones_own_may_be_large() {
    use prost::Message as _;
    let folder = folder();
    let exported = treaty(folder.path(), &["export", "-o", "-"]);
    let comment = prost_types::source_code_info::Location {
        leading_detached_comments: vec!["much\n".repeat(17 << 18)],
        ..Default::default()
    };
    let file = prost_types::FileDescriptorProto {
        name: Some("more.proto".to_owned()),
        source_code_info: Some(prost_types::SourceCodeInfo { location: vec![comment] }),
        ..Default::default()
    };
    let more = prost_types::FileDescriptorSet { file: vec![file] }.encode_to_vec();
    fs::write(folder.path().join("large.binpb"), [exported.stdout, more].concat()).unwrap();
    let same = (0, "nothing breaks in 2 methods, and all messages\n".to_owned());
    let args = ["breaking", "--all-types", "--against", "large.binpb"];
    assert_eq!(said(&treaty(folder.path(), &args)), same);
    fs::File::create(folder.path().join("larger.binpb")).unwrap().set_len((128 << 20) + 1).unwrap();
    let (status, said) = said(&treaty(folder.path(), &["check", "larger.binpb"]));
    let expected =
        "larger.binpb: it is too large: more than 134217728 bytes\nhelp: take fewer contracts at once";
    assert!(status == 2 && said.contains(expected), "{said}");
}

#[test]
fn options_that_the_image_does_not_declare_are_named_and_left_out() {
    let folder = folder();
    let mut image = image();
    let files = image["file"].as_array_mut().unwrap();
    let till = files.iter_mut().find(|file| file["name"] == "shop/v1/till.proto").unwrap();
    till["service"][0]["options"]["[acme.internal]"] = json!({ "team": ["a", 1] });
    fs::write(folder.path().join("image.json"), image.to_string()).unwrap();
    let output = treaty(folder.path(), &["breaking", "--against", "image.json"]);
    assert_eq!(output.status.code(), Some(0));
    let expected = "warning: the option (acme.internal) is declared nowhere in the set, and left out\n";
    assert_eq!(text(&output.stderr), expected);
}

#[test]
fn without_sources_there_are_places_and_no_lines() {
    let folder = versions(|text| text.replace("int64 units = 2", "string units = 2"));
    for version in ["old", "new"] {
        let set = format!("{version}.binpb");
        let args = ["export", version, "--no-source-info", "-o", &set];
        assert!(treaty(folder.path(), &args).status.success());
    }
    let (status, said) =
        said(&treaty(folder.path(), &["breaking", "old.binpb", "new.binpb", "--encoding", "binary"]));
    assert_eq!(status, 1);
    assert!(said.contains("string units = 2") && said.contains("int64 units = 2"), "{said}");
    let with_lines = treaty(folder.path(), &["breaking", "old.binpb", "new", "-I", "new"]);
    assert_eq!(with_lines.status.code(), Some(1));
}

/// An option's parts have an order of their own in JSON, which is nobody's change.
#[test]
fn a_set_is_the_same_after_a_round_trip_by_json() {
    let folder = folder();
    let rules = crate::support::TILL
        .replace("import \"shop/v1/", "import \"buf/validate/validate.proto\";\nimport \"shop/v1/")
        .replace(
            "taken = 2;",
            "taken = 2 [(buf.validate.field).repeated = { min_items: 1, max_items: 9, items: { required: true } }];",
        );
    write(folder.path(), "proto/shop/v1/till.proto", &rules);
    for (format, file) in [("binpb", "till.binpb"), ("json", "till.json")] {
        let args = ["export", "--format", format, "-o", file];
        assert!(treaty(folder.path(), &args).status.success());
    }
    let same = (0, "nothing changed between till.binpb and till.json\n".to_owned());
    assert_eq!(said(&treaty(folder.path(), &["diff", "till.binpb", "till.json"])), same);
    let same = (0, "nothing changed between till.json and till.binpb\n".to_owned());
    assert_eq!(said(&treaty(folder.path(), &["diff", "till.json", "till.binpb"])), same);
}

#[test]
fn what_cannot_be_read_is_said_in_the_words_of_whoever_wrote_it() {
    let folder = folder();
    let whole = image().to_string();
    let marked = format!("\u{feff}{whole}");
    let utf_16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cut = whole.split_at(500).0.as_bytes().to_vec();
    fs::write(folder.path().join("image.json"), &marked).unwrap();
    let output = treaty(folder.path(), &["breaking", "--against", "image.json"]);
    assert_eq!(said(&output), (0, "nothing breaks in 2 methods\n".to_owned()));
    for (name, bytes, expected) in [
        ("cut.json", cut, "the JSON is cut off: EOF while parsing"),
        ("powershell.json", utf_16, "it is UTF-16, as PowerShell's `>` writes it"),
        ("list.json", b"[1]".to_vec(), "it is a JSON list, and no descriptor set or image"),
        ("image.yaml", b"file:\n  - name: a.proto\n".to_vec(), "it is YAML, and no descriptor set or image"),
        ("image.txtpb", b"file {\n}\n".to_vec(), "it is protobuf's text format, and no descriptor set"),
        (
            "a.protobuf",
            b"syntax = \"proto3\";\n".to_vec(),
            "it is a source: give it a name that ends in .proto",
        ),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let (status, said) = said(&treaty(folder.path(), &["breaking", "--against", name]));
        assert!(status == 2 && said.contains(&format!("{name}: {expected}")), "{said}");
    }
}
