use super::*;
use crate::{BundleError, Csr, NameError, SpiffeId, TrustBundle, X509Svid, peer_id, rotation};
use proptest::prelude::*;
use rcgen::{ExtendedKeyUsagePurpose, PKCS_ECDSA_P256_SHA256};
use std::sync::LazyLock;

const HOUR: Duration = Duration::from_secs(3600);

fn domain() -> TrustDomain {
    "treaty.local".parse().unwrap()
}

fn orders() -> SpiffeId {
    "spiffe://treaty.local/ns/shop/sa/orders".parse().unwrap()
}

/// Noon, some day in 2026, and a bit.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_790_000_000_750)
}

fn mesh() -> Authority {
    Authority::generate(AuthorityKind::Mesh, &domain(), now()).unwrap()
}

fn csr() -> Csr {
    Csr::new(&PrivateKey::generate().unwrap()).unwrap()
}

fn issue(ttl: Duration) -> X509Svid {
    mesh().issue_svid(csr().der(), &orders(), &[], Validity { now: now(), ttl }).unwrap()
}

#[test]
fn a_leaf_is_as_the_specification_wants() {
    let authority = mesh();
    let names = ["localhost".parse().unwrap(), "127.0.0.1".parse().unwrap()];
    let validity = Validity { now: now(), ttl: 24 * HOUR };
    let svid = authority.issue_svid(csr().der(), &orders(), &names, validity).unwrap();
    assert_eq!(svid.id, orders());

    let (_, leaf) = X509Certificate::from_der(&svid.chain[0]).unwrap();
    let (_, root) = X509Certificate::from_der(authority.certificate_der()).unwrap();
    leaf.verify_signature(Some(root.public_key())).unwrap();
    assert_eq!(leaf.issuer(), root.subject());
    assert!(!leaf.is_ca());
    let usage = leaf.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.flags == 1, "digitalSignature and nothing else");
    let usage = leaf.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.server_auth && usage.client_auth && !usage.any);
    let sans = leaf.subject_alternative_name().unwrap().unwrap().value;
    assert_eq!(sans.general_names.len(), 3);
    assert_eq!(svid::uris(&leaf).unwrap(), ["spiffe://treaty.local/ns/shop/sa/orders"]);
}

#[test]
fn a_root_is_as_the_specification_wants() {
    let authority = mesh();
    let (_, root) = X509Certificate::from_der(authority.certificate_der()).unwrap();
    assert_eq!(svid::uris(&root).unwrap(), ["spiffe://treaty.local"]);
    let constraints = root.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical && constraints.value.ca);
    assert_eq!(constraints.value.path_len_constraint, Some(0));
    let usage = root.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.key_cert_sign() && usage.value.crl_sign());
    assert!(!usage.value.digital_signature());
    root.verify_signature(None).unwrap();
    assert_eq!(peer_id(authority.certificate_der()), Err(SvidError::Authority));
}

