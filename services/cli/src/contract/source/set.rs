//! Descriptor sets as bytes: files are taken, left and put in order, and never decoded and encoded again.

use prost::{
    Message as _,
    encoding::{DecodeContext, decode_key, skip_field},
};
use std::collections::{BTreeMap, BTreeSet};

/// A descriptor set whose files stay the bytes that they are.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Set {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(super) files: Vec<Vec<u8>>,
}

/// What decides which files belong together.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Head {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    package: String,
    #[prost(string, repeated, tag = "3")]
    pub(super) dependency: Vec<String>,
    #[prost(message, repeated, tag = "6")]
    service: Vec<Named>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}

/// `google.protobuf.FileDescriptorProto.source_code_info`.
const SOURCE_INFO: u32 = 9;

impl Head {
    pub(super) fn of(file: &[u8]) -> Result<Self, String> {
        Self::decode(file).map_err(|error| format!("no sound descriptor: {error}"))
    }

    fn services(&self) -> impl Iterator<Item = String> {
        let prefix = if self.package.is_empty() { String::new() } else { format!("{}.", self.package) };
        self.service.iter().map(move |service| format!("{prefix}{}", service.name))
    }
}

/// The files of an encoded set.
pub(in crate::contract) fn set_files(set: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    Set::decode(set).map(|set| set.files).map_err(|error| format!("no descriptor set: {error}"))
}

/// What a file is called.
pub(in crate::contract) fn file_name(file: &[u8]) -> Result<String, String> {
    Head::of(file).map(|head| head.name)
}

/// Files by name, each once.
#[derive(Default)]
pub(in crate::contract) struct Files {
    by_name: BTreeMap<String, (Head, Vec<u8>)>,
}

impl Files {
    pub(super) fn of(set: &[u8]) -> Result<Self, String> {
        let mut files = Self::default();
        for file in set_files(set)? {
            files.add(file)?;
        }
        Ok(files)
    }

    /// False for one of a name that is there already.
    pub(in crate::contract) fn add(&mut self, file: Vec<u8>) -> Result<bool, String> {
        let head = Head::of(&file)?;
        if self.by_name.contains_key(&head.name) {
            return Ok(false);
        }
        self.by_name.insert(head.name.clone(), (head, file));
        Ok(true)
    }

    /// The name of a file that is there already and says something else, places and comments aside.
    pub(in crate::contract) fn conflict(&self, file: &[u8]) -> Result<Option<String>, String> {
        let name = Head::of(file)?.name;
        let Some(known) = self.get(&name).filter(|known| *known != file) else { return Ok(None) };
        let same = without(SOURCE_INFO, known)? == without(SOURCE_INFO, file)?;
        Ok((!same).then_some(name))
    }

    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.by_name.get(name).map(|(_, bytes)| bytes.as_slice())
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.by_name.values().map(|(_, bytes)| bytes.len()).sum()
    }

    /// What is imported and not there.
    pub(super) fn missing(&self) -> BTreeSet<String> {
        let imports = self.by_name.values().flat_map(|(head, _)| &head.dependency);
        imports.filter(|name| !self.by_name.contains_key(*name)).cloned().collect()
    }

    /// The files named `wanted` and all that they import, imports first, as protoc writes sets.
    fn closure(&self, wanted: &[&str]) -> Set {
        let (mut set, mut done) = (Set::default(), BTreeSet::new());
        // Each name twice: on the way down, and when its imports are written.
        let mut pending: Vec<(&str, bool)> = wanted.iter().rev().map(|name| (*name, false)).collect();
        while let Some((name, imports_written)) = pending.pop() {
            let Some((head, file)) = self.by_name.get(name) else { continue };
            if imports_written {
                set.files.push(file.clone());
            } else if done.insert(name) {
                pending.push((name, true));
                pending.extend(head.dependency.iter().rev().map(|import| (import.as_str(), false)));
            }
        }
        set
    }

    /// All of them as an encoded set, imports first.
    pub(in crate::contract) fn encoded(&self) -> Vec<u8> {
        let names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
        self.closure(&names).encode_to_vec()
    }
}

/// The files that declare these services, and what they import.
pub(in crate::contract) fn select(set: &[u8], services: &[String]) -> Result<Vec<u8>, String> {
    let files = Files::of(set)?;
    let declared: BTreeMap<String, &str> = files
        .by_name
        .iter()
        .flat_map(|(name, (head, _))| head.services().map(move |service| (service, name.as_str())))
        .collect();
    let mut wanted = Vec::new();
    for service in services {
        match declared.get(service) {
            Some(file) => wanted.push(*file),
            None => {
                let known: Vec<&str> = declared.keys().map(String::as_str).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(format!("there is no service `{service}`; there is {known}"));
            }
        }
    }
    Ok(files.closure(&wanted).encode_to_vec())
}

/// The set without places and comments; everything else, options too, stays byte for byte.
pub(in crate::contract) fn without_source_info(set: &[u8]) -> Result<Vec<u8>, String> {
    let mut set = Set::decode(set).map_err(|error| format!("no descriptor set: {error}"))?;
    for file in &mut set.files {
        *file = without(SOURCE_INFO, file)?;
    }
    Ok(set.encode_to_vec())
}

/// The message without the records of one field.
fn without(unwanted: u32, message: &[u8]) -> Result<Vec<u8>, String> {
    let kept = records(message)?.into_iter().filter(|(number, _)| *number != unwanted);
    Ok(kept.flat_map(|(_, raw)| raw).copied().collect())
}

/// The records of an encoded message: field numbers, and the bytes of each, its key included.
pub(in crate::contract) fn records(message: &[u8]) -> Result<Vec<(u32, &[u8])>, String> {
    let malformed = |error: prost::DecodeError| format!("no sound descriptor: {error}");
    let mut records = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let before = rest;
        let (number, wire_type) = decode_key(&mut rest).map_err(malformed)?;
        skip_field(wire_type, number, &mut rest, DecodeContext::default()).map_err(malformed)?;
        records.push((number, before.get(..before.len() - rest.len()).unwrap_or_default()));
    }
    Ok(records)
}
