//! Imports that nothing needs.
//!
//! A file is needed for a type that it declares, or for an option: a field of an options message whose number
//! its extension has, however deep within other options. What it imports publicly counts as its own.

use crate::lint::{
    judge::Judge,
    set::{FileAt, Set, descriptor::Field, options},
};
use std::collections::{HashMap, HashSet};

pub(super) fn check(set: &Set<'_>, judge: &mut Judge<'_>) {
    if !judge.wants("import-used") {
        return;
    }
    let declared = Declared::of(set);
    for (number, file) in set.files.iter().enumerate().filter(|(_, file)| file.target) {
        let needed = declared.needed(set, file);
        for (position, import) in (0..).zip(&file.file.dependency) {
            let public = file.file.public_dependency.contains(&position);
            let Some(imported) = declared.files.get(import.as_str()) else { continue };
            if public || *imported == number || declared.offers(*imported, &needed) {
                continue;
            }
            let message = format!("nothing of `{import}` is used");
            judge.found("import-used", file.places.at(&[3, position]), message, "take the import away");
        }
    }
}

/// Where everything is declared.
struct Declared<'a> {
    files: HashMap<&'a str, usize>,
    types: HashMap<&'a str, usize>,
    /// By what they extend and their number: where, and the type of its value.
    extensions: HashMap<(&'a str, i32), (usize, &'a str)>,
    /// Types of fields, by message and number.
    fields: HashMap<(&'a str, i32), &'a str>,
    /// What each file imports publicly.
    public: Vec<Vec<usize>>,
}

/// As deep as anybody writes options.
const MAX_DEPTH: u32 = 32;

impl<'a> Declared<'a> {
    fn of(set: &'a Set<'_>) -> Self {
        let files: HashMap<&str, usize> =
            set.files.iter().enumerate().map(|(number, file)| (file.file.name.as_str(), number)).collect();
        let (mut types, mut extensions, mut fields) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (number, file) in set.files.iter().enumerate() {
            for message in file.messages.iter().chain(&file.entries) {
                types.insert(message.name.as_str(), number);
                let typed = message.it.field.iter().filter(|field| !field.type_name.is_empty());
                fields.extend(typed.map(|field| ((message.name.as_str(), field.number), type_of(field))));
            }
            types.extend(file.enums.iter().map(|at| (at.name.as_str(), number)));
            for extension in &file.extensions {
                let extendee = extension.it.extendee.trim_start_matches('.');
                extensions.insert((extendee, extension.it.number), (number, type_of(extension.it)));
            }
        }
        let public = set.files.iter().map(|file| public(file, &files)).collect();
        Self { files, types, extensions, fields, public }
    }

    /// Whether `file`, or what it imports publicly, by whatever detour, is among `needed`.
    fn offers(&self, file: usize, needed: &HashSet<usize>) -> bool {
        let (mut pending, mut seen) = (vec![file], HashSet::new());
        while let Some(file) = pending.pop() {
            if needed.contains(&file) {
                return true;
            }
            if seen.insert(file) {
                pending.extend(self.public.get(file).into_iter().flatten());
            }
        }
        false
    }

    /// The files whose declarations `file` uses.
    fn needed(&self, set: &'a Set<'_>, file: &FileAt<'_>) -> HashSet<usize> {
        let mut needed = HashSet::new();
        let mut options = vec![("FileOptions", &file.file.options)];
        for message in file.messages.iter().chain(&file.entries) {
            options.push(("MessageOptions", &message.it.options));
            options.extend(message.it.oneof_decl.iter().map(|oneof| ("OneofOptions", &oneof.options)));
            options.extend(
                message.it.extension_range.iter().map(|range| ("ExtensionRangeOptions", &range.options)),
            );
            for field in &message.it.field {
                needed.extend(self.types.get(type_of(field)));
                options.push(("FieldOptions", &field.options));
            }
        }
        for extension in &file.extensions {
            needed.extend(self.types.get(type_of(extension.it)));
            needed.extend(self.types.get(extension.it.extendee.trim_start_matches('.')));
            options.push(("FieldOptions", &extension.it.options));
        }
        for at in &file.enums {
            options.push(("EnumOptions", &at.it.options));
            options.extend(at.it.value.iter().map(|value| ("EnumValueOptions", &value.options)));
        }
        for at in &file.services {
            options.push(("ServiceOptions", &at.it.options));
            for method in &at.it.method {
                needed.extend(self.types.get(method.input_type.trim_start_matches('.')));
                needed.extend(self.types.get(method.output_type.trim_start_matches('.')));
                options.push(("MethodOptions", &method.options));
            }
        }
        for (name, statements) in options {
            let name = format!("google.protobuf.{name}");
            statements.iter().for_each(|bytes| self.in_options(&name, bytes, &mut needed, 0));
        }
        // Options may be imported for themselves (edition 2024).
        let option_imports =
            file.file.option_dependency.iter().filter_map(|name| self.files.get(name.as_str()));
        needed.extend(option_imports.filter(|number| **number < set.files.len()));
        needed
    }

    fn in_options(&self, message: &str, bytes: &[u8], needed: &mut HashSet<usize>, depth: u32) {
        for (number, value) in options::numbers(bytes) {
            let Ok(number) = i32::try_from(number) else { continue };
            let of_type = match self.extensions.get(&(message, number)) {
                Some((file, of_type)) => {
                    needed.insert(*file);
                    *of_type
                }
                None => self.fields.get(&(message, number)).copied().unwrap_or_default(),
            };
            if let Some(inner) = value.filter(|_| !of_type.is_empty() && depth < MAX_DEPTH) {
                self.in_options(of_type, inner, needed, depth + 1);
            }
        }
    }
}

fn type_of(field: &Field) -> &str {
    field.type_name.trim_start_matches('.')
}

fn public(file: &FileAt<'_>, files: &HashMap<&str, usize>) -> Vec<usize> {
    let import = |position: &i32| {
        let name = file.file.dependency.get(usize::try_from(*position).ok()?)?;
        files.get(name.as_str()).copied()
    };
    file.file.public_dependency.iter().filter_map(import).collect()
}
