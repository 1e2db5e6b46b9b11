//! The rules of messages.

use super::Rule;
use crate::level::Level::{Breaking, Lossy, Safe};

const fn rule(
    id: &'static str,
    levels: &'static [crate::level::Level],
    buf: &'static [&'static str],
    summary: &'static str,
) -> Rule {
    Rule { id, summary, levels, buf }
}

const TYPES: &[&str] = &["FIELD_WIRE_COMPATIBLE_TYPE", "FIELD_WIRE_JSON_COMPATIBLE_TYPE", "FIELD_SAME_TYPE"];
const CARDINALITY: &[&str] = &[
    "FIELD_WIRE_COMPATIBLE_CARDINALITY",
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
    "FIELD_SAME_CARDINALITY",
];
const UNRESERVED: &[&str] =
    &["FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", "FIELD_NO_DELETE_UNLESS_NAME_RESERVED"];
const VALUE_UNRESERVED: &[&str] =
    &["ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED"];

pub(super) const STRUCTURE: &[Rule] = &[
    rule("field-type", &[Breaking, Lossy], TYPES, "What is written is no value of the type that reads it."),
    rule(
        "field-range",
        &[Lossy, Breaking],
        TYPES,
        "Some numbers that are written do not fit the type that reads them.",
    ),
    rule(
        "field-delimiting",
        &[Breaking],
        TYPES,
        "One side delimits a message by its length, the other by tags.",
    ),
    rule(
        "field-cardinality",
        &[Breaking, Lossy],
        CARDINALITY,
        "One side has a single value, the other a list or a map.",
    ),
    rule(
        "field-number-reused",
        &[Breaking],
        &["FIELD_SAME_NAME"],
        "The number of a removed field was given to another.",
    ),
    rule(
        "field-renumbered",
        &[Breaking],
        &["FIELD_SAME_NAME", "FIELD_NO_DELETE"],
        "A field has another number.",
    ),
    rule(
        "field-renamed",
        &[Breaking],
        &["FIELD_SAME_JSON_NAME", "FIELD_SAME_NAME"],
        "A field has another name in JSON.",
    ),
    rule("field-only-written", &[Breaking, Lossy], &["FIELD_NO_DELETE"], "The reader does not know a field."),
    rule(
        "field-only-read",
        &[Lossy],
        &["FIELD_NO_DELETE"],
        "The provider does not send a field that the consumer reads.",
    ),
    rule(
        "field-required",
        &[Breaking],
        &["MESSAGE_SAME_REQUIRED_FIELDS"],
        "The reader requires what the writer may leave out.",
    ),
    rule(
        "field-presence",
        &[Lossy],
        &["FIELD_SAME_CARDINALITY"],
        "The reader cannot tell zero from absence, and the writer can.",
    ),
    rule("field-default", &[Lossy], &["FIELD_SAME_DEFAULT"], "An absent field means something else."),
    rule(
        "field-number-used-before",
        &[Safe],
        &[],
        "A number that the consumer does not know meant something else in older versions.",
    ),
    rule("field-unreserved", &[Safe], UNRESERVED, "A field that the provider does not have is not reserved."),
    rule(
        "oneof-joined",
        &[Breaking, Lossy],
        &["FIELD_SAME_ONEOF"],
        "Fields that were independent exclude each other to the reader.",
    ),
    rule(
        "oneof-member-unknown",
        &[Lossy],
        &["FIELD_SAME_ONEOF", "ONEOF_NO_DELETE"],
        "The reader does not know a member of a oneof: it sees none set.",
    ),
    rule(
        "enum-value-unknown",
        &[Breaking, Lossy],
        &["ENUM_VALUE_NO_DELETE"],
        "The reader does not know a value of an enum.",
    ),
    rule(
        "enum-value-renumbered",
        &[Breaking],
        &["ENUM_VALUE_SAME_NAME"],
        "A value of an enum has another number.",
    ),
    rule(
        "enum-value-renamed",
        &[Breaking],
        &["ENUM_VALUE_SAME_NAME"],
        "A value of an enum has another name, and JSON carries names.",
    ),
    rule(
        "enum-value-unreserved",
        &[Safe],
        VALUE_UNRESERVED,
        "A value that the provider does not have is not reserved.",
    ),
    rule("json-form", &[Breaking, Lossy], TYPES, "A well-known type has another form in JSON."),
    rule(
        "message-set",
        &[Breaking],
        &["MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT"],
        "One side uses the message set wire format, the other does not.",
    ),
    rule(
        "message-deleted",
        &[Breaking],
        &["MESSAGE_NO_DELETE", "PACKAGE_MESSAGE_NO_DELETE"],
        "A message type is gone; only where all types are compared.",
    ),
    rule(
        "reserved-deleted",
        &[Safe],
        &["RESERVED_MESSAGE_NO_DELETE", "RESERVED_ENUM_NO_DELETE"],
        "The provider no longer reserves what the consumer's view does.",
    ),
    rule(
        "text-validation",
        &[Safe],
        &["FIELD_SAME_UTF8_VALIDATION"],
        "The reader refuses text that is not UTF-8, and the writer does not look.",
    ),
    rule(
        "any-content",
        &[Lossy, Safe],
        &[],
        "What an Any might hold the reader does not know, or reads otherwise.",
    ),
    rule(
        "comparison-too-large",
        &[Breaking, Safe],
        &[],
        "More pairs of message types are reached, or HTTP bindings there, than are compared: the rest is not judged.",
    ),
    rule("findings-omitted", &[Safe, Lossy, Breaking], &[], "One comparison found more than it explains."),
];
