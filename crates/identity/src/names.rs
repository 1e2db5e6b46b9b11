//! Trust domains, workloads and SPIFFE IDs (SPIFFE-ID specification, section 2).

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A text that is no name of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind}: {want}")]
pub struct NameError {
    /// What was given.
    pub text: String,
    /// What it should have been.
    pub kind: &'static str,
    /// What would be right.
    pub want: &'static str,
}

/// "treaty.local". Lower-case letters, digits, dots, dashes, underscores; at most 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrustDomain(String);

/// "shop/orders": a namespace and an account, both RFC 1123 labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkloadId {
    namespace: String,
    account: String,
}

/// "spiffe://treaty.local/ns/shop/sa/orders". Only workloads of this form have identities here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SpiffeId {
    trust_domain: TrustDomain,
    workload: WorkloadId,
}

impl TrustDomain {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl WorkloadId {
    /// The part before the slash.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
    /// The part behind the slash.
    pub fn account(&self) -> &str {
        &self.account
    }
}

impl SpiffeId {
    /// The identity of a workload.
    pub const fn new(trust_domain: TrustDomain, workload: WorkloadId) -> Self {
        Self { trust_domain, workload }
    }
    /// The trust domain.
    pub const fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }
    /// The workload.
    pub const fn workload(&self) -> &WorkloadId {
        &self.workload
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for WorkloadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.account)
    }
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trust_domain, workload } = self;
        write!(f, "spiffe://{trust_domain}/ns/{}/sa/{}", workload.namespace, workload.account)
    }
}

impl FromStr for TrustDomain {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
        if !text.is_empty() && text.len() <= 255 && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        let want = "write lower-case letters, digits, dots, dashes and underscores, at most 255";
        Err(NameError { text: text.to_owned(), kind: "trust domain", want })
    }
}

impl FromStr for WorkloadId {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once('/') {
            Some((namespace, account)) if is_label(namespace) && is_label(account) => {
                Ok(Self { namespace: namespace.to_owned(), account: account.to_owned() })
            }
            _ => {
                let want = "write \"namespace/account\", each of lower-case letters, digits and dashes";
                Err(NameError { text: text.to_owned(), kind: "workload", want })
            }
        }
    }
}

impl FromStr for SpiffeId {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let parse = || {
            let (trust_domain, path) = text.strip_prefix("spiffe://")?.split_once('/')?;
            let (namespace, account) = path.strip_prefix("ns/")?.split_once("/sa/")?;
            Some(Self::new(trust_domain.parse().ok()?, format!("{namespace}/{account}").parse().ok()?))
        };
        let want = "write \"spiffe://<trust-domain>/ns/<namespace>/sa/<account>\"";
        parse().ok_or_else(|| NameError { text: text.to_owned(), kind: "SPIFFE ID of a workload", want })
    }
}

/// RFC 1123 label.
fn is_label(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= 63
        && text.bytes().next().is_some_and(alphanumeric)
        && text.bytes().last().is_some_and(alphanumeric)
        && text.bytes().all(|b| alphanumeric(b) || b == b'-')
}

/// The string forms of the names, for serde.
macro_rules! as_string {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }
    )*};
}
as_string!(TrustDomain, WorkloadId, SpiffeId);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_identity_is_its_text() {
        let text = "spiffe://treaty.local/ns/shop/sa/orders";
        let id: SpiffeId = text.parse().unwrap();
        assert_eq!(id.workload().to_string(), "shop/orders");
        assert_eq!(id.to_string(), text);
    }

    #[test]
    fn what_only_looks_like_an_identity_is_none() {
        for text in [
            "",
            "spiffe://",
            "spiffe://treaty.local",
            "spiffe://treaty.local/",
            "spiffe://Treaty.local/ns/shop/sa/orders",
            "SPIFFE://treaty.local/ns/shop/sa/orders",
            "https://treaty.local/ns/shop/sa/orders",
            "spiffe://user@treaty.local/ns/shop/sa/orders",
            "spiffe://treaty.local:443/ns/shop/sa/orders",
            "spiffe://treaty.local/ns/shop/sa/orders/",
            "spiffe://treaty.local/ns/shop/sa/orders?x=1",
            "spiffe://treaty.local/ns/shop/sa/orders#x",
            "spiffe://treaty.local/ns/shop/../sa/orders",
            "spiffe://treaty.local/ns/shop/sa/orders\0",
            "spiffe://treaty.local/ns/shop/sa/%6frders",
            "spiffe://treaty.local/ns//sa/orders",
            "spiffe://treaty.local/ns/shop/sa/a/sa/b",
        ] {
            assert!(text.parse::<SpiffeId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn good_names_survive(td in "[a-z0-9._-]{1,40}", ns in "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", sa in "[a-z]") {
            let id = SpiffeId::new(td.parse().unwrap(), format!("{ns}/{sa}").parse().unwrap());
            prop_assert_eq!(id.to_string().parse::<SpiffeId>(), Ok(id));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = (text.parse::<TrustDomain>(), text.parse::<WorkloadId>(), text.parse::<SpiffeId>());
            let tail = format!("spiffe://{text}");
            prop_assert!(tail.parse::<SpiffeId>().map_or(true, |id| id.to_string() == tail));
        }
    }
}
