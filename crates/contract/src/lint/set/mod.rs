//! A descriptor set, laid out for rules that look at every declaration.

pub(super) mod descriptor;
pub(super) mod options;
pub(super) mod places;

use super::settings::Settings;
use crate::{compile::EMBEDDED, origin::Origin};
use descriptor::{Enum, Field, File, FileSet, Message, Service, kind};
use places::Places;
use prost::Message as _;
use std::collections::{HashMap, HashSet};

/// [`crate::Contract`] has read the same bytes. Where what it had no use for is no text, nothing is judged here.
pub(super) fn decode(bytes: &[u8]) -> FileSet {
    FileSet::decode(bytes).unwrap_or_default()
}

/// The files of a set, and its messages by full name.
pub(super) struct Set<'a> {
    pub(super) files: Vec<FileAt<'a>>,
    messages: HashMap<String, (usize, usize)>,
    by_name: HashMap<&'a str, usize>,
}

/// A file and everything that it declares.
pub(super) struct FileAt<'a> {
    pub(super) file: &'a File,
    pub(super) places: Places<'a>,
    /// Somebody asked for it; else it is an import.
    pub(super) target: bool,
    /// Nested ones too, each behind what encloses it; without entries of maps.
    pub(super) messages: Vec<At<'a, Message>>,
    /// Nested ones too.
    pub(super) enums: Vec<At<'a, Enum>>,
    /// Nested ones too.
    pub(super) extensions: Vec<At<'a, Field>>,
    pub(super) services: Vec<At<'a, Service>>,
    /// Entries of maps.
    pub(super) entries: Vec<At<'a, Message>>,
}

/// A declaration, its full name, and its path in the file's source info.
pub(super) struct At<'a, T> {
    pub(super) it: &'a T,
    pub(super) name: String,
    pub(super) path: Vec<i32>,
}

impl<'a> Set<'a> {
    pub(super) fn of(set: &'a FileSet, settings: &Settings) -> Self {
        let files: Vec<_> = set.file.iter().map(|file| FileAt::of(file, settings)).collect();
        let mut messages = HashMap::new();
        for (number, file) in files.iter().enumerate() {
            let named =
                file.messages.iter().enumerate().map(|(at, message)| (message.name.clone(), (number, at)));
            messages.extend(named);
        }
        let by_name =
            set.file.iter().enumerate().map(|(number, file)| (file.name.as_str(), number)).collect();
        Self { files, messages, by_name }
    }

