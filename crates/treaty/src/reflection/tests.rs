//! Reflection as a client sees it.

use super::{Reflection, Shown, answer::*, file::split};
use prost_reflect::{
    DescriptorPool,
    prost::{Message as _, encoding::encode_varint},
    prost_types::{FileDescriptorProto, FileDescriptorSet},
};
use std::sync::Arc;
use tonic::Code;

const OURS: &[u8] = contracts::treaty::v1::CONTRACT;

fn conversation(sets: impl IntoIterator<Item = Shown>) -> Conversation {
    Conversation::new(Reflection::new(sets))
}

fn files(answer: Answer) -> Vec<Vec<u8>> {
    match answer {
        Answer::Files(files) => files,
        Answer::Error { code, message } => panic!("{code:?} {message}"),
        _ => panic!("not files"),
    }
}

fn ask(conversation: &mut Conversation, name: &str) -> Vec<Vec<u8>> {
    files(conversation.answer(Some(&Question::Symbol { name })))
}

fn names(files: &[Vec<u8>]) -> Vec<String> {
    files.iter().map(|bytes| FileDescriptorProto::decode(&bytes[..]).unwrap().name().to_owned()).collect()
}

#[test]
fn files_are_the_registered_bytes() {
    let split = split(OURS).unwrap();
    let mut again = Vec::new();
    for file in &split {
        again.push(0x0a);
        encode_varint(file.bytes.len() as u64, &mut again);
        again.extend(&file.bytes);
    }
    assert_eq!(again, OURS);
}

#[test]
fn what_is_sent_links_and_keeps_options_and_comments() {
    let sent = ask(&mut conversation([Shown::all(OURS)]), "treaty.v1.Admin");
    assert_eq!(names(&sent)[0], "treaty/v1/admin.proto");
    let mut pool = DescriptorPool::new();
    // In no particular order: a file links once its imports have.
    for file in sent.iter().cycle().take(sent.len() * sent.len()) {
        let _ = pool.decode_file_descriptor_proto(&file[..]);
    }
    assert_eq!(pool.files().len(), sent.len());
    let admin = pool.get_service_by_name("treaty.v1.Admin").unwrap();
    let option = pool.get_extension_by_name("treaty.v1.service").unwrap();
    assert!(admin.options().has_extension(&option));
    let file = FileDescriptorProto::decode(&sent[0][..]).unwrap();
    let comments = file.source_code_info.unwrap();
    assert!(comments.location.iter().any(|l| l.leading_comments().contains("administers one control plane")));
}

#[test]
fn every_kind_of_symbol_is_found() {
    for (symbol, file) in [
        ("treaty.v1.Admin", "treaty/v1/admin.proto"),
        (".treaty.v1.Admin", "treaty/v1/admin.proto"),
        ("treaty.v1.Admin.ReadStatus", "treaty/v1/admin.proto"),
        ("treaty.v1.InstanceStatus", "treaty/v1/admin.proto"),
        ("treaty.v1.InstanceStatus.workload", "treaty/v1/admin.proto"),
        ("treaty.v1.InstanceStatus.State", "treaty/v1/admin.proto"),
        ("treaty.v1.InstanceStatus.READY", "treaty/v1/admin.proto"),
        ("treaty.v1.RegisterRequest.event", "treaty/v1/registry.proto"),
        ("treaty.v1.LEAST_REQUEST", "treaty/v1/options.proto"),
        ("treaty.v1.service", "treaty/v1/options.proto"),
        ("google.protobuf.Timestamp", "google/protobuf/timestamp.proto"),
        ("grpc.health.v1.Health", "grpc/health/v1/health.proto"),
        ("google.rpc.ErrorInfo", "google/rpc/error_details.proto"),
    ] {
        let sent = ask(&mut conversation([Shown::all(OURS)]), symbol);
        assert!(names(&sent)[0].ends_with(file.rsplit('/').next().unwrap()), "{symbol}: {:?}", names(&sent));
    }
}

#[test]
fn extensions_are_found_by_number() {
    let mut conversation = conversation([Shown::all(OURS)]);
    let extended = "google.protobuf.MethodOptions";
    let sent = files(conversation.answer(Some(&Question::Extension { extended, number: 50717 })));
    assert_eq!(names(&sent)[0], "treaty/v1/options.proto");
    let Answer::ExtensionNumbers { numbers, .. } =
        conversation.answer(Some(&Question::ExtensionNumbers { message: extended }))
    else {
        panic!("numbers")
    };
    assert_eq!(numbers, [50717]);
    let Answer::ExtensionNumbers { numbers, .. } =
        conversation.answer(Some(&Question::ExtensionNumbers { message: "treaty.v1.Locality" }))
    else {
        panic!("numbers")
    };
    assert!(numbers.is_empty());
}

#[test]
fn dependencies_are_sent_once_and_the_asked_file_always() {
    let mut conversation = conversation([Shown::all(OURS)]);
    let first = ask(&mut conversation, "treaty.v1.Admin");
    assert!(names(&first).contains(&"google/protobuf/descriptor.proto".to_owned()));
    assert_eq!(names(&ask(&mut conversation, "treaty.v1.Admin")), ["treaty/v1/admin.proto"]);
    assert_eq!(names(&ask(&mut conversation, "treaty.v1.Identity")), ["treaty/v1/identity.proto"]);
}

