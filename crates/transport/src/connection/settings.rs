//! The peer's first frame, as far as it concerns who may send: SETTINGS (RFC 9113, section 6.5).

const HEADER: usize = 9;
const SETTINGS: u8 = 0x4;
const MAX_CONCURRENT_STREAMS: u16 = 0x3;
/// No honest peer has more to say (six bytes for each setting).
const LONGEST: usize = 4096;

/// What the first bytes of a connection say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// Not all of the frame is there.
    Incomplete,
    /// How many calls may run at the same time; `None`: as many as you like.
    Streams(Option<u32>),
    /// This is not HTTP/2.
    Foreign,
}

/// Reads the beginning of what a server sends.
pub(super) fn first(bytes: &[u8]) -> First {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return First::Incomplete };
    let [high, middle, low, kind, flags, stream @ ..] = *header;
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    let acknowledges = flags & 1 == 1;
    if kind != SETTINGS || acknowledges || stream != [0; 4] || length > LONGEST || length % 6 != 0 {
        return First::Foreign;
    }
    let Some(settings) = rest.get(..length) else { return First::Incomplete };
    let (settings, _) = settings.as_chunks::<6>();
    let streams = |[a, b, value @ ..]: &[u8; 6]| {
        (u16::from_be_bytes([*a, *b]) == MAX_CONCURRENT_STREAMS).then(|| u32::from_be_bytes(*value))
    };
    // The last one counts (section 6.5.3).
    First::Streams(settings.iter().filter_map(streams).next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: [u8; 21] = [
        0, 0, 12, 4, 0, 0, 0, 0, 0, // twelve bytes of SETTINGS on stream 0
        0, 4, 0, 1, 0, 0, // initial window
        0, 3, 0, 0, 0, 250, // concurrent streams
    ];

    #[test]
    fn the_limit_is_found_once_the_frame_is_there() {
        for end in 0..FRAME.len() {
            assert_eq!(first(&FRAME[..end]), First::Incomplete);
        }
        assert_eq!(first(&FRAME), First::Streams(Some(250)));
        let longer = [&FRAME[..], &[0, 0, 0, 4, 1]].concat();
        assert_eq!(first(&longer), First::Streams(Some(250)));
        assert_eq!(first(&[0, 0, 0, 4, 0, 0, 0, 0, 0]), First::Streams(None));
    }

    #[test]
    fn other_protocols_are_recognised() {
        assert_eq!(first(b"HTTP/1.1 400 Bad Request"), First::Foreign);
        assert_eq!(first(&[0, 0, 5, 4, 0, 0, 0, 0, 0]), First::Foreign);
        assert_eq!(first(&[0xff; 40]), First::Foreign);
    }
}
