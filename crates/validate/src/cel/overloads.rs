//! Every function there is: CEL's own, those of its strings extension, and protovalidate's.
//!
//! Sources: <https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions>,
//! <https://github.com/google/cel-go/blob/master/ext/strings.go>, and protovalidate's
//! <https://github.com/bufbuild/protovalidate-go/blob/main/cel/library.go>.

use super::types::Ty;

/// What is done, whatever the types of the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub(super) enum Func {
    // Conversions.
    ToBool, ToBytes, ToDouble, ToDuration, ToDyn, ToInt, ToString, ToTimestamp, ToUint, TypeOf,
    // Of several types.
    Contains, EndsWith, Matches, Size, StartsWith,
    // Time.
    Date, DayOfMonth, DayOfWeek, DayOfYear, FullYear, Hours, Milliseconds, Minutes, Month, Seconds,
    // The strings extension.
    CharAt, Format, IndexOf, Join, LastIndexOf, LowerAscii, Quote, Replace, Reverse, Split, Substring, Trim,
    UpperAscii,
    // Protovalidate's.
    GetField, IsEmail, IsHostAndPort, IsHostname, IsInf, IsIp, IsIpPrefix, IsNan, IsUri, IsUriRef, Unique,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Param {
    Dyn,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    Type,
    AnyList,
    AnyMap,
    ListOf(&'static Self),
}

impl Param {
    pub(super) fn ty(self) -> Ty {
        match self {
            Self::Dyn => Ty::Dyn,
            Self::Bool => Ty::Bool,
            Self::Int => Ty::Int,
            Self::Uint => Ty::Uint,
            Self::Double => Ty::Double,
            Self::String => Ty::String,
            Self::Bytes => Ty::Bytes,
            Self::Duration => Ty::Duration,
            Self::Timestamp => Ty::Timestamp,
            Self::Type => Ty::Type,
            Self::AnyList => Ty::list(Ty::Dyn),
            Self::AnyMap => Ty::map(Ty::Dyn, Ty::Dyn),
            Self::ListOf(item) => Ty::list(item.ty()),
        }
    }
}

/// One form of a function.
pub(super) struct Overload {
    pub(super) name: &'static str,
    /// Whether it is called as `target.name(…)`; the target is the first argument then.
    pub(super) member: bool,
    pub(super) arguments: &'static [Param],
    pub(super) result: Param,
    pub(super) func: Func,
}

const fn global(name: &'static str, arguments: &'static [Param], result: Param, func: Func) -> Overload {
    Overload { name, member: false, arguments, result, func }
}

const fn member(name: &'static str, arguments: &'static [Param], result: Param, func: Func) -> Overload {
    Overload { name, member: true, arguments, result, func }
}

use Func as F;
use Param::{
    AnyList, AnyMap, Bool as B, Bytes as Y, Double as D, Duration as U, Dyn, Int as I, ListOf, String as S,
    Timestamp as T, Type, Uint as N,
};

/// All of them.
#[rustfmt::skip]
pub(super) static OVERLOADS: &[Overload] = &[
    global("bool", &[B], B, F::ToBool), global("bool", &[S], B, F::ToBool),
    global("bytes", &[Y], Y, F::ToBytes), global("bytes", &[S], Y, F::ToBytes),
    global("double", &[D], D, F::ToDouble), global("double", &[I], D, F::ToDouble),
    global("double", &[N], D, F::ToDouble), global("double", &[S], D, F::ToDouble),
    global("duration", &[U], U, F::ToDuration), global("duration", &[S], U, F::ToDuration),
    global("dyn", &[Dyn], Dyn, F::ToDyn),
    global("int", &[I], I, F::ToInt), global("int", &[D], I, F::ToInt), global("int", &[U], I, F::ToInt),
    global("int", &[S], I, F::ToInt), global("int", &[T], I, F::ToInt), global("int", &[N], I, F::ToInt),
    global("string", &[S], S, F::ToString), global("string", &[B], S, F::ToString),
    global("string", &[Y], S, F::ToString), global("string", &[D], S, F::ToString),
    global("string", &[U], S, F::ToString), global("string", &[I], S, F::ToString),
    global("string", &[T], S, F::ToString), global("string", &[N], S, F::ToString),
    global("timestamp", &[T], T, F::ToTimestamp), global("timestamp", &[I], T, F::ToTimestamp),
    global("timestamp", &[S], T, F::ToTimestamp),
    global("uint", &[N], N, F::ToUint), global("uint", &[D], N, F::ToUint),
    global("uint", &[I], N, F::ToUint), global("uint", &[S], N, F::ToUint),
    global("type", &[Dyn], Type, F::TypeOf),

    global("size", &[S], I, F::Size), global("size", &[Y], I, F::Size),
    global("size", &[AnyList], I, F::Size), global("size", &[AnyMap], I, F::Size),
    member("size", &[S], I, F::Size), member("size", &[Y], I, F::Size),
    member("size", &[AnyList], I, F::Size), member("size", &[AnyMap], I, F::Size),
    member("contains", &[S, S], B, F::Contains), member("contains", &[Y, Y], B, F::Contains),
    member("endsWith", &[S, S], B, F::EndsWith), member("endsWith", &[Y, Y], B, F::EndsWith),
    member("startsWith", &[S, S], B, F::StartsWith), member("startsWith", &[Y, Y], B, F::StartsWith),
    member("matches", &[S, S], B, F::Matches), global("matches", &[S, S], B, F::Matches),

    member("getDate", &[T], I, F::Date), member("getDate", &[T, S], I, F::Date),
    member("getDayOfMonth", &[T], I, F::DayOfMonth), member("getDayOfMonth", &[T, S], I, F::DayOfMonth),
    member("getDayOfWeek", &[T], I, F::DayOfWeek), member("getDayOfWeek", &[T, S], I, F::DayOfWeek),
    member("getDayOfYear", &[T], I, F::DayOfYear), member("getDayOfYear", &[T, S], I, F::DayOfYear),
    member("getFullYear", &[T], I, F::FullYear), member("getFullYear", &[T, S], I, F::FullYear),
    member("getMonth", &[T], I, F::Month), member("getMonth", &[T, S], I, F::Month),
    member("getHours", &[T], I, F::Hours), member("getHours", &[T, S], I, F::Hours),
    member("getHours", &[U], I, F::Hours),
    member("getMinutes", &[T], I, F::Minutes), member("getMinutes", &[T, S], I, F::Minutes),
    member("getMinutes", &[U], I, F::Minutes),
    member("getSeconds", &[T], I, F::Seconds), member("getSeconds", &[T, S], I, F::Seconds),
    member("getSeconds", &[U], I, F::Seconds),
    member("getMilliseconds", &[T], I, F::Milliseconds), member("getMilliseconds", &[T, S], I, F::Milliseconds),
    member("getMilliseconds", &[U], I, F::Milliseconds),

    member("charAt", &[S, I], S, F::CharAt),
    member("format", &[S, AnyList], S, F::Format),
    member("indexOf", &[S, S], I, F::IndexOf), member("indexOf", &[S, S, I], I, F::IndexOf),
    member("join", &[ListOf(&S)], S, F::Join), member("join", &[ListOf(&S), S], S, F::Join),
    member("lastIndexOf", &[S, S], I, F::LastIndexOf), member("lastIndexOf", &[S, S, I], I, F::LastIndexOf),
    member("lowerAscii", &[S], S, F::LowerAscii), member("upperAscii", &[S], S, F::UpperAscii),
    global("strings.quote", &[S], S, F::Quote),
    member("replace", &[S, S, S], S, F::Replace), member("replace", &[S, S, S, I], S, F::Replace),
    member("reverse", &[S], S, F::Reverse),
    member("split", &[S, S], ListOf(&S), F::Split), member("split", &[S, S, I], ListOf(&S), F::Split),
    member("substring", &[S, I], S, F::Substring), member("substring", &[S, I, I], S, F::Substring),
    member("trim", &[S], S, F::Trim),

    global("getField", &[Dyn, S], Dyn, F::GetField),
    member("isEmail", &[S], B, F::IsEmail),
    member("isHostAndPort", &[S, B], B, F::IsHostAndPort),
    member("isHostname", &[S], B, F::IsHostname),
    member("isInf", &[D], B, F::IsInf), member("isInf", &[D, I], B, F::IsInf),
    member("isIp", &[S], B, F::IsIp), member("isIp", &[S, I], B, F::IsIp),
    member("isIpPrefix", &[S], B, F::IsIpPrefix), member("isIpPrefix", &[S, I], B, F::IsIpPrefix),
    member("isIpPrefix", &[S, B], B, F::IsIpPrefix), member("isIpPrefix", &[S, I, B], B, F::IsIpPrefix),
    member("isNan", &[D], B, F::IsNan),
    member("isUri", &[S], B, F::IsUri), member("isUriRef", &[S], B, F::IsUriRef),
    member("unique", &[ListOf(&B)], B, F::Unique), member("unique", &[ListOf(&I)], B, F::Unique),
    member("unique", &[ListOf(&N)], B, F::Unique), member("unique", &[ListOf(&D)], B, F::Unique),
    member("unique", &[ListOf(&S)], B, F::Unique), member("unique", &[ListOf(&Y)], B, F::Unique),
];
