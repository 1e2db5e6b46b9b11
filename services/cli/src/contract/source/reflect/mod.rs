//! Contracts of a running server, by reflection: version 1, and 1alpha where there is no other.

mod conversation;

use super::{
    args::Reach,
    set::{Files, Set},
};
use crate::dial::{self, Speaks, Trust};
use contract::compile;
use conversation::{Answer, Conversation, Question};
use prost::Message as _;
use std::{fmt, time::Duration};
use tonic::transport::Uri;

/// How long a server may take for everything.
const PATIENCE: Duration = Duration::from_secs(30);
/// As much as a contract may be.
const MAX_BYTES: usize = 16 * 1024 * 1024;
const MAX_FILES: usize = 10_000;
/// What servers bring besides their own.
const INFRASTRUCTURE: [&str; 3] = ["grpc.reflection.", "grpc.health.", "grpc.channelz."];
/// What layers say of a first answer that is none of theirs.
const STRANGE: [&str; 3] = ["h2 protocol error", "transport error", "operation was canceled"];

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::contract) struct Server {
    tls: bool,
    /// Without the brackets of an IPv6 address.
    host: String,
    port: u16,
}

impl Server {
    /// `rest` is what follows "grpc:".
    pub(super) fn parse(scheme: &str, rest: &str) -> Result<Self, String> {
        let wrong = || format!("`{scheme}:{rest}` is no server: write {scheme}://HOST:PORT");
        let uri: Uri = format!("{scheme}:{rest}").parse().map_err(|_| wrong())?;
        let authority =
            uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(wrong());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().ok_or_else(wrong)?;
        Ok(Self { tls: scheme == "grpcs", host, port })
    }

    /// What the first bytes come to at a port that speaks something else says nothing to people: what it speaks does.
    async fn explained(&self, reason: String) -> String {
        let (host, there) = (&self.host, self.authority());
        if reason.starts_with("Connection refused") {
            return format!("{reason}: nobody listens there");
        }
        if reason.contains("certificate") {
            return reason;
        }
        match (dial::probe(host, self.port).await, self.tls) {
            (Speaks::Http2, true) => format!("it answers in plaintext; try grpc://{there}"),
            (Speaks::Tls { http2: true }, false) => format!("it answers in TLS; try grpcs://{there}"),
            (Speaks::Tls { http2: false }, _) => {
                "it answers in TLS, and speaks no HTTP/2 there, which gRPC needs".to_owned()
            }
            (Speaks::Http1, _) => "an older HTTP answers there, and no HTTP/2, which gRPC needs".to_owned(),
            (Speaks::Unknown, _) => {
                format!("what answers there speaks neither TLS nor HTTP/2, or hangs up ({reason})")
            }
            (Speaks::Http2, false) | (Speaks::Tls { http2: true }, true) => reason,
        }
    }

    pub(super) const fn speaks_tls(&self) -> bool {
        self.tls
    }

    fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.tls { "grpcs" } else { "grpc" }, self.authority())
    }
}

/// The descriptor set of all that the server serves.
pub(super) async fn read(server: &Server, reach: &Reach) -> Result<Vec<u8>, String> {
    let all = async {
        let trust = match &reach.ca {
            _ if reach.insecure => Trust::Anybody,
            Some(file) => Trust::File(file),
            None => Trust::System,
        };
        let tls = server.tls.then_some((server.host.as_str(), trust));
        let channel = match dial::open(&server.host, server.port, tls).await {
            Ok(channel) => channel,
            Err(reason) => return Err(server.explained(reason).await),
        };
        let mut conversation = match Conversation::open(channel, &reach.headers).await {
            Ok(conversation) => conversation,
            Err(reason) if STRANGE.iter().any(|strange| reason.contains(strange)) => {
                return Err(server.explained(reason).await);
            }
            Err(reason) => return Err(reason),
        };
        collect(&mut conversation).await
    };
    let done = tokio::time::timeout(PATIENCE, all).await;
    done.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
        .map_err(|reason| format!("{server}: {reason}"))
}

async fn collect(conversation: &mut Conversation) -> Result<Vec<u8>, String> {
    let services = match conversation.ask(Question::Services).await? {
        Answer::Services(services) => services,
        Answer::Missing(reason) => return Err(reason),
        Answer::Files(_) => return Err("the server answers what was not asked".to_owned()),
    };
    let own = services.iter().filter(|name| !INFRASTRUCTURE.iter().any(|known| name.starts_with(known)));
    let mut files = Files::default();
    for service in own {
        match conversation.ask(Question::Symbol(service.clone())).await? {
            Answer::Files(found) => take(&mut files, found)?,
            Answer::Missing(reason) => {
                return Err(format!("it lists {service} and does not show it: {reason}"));
            }
            Answer::Services(_) => return Err("the server answers what was not asked".to_owned()),
        }
    }
    if files.len() == 0 {
        return Err("it serves nothing but its own reflection".to_owned());
    }
    complete(conversation, &mut files).await?;
    Ok(files.encoded())
}

/// Asks for what is imported until all is there. Servers leave out what everybody has.
async fn complete(conversation: &mut Conversation, files: &mut Files) -> Result<(), String> {
    loop {
        let missing = files.missing();
        if missing.is_empty() {
            return Ok(());
        }
        for name in missing {
            let found = match conversation.ask(Question::File(name.clone())).await? {
                Answer::Files(found) => found,
                Answer::Missing(reason) => public(&name)
                    .ok_or_else(|| format!("it imports {name} and does not show it: {reason}"))?,
                Answer::Services(_) => return Err("the server answers what was not asked".to_owned()),
            };
            take(files, found)?;
            if files.get(&name).is_none() {
                return Err(format!("asked for {name}, it shows another file"));
            }
        }
    }
}

fn take(files: &mut Files, found: Vec<Vec<u8>>) -> Result<(), String> {
    for file in found {
        files.add(file)?;
    }
    if files.len() > MAX_FILES || files.bytes() > MAX_BYTES {
        return Err(format!("it shows more than {MAX_FILES} files, or {} MiB of them", MAX_BYTES >> 20));
    }
    Ok(())
}

/// A file that everybody has, with what it imports.
fn public(name: &str) -> Option<Vec<Vec<u8>>> {
    // The name goes into a source text.
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte)).then_some(())?;
    let probe = format!("syntax = \"proto3\"; import \"{name}\";");
    let compiled = compile::texts(&[("treaty-probe.proto", &probe)]).ok()?;
    let mut files = Set::decode(compiled.bytes.as_slice()).ok()?.files;
    files.retain(|file| super::set::Head::of(file).is_ok_and(|head| head.name != "treaty-probe.proto"));
    Some(files)
}