#[test]
fn what_is_not_there_is_an_answer_in_the_stream() {
    let mut conversation = conversation([Shown::all(OURS)]);
    for question in [
        Question::Symbol { name: "no.Such" },
        Question::File { name: "no/such.proto" },
        Question::Extension { extended: "google.protobuf.MethodOptions", number: 1 },
        Question::ExtensionNumbers { message: "no.Such" },
    ] {
        let Answer::Error { code, .. } = conversation.answer(Some(&question)) else { panic!("an error") };
        assert_eq!(code, Code::NotFound);
    }
    assert!(matches!(conversation.answer(None), Answer::Error { code: Code::InvalidArgument, .. }));
}

#[test]
fn only_the_services_that_are_shown_are_listed() {
    let mut conversation = conversation([Shown::only(OURS, ["treaty.v1.Admin".to_owned()])]);
    let Answer::Services(services) = conversation.answer(Some(&Question::ListServices)) else {
        panic!("services")
    };
    assert_eq!(
        services,
        [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            "treaty.v1.Admin"
        ]
    );
}

/// A set of one service in a file of its own, and a shared file that differs by its message's name.
fn set(service: &str, shared: &str) -> Vec<u8> {
    let text = |name: &str| Some(name.to_owned());
    let shared = FileDescriptorProto {
        name: text("shared.proto"),
        message_type: vec![prost_reflect::prost_types::DescriptorProto {
            name: text(shared),
            ..Default::default()
        }],
        ..Default::default()
    };
    let own = FileDescriptorProto {
        name: Some(format!("{service}.proto")),
        dependency: vec!["shared.proto".to_owned()],
        service: vec![prost_reflect::prost_types::ServiceDescriptorProto {
            name: text(service),
            ..Default::default()
        }],
        ..Default::default()
    };
    FileDescriptorSet { file: vec![shared, own] }.encode_to_vec()
}

#[test]
fn of_two_files_of_one_name_the_asked_services_own_is_sent() {
    let sets = || [Shown::all(set("A", "Old")), Shown::all(set("B", "New"))];
    for (service, message, other) in [("A", "Old", "New"), ("B", "New", "Old")] {
        let mut conversation = conversation(sets());
        let sent = ask(&mut conversation, service);
        let shared = FileDescriptorProto::decode(&sent[1][..]).unwrap();
        assert_eq!(shared.message_type[0].name(), message);
        let again = files(conversation.answer(Some(&Question::File { name: "shared.proto" })));
        assert_eq!(again[0], sent[1]);
        assert_eq!(ask(&mut conversation, other).len(), 1);
    }
}

#[test]
fn a_swap_shows_on_open_streams() {
    let reflection = Reflection::new([Shown::all(set("A", "M"))]);
    let mut conversation = Conversation::new(reflection.clone());
    ask(&mut conversation, "A");
    reflection.swap([Arc::<[u8]>::from(set("B", "M"))]);
    assert!(matches!(conversation.answer(Some(&Question::Symbol { name: "A" })), Answer::Error { .. }));
    assert_eq!(ask(&mut conversation, "B").len(), 2);
}

#[test]
fn hostile_sets_are_left_out() {
    for cut in [1, OURS.len() / 2, OURS.len() - 1] {
        assert!(split(&OURS[..cut]).is_err());
    }
    for hostile in [
        &[0x0a, 0xff][..],
        &[0xff; 12],
        &[0x0b],
        &[0x0a, 0x01, 0xff],
        &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    ] {
        assert!(split(hostile).is_err(), "{hostile:?}");
        let reflection = Reflection::new([Shown::all(hostile), Shown::all(set("A", "M"))]);
        assert!(reflection.current().services().contains("A"));
    }
}

mod on_the_wire {
    use super::*;
    use tokio_stream::{StreamExt as _, wrappers::TcpListenerStream};
    use tonic_reflection::pb::{v1, v1alpha};

    macro_rules! lists_and_finds {
        ($name:ident, $version:ident) => {
            #[tokio::test]
            async fn $name() {
                use $version::{
                    ServerReflectionRequest as Ask, server_reflection_client::ServerReflectionClient,
                    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
                };
                let reflection = Reflection::new([Shown::all(OURS)]);
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap();
                let (version_1, version_1alpha) = reflection.services();
                let server = tonic::transport::Server::builder()
                    .add_service(version_1)
                    .add_service(version_1alpha)
                    .serve_with_incoming(TcpListenerStream::new(listener));
                let server = tokio::spawn(server);
                let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap();
                let mut client = ServerReflectionClient::new(channel.connect().await.unwrap());
                let asks = [
                    MessageRequest::ListServices(String::new()),
                    MessageRequest::FileContainingSymbol("treaty.v1.Registry".to_owned()),
                    MessageRequest::FileByFilename("none".to_owned()),
                ];
                let asks = asks.map(|ask| Ask { host: "h".to_owned(), message_request: Some(ask) });
                let answers =
                    client.server_reflection_info(tokio_stream::iter(asks)).await.unwrap().into_inner();
                let answers: Vec<_> = answers.collect::<Result<Vec<_>, _>>().await.unwrap();
                assert_eq!(answers.len(), 3);
                assert_eq!(answers[0].valid_host, "h");
                let Some(MessageResponse::ListServicesResponse(list)) = &answers[0].message_response else {
                    panic!()
                };
                assert!(list.service.iter().any(|service| service.name == "treaty.v1.Registry"));
                let Some(MessageResponse::FileDescriptorResponse(files)) = &answers[1].message_response
                else {
                    panic!()
                };
                assert_eq!(names(&files.file_descriptor_proto)[0], "treaty/v1/registry.proto");
                let Some(MessageResponse::ErrorResponse(error)) = &answers[2].message_response else {
                    panic!()
                };
                assert_eq!(error.error_code, 5);
                server.abort();
            }
        };
    }

    lists_and_finds!(version_1, v1);
    lists_and_finds!(version_1alpha, v1alpha);
}
