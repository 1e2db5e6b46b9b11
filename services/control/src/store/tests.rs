use super::{write::AUDIT_KEPT, *};
use contract::Digest;
use resource::Locality;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};
use tempfile::TempDir;
use zeroize::Zeroizing;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn domain(name: &str) -> TrustDomain {
    name.parse().unwrap()
}

fn authorities() -> Result<AuthorityRecords, String> {
    let authority =
        |n: u8| AuthorityRecord { certificate: vec![n; 40], key: Zeroizing::new(vec![n + 1; 50]) };
    Ok(AuthorityRecords { mesh: authority(1), edge: authority(3) })
}

fn open(directory: &Path) -> Result<Store, StoreError> {
    Store::open(directory, &domain("treaty.local"), &authorities)
}

fn never() -> Result<AuthorityRecords, String> {
    Err("a store that exists is not made again".to_owned())
}

fn placement(instance: &str, order: u64) -> Placement {
    let digest = Digest::of(b"set");
    Placement {
        key: InstanceKey { workload: "shop/catalog".parse().unwrap(), instance: instance.to_owned() },
        claim: Claim {
            version: "1".to_owned(),
            address: Some("127.0.0.1:4000".parse().unwrap()),
            metrics_address: None,
            locality: Locality::default(),
            serves: BTreeMap::from([("shop.catalog.v1.Catalog".to_owned(), digest)]),
            consumes: BTreeSet::from(["a.B".to_owned()]),
            views: BTreeMap::new(),
        },
        ready: true,
        order,
        since: NOW,
    }
}

#[test]
fn a_placement_of_an_older_version_shows_no_views() {
    let mut written = serde_json::to_value(placement("a", 1)).unwrap();
    assert!(written["claim"].as_object_mut().unwrap().remove("views").is_some());
    let read: Placement = serde_json::from_value(written).unwrap();
    assert_eq!(read, placement("a", 1));
}

fn event(message: String) -> AuditEvent {
    AuditEvent { time: NOW, kind: AuditKind::SvidIssued, workload: None, message }
}

fn history(digest: &[u8]) -> Change {
    Change::History(HistoryEntry {
        service: "a.B".to_owned(),
        digest: Digest::of(digest),
        workload: "a/b".parse().unwrap(),
        version: String::new(),
        time: NOW,
    })
}

#[test]
fn everything_written_is_there_after_reopening() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let digest = Digest::of(b"set");
    store
        .commit(&[
            Change::PutPlacement(Box::new(placement("a", 1))),
            Change::PutPlacement(Box::new(placement("b", 2))),
            Change::RemovePlacement(placement("b", 2).key),
            Change::PutContract { digest: digest.clone(), bytes: Arc::from(&b"set"[..]) },
            Change::Audit(event("hello".to_owned())),
        ])
        .unwrap();
    drop(store);
    let store = Store::open(directory.path(), &domain("treaty.local"), &never).unwrap();
    assert_eq!(store.placements().unwrap(), [placement("a", 1)]);
    assert_eq!(store.contract(&digest).unwrap().as_deref(), Some(&b"set"[..]));
    assert_eq!(store.contract(&Digest::of(b"other")).unwrap(), None);
    assert_eq!(store.audit(10).unwrap(), [event("hello".to_owned())]);
    assert_eq!(store.authorities().unwrap(), authorities().unwrap());
}

#[test]
fn the_file_and_its_directory_are_private() {
    let directory = TempDir::new().unwrap();
    let state = directory.path().join("a/b");
    drop(open(&state).unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&state.join("store.redb"))), (0o700, 0o600));
}

#[test]
fn history_keeps_what_changes_and_the_audit_its_tail() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    store.commit(&[history(b"1"), history(b"1"), history(b"2"), history(b"1")]).unwrap();
    let digests: Vec<_> = store.history("a.B").unwrap().into_iter().map(|entry| entry.digest).collect();
    assert_eq!(digests, [Digest::of(b"1"), Digest::of(b"2"), Digest::of(b"1")]);
    let events: Vec<_> = (0..AUDIT_KEPT + 5).map(|n| Change::Audit(event(n.to_string()))).collect();
    store.commit(&events).unwrap();
    let kept = store.audit(usize::MAX).unwrap();
    assert_eq!((kept.len() as u64, kept[0].message.as_str()), (AUDIT_KEPT, "5"));
}

