use super::*;
use proptest::prelude::*;

fn message(length: usize) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
    bytes.resize(PREFIX + length, 7);
    bytes
}

#[test]
fn a_message_of_exactly_the_limit_passes() {
    assert_eq!(Meter::new(10).feed(&message(10)), Ok(()));
    assert_eq!(Meter::new(10).feed(&message(11)), Err(TooLarge { sound: 0, length: 11 }));
}

#[test]
fn what_came_before_is_sound() {
    let bytes = [message(3), message(0), message(99)].concat();
    assert_eq!(Meter::new(10).feed(&bytes), Err(TooLarge { sound: 13, length: 99 }));
}

proptest! {
    #[test]
    fn where_chunks_are_cut_does_not_matter(
        lengths in proptest::collection::vec(0_usize..40, 1..8),
        cut in 1_usize..20,
    ) {
        let bytes: Vec<u8> = lengths.iter().copied().flat_map(message).collect();
        let mut meter = Meter::new(30);
        let verdict = bytes.chunks(cut).try_for_each(|chunk| meter.feed(chunk));
        let first = lengths.iter().find(|length| **length > 30);
        prop_assert_eq!(verdict.err().map(|found| found.length as usize), first.copied());
    }
}