    /// The package of the file of this name.
    pub(super) fn package_of(&self, file: &str) -> Option<&'a str> {
        let file = self.files.get(*self.by_name.get(file)?)?;
        Some(&file.file.package)
    }

    /// The files that somebody asked for.
    pub(super) fn targets(&self) -> impl Iterator<Item = &FileAt<'a>> {
        self.files.iter().filter(|file| file.target)
    }

    /// By a full name, with or without the leading dot, and its file.
    pub(super) fn message(&self, name: &str) -> Option<(&FileAt<'a>, &At<'a, Message>)> {
        let (file, at) = self.messages.get(name.trim_start_matches('.'))?;
        let file = self.files.get(*file)?;
        Some((file, file.messages.get(*at)?))
    }

    /// The messages of which `is` holds, and those with a field, however deep, of such a message. Linear.
    pub(super) fn reaching(&self, is: impl Fn(&Message) -> bool) -> HashSet<String> {
        let all = || self.files.iter().flat_map(|file| file.messages.iter().chain(&file.entries));
        let mut used_by: HashMap<&str, Vec<&str>> = HashMap::new();
        for message in all() {
            for field in message.it.field.iter().filter(|field| !field.type_name.is_empty()) {
                used_by.entry(field.type_name.trim_start_matches('.')).or_default().push(&message.name);
            }
        }
        let mut pending: Vec<&str> = all().filter(|at| is(at.it)).map(|at| at.name.as_str()).collect();
        let mut reached = HashSet::new();
        while let Some(name) = pending.pop() {
            if reached.insert(name.to_owned()) {
                pending.extend(used_by.get(name).into_iter().flatten());
            }
        }
        reached
    }

    /// The messages that `from` reach by their fields, with themselves. Linear.
    pub(super) fn reached_from<'n>(&self, from: impl IntoIterator<Item = &'n str>) -> HashSet<String> {
        let entries = self.files.iter().flat_map(|file| &file.entries);
        let entries: HashMap<&str, &Message> = entries.map(|at| (at.name.as_str(), at.it)).collect();
        let mut pending: Vec<String> =
            from.into_iter().map(|name| name.trim_start_matches('.').to_owned()).collect();
        let mut reached = HashSet::new();
        while let Some(name) = pending.pop() {
            let message =
                self.message(&name).map(|(_, at)| at.it).or_else(|| entries.get(name.as_str()).copied());
            let Some(message) = message.filter(|_| !reached.contains(&name)) else { continue };
            let types =
                message.field.iter().filter(|field| matches!(field.r#type, kind::GROUP | kind::MESSAGE));
            pending.extend(types.map(|field| field.type_name.trim_start_matches('.').to_owned()));
            reached.insert(name);
        }
        reached
    }
}

impl<'a> FileAt<'a> {
    fn of(file: &'a File, settings: &Settings) -> Self {
        let target = match &settings.targets {
            Some(targets) => targets.contains(&file.name),
            None => !is_import(file),
        };
        let places = Places::of(file);
        let (messages, enums, extensions, entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let services = (0..).zip(&file.service).map(|(at, service)| At {
            it: service,
            name: join(&file.package, &service.name),
            path: vec![6, at],
        });
        let services = services.collect();
        let mut laid = Self { file, places, target, messages, enums, extensions, services, entries };
        laid.declarations(&file.package, &[], &file.enum_type, &file.extension, [5, 7]);
        for (at, message) in (0..).zip(&file.message_type) {
            laid.message(&file.package, &[4, at], message);
        }
        laid
    }

    /// As deep as [`crate::Contract`] lets messages nest.
    fn message(&mut self, scope: &str, path: &[i32], message: &'a Message) {
        let name = join(scope, &message.name);
        self.declarations(&name, path, &message.enum_type, &message.extension, [4, 6]);
        let at = At { it: message, name: name.clone(), path: path.to_vec() };
        if options::varint(&message.options, 7).is_some_and(|entry| entry != 0) {
            self.entries.push(at);
        } else {
            self.messages.push(at);
        }
        for (at, nested) in (0..).zip(&message.nested_type) {
            self.message(&name, &[path, &[3, at]].concat(), nested);
        }
    }

    fn declarations(
        &mut self,
        scope: &str,
        path: &[i32],
        enums: &'a [Enum],
        extensions: &'a [Field],
        [of_enum, of_extension]: [i32; 2],
    ) {
        let path_of = |step: i32, at: i32| [path, &[step, at]].concat();
        self.enums.extend((0..).zip(enums).map(|(at, it)| At {
            it,
            name: join(scope, &it.name),
            path: path_of(of_enum, at),
        }));
        self.extensions.extend((0..).zip(extensions).map(|(at, it)| At {
            it,
            name: join(scope, &it.name),
            path: path_of(of_extension, at),
        }));
    }

    /// The place of a declaration, or of the part of it that `steps` lead to.
    pub(super) fn at<T>(&self, declared: &At<'_, T>, steps: &[i32]) -> Origin {
        self.places.at(&[declared.path.as_slice(), steps].concat())
    }

    /// The fields of its messages, and its extensions, each with its message's name and its own path.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &'a Field, Vec<i32>)> {
        let of_messages = self.messages.iter().flat_map(|message| {
            let fields = (0..).zip(&message.it.field);
            fields.map(|(at, field)| {
                (message.name.as_str(), field, [message.path.as_slice(), &[2, at]].concat())
            })
        });
        let extensions = self.extensions.iter().map(|at| ("", at.it, at.path.clone()));
        of_messages.chain(extensions)
    }
}

/// What a set brings besides what its author wrote, as far as that can be told.
fn is_import(file: &File) -> bool {
    file.buf.as_ref().is_some_and(|buf| buf.is_import)
        || EMBEDDED.iter().any(|(name, _)| *name == file.name)
        || file.name.starts_with("google/protobuf/")
}

pub(super) fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// "Money" of ".shop.money.v1.Money".
pub(super) fn own_name(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
