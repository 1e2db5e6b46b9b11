//! Descriptor sets and images that others made.

use crate::support::{folder, said, text, treaty, treaty_reading, versions};
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
