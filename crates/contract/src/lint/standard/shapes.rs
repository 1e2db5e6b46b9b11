//! Names of files, messages, fields, oneofs, services and methods.

use super::names::{lower_snake, pascal};
use crate::lint::{
    judge::Judge,
    set::{FileAt, descriptor::kind, options},
};

pub(super) fn check(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    of_file(file, judge);
    for at in &file.messages {
        let name = &at.it.name;
        if pascal(name) != *name {
            let message = format!("the message `{name}` is not in PascalCase");
            judge.found(
                "message-pascal-case",
                file.at(at, &[]),
                message,
                format!("write `{}`", pascal(name)),
            );
        }
        let optional = at.it.optionals();
        for (position, oneof) in (0..).zip(&at.it.oneof_decl) {
            let name = &oneof.name;
            if !optional.contains(&position) && lower_snake(name) != *name {
                let message = format!("the oneof `{name}` is not in lower_snake_case");
                let remedy = format!("write `{}`", lower_snake(name));
                judge.found("oneof-lower-snake-case", file.at(at, &[8, position]), message, remedy);
            }
        }
    }
    fields(file, judge);
    services(file, judge);
}

fn fields(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    for (_, field, path) in file.fields() {
        let name = &field.name;
        if field.r#type != kind::GROUP && lower_snake(name) != *name {
            let message = format!("the field `{name}` is not in lower_snake_case");
            let remedy = format!("write `{}`", lower_snake(name));
            judge.found("field-lower-snake-case", file.places.at(&path), message, remedy);
        }
        let legacy = options::message(&field.options, 21)
            .is_some_and(|features| options::varint_in(&features, 1) == Some(LEGACY_REQUIRED));
        if field.label == kind::REQUIRED || legacy {
            let message = format!("the field `{name}` is required");
            let remedy = "make it optional, and ask for it with (buf.validate.field).required";
            judge.found("field-not-required", file.places.at(&path), message, remedy);
        }
    }
}

fn services(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    for at in &file.services {
        let name = &at.it.name;
        if pascal(name) != *name {
            let message = format!("the service `{name}` is not in PascalCase");
            judge.found(
                "service-pascal-case",
                file.at(at, &[]),
                message,
                format!("write `{}`", pascal(name)),
            );
        }
        let suffix = &judge.settings.service_suffix;
        if !name.ends_with(suffix.as_str()) {
            let message = format!("the service `{name}` does not end with `{suffix}`");
            let remedy = format!("write `{name}{suffix}`");
            judge.found("service-suffix", file.at(at, &[]), message, remedy);
        }
        for (position, method) in (0..).zip(&at.it.method) {
            let name = &method.name;
            if pascal(name) != *name {
                let message = format!("the method `{name}` is not in PascalCase");
                let remedy = format!("write `{}`", pascal(name));
                judge.found("rpc-pascal-case", file.at(at, &[2, position]), message, remedy);
            }
        }
    }
}

/// `google.protobuf.FeatureSet.LEGACY_REQUIRED`.
const LEGACY_REQUIRED: u64 = 3;

fn of_file(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    let name = file.file.name.rsplit('/').next().unwrap_or_default();
    let stem = name.strip_suffix(".proto").unwrap_or(name);
    if lower_snake(stem) != stem {
        let message = format!("the file `{name}` is not in lower_snake_case");
        let remedy = format!("name it `{}.proto`", lower_snake(stem));
        judge.found("file-lower-snake-case", file.places.file(), message, remedy);
    }
    let said_by_buf = file.file.buf.as_ref().map(|buf| buf.is_syntax_unspecified);
    // A set says proto2 where nobody said anything; its places tell the two apart.
    let unwritten = file.places.is_known() && file.places.location(&[12]).is_none();
    if file.file.syntax.is_empty() && file.file.edition == 0 && said_by_buf.unwrap_or(unwritten) {
        let message = format!("`{name}` does not say its syntax: it is proto2");
        judge.found("syntax-specified", file.places.file(), message, "begin with `syntax = \"proto3\";`");
    }
}
