//! A report of usage, as it came and as it is understood.

use crate::text::steers;
use contract::Digest;
use contracts::treaty::v1::{MethodUse, Peaks, UsageReport};
use identity::WorkloadId;
use stack::client::usage::{MAX_DEPTH, MAX_PATHS};
use std::{collections::BTreeSet, time::Duration};

/// Methods of one report.
const MAX_USES: usize = 4096;
/// Bytes of a service's or a method's name.
const MAX_NAME: usize = 256;
/// The largest number of a field (protobuf.dev, "Assigning Field Numbers").
const MAX_NUMBER: u32 = (1 << 29) - 1;

/// Calls of one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) service: String,
    pub(crate) method: String,
    pub(crate) digest: Option<Digest>,
    pub(crate) calls: u64,
    pub(crate) written: BTreeSet<Vec<u32>>,
    pub(crate) peaks: Peaks,
    /// In which time they were made.
    pub(crate) over: Option<Duration>,
    /// Who serves the method to the caller, as far as anybody does.
    pub(crate) provider: Option<WorkloadId>,
}

/// Reads a report.
///
/// # Errors
/// What no sound client says.
pub(crate) fn read(report: UsageReport) -> Result<Vec<Said>, String> {
    if report.uses.len() > MAX_USES {
        return Err(format!("usage: at most {MAX_USES} methods in one report"));
    }
    let over = report.over.map(Duration::try_from).transpose();
    let over = over.map_err(|_| "usage.over: should be a time, and not below zero")?;
    report.uses.into_iter().map(|one| said(one, over)).collect()
}

fn said(
    MethodUse { method, digest, calls, written, peaks }: MethodUse,
    over: Option<Duration>,
) -> Result<Said, String> {
    let (service, method) =
        method.split_once('/').ok_or("usage.method: should be \"package.Service/Method\"")?;
    let name = |name: &str| {
        !name.is_empty() && name.len() <= MAX_NAME && !name.contains('/') && !name.chars().any(steers)
    };
    if !name(service) || !name(method) {
        return Err(format!("usage.method: names have 1 to {MAX_NAME} bytes"));
    }
    let digest = match digest.as_str() {
        "" => None,
        text => Some(Digest::parse(text).ok_or("usage.digest: should be \"sha256:<hex>\"")?),
    };
    if written.len() > MAX_PATHS {
        return Err(format!("usage.written: at most {MAX_PATHS} paths of a method"));
    }
    let written = written.iter().map(|text| path(text)).collect::<Option<BTreeSet<_>>>();
    let written = written.ok_or("usage.written: should be numbers of fields, \"4.2\"")?;
    let peaks = peaks.unwrap_or_default();
    let (service, method) = (service.to_owned(), method.to_owned());
    Ok(Said { service, method, digest, calls, written, peaks, over, provider: None })
}

/// "4.2".
fn path(text: &str) -> Option<Vec<u32>> {
    let number = |text: &str| text.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number));
    // A path that is too long is not read to its end.
    let path: Vec<u32> = text.split('.').take(MAX_DEPTH + 1).map(number).collect::<Option<_>>()?;
    (path.len() <= MAX_DEPTH).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(method: &str, digest: &str, written: &[&str]) -> Result<Vec<Said>, String> {
        let written = written.iter().map(|path| (*path).to_owned()).collect();
        let uses = vec![MethodUse {
            method: method.to_owned(),
            digest: digest.to_owned(),
            calls: 1,
            written,
            peaks: None,
        }];
        read(UsageReport { uses, over: None })
    }

    #[test]
    fn a_sound_report_is_understood() {
        let digest = Digest::of(b"set");
        let said = one("a.v1.B/C", digest.as_str(), &["4.2", "1"]).unwrap().remove(0);
        assert_eq!((said.service.as_str(), said.method.as_str(), said.digest), ("a.v1.B", "C", Some(digest)));
        assert_eq!(said.written, BTreeSet::from([vec![1], vec![4, 2]]));
    }

    #[test]
    fn what_no_sound_client_says_is_refused() {
        let long = "a".repeat(300);
        let deep = ["1"; 17].join(".");
        for (method, digest, written) in [
            ("a.v1.B", "", "1"),
            ("/a.v1.B/C", "", "1"),
            ("a.v1.B/", "", "1"),
            ("a.v1.B/C/D", "", "1"),
            ("a.v1.B/C\n", "", "1"),
            (&*format!("a/{long}"), "", "1"),
            ("a.v1.B/C", "md5:0", "1"),
            ("a.v1.B/C", "", ""),
            ("a.v1.B/C", "", "0"),
            ("a.v1.B/C", "", "-1"),
            ("a.v1.B/C", "", "4..2"),
            ("a.v1.B/C", "", "536870912"),
            ("a.v1.B/C", "", &deep),
        ] {
            assert!(one(method, digest, &[written]).unwrap_err().starts_with("usage."), "{method} {written}");
        }
        let many: Vec<_> = (1..=257).map(|n: u32| n.to_string()).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert!(one("a.v1.B/C", "", &many).is_err());
        let uses = vec![MethodUse::default(); 5000];
        assert_eq!(
            read(UsageReport { uses, over: None }),
            Err("usage: at most 4096 methods in one report".to_owned())
        );
        let over = Some(prost_types::Duration { seconds: -1, nanos: 0 });
        assert!(read(UsageReport { uses: Vec::new(), over }).unwrap_err().starts_with("usage.over"));
    }
}