#[test]
fn serials_are_positive_random_and_short() {
    let serials: Vec<_> = (0..100).map(|_| serial().to_bytes()).collect();
    assert!(serials.iter().all(|serial| serial.len() == 16 && (0x40..0x80).contains(&serial[0])));
    assert!(serials.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn validity_begins_a_little_early_and_renewal_still_lies_ahead() {
    for (ttl, back) in
        [(24 * HOUR, 60), (HOUR, 60), (Duration::from_secs(30), 3), (Duration::from_secs(5), 1)]
    {
        let svid = issue(ttl);
        let early = now().duration_since(svid.not_before).unwrap();
        assert!(early.as_secs() <= back && early >= Duration::from_millis(250), "{ttl:?}: {early:?}");
        let rest = svid.not_after.duration_since(now()).unwrap();
        assert!(rest <= ttl && rest + Duration::from_secs(1) > ttl, "{ttl:?}: {rest:?}");
        for jitter in [0.0, 0.5, 1.0] {
            let ahead = rotation::renew_at(svid.not_before, svid.not_after, jitter).duration_since(now());
            assert!(ahead.is_ok_and(|ahead| ahead > ttl / 5 && ahead < ttl * 2 / 3), "{ttl:?} {jitter}");
        }
    }
}

#[test]
fn no_certificate_outlives_its_authority() {
    let authority = mesh();
    let late = authority.not_after() - HOUR;
    let day = Validity { now: late, ttl: 24 * HOUR };
    let svid = authority.issue_svid(csr().der(), &orders(), &[], day).unwrap();
    assert_eq!(svid.not_after, authority.not_after());
    let after = Validity { now: authority.not_after(), ttl: HOUR };
    let error = authority.issue_svid(csr().der(), &orders(), &[], after).unwrap_err();
    assert_eq!(error, IssueError::AuthorityExpired);
}

#[test]
fn names_in_a_request_are_not_believed() {
    let mut params = CertificateParams::new(["victim.example".to_owned()]).unwrap();
    let admin = "spiffe://treaty.local/ns/treaty/sa/admin";
    params.subject_alt_names.push(SanType::URI(admin.try_into().unwrap()));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let request = params.serialize_request(&KeyPair::generate().unwrap()).unwrap();
    let validity = Validity { now: now(), ttl: HOUR };
    let svid = mesh().issue_svid(request.der(), &orders(), &[], validity).unwrap();
    let (_, leaf) = X509Certificate::from_der(&svid.chain[0]).unwrap();
    assert_eq!(leaf.subject_alternative_name().unwrap().unwrap().value.general_names.len(), 1);
    assert_eq!(svid.id, orders());
}

#[test]
fn what_it_may_not_issue_is_refused() {
    let validity = Validity { now: now(), ttl: HOUR };
    let foreign = "spiffe://elsewhere.example/ns/shop/sa/orders".parse().unwrap();
    let error = mesh().issue_svid(csr().der(), &foreign, &[], validity).unwrap_err();
    assert_eq!(error, IssueError::ForeignTrustDomain { id: foreign, trust_domain: domain() });

    let edge = Authority::generate(AuthorityKind::Edge, &domain(), now()).unwrap();
    assert!(matches!(
        edge.issue_svid(csr().der(), &orders(), &[], validity),
        Err(IssueError::WrongAuthority { actual: AuthorityKind::Edge, wanted: AuthorityKind::Mesh })
    ));
    assert!(matches!(
        mesh().issue_server(csr().der(), &["localhost".parse().unwrap()], validity),
        Err(IssueError::WrongAuthority { .. })
    ));
    assert_eq!(edge.issue_server(csr().der(), &[], validity), Err(IssueError::NoName));
    let broken = [Name::Dns("b\u{fc}cher".into())];
    assert!(matches!(edge.issue_server(csr().der(), &broken, validity), Err(IssueError::Name(_))));
    for ttl in [Duration::ZERO, Duration::MAX] {
        let validity = Validity { now: now(), ttl };
        let error = mesh().issue_svid(csr().der(), &orders(), &[], validity).unwrap_err();
        assert_eq!(error, IssueError::Lifetime(ttl));
    }
}

#[test]
fn an_authority_survives_the_store() {
    let authority = mesh();
    let key = PrivateKey::from_der(authority.key_der()).unwrap();
    let again = Authority::from_der(authority.certificate_der().clone(), key).unwrap();
    assert_eq!((again.kind(), again.not_after()), (AuthorityKind::Mesh, authority.not_after()));
    let other = Authority::from_der(authority.certificate_der().clone(), PrivateKey::generate().unwrap());
    assert_eq!(other.unwrap_err(), AuthorityError::KeyMismatch);
    let leaf = issue(HOUR).chain.remove(0);
    let error = Authority::from_der(leaf, PrivateKey::generate().unwrap()).unwrap_err();
    assert_eq!(error, AuthorityError::NoAuthority);
    assert!(!format!("{authority:?}").contains("key"));
}

#[test]
fn a_bundle_holds_the_roots_of_one_domain() {
    let (old, new) = (mesh(), mesh());
    let roots = [old.certificate_der().clone(), new.certificate_der().clone()];
    let bundle = TrustBundle::new(domain(), roots).unwrap();
    assert_eq!(TrustBundle::from_pem(domain(), &bundle.to_pem()), Ok(bundle));

    let other: TrustDomain = "elsewhere.example".parse().unwrap();
    let error = TrustBundle::new(other, [old.certificate_der().clone()]).unwrap_err();
    assert!(matches!(error, BundleError::Foreign { position: 1, .. }), "{error}");
    let error = TrustBundle::new(domain(), issue(HOUR).chain).unwrap_err();
    assert!(matches!(error, BundleError::NoAuthority { position: 1, .. }), "{error}");
    assert!(matches!(TrustBundle::new(domain(), []), Err(BundleError::Empty(_))));
}

fn leaf_with(change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::URI(orders().to_string().try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    change(&mut params);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    params.self_signed(&key).unwrap().der().clone()
}

#[test]
fn what_is_no_svid_proves_nobody() {
    assert_eq!(peer_id(&leaf_with(|_| ())), Ok(orders()));
    assert_eq!(peer_id(&leaf_with(|leaf| leaf.subject_alt_names.clear())), Err(SvidError::UriNames(0)));
    let twice = |leaf: &mut CertificateParams| leaf.subject_alt_names.extend(leaf.subject_alt_names.clone());
    assert_eq!(peer_id(&leaf_with(twice)), Err(SvidError::UriNames(2)));
    let web = |leaf: &mut CertificateParams| {
        leaf.subject_alt_names = vec![SanType::URI("https://example.org/".try_into().unwrap())];
    };
    assert!(matches!(peer_id(&leaf_with(web)), Err(SvidError::Name(NameError { .. }))));
    let signer = |leaf: &mut CertificateParams| leaf.key_usages.push(KeyUsagePurpose::KeyCertSign);
    assert_eq!(peer_id(&leaf_with(signer)), Err(SvidError::Authority));
    assert_eq!(peer_id(&leaf_with(|leaf| leaf.key_usages.clear())), Err(SvidError::KeyUsage));
    assert_eq!(X509Svid::parse(vec![]), Err(SvidError::Empty));
}

static HOSTILE: LazyLock<(Authority, X509Svid)> = LazyLock::new(|| (mesh(), issue(HOUR)));

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let der = CertificateDer::from(bytes.clone());
        prop_assert!(X509Svid::parse(vec![der.clone()]).is_err());
        prop_assert!(TrustBundle::new(domain(), [der.clone()]).is_err());
        prop_assert!(Authority::from_der(der, PrivateKey::from_der(HOSTILE.0.key_der()).unwrap()).is_err());
        let validity = Validity { now: now(), ttl: HOUR };
        prop_assert!(HOSTILE.0.issue_svid(&bytes, &orders(), &[], validity).is_err());
    }

    #[test]
    fn no_damaged_certificate_panics(at in any::<prop::sample::Index>(), flip in 1..=255u8, cut in any::<prop::sample::Index>()) {
        for whole in [&HOSTILE.1.chain[0], HOSTILE.0.certificate_der()] {
            let mut der = whole.to_vec();
            let length = der.len();
            der[at.index(length)] ^= flip;
            let damaged = CertificateDer::from(der.clone());
            let _ = X509Svid::parse(vec![damaged.clone()]);
            let _ = TrustBundle::new(domain(), [damaged.clone()]);
            let _ = Authority::from_der(damaged, PrivateKey::from_der(HOSTILE.0.key_der()).unwrap());
            der.truncate(cut.index(length));
            prop_assert!(peer_id(&CertificateDer::from(der)).is_err());
        }
    }

    #[test]
    fn any_time_and_lifetime_gives_a_certificate_or_an_error(at in 0u64..400_000_000_000, ttl in any::<u64>()) {
        let validity = Validity { now: UNIX_EPOCH + Duration::from_secs(at), ttl: Duration::from_secs(ttl) };
        let _ = HOSTILE.0.issue_svid(csr().der(), &orders(), &[], validity);
        let _ = Authority::generate(AuthorityKind::Mesh, &domain(), validity.now);
    }
}