#[test]
fn history_is_pruned_to_what_is_used_and_the_latest_of_each_workload() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let entry = |workload: &str, service: String, n: u64| {
        let digest = Digest::of(format!("{workload} {n}").as_bytes());
        let time = NOW + Duration::from_secs(n);
        let workload = workload.parse().unwrap();
        let history =
            HistoryEntry { service, digest: digest.clone(), workload, version: String::new(), time };
        [Change::PutContract { digest, bytes: Arc::from(&b"x"[..]) }, Change::History(history)]
    };
    // One workload with ever new services, another one with a few sets.
    let many = (0..40).flat_map(|n| entry("a/many", format!("a.S{n}"), n));
    let few = (0..3).flat_map(|n| entry("a/few", "a.Few".to_owned(), n));
    store.commit(&many.chain(few).collect::<Vec<_>>()).unwrap();
    let used = Digest::of(b"a/many 1");
    store.commit(&[Change::Prune { used: BTreeSet::from([used.clone()]) }]).unwrap();
    assert_eq!(store.contracts().unwrap().len(), SETS_KEPT + 1 + 3);
    assert!(store.contract(&used).unwrap().is_some());
    assert_eq!(store.contract(&Digest::of(b"a/many 2")).unwrap(), None);
    assert_eq!((store.history("a.S2").unwrap().len(), store.history("a.S39").unwrap().len()), (0, 1));
    assert_eq!(store.history("a.Few").unwrap().len(), 3);
    // And of one service: its latest.
    let entries: Vec<_> = (0..50_u8).map(|n| history(&[n])).collect();
    store.commit(&entries).unwrap();
    let kept = store.history("a.B").unwrap();
    assert_eq!(kept.len(), prune::ENTRIES_KEPT);
    assert_eq!(kept.last().unwrap().digest, Digest::of(&[49]));
}

#[test]
fn those_who_prove_nothing_displace_only_each_other() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let anonymous = |n: u64| {
        let event =
            AuditEvent::new(NOW + Duration::from_secs(n), AuditKind::TokenRefused, None, n.to_string());
        Change::Audit(event)
    };
    store.commit(&[Change::Audit(event("first".to_owned()))]).unwrap();
    store.commit(&(0..5000).map(anonymous).collect::<Vec<_>>()).unwrap();
    let kept = store.audit(usize::MAX).unwrap();
    assert_eq!(kept.len() as u64, 1 + write::ANONYMOUS_KEPT);
    assert_eq!((kept[0].message.as_str(), kept.last().unwrap().message.as_str()), ("first", "4999"));
}

#[test]
fn a_token_is_judged_and_spent_at_once() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let fresh = TokenRecord {
        workload: "shop/orders".parse().unwrap(),
        expires: NOW + Duration::from_secs(600),
        used: None,
    };
    let spent =
        TokenRecord { used: Some(TokenUse { at: NOW, public_key: Digest::of(b"key") }), ..fresh.clone() };
    store.create_token(b"hash", &fresh, NOW, None).unwrap();
    let spend = |store: &Store| {
        let judge = |known: Option<&TokenRecord>| match known {
            Some(token) if token.used.is_none() => Ok(spent.clone()),
            other => Err(other.cloned()),
        };
        store.spend_token(b"hash", judge, event("spent".to_owned())).unwrap()
    };
    assert_eq!(spend(&store), Ok(()));
    drop(store);
    let store = open(directory.path()).unwrap();
    assert_eq!(spend(&store), Err(Some(spent)));
    assert_eq!(store.audit(10).unwrap().len(), 1);
    let later = NOW + Duration::from_secs(600 + 24 * 60 * 60 + 1);
    store.create_token(b"other", &fresh, later, None).unwrap();
    assert_eq!(store.token(b"hash").unwrap(), None);
}

#[test]
fn a_second_control_plane_is_told_so() {
    let directory = TempDir::new().unwrap();
    let _held = open(directory.path()).unwrap();
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
}

