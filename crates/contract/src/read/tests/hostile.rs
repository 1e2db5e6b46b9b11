//! Sets that somebody made to do harm, or that were damaged on the way.

use super::{EVERYTHING, refusal};
use crate::{
    Contract, compile,
    lint::{Settings, check, lint},
    read::{
        descriptor::{
            Enum, EnumValue, Field, FieldOptions, File, FileSet, Message, Method, MethodOptions, Service,
        },
        guard::Bounds,
    },
};
use proptest::prelude::*;
use prost::Message as _;

fn everything() -> Vec<u8> {
    compile::texts(&[("shop/v1/everything.proto", EVERYTHING)]).unwrap().bytes
}

fn file(name: &str) -> File {
    File { name: name.into(), package: "p".into(), syntax: "proto3".into(), ..File::default() }
}

fn message(name: &str) -> Message {
    Message { name: name.into(), ..Message::default() }
}

fn field(name: &str, number: i32, kind: i32, type_name: &str) -> Field {
    let (name, type_name) = (name.to_owned(), type_name.to_owned());
    Field { name, number, label: 1, r#type: kind, type_name, ..Field::default() }
}

/// `rpc A(.p.M) returns (.p.M)` with this option.
fn service(treaty: Vec<Vec<u8>>) -> Service {
    let options = Some(MethodOptions { treaty, ..MethodOptions::default() });
    let (input_type, output_type) = (".p.M".to_owned(), ".p.M".to_owned());
    let method = Method { name: "A".into(), input_type, output_type, options, ..Method::default() };
    Service { name: "S".into(), method: vec![method], options: None }
}

fn refused(files: Vec<File>) -> String {
    refusal(FileSet { file: files }.encode_to_vec())
}

fn refused_option(payload: &[u8]) -> String {
    refused(vec![File {
        message_type: vec![message("M")],
        service: vec![service(vec![payload.to_vec()])],
        ..file("a.proto")
    }])
}

#[test]
fn unknown_editions_are_refused_in_either_spelling() {
    let with = |extra: &[u8]| [file("e.proto").encode_to_vec().as_slice(), extra].concat();
    // edition (14) as a number, 1002; edition (13) as text; syntax (12) "editions" without a number.
    for extra in [&b"\x70\xea\x07"[..], b"\x6a\x042023", b"\x62\x08editions"] {
        let file = with(extra);
        let set = [&[0x0a, u8::try_from(file.len()).unwrap()], file.as_slice()].concat();
        insta::allow_duplicates! {
            insta::assert_snapshot!(refusal(set), @r#"e.proto: this edition of protobuf is not supported: write `edition = "2024";`"#);
        }
    }
}

#[test]
fn imports_must_be_there_and_lead_nowhere_back() {
    let importing = |name: &str, import: &str| File { dependency: vec![import.into()], ..file(name) };
    insta::assert_snapshot!(refused(vec![importing("a.proto", "b.proto")]), @"a.proto: imports `b.proto`, which is not in the set: build it with its imports");
    let cycle = vec![importing("a.proto", "b.proto"), importing("b.proto", "a.proto")];
    insta::assert_snapshot!(refused(cycle), @"a.proto: its imports lead back to it");
    insta::assert_snapshot!(refused(vec![importing("a.proto", "a.proto")]), @"a.proto: its imports lead back to it");
    insta::assert_snapshot!(refused(vec![importing("a.proto", "\u{1b}[2J")]), @"a.proto: imports `�[2J`, which is not in the set: build it with its imports");
}

#[test]
fn names_are_names_and_there_once() {
    let messages =
        |names: &[&str]| File { message_type: names.iter().map(|n| message(n)).collect(), ..file("a.proto") };
    insta::assert_snapshot!(refused(vec![file("a.proto"), file("a.proto")]), @"a.proto: `a.proto` is declared twice");
    insta::assert_snapshot!(refused(vec![messages(&["M", "M"])]), @"a.proto: `p.M` is declared twice");
    insta::assert_snapshot!(refused(vec![messages(&["M/../../etc"])]), @"a.proto: `M/../../etc` is no name");
    insta::assert_snapshot!(refused(vec![messages(&[""])]), @"a.proto: `` is no name");
    insta::assert_snapshot!(refused(vec![file("a\n.proto")]), @"the descriptor set: `a�.proto` is no name");
    insta::assert_snapshot!(refused(vec![File { package: "p..q".into(), ..file("a.proto") }]), @"a.proto: `` is no name");
    let twice = Message { field: vec![field("a", 1, 9, ""), field("b", 1, 9, "")], ..message("M") };
    insta::assert_snapshot!(refused(vec![File { message_type: vec![twice], ..file("a.proto") }]), @"a.proto: `field number 1 of p.M` is declared twice");
    let mut both = service(Vec::new());
    both.method.push(both.method[0].clone());
    let methods = File { message_type: vec![message("M")], service: vec![both], ..file("a.proto") };
    insta::assert_snapshot!(refused(vec![methods]), @"a.proto: `p.S.A` is declared twice");
}

#[test]
fn types_must_be_in_the_set() {
    let fields = |field: Field| {
        let message = Message { field: vec![field], ..message("M") };
        refused(vec![File { message_type: vec![message], ..file("a.proto") }])
    };
    insta::assert_snapshot!(fields(field("a", 1, 11, ".p.Missing")), @"a.proto: the type `.p.Missing` is not in the set");
    insta::assert_snapshot!(fields(field("a", 1, 11, "M")), @"a.proto: the type `M` is not in the set");
    insta::assert_snapshot!(fields(field("a", 1, 14, ".p.M")), @"a.proto: the type `.p.M` is not in the set");
    insta::assert_snapshot!(fields(field("a", 1, 99, "")), @"a.proto: no sound descriptor set: field `a` has the unknown type 99");
    insta::assert_snapshot!(fields(field("a", 0, 9, "")), @"a.proto: no sound descriptor set: p.M.a has the number 0");
    let services = File { service: vec![service(Vec::new())], ..file("a.proto") };
    insta::assert_snapshot!(refused(vec![services]), @"a.proto: the type `.p.M` is not in the set");
}

#[test]
fn options_say_what_the_vocabulary_says() {
    // An unknown field; a text where a message belongs; a number where a text belongs; an unknown
    // value of an enum; a text that is no UTF-8; one that moves the cursor; the end in the middle.
    insta::assert_snapshot!(refused_option(b"\x98\x06\x01"), @"a.proto: the option of `p.S/A` cannot be read: treaty.v1.Method has no field 99 here; was it written for a newer vocabulary?");
    insta::assert_snapshot!(refused_option(b"\x12\x01\x07"), @"a.proto: the option of `p.S/A` cannot be read: treaty.v1.Method.retry: a field number is out of range");
    insta::assert_snapshot!(refused_option(b"\x08\x01"), @"a.proto: the option of `p.S/A` cannot be read: treaty.v1.Method.timeout: the value has the wrong type");
    insta::assert_snapshot!(refused_option(b"\x30\x63"), @"a.proto: the option of `p.S/A` cannot be read: treaty.v1.Method.criticality: 99 is no value of treaty.v1.Criticality");
    insta::assert_snapshot!(refused_option(b"\x0a\x01\xff"), @"a.proto: the option of `p.S/A` cannot be read: treaty.v1.Method.timeout: the text is no UTF-8");
    insta::assert_snapshot!(refused_option(b"\x0a\x011\x0a\x01\x1b"), @"a.proto: the option of `p.S/A` cannot be read: treaty.v1.Method.timeout: the text has control characters");
    insta::assert_snapshot!(refused_option(b"\x0a\x05ab"), @"a.proto: the option of `p.S/A` cannot be read: it ends in the middle of a field");
    insta::assert_snapshot!(refused_option(&b"\x22\x00".repeat(257)), @"a.proto: the option of `p.S/A` cannot be read: treaty.v1.Method.allow has more than 256 entries");
    insta::assert_snapshot!(refused_option(&b"\x0a\x02ab".repeat(20_000)), @"a.proto: the option of `p.S/A` cannot be read: it is larger than 65536 bytes");
}

#[test]
fn a_vocabulary_that_means_something_else_is_refused() {
    let options = |fields, extension| File {
        message_type: vec![Message { field: fields, ..message("Method") }],
        extension: vec![extension],
        package: "treaty.v1".into(),
        dependency: vec!["google/protobuf/descriptor.proto".into()],
        ..file("treaty/v1/options.proto")
    };
    let descriptor = || File {
        package: "google.protobuf".into(),
        message_type: vec![message("MethodOptions")],
        ..file("google/protobuf/descriptor.proto")
    };
    let extension = |name: &str, number, type_name: &str| Field {
        extendee: ".google.protobuf.MethodOptions".into(),
        ..field(name, number, 11, type_name)
    };
    let ours = || extension("method", 50717, ".treaty.v1.Method");
    let check = |fields, extension| refused(vec![descriptor(), options(fields, extension)]);
    insta::assert_snapshot!(check(vec![field("timeout", 1, 3, "")], ours()), @"treaty/v1/options.proto: not the vocabulary of this mesh: treaty.v1.Method.timeout has another type here");
    insta::assert_snapshot!(check(vec![field("limit", 1, 9, "")], ours()), @"treaty/v1/options.proto: not the vocabulary of this mesh: treaty.v1.Method.limit = 1 is `timeout = 1` here");
    insta::assert_snapshot!(check(vec![field("timeout", 20, 9, "")], ours()), @"treaty/v1/options.proto: not the vocabulary of this mesh: treaty.v1.Method.timeout = 20 is `timeout = 1` here");
    insta::assert_snapshot!(check(Vec::new(), extension("mine", 50717, ".treaty.v1.Method")), @"treaty/v1/options.proto: not the vocabulary of this mesh: `mine` extends .google.protobuf.MethodOptions with 50717, which is `treaty.v1.method`");
    insta::assert_snapshot!(check(Vec::new(), extension("method", 50718, ".treaty.v1.Method")), @"treaty/v1/options.proto: not the vocabulary of this mesh: `treaty.v1.method` has the number 50718, not 50717");
    let newer = vec![field("timeout", 1, 9, ""), field("of_tomorrow", 99, 9, "")];
    let set = FileSet { file: vec![descriptor(), options(newer, ours())] };
    assert!(Contract::read(set.encode_to_vec()).is_ok(), "more words are no other meaning");
    let swapped =
        Enum { name: "Criticality".into(), value: vec![EnumValue { name: "CRITICAL".into(), number: 1 }] };
    let swapped = File { enum_type: vec![swapped], ..options(Vec::new(), ours()) };
    insta::assert_snapshot!(refused(vec![descriptor(), swapped]), @"treaty/v1/options.proto: not the vocabulary of this mesh: treaty.v1.Criticality: CRITICAL = 1 is `SHEDDABLE = 1` here");
}

#[test]
fn what_is_ones_own_may_be_larger() {
    let many = b"\x0a\x07\x12\x01p\x62\x00\x62\x00".repeat(300_000);
    insta::assert_snapshot!(refusal(many.clone()), @"the descriptor set is too large: more than 1000000 records");
    let own = Contract::read_own(many).unwrap_err().to_string();
    assert!(!own.contains("too large"), "files without names: {own}");
    let larger = Contract::read_own(vec![0; Bounds::OWN.bytes + 1]).unwrap_err().to_string();
    assert_eq!(larger, "the descriptor set is too large: more than 134217728 bytes");
}

#[test]
fn size_depth_and_numbers_are_bounded() {
    insta::assert_snapshot!(refusal(vec![0; Bounds::THEIRS.bytes + 1]), @"the descriptor set is too large: more than 16777216 bytes");
    insta::assert_snapshot!(refusal(b"\x0a\x00".repeat(Bounds::THEIRS.bytes / 2)), @"the descriptor set is too large: more than 1000000 records");
    let deep = (0..40).fold(message("M"), |inner, _| Message { nested_type: vec![inner], ..message("M") });
    insta::assert_snapshot!(refused(vec![File { message_type: vec![deep], ..file("a.proto") }]), @"the descriptor set is too large: more than 32 levels of nested messages");
    let mut many = service(Vec::new());
    many.method = (0..5000).map(|n| Method { name: format!("A{n}"), ..many.method[0].clone() }).collect();
    let many = File { message_type: vec![message("M")], service: vec![many], ..file("a.proto") };
    insta::assert_snapshot!(refused(vec![many]), @"the descriptor set is too large: more than 4096 methods");
}

/// A chain of types, each with a method that begins at it: the square of it would be looked at.
#[test]
fn work_is_bounded() {
    let next = |n: usize| field("next", 1, 11, &format!(".p.M{}", n + 1));
    let chain = |n: usize| Message { field: vec![next(n)], ..message(&format!("M{n}")) };
    let mut messages: Vec<Message> = (0..4000).map(chain).collect();
    messages.push(message("M4000"));
    let of = |n: usize| Method {
        name: format!("A{n}"),
        input_type: format!(".p.M{n}"),
        output_type: format!(".p.M{n}"),
        ..Method::default()
    };
    let service = Service { name: "S".into(), method: (0..4000).map(of).collect(), options: None };
    let file = File { message_type: messages, service: vec![service], ..file("a.proto") };
    insta::assert_snapshot!(refused(vec![file]), @"the descriptor set is too large: more than 5000000 messages within the messages of methods");
}

/// Types that all lead to each other, and many methods: each method reaches all of them.
#[test]
fn ten_thousand_types_in_a_circle_are_a_contract() {
    const TYPES: usize = 10_000;
    let to = |name: &str, number: i32, n: usize| field(name, number, 11, &format!(".p.M{}", n % TYPES));
    let circle = |n: usize| Message {
        field: vec![to("next", 1, n + 1), to("far", 2, 3 * n + 2), to("near", 3, 5 * n + 7)],
        ..message(&format!("M{n}"))
    };
    let mut messages: Vec<Message> = (0..TYPES).map(circle).collect();
    let options = Some(FieldOptions { debug_redact: true, ..FieldOptions::default() });
    messages[77].field.push(Field { options, ..field("secret", 4, 9, "") });
    let of = |n: usize| Method {
        name: format!("A{n}"),
        input_type: format!(".p.M{n}"),
        output_type: format!(".p.M{}", n + 1),
        ..Method::default()
    };
    let service = Service { name: "S".into(), method: (0..300).map(of).collect(), options: None };
    let file = File { message_type: messages, service: vec![service], ..file("a.proto") };
    let contract = Contract::read(FileSet { file: vec![file] }.encode_to_vec()).unwrap();
    let methods = &contract.service("p.S").unwrap().methods;
    let secret = |method: &crate::Method| method.fields.len() == 1 && method.fields[0].name == "p.M77.secret";
    assert_eq!(methods.iter().filter(|method| secret(method)).count(), 300);
}

#[test]
fn a_cut_set_is_an_error_wherever_it_is_cut() {
    let bytes = everything();
    let last = Contract::read(bytes.clone()).unwrap();
    assert_eq!(last.services.len(), 1);
    for length in (1..bytes.len()).step_by(7) {
        if let Ok(contract) = Contract::read(&bytes[..length]) {
            assert!(contract.services.is_empty(), "a cut between two files leaves imports only");
        }
    }
}

/// By every rule.
fn judge(contract: &Contract) {
    let _ = lint(contract);
    let mut settings = Settings::default();
    settings.also("COMMENTS").unwrap();
    let _ = check(contract, &settings);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        let _ = Contract::read(bytes).map(|contract| judge(&contract));
    }

    /// A few bytes of a real set are changed, dropped, or doubled.
    #[test]
    fn a_damaged_set_is_read_or_refused(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..8),
        from_the_end in any::<bool>(),
    ) {
        let mut bytes = everything();
        // The contract itself comes behind its imports, and is far smaller.
        let reach = if from_the_end { 4000 } else { bytes.len() };
        for (index, value, edit) in edits {
            let at = bytes.len() - 1 - index.index(reach.min(bytes.len() - 1));
            match edit {
                0 => bytes[at] = value,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, value),
            }
        }
        if let Ok(contract) = Contract::read(bytes) {
            judge(&contract);
        }
    }

    /// Lengths are right, and what is in them is not.
    #[test]
    fn any_option_is_read_or_refused(
        method in proptest::collection::vec(any::<u8>(), 0..64),
        of_field in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let options = Some(FieldOptions { debug_redact: true, treaty: vec![of_field] });
        let masked = Field { options, ..field("a", 1, 9, "") };
        let file = File {
            message_type: vec![Message { field: vec![masked], ..message("M") }],
            service: vec![service(vec![method])],
            ..file("a.proto")
        };
        let set = FileSet { file: vec![file] };
        if let Ok(contract) = Contract::read(set.encode_to_vec()) {
            judge(&contract);
        }
    }
}
