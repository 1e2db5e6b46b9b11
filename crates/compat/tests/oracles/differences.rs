//! Where buf says otherwise, and why we do. A difference that is not here fails the test; so does one whose vector no
//! longer shows it.

use crate::buf::{Said, Version};
use testkit::versions::Change;

/// A difference that is meant.
pub(crate) struct Difference {
    pub(crate) reason: &'static str,
    change: Change,
    syntax: &'static str,
    old: &'static str,
    new: &'static str,
    pub(crate) covers: fn(&Said<'_>) -> bool,
}

impl Difference {
    /// What shows it.
    pub(crate) fn vector(&self) -> Version {
        // What changes its syntax says so.
        let text = |body: &str| {
            let (syntax, body) =
                body.strip_prefix("proto2 ").map_or((self.syntax, body), |body| ("proto2", body));
            format!("syntax = \"{syntax}\";\npackage p;\n{body}\n")
        };
        Version { change: self.change, old: text(self.old), new: text(self.new) }
    }
}

pub(crate) const MEANT: [Difference; 22] = [
    Difference {
        reason: "buf passes a field that is gone and reserved: what is written is lost, what is read is missing",
        change: Change::RemoveFieldReserved,
        syntax: "proto3",
        old: "message M { int32 a = 1; int32 b = 2; }",
        new: "message M { int32 a = 1; reserved 2; reserved \"b\"; }",
        covers: |said| {
            said.version.change == Change::RemoveFieldReserved
                && said.only(&["field-only-written", "field-only-read", "oneof-member-unknown"])
        },
    },
    Difference {
        reason: "buf refuses a renamed message type, be it the entry of a map, named after its field: names are not on the wire",
        change: Change::RenameType,
        syntax: "proto3",
        old: "message M { P a = 1; } message P { int32 x = 1; }",
        new: "message M { R a = 1; } message R { int32 x = 1; }",
        covers: |said| {
            matches!(said.version.change, Change::RenameType | Change::CopyType | Change::Rename)
                && said.ours.is_empty()
                && said.buf_only(&["COMPATIBLE_TYPE"])
        },
    },
    Difference {
        reason: "buf refuses a field that moves into or out of a oneof of its own: nothing is lost",
        change: Change::Oneof,
        syntax: "proto3",
        old: "message M { optional int32 a = 1; }",
        new: "message M { oneof o { int32 a = 1; } }",
        covers: |said| {
            said.version.change == Change::Oneof
                && said.ours.is_empty()
                && said.buf_only(&["FIELD_SAME_ONEOF"])
        },
    },
    Difference {
        reason: "buf passes fields that exchanged their names: their values are exchanged",
        change: Change::SwapNames,
        syntax: "proto3",
        old: "message M { int32 a = 1; int32 b = 2; }",
        new: "message M { int32 b = 1; int32 a = 2; }",
        covers: |said| said.version.change == Change::SwapNames && said.only(&["field-renumbered"]),
    },
    Difference {
        reason: "buf passes a field that no longer tells zero from nothing: a zero that was set is lost",
        change: Change::Presence,
        syntax: "proto3",
        old: "message M { optional int32 a = 1; }",
        new: "message M { int32 a = 1; }",
        covers: |said| said.only(&["field-presence"]),
    },
    Difference {
        reason: "buf passes whole-number types of one encoding: what does not fit becomes another number",
        change: Change::Scalar,
        syntax: "proto3",
        old: "message M { int64 a = 1; }",
        new: "message M { int32 a = 1; }",
        covers: |said| !said.json && said.only(&["field-range"]),
    },
    Difference {
        reason: "buf passes a value that a closed enum did not have: the reader loses it",
        change: Change::AddValue,
        syntax: "proto2",
        old: "message M { optional E a = 1; } enum E { A = 0; B = 1; }",
        new: "message M { optional E a = 1; } enum E { A = 0; B = 1; C = 2; }",
        covers: |said| {
            said.version.old.starts_with("syntax = \"proto2\"") && said.only(&["enum-value-unknown"])
        },
    },
    Difference {
        reason: "buf passes an open enum that is closed now: numbers that it has no value for are lost",
        change: Change::Syntax,
        syntax: "proto3",
        old: "message M { optional E a = 1; } enum E { A = 0; B = 1; }",
        new: "proto2 message M { optional E a = 1; } enum E { A = 0; B = 1; }",
        covers: |said| {
            said.version.change == Change::Syntax && said.only(&["enum-value-unknown", "field-presence"])
        },
    },
    Difference {
        reason: "buf passes a value that is gone and reserved: in JSON its name is refused",
        change: Change::RemoveValue,
        syntax: "proto3",
        old: "message M { E a = 1; } enum E { A = 0; B = 1; C = 2; }",
        new: "message M { E a = 1; } enum E { reserved 2; reserved \"C\"; A = 0; B = 1; }",
        covers: |said| {
            said.json
                && said.version.change == Change::RemoveValue
                && said.buf.is_empty()
                && said.only(&["enum-value-unknown"])
        },
    },
    Difference {
        reason: "buf passes a value that lenient readers of JSON did not know: they pass over it",
        change: Change::AddValue,
        syntax: "proto3",
        old: "message M { E a = 1; } enum E { A = 0; B = 1; }",
        new: "message M { E a = 1; } enum E { A = 0; B = 1; C = 2; }",
        covers: |said| said.json && said.only(&["enum-value-unknown"]),
    },
    Difference {
        reason: "buf passes an alias in front of a value's name: writers of JSON now write the alias",
        change: Change::AliasValue,
        syntax: "proto3",
        old: "message M { E a = 1; } enum E { A = 0; B = 1; }",
        new: "message M { E a = 1; } enum E { option allow_alias = true; A = 0; C = 1; B = 1; }",
        covers: |said| {
            said.json && said.version.change == Change::AliasValue && said.only(&["enum-value-renamed"])
        },
    },
    Difference {
        reason: "buf refuses a value of an open enum that is gone and not reserved: its number is kept, a note",
        change: Change::RemoveValue,
        syntax: "proto3",
        old: "message M { E a = 1; } enum E { A = 0; B = 1; C = 2; }",
        new: "message M { E a = 1; } enum E { A = 0; B = 1; }",
        covers: |said| !said.json && said.version.change == Change::RemoveValue && said.ours.is_empty(),
    },
    Difference {
        reason: "buf refuses another name for zero where absence stands for it: it is never written",
        change: Change::RenameValue,
        syntax: "proto3",
        old: "message M { E a = 1; } enum E { A = 0; B = 1; }",
        new: "message M { E a = 1; } enum E { Z = 0; B = 1; }",
        covers: |said| said.json && said.version.change == Change::RenameValue && said.ours.is_empty(),
    },
    Difference {
        reason: "buf refuses another default of a required field: it is never absent",
        change: Change::Default,
        syntax: "proto2",
        old: "message M { required int32 a = 1 [default = 1]; }",
        new: "message M { required int32 a = 1 [default = 2]; }",
        covers: |said| {
            said.version.change == Change::Default
                && said.ours.is_empty()
                && said.buf_only(&["FIELD_SAME_DEFAULT"])
        },
    },
    Difference {
        reason: "buf refuses a value that is gone from an enum that no message uses: nobody writes it",
        change: Change::RemoveValue,
        syntax: "proto3",
        old: "message M { int32 a = 1; } enum E { A = 0; B = 1; }",
        new: "message M { int32 a = 1; } enum E { A = 0; }",
        covers: |said| {
            said.json
                && said.version.change == Change::RemoveValue
                && said.ours.is_empty()
                && said.buf_only(&["ENUM_VALUE_NO_DELETE_UNLESS"])
        },
    },
    Difference {
        reason: "buf refuses an alias that is gone: the first name is what writers of JSON write",
        change: Change::AliasValue,
        syntax: "proto3",
        old: "message M { E a = 1; } enum E { option allow_alias = true; A = 0; B = 1; C = 1; }",
        new: "message M { E a = 1; } enum E { A = 0; B = 1; }",
        covers: |said| said.json && said.ours.is_empty() && said.buf_only(&["ENUM_VALUE_SAME_NAME"]),
    },
    Difference {
        reason: "buf refuses another `json_format` (proto3 → proto2): runtimes read and write JSON of both",
        change: Change::Syntax,
        syntax: "proto3",
        old: "message M { optional int32 a = 1; }",
        new: "proto2 message M { optional int32 a = 1; }",
        covers: |said| said.ours.is_empty() && said.buf_only(&["SAME_JSON_FORMAT"]),
    },
    Difference {
        reason: "buf refuses `reserved` taken away: nobody breaks yet, a note",
        change: Change::RemoveFieldReserved,
        syntax: "proto3",
        old: "message M { reserved 2; reserved \"b\"; int32 a = 1; }",
        new: "message M { int32 a = 1; }",
        covers: |said| said.ours.is_empty() && said.buf_only(&["RESERVED_MESSAGE", "RESERVED_ENUM"]),
    },
    Difference {
        reason: "buf refuses a required field that is optional now, whoever writes it: in a request nobody misses it",
        change: Change::Required,
        syntax: "proto2",
        old: "message M { required int32 a = 1; } message R {} service S { rpc Do(M) returns (R); }",
        new: "message M { optional int32 a = 1; } message R {} service S { rpc Do(M) returns (R); }",
        covers: |said| said.ours.is_empty() && said.buf_only(&["REQUIRED_FIELDS", "CARDINALITY"]),
    },
    Difference {
        reason: "buf refuses requests that are a stream now: one message is a stream of one",
        change: Change::Rename,
        syntax: "proto3",
        old: "message M {} message R {} service S { rpc Do(M) returns (R) { option idempotency_level = IDEMPOTENT; } }",
        new: "message M {} message R {} service S { rpc Do(stream M) returns (R) { option idempotency_level = IDEMPOTENT; } }",
        covers: |said| said.ours.is_empty() && said.buf_only(&["RPC_SAME_CLIENT_STREAMING"]),
    },
    Difference {
        reason: "buf refuses another type of the same shape: names are not on the wire",
        change: Change::CopyType,
        syntax: "proto3",
        old: "message M {} message R {} service S { rpc Do(M) returns (R); }",
        new: "message M {} message R {} service S { rpc Do(R) returns (M); }",
        covers: |said| {
            said.ours.is_empty() && said.buf_only(&["RPC_SAME_REQUEST_TYPE", "RPC_SAME_RESPONSE_TYPE"])
        },
    },
    Difference {
        reason: "buf refuses a firmer `idempotency_level`: callers may do what they did",
        change: Change::Rename,
        syntax: "proto3",
        old: "message M {} message R {} service S { rpc Do(M) returns (R); }",
        new: "message M {} message R {} service S { rpc Do(M) returns (R) { option idempotency_level = IDEMPOTENT; } }",
        covers: |said| said.ours.is_empty() && said.buf_only(&["RPC_SAME_IDEMPOTENCY_LEVEL"]),
    },
];
