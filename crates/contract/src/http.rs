//! `google.api.http`: by which HTTP requests a method can be called besides gRPC
//! (<https://google.aip.dev/127>).
//!
//! Only what is written, as it is written: whether a path template is one, and which field a variable
//! names, is for whoever routes or compares.

use crate::{digest::Digest, origin::Origin};
use prost::Message as _;

/// One way to call a method by HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpBinding {
    /// "GET", "PUT", "POST", "DELETE", "PATCH", or a custom one; "*" is any.
    pub verb: String,
    /// A path template: "/v1/{name=products/*}".
    pub path: String,
    /// The field of the request that the body is; "*": all that the path does not carry; empty: no body.
    pub body: String,
    /// The field of the response that the response's body is; empty: the whole response.
    pub response_body: String,
    /// Where it is written.
    pub origin: Origin,
}

/// Bindings of one method behind those that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpBeyond {
    /// How many.
    pub count: usize,
    /// What they say, all together.
    pub digest: Digest,
}

impl HttpBeyond {
    fn of(rules: &[HttpRule]) -> Option<Self> {
        let said: Vec<u8> = rules.iter().flat_map(HttpRule::encode_length_delimited_to_vec).collect();
        (!rules.is_empty()).then(|| Self { count: rules.len(), digest: Digest::of(&said) })
    }
}

/// How one method can be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bound {
    /// The main one first.
    pub(crate) bindings: Vec<HttpBinding>,
    pub(crate) beyond: Option<HttpBeyond>,
}

/// More for one method are left out.
const MAX_BINDINGS: usize = 256;

/// The bindings that the statements of one method's option make: the main one first. What binds nothing is
/// said to `wrong`, as what follows "the option of a method".
pub(crate) fn bindings(statements: &[Vec<u8>], origin: &Origin, mut wrong: impl FnMut(String)) -> Bound {
    if statements.is_empty() {
        return Bound::default();
    }
    let rule = match HttpRule::decode(statements.concat().as_slice()) {
        Ok(rule) => rule,
        Err(error) => {
            wrong(format!("cannot be read, and binds nothing: {error}"));
            return Bound::default();
        }
    };
    let mut bindings = Vec::new();
    for (position, rule) in std::iter::once(&rule).chain(&rule.additional_bindings).enumerate() {
        if position == MAX_BINDINGS {
            wrong(format!("has more than {MAX_BINDINGS} bindings: those behind are left out"));
            break;
        }
        match rule.binding(origin) {
            Some(binding) => bindings.push(binding),
            None => wrong("has a binding without a path, which binds nothing".to_owned()),
        }
        if position > 0 && !rule.additional_bindings.is_empty() {
            wrong("has additional bindings within an additional binding, which bind nothing".to_owned());
        }
    }
    let beyond = rule.additional_bindings.get(MAX_BINDINGS - 1..).and_then(HttpBeyond::of);
    Bound { bindings, beyond }
}

/// `google.api.HttpRule`.
#[derive(Clone, PartialEq, prost::Message)]
struct HttpRule {
    #[prost(oneof = "Pattern", tags = "2, 3, 4, 5, 6, 8")]
    pattern: Option<Pattern>,
    #[prost(string, tag = "7")]
    body: String,
    #[prost(message, repeated, tag = "11")]
    additional_bindings: Vec<Self>,
    #[prost(string, tag = "12")]
    response_body: String,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Pattern {
    #[prost(string, tag = "2")]
    Get(String),
    #[prost(string, tag = "3")]
    Put(String),
    #[prost(string, tag = "4")]
    Post(String),
    #[prost(string, tag = "5")]
    Delete(String),
    #[prost(string, tag = "6")]
    Patch(String),
    #[prost(message, tag = "8")]
    Custom(Custom),
}

/// `google.api.CustomHttpPattern`.
#[derive(Clone, PartialEq, prost::Message)]
struct Custom {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    path: String,
}

impl HttpRule {
    fn binding(&self, origin: &Origin) -> Option<HttpBinding> {
        let (verb, path) = match self.pattern.as_ref()? {
            Pattern::Get(path) => ("GET", path),
            Pattern::Put(path) => ("PUT", path),
            Pattern::Post(path) => ("POST", path),
            Pattern::Delete(path) => ("DELETE", path),
            Pattern::Patch(path) => ("PATCH", path),
            Pattern::Custom(custom) => (custom.kind.as_str(), &custom.path),
        };
        if path.is_empty() {
            return None;
        }
        Some(HttpBinding {
            verb: verb.to_owned(),
            path: path.clone(),
            body: self.body.clone(),
            response_body: self.response_body.clone(),
            origin: origin.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_merged_and_additional_bindings_follow() {
        // get: "/v1/a", then body: "b", then additional_bindings { custom { kind: "HEAD" path: "/h" } }.
        let statements = [
            b"\x12\x05/v1/a".to_vec(),
            b"\x3a\x01b".to_vec(),
            b"\x5a\x0c\x42\x0a\x0a\x04HEAD\x12\x02/h".to_vec(),
        ];
        let found = bindings(&statements, &Origin::Default, |wrong| panic!("{wrong}")).bindings;
        let shown: Vec<_> =
            found.iter().map(|b| (b.verb.as_str(), b.path.as_str(), b.body.as_str())).collect();
        assert_eq!(shown, [("GET", "/v1/a", "b"), ("HEAD", "/h", "")]);
    }

    #[test]
    fn what_binds_nothing_is_said() {
        let additional = b"\x5a\x04\x12\x02/h".to_vec();
        for (statements, bound, said) in [
            (vec![], 0, ""),
            (vec![vec![0x12, 0x7f]], 0, "cannot be read, and binds nothing: "),
            (vec![vec![]], 0, "has a binding without a path, which binds nothing"),
            (vec![b"\x12\x00".to_vec()], 0, "has a binding without a path, which binds nothing"),
            (vec![additional.clone()], 1, "has a binding without a path, which binds nothing"),
            (
                vec![b"\x12\x02/a".to_vec(), b"\x5a\x0a\x12\x02/h\x5a\x04\x12\x02/i".to_vec()],
                2,
                "has additional bindings within an additional binding, which bind nothing",
            ),
            (
                vec![b"\x12\x02/a".to_vec(), additional.repeat(300)],
                256,
                "has more than 256 bindings: those behind are left out",
            ),
        ] {
            let mut wrong = Vec::new();
            let found = bindings(&statements, &Origin::Default, |reason| wrong.push(reason)).bindings;
            assert_eq!((found.len(), wrong.len()), (bound, usize::from(!said.is_empty())), "{wrong:?}");
            assert!(wrong.concat().starts_with(said), "{wrong:?}");
        }
    }

    #[test]
    fn those_behind_are_counted_and_told_apart() {
        let many = |count: usize, last: &[u8]| {
            let rules = [b"\x12\x02/a".to_vec(), b"\x5a\x04\x12\x02/h".repeat(count), last.to_vec()];
            bindings(&rules, &Origin::Default, |_| ()).beyond
        };
        let (one, other) = (b"\x5a\x04\x12\x02/x", b"\x5a\x04\x12\x02/y");
        assert_eq!(many(254, one), None);
        assert_eq!(many(255, one).unwrap().count, 1);
        assert_eq!(many(256, one), many(256, one));
        assert_ne!(many(256, one), many(256, other));
    }
}