/// Puts `bytes` in the store's place and gives the error, after making sure that they are untouched.
fn refusal_of(directory: &Path, bytes: &[u8]) -> Option<StoreError> {
    let path = directory.join("store.redb");
    fs::write(&path, bytes).unwrap();
    let error = Store::open(directory, &domain("treaty.local"), &never).err()?;
    assert_eq!(fs::read(&path).unwrap(), bytes, "{error}");
    assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
    Some(error)
}

#[test]
fn a_foreign_file_is_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    for bytes in [&b""[..], b"SQLite format 3\0", &[0; 8192], b"redb"] {
        let error = refusal_of(directory.path(), bytes).unwrap();
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    }
}

#[test]
fn a_database_of_something_else_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.redb");
    let other = Database::create(&path).unwrap();
    let write = other.begin_write().unwrap();
    let table: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new("theirs");
    write.open_table(table).unwrap().insert(1, 2).unwrap();
    write.commit().unwrap();
    drop(other);
    let error = refusal_of(directory.path(), &fs::read(&path).unwrap()).unwrap();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}

#[test]
fn another_trust_domain_and_a_newer_format_are_refused() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let write = store.database.begin_write().unwrap();
    write.open_table(schema::META).unwrap().insert("format", "7").unwrap();
    write.commit().unwrap();
    drop(store);
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 7, known: 1, .. }), "{error}");
    let directory = TempDir::new().unwrap();
    drop(open(directory.path()).unwrap());
    let error = Store::open(directory.path(), &domain("other.example"), &never).unwrap_err();
    assert!(matches!(error, StoreError::TrustDomain { .. }), "{error}");
}

#[test]
fn a_damaged_store_is_refused_or_whole_and_never_written_to() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).unwrap();
    let bytes: Arc<[u8]> = vec![7; 100_000].into();
    store.commit(&[Change::PutContract { digest: Digest::of(&bytes), bytes }]).unwrap();
    drop(store);
    let whole = fs::read(directory.path().join("store.redb")).unwrap();
    for cut in [10, 4096, whole.len() / 2] {
        let error = refusal_of(directory.path(), &whole[..cut]).unwrap();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{cut}: {error}");
    }
    let mut refused = 0;
    for at in (9..whole.len()).step_by(whole.len() / 150) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        if let Some(error) = refusal_of(directory.path(), &damaged) {
            assert!(matches!(error, StoreError::Corrupt { .. }), "{at}: {error}");
            refused += 1;
        }
        fs::remove_file(directory.path().join("store.redb")).unwrap();
    }
    assert!(refused > 0);
}

#[test]
fn a_crash_while_the_store_is_made_stops_nothing() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("store.redb.new"), b"half").unwrap();
    assert!(open(directory.path()).is_ok());
}

/// The child of the next test: writes, and says what is acknowledged.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Ok(directory) = std::env::var("TREATY_TEST_STORE") else { return };
    let store = open(Path::new(&directory)).unwrap();
    for n in store.placements().unwrap().len() as u64.. {
        let bytes: Arc<[u8]> = n.to_string().repeat(500).into_bytes().into();
        let contract = Change::PutContract { digest: Digest::of(&bytes), bytes };
        store.commit(&[Change::PutPlacement(Box::new(placement(&format!("{n:08}"), n))), contract]).unwrap();
        println!("acknowledged {n}");
    }
}

#[test]
fn kill_9_loses_nothing_acknowledged() {
    let directory = TempDir::new().unwrap();
    let mut acknowledged = 0;
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::child_that_writes_until_it_is_killed", "--nocapture"])
            .env("TREATY_TEST_STORE", directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut number =
            || lines.by_ref().find_map(|line| line.split_once("acknowledged ")?.1.parse::<u64>().ok());
        for _ in 0..10 + round * 7 {
            acknowledged = number().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died counts too.
        while let Some(n) = number() {
            acknowledged = n;
        }
        let store = Store::open(directory.path(), &domain("treaty.local"), &never).unwrap();
        let placements = store.placements().unwrap();
        assert!(placements.len() as u64 > acknowledged);
        for (n, found) in placements.iter().enumerate() {
            assert_eq!(*found, placement(&format!("{n:08}"), n as u64));
            let bytes = n.to_string().repeat(500).into_bytes();
            assert_eq!(store.contract(&Digest::of(&bytes)).unwrap().as_deref(), Some(&*bytes));
        }
    }
}
