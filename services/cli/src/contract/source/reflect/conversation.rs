//! Questions and answers of one reflection stream, whatever its version.

use super::MAX_BYTES;
use crate::plain;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{
    Code, Request, Status, Streaming,
    metadata::{Ascii, MetadataKey, MetadataMap, MetadataValue},
    transport::Channel,
};
use tonic_reflection::pb;

pub(super) enum Question {
    Services,
    /// The file that declares this name.
    Symbol(String),
    File(String),
}

pub(super) enum Answer {
    Services(Vec<String>),
    Files(Vec<Vec<u8>>),
    /// The server says that it has no such thing.
    Missing(String),
}

/// Questions to one server.
pub(super) struct Conversation {
    channel: Channel,
    metadata: MetadataMap,
    stream: Stream,
    /// Some servers end the stream where they have no answer.
    ended: bool,
}

/// One stream.
enum Stream {
    V1(mpsc::Sender<pb::v1::ServerReflectionRequest>, Streaming<pb::v1::ServerReflectionResponse>),
    V1Alpha(
        mpsc::Sender<pb::v1alpha::ServerReflectionRequest>,
        Streaming<pb::v1alpha::ServerReflectionResponse>,
    ),
}

impl Conversation {
    /// Asks once, to learn which version the server speaks.
    pub(super) async fn open(channel: Channel, headers: &[String]) -> Result<Self, String> {
        let metadata = metadata(headers)?;
        let stream = open(&channel, &metadata).await?;
        Ok(Self { channel, metadata, stream, ended: false })
    }

    pub(super) async fn ask(&mut self, question: Question) -> Result<Answer, String> {
        if self.ended {
            self.stream = open(&self.channel, &self.metadata).await?;
            self.ended = false;
        }
        let answer = match &mut self.stream {
            Stream::V1(asks, answers) => v1::ask(asks, answers, question).await,
            Stream::V1Alpha(asks, answers) => v1alpha::ask(asks, answers, question).await,
        };
        answer.or_else(|status| {
            self.ended = true;
            match status.code() {
                Code::NotFound => Ok(Answer::Missing(plain::text(status.message()))),
                _ => Err(in_words(&status)),
            }
        })
    }
}

async fn open(channel: &Channel, metadata: &MetadataMap) -> Result<Stream, String> {
    match v1::open(channel.clone(), metadata.clone()).await {
        Err(status) if status.code() == Code::Unimplemented => {}
        Err(status) => return Err(in_words(&status)),
        Ok((asks, answers)) => return Ok(Stream::V1(asks, answers)),
    }
    match v1alpha::open(channel.clone(), metadata.clone()).await {
        Err(status) if status.code() == Code::Unimplemented => {
            Err("the server offers no reflection: neither grpc.reflection.v1 nor v1alpha".to_owned())
        }
        Err(status) => Err(in_words(&status)),
        Ok((asks, answers)) => Ok(Stream::V1Alpha(asks, answers)),
    }
}

/// The two versions differ in nothing but their name.
macro_rules! version {
    ($version:ident) => {
        mod $version {
            use super::{Answer, MAX_BYTES, MetadataMap, Question, ReceiverStream, Request, mpsc, plain};
            use tonic::{Status, Streaming, transport::Channel};
            use tonic_reflection::pb::$version::{
                ServerReflectionRequest, ServerReflectionResponse,
                server_reflection_client::ServerReflectionClient, server_reflection_request::MessageRequest,
                server_reflection_response::MessageResponse,
            };

            type Asks = mpsc::Sender<ServerReflectionRequest>;
            type Answers = Streaming<ServerReflectionResponse>;

            /// A stream that has answered once: an error of the whole shows with the first answer only.
            pub(super) async fn open(
                channel: Channel,
                metadata: MetadataMap,
            ) -> Result<(Asks, Answers), Status> {
                let mut client = ServerReflectionClient::new(channel).max_decoding_message_size(MAX_BYTES);
                let (asks, asked) = mpsc::channel(1);
                let first = request(Question::Services);
                asks.send(first).await.map_err(|_| Status::aborted("the stream is gone"))?;
                let mut request = Request::new(ReceiverStream::new(asked));
                *request.metadata_mut() = metadata;
                let mut answers = client.server_reflection_info(request).await?.into_inner();
                next(&mut answers).await?;
                Ok((asks, answers))
            }

            pub(super) async fn ask(
                asks: &Asks,
                answers: &mut Answers,
                question: Question,
            ) -> Result<Answer, Status> {
                asks.send(request(question)).await.map_err(|_| Status::aborted("the stream is gone"))?;
                next(answers).await
            }

            async fn next(answers: &mut Answers) -> Result<Answer, Status> {
                let answer = answers.message().await?.and_then(|answer| answer.message_response);
                match answer {
                    Some(MessageResponse::ListServicesResponse(services)) => Ok(Answer::Services(
                        services.service.into_iter().map(|service| service.name).collect(),
                    )),
                    Some(MessageResponse::FileDescriptorResponse(files)) => {
                        Ok(Answer::Files(files.file_descriptor_proto))
                    }
                    Some(MessageResponse::ErrorResponse(error)) => {
                        Ok(Answer::Missing(plain::text(&error.error_message)))
                    }
                    _ => Err(Status::internal("the server ends the stream without an answer")),
                }
            }

            fn request(question: Question) -> ServerReflectionRequest {
                let question = match question {
                    Question::Services => MessageRequest::ListServices("*".to_owned()),
                    Question::Symbol(name) => MessageRequest::FileContainingSymbol(name),
                    Question::File(name) => MessageRequest::FileByFilename(name),
                };
                ServerReflectionRequest { host: String::new(), message_request: Some(question) }
            }
        }
    };
}

version!(v1);
version!(v1alpha);

/// "name: value", as curl and grpcurl take them.
fn metadata(headers: &[String]) -> Result<MetadataMap, String> {
    let mut metadata = MetadataMap::new();
    for (position, header) in headers.iter().enumerate() {
        // The value may be a secret: it is not repeated.
        let wrong = || format!("header {}: write \"name: value\"", position + 1);
        let (name, value) = header.split_once(':').ok_or_else(wrong)?;
        let name: MetadataKey<Ascii> = name.trim().to_ascii_lowercase().parse().map_err(|_| wrong())?;
        let value: MetadataValue<Ascii> = value.trim().parse().map_err(|_| wrong())?;
        metadata.append(name, value);
    }
    Ok(metadata)
}

fn in_words(status: &Status) -> String {
    let message = if status.message().is_empty() { "without a reason" } else { status.message() };
    format!("{}: {}", status.code(), plain::text(message))
}
