//! Names and numbers of enums.

use super::names::{pascal, upper_snake};
use crate::lint::{
    judge::Judge,
    set::{At, FileAt, descriptor::Enum, options},
};

pub(super) fn check(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    for at in &file.enums {
        of_enum(file, at, judge);
        values(file, at, judge);
    }
}

fn of_enum(file: &FileAt<'_>, at: &At<'_, Enum>, judge: &mut Judge<'_>) {
    let name = &at.it.name;
    if pascal(name) != *name {
        let message = format!("the enum `{name}` is not in PascalCase");
        judge.found("enum-pascal-case", file.at(at, &[]), message, format!("write `{}`", pascal(name)));
    }
    if options::varint(&at.it.options, ALLOW_ALIAS).is_some_and(|alias| alias != 0) {
        let message = format!("the enum `{name}` gives one number several names");
        let remedy = "take `allow_alias` away, and all names but one";
        judge.found("enum-no-allow-alias", file.at(at, &[3, 2]), message, remedy);
    }
    if let Some(first) = at.it.value.first().filter(|value| value.number != 0) {
        let message = format!("the first value of `{name}` is {}, not 0", first.number);
        let remedy = format!("begin with `{}_UNSPECIFIED = 0;`", upper_snake(name));
        judge.found("enum-first-value-zero", file.at(at, &[2, 0]), message, remedy);
    }
}

fn values(file: &FileAt<'_>, at: &At<'_, Enum>, judge: &mut Judge<'_>) {
    let prefix = format!("{}_", upper_snake(&at.it.name));
    let suffix = judge.settings.enum_zero_value_suffix.clone();
    for (position, value) in (0..).zip(&at.it.value) {
        let name = &value.name;
        if upper_snake(name) != *name {
            let message = format!("the value `{name}` is not in UPPER_SNAKE_CASE");
            let remedy = format!("write `{}`", upper_snake(name));
            judge.found("enum-value-upper-snake-case", file.at(at, &[2, position]), message, remedy);
        }
        if !name.starts_with(&prefix) {
            let message = format!("the value `{name}` of `{}` does not begin with `{prefix}`", at.it.name);
            let remedy = format!(
                "write `{prefix}{name}`: in C++ and in protobuf itself, values stand beside their enum"
            );
            judge.found("enum-value-prefix", file.at(at, &[2, position]), message, remedy);
        }
        if value.number == 0 && !name.ends_with(&suffix) {
            let message = format!("the zero value `{name}` does not end with `{suffix}`");
            let remedy =
                format!("begin with `{}{} = 0;`, which nobody sends", prefix.trim_end_matches('_'), suffix);
            judge.found("enum-zero-value-suffix", file.at(at, &[2, position]), message, remedy);
        }
    }
}

/// `google.protobuf.EnumOptions.allow_alias`.
const ALLOW_ALIAS: u32 = 2;
