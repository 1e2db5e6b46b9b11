//! Rubbish from inside of the mesh: descriptor sets, claims, names.

use crate::support::Mesh;
use contract::Digest;
use contracts::treaty::v1::{
    ContractRef, DescriptorSet, RegisterRequest, RegisterResponse, Registration, register_request,
    register_response,
};
use tokio_stream::StreamExt;
use treaty::Contracts;

type Answers = tonic::Streaming<RegisterResponse>;

/// Registers `bytes` as a served contract, by the wire protocol; gives what the control plane says in the end.
async fn register(
    mesh: &treaty::Mesh,
    service: &str,
    bytes: Vec<u8>,
) -> Result<register_response::Event, tonic::Status> {
    let digest = Digest::of(&bytes).to_string();
    let (requests, stream) = tokio::sync::mpsc::channel(4);
    let registration = Registration {
        instance: "hostile-1".to_owned(),
        serves: vec![ContractRef {
            service: service.to_owned(),
            digest: digest.clone(),
            methods: Vec::new(),
        }],
        address: "127.0.0.1:9".to_owned(),
        ..Registration::default()
    };
    send(&requests, register_request::Event::Registration(registration)).await;
    let stream = tokio_stream::wrappers::ReceiverStream::new(stream);
    let mut answers = mesh.control_plane().registry().register(stream).await?.into_inner();
    loop {
        match next(&mut answers).await? {
            register_response::Event::Wanted(_) => {
                let set = DescriptorSet { digest: digest.clone(), bytes: bytes.clone() };
                send(&requests, register_request::Event::DescriptorSet(set)).await;
            }
            event => return Ok(event),
        }
    }
}

async fn send(requests: &tokio::sync::mpsc::Sender<RegisterRequest>, event: register_request::Event) {
    requests.send(RegisterRequest { event: Some(event) }).await.unwrap();
}

async fn next(answers: &mut Answers) -> Result<register_response::Event, tonic::Status> {
    let answer = answers.next().await.unwrap_or_else(|| Err(tonic::Status::cancelled("the stream ended")))?;
    Ok(answer.event.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_descriptor_sets_are_refused_with_a_reason_and_the_mesh_lives_on() {
    let mesh = Mesh::start();
    let joined = mesh.join("shop/hostile", Contracts::none()).await;
    let good = contracts::shop::orders::v1::CONTRACT;
    let mut flipped = good.to_vec();
    for byte in flipped.iter_mut().step_by(97) {
        *byte ^= 0x55;
    }
    let rubbish: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"rubbish".to_vec(),
        good[..good.len() / 2].to_vec(),
        flipped,
        vec![0xff; 4096],
        // A file of edition 2023 (field 14 of FileDescriptorProto), on which naive readers panic.
        vec![0x0a, 0x0d, 0x0a, 0x07, b'a', b'.', b'p', b'r', b'o', b't', b'o', 0x70, 0xe8, 0x07, 0x00],
        b"\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80".to_vec(),
    ];
    for bytes in rubbish {
        let size = bytes.len();
        match register(&joined, "evil.v1.Evil", bytes).await {
            Ok(register_response::Event::Refused(refused)) => {
                assert!(
                    !refused.refusals.is_empty() && !refused.refusals[0].message.is_empty(),
                    "{refused:?}"
                );
            }
            Ok(other) => panic!("{size} bytes of rubbish were answered by {other:?}"),
            Err(status) => assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status:?}"),
        }
    }
    // Somebody else's contract, sound as it is, is not for the taking; both claimers are named.
    let answer = register(&joined, "shop.orders.v1.Orders", good.to_vec()).await.unwrap();
    let register_response::Event::Refused(refused) = answer else { panic!("{answer:?}") };
    let refusal = &refused.refusals[0];
    assert_eq!(refusal.reason, "CONTRACT_CLAIMED", "{refusal:?}");
    assert!(
        refusal.message.contains("shop/orders") && refusal.message.contains("shop/hostile"),
        "{refusal:?}"
    );
    mesh.wait_ready();
}
