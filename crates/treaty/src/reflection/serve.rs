//! The two versions of the protocol, which differ in their package only.

use super::{
    Reflection,
    answer::{Answer, Conversation, Question},
};
use std::pin::Pin;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

/// Answers reflection streams.
#[derive(Clone, Debug)]
pub struct Service(pub(super) Reflection);

macro_rules! version {
    ($version:ident) => {
        mod $version {
            use super::{
                Answer, Conversation, Pin, Question, Request, Response, Service, Status, Stream, Streaming,
            };
            use tokio_stream::StreamExt as _;
            use tonic_reflection::pb::$version::{
                ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse,
                ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
                server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
                server_reflection_server::ServerReflection,
            };

            #[tonic::async_trait]
            impl ServerReflection for Service {
                type ServerReflectionInfoStream =
                    Pin<Box<dyn Stream<Item = Result<ServerReflectionResponse, Status>> + Send>>;

                async fn server_reflection_info(
                    &self,
                    request: Request<Streaming<ServerReflectionRequest>>,
                ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
                    let mut conversation = Conversation::new(self.0.clone());
                    let answers =
                        request.into_inner().map(move |request| Ok(respond(&mut conversation, request?)));
                    Ok(Response::new(Box::pin(answers)))
                }
            }

            fn respond(
                conversation: &mut Conversation,
                request: ServerReflectionRequest,
            ) -> ServerReflectionResponse {
                let answer = conversation.answer(request.message_request.as_ref().map(question).as_ref());
                ServerReflectionResponse {
                    valid_host: request.host.clone(),
                    original_request: Some(request),
                    message_response: Some(response(answer)),
                }
            }

            fn question(request: &MessageRequest) -> Question<'_> {
                match request {
                    MessageRequest::ListServices(_) => Question::ListServices,
                    MessageRequest::FileByFilename(name) => Question::File { name },
                    MessageRequest::FileContainingSymbol(name) => Question::Symbol { name },
                    MessageRequest::FileContainingExtension(wanted) => Question::Extension {
                        extended: &wanted.containing_type,
                        number: wanted.extension_number,
                    },
                    MessageRequest::AllExtensionNumbersOfType(message) => {
                        Question::ExtensionNumbers { message }
                    }
                }
            }

            fn response(answer: Answer) -> MessageResponse {
                match answer {
                    Answer::Services(names) => {
                        let service = names.into_iter().map(|name| ServiceResponse { name }).collect();
                        MessageResponse::ListServicesResponse(ListServiceResponse { service })
                    }
                    Answer::Files(file_descriptor_proto) => {
                        MessageResponse::FileDescriptorResponse(FileDescriptorResponse {
                            file_descriptor_proto,
                        })
                    }
                    Answer::ExtensionNumbers { message, numbers } => {
                        MessageResponse::AllExtensionNumbersResponse(ExtensionNumberResponse {
                            base_type_name: message,
                            extension_number: numbers,
                        })
                    }
                    Answer::Error { code, message } => MessageResponse::ErrorResponse(ErrorResponse {
                        error_code: i32::from(code),
                        error_message: message,
                    }),
                }
            }
        }
    };
}

version!(v1);
version!(v1alpha);
