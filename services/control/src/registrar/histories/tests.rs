use super::*;
use crate::{
    registry::{Comparison, tests::GREETER},
    store::{Change, HistoryEntry},
};
use std::time::UNIX_EPOCH;

fn set(field: &str) -> Arc<[u8]> {
    let source = testkit::GREETER.replace("string message = 1;", field);
    testkit::descriptor_set(&[("demo/v1/greeter.proto", &source)]).into()
}

fn came_into_force(store: &Store, bytes: &Arc<[u8]>) {
    let digest = Digest::of(bytes);
    let entry = HistoryEntry {
        service: GREETER.to_owned(),
        digest: digest.clone(),
        workload: "demo/greeter".parse().unwrap(),
        version: String::new(),
        time: UNIX_EPOCH,
    };
    store.commit(&[Change::PutContract { digest, bytes: bytes.clone() }, Change::History(entry)]).unwrap();
}

fn question(consumer: &Arc<[u8]>, provider: &Arc<[u8]>) -> Question {
    let comparison = Comparison {
        service: GREETER.to_owned(),
        consumer: Digest::of(consumer),
        provider: Digest::of(provider),
        caller: None,
        served: true,
    };
    let [consumer, provider] = [consumer, provider].map(|bytes| Party::read(bytes.clone()).unwrap());
    Question { comparison, consumer, provider, today: None }
}

#[test]
fn versions_are_read_once_for_many_comparisons_and_again_when_there_is_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let store = crate::ca::tests::store(directory.path());
    let [first, second, third] = ["string a = 1;", "string b = 2;", "string c = 3;"].map(set);
    came_into_force(&store, &first);
    came_into_force(&store, &second);
    let histories = Histories::default();
    let one = histories.of(&question(&first, &third), &store).unwrap();
    let other = histories.of(&question(&second, &third), &store).unwrap();
    assert!(Arc::ptr_eq(&one, &other));
    came_into_force(&store, &third);
    let later = histories.of(&question(&second, &third), &store).unwrap();
    assert_eq!((one.versions(), later.versions()), (2, 3));
    let parties = [&first, &second, &third].map(|bytes| Party::read(bytes.clone()).unwrap());
    assert_eq!(*later, History::of(&parties));
    assert!(histories.0.lock().len() == 1, "the newest of each service is kept");
}
