//! The peer's first frame, as far as it concerns who may send: SETTINGS (RFC 9113, section 6.5).

const HEADER: usize = 9;
const SETTINGS: u8 = 0x4;
const MAX_CONCURRENT_STREAMS: u16 = 0x3;
const MAX_HEADER_LIST_SIZE: u16 = 0x6;
/// No honest peer has more to say (six bytes for each setting).
const LONGEST: usize = 4096;
/// As many bytes decide.
pub(crate) const ENOUGH: usize = HEADER + LONGEST;

/// What a peer says of itself; `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How many calls may run at the same time.
    pub(crate) streams: Option<u32>,
    /// The largest header list that it takes.
    pub(crate) header_list: Option<u32>,
}

/// What the first bytes of a connection say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// Not all of the frame is there.
    Incomplete,
    /// The peer's settings.
    Settings(Settings),
    /// This is not HTTP/2.
    Foreign,
}

/// Reads the beginning of what a peer sends; of a client, after its preface.
pub(crate) fn first(bytes: &[u8]) -> First {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return First::Incomplete };
    let [high, middle, low, kind, flags, stream @ ..] = *header;
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    let acknowledges = flags & 1 == 1;
    if kind != SETTINGS || acknowledges || stream != [0; 4] || length > LONGEST || length % 6 != 0 {
        return First::Foreign;
    }
    let Some(settings) = rest.get(..length) else { return First::Incomplete };
    let (settings, _) = settings.as_chunks::<6>();
    let mut said = Settings::default();
    // The last one counts (section 6.5.3).
    for [a, b, value @ ..] in settings {
        let value = Some(u32::from_be_bytes(*value));
        match u16::from_be_bytes([*a, *b]) {
            MAX_CONCURRENT_STREAMS => said.streams = value,
            MAX_HEADER_LIST_SIZE => said.header_list = value,
            _ => {}
        }
    }
    First::Settings(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: [u8; 27] = [
        0, 0, 18, 4, 0, 0, 0, 0, 0, // eighteen bytes of SETTINGS on stream 0
        0, 4, 0, 1, 0, 0, // initial window
        0, 3, 0, 0, 0, 250, // concurrent streams
        0, 6, 0, 0, 64, 0, // header list
    ];
    const SAID: Settings = Settings { streams: Some(250), header_list: Some(16_384) };

    #[test]
    fn the_limits_are_found_once_the_frame_is_there() {
        for end in 0..FRAME.len() {
            assert_eq!(first(&FRAME[..end]), First::Incomplete);
        }
        assert_eq!(first(&FRAME), First::Settings(SAID));
        let longer = [&FRAME[..], &[0, 0, 0, 4, 1]].concat();
        assert_eq!(first(&longer), First::Settings(SAID));
        assert_eq!(first(&[0, 0, 0, 4, 0, 0, 0, 0, 0]), First::Settings(Settings::default()));
    }

    #[test]
    fn other_protocols_are_recognised() {
        assert_eq!(first(b"HTTP/1.1 400 Bad Request"), First::Foreign);
        assert_eq!(first(&[0, 0, 5, 4, 0, 0, 0, 0, 0]), First::Foreign);
        assert_eq!(first(&[0xff; 40]), First::Foreign);
    }
}
