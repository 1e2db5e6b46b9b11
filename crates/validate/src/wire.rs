//! The protobuf wire format, record by record, straight from the bytes.
//!
//! As strict as the official decoders (<https://protobuf.dev/programming-guides/encoding/>): what one of
//! them refuses is [`Malformed`] here. Positions are kept instead of slices, so that what is noted about a
//! message needs no lifetime.

use crate::failure::Malformed;

/// Messages within messages, groups included: what protobuf's decoders accept by default.
pub const MAX_DEPTH: u32 = 100;

/// A stretch of the message that is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes it stands for; none where it lies outside of `bytes`.
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The whole of `bytes`.
    ///
    /// # Errors
    /// When that is more than 2 GiB.
    pub fn whole(bytes: &[u8]) -> Result<Self, Malformed> {
        match i32::try_from(bytes.len()) {
            Ok(end) => Ok(Self { start: 0, end: end.unsigned_abs() }),
            Err(_) => Err(Malformed::TooLarge),
        }
    }

    /// How many bytes.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it has no byte.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// The value of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raw {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2: what follows the length.
    Bytes(Span),
    /// Wire types 3 and 4: what stands between the tags.
    Group(Span),
    /// Wire type 5.
    Fixed32(u32),
}

/// A group whose end was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// What stands between its tags.
    pub(crate) span: Span,
    /// Behind its end tag.
    pub(crate) next: u32,
}

/// Reads the records of a stretch of bytes.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    /// Of `span` within `bytes`, at a depth of messages around it.
    pub fn new(bytes: &'a [u8], span: Span, depth: u32) -> Self {
        let end = (span.end as usize).min(bytes.len());
        Self { bytes: bytes.get(..end).unwrap_or_default(), at: (span.start as usize).min(end), end, depth }
    }

    /// Where the next record begins.
    pub fn position(&self) -> u32 {
        u32::try_from(self.at).unwrap_or(u32::MAX)
    }

    /// The next record, or nothing at the end.
    ///
    /// # Errors
    /// When the bytes are malformed.
    #[inline]
    pub fn record(&mut self) -> Result<Option<(u32, Raw)>, Malformed> {
        let Some((number, wire)) = self.tag()? else { return Ok(None) };
        let raw = match wire {
            0 => Raw::Varint(self.varint()?),
            1 => Raw::Fixed64(self.fixed64()?),
            2 => Raw::Bytes(self.delimited()?),
            3 => Raw::Group(self.group(number)?),
            5 => Raw::Fixed32(self.fixed32()?),
            4 => return Err(Malformed::Group),
            _ => return Err(Malformed::WireType),
        };
        Ok(Some((number, raw)))
    }

    /// The number and wire type of the next record, or nothing at the end. Its value comes next.
    ///
    /// # Errors
    /// When the number is out of range.
    #[inline]
    pub fn tag(&mut self) -> Result<Option<(u32, u8)>, Malformed> {
        if self.at >= self.end {
            return Ok(None);
        }
        let key = self.varint()?;
        Ok(Some((field_number(key)?, (key & 7) as u8)))
    }

    /// Passes over the value of a record.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn skip(&mut self, number: u32, wire: u8) -> Result<(), Malformed> {
        match wire {
            0 => self.varint().map(|_| ()),
            1 => self.fixed64().map(|_| ()),
            2 => self.delimited().map(|_| ()),
            3 => self.group(number).map(|_| ()),
            5 => self.fixed32().map(|_| ()),
            4 => Err(Malformed::Group),
            _ => Err(Malformed::WireType),
        }
    }

    /// The next varint.
    ///
    /// # Errors
    /// When it is cut, or longer than 64 bits.
    #[inline]
    pub fn varint(&mut self) -> Result<u64, Malformed> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(byte))
            }
            Some(_) => self.long_varint(),
            None => Err(Malformed::Truncated),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut value = 0_u64;
        for (position, &byte) in rest.iter().take(10).enumerate() {
            if position == 9 && byte > 1 {
                return Err(Malformed::Varint);
            }
            value |= u64::from(byte & 0x7f) << (7 * position);
            if byte < 0x80 {
                self.at += position + 1;
                return Ok(value);
            }
        }
        Err(if rest.len() < 10 { Malformed::Truncated } else { Malformed::Varint })
    }

    /// The next eight bytes as a number.
    ///
    /// # Errors
    /// When there are fewer.
    #[inline]
    pub fn fixed64(&mut self) -> Result<u64, Malformed> {
        let bytes: &[u8; 8] =
            self.bytes.get(self.at..).and_then(<[u8]>::first_chunk).ok_or(Malformed::Truncated)?;
        self.at += 8;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// The next four bytes as a number.
    ///
    /// # Errors
    /// When there are fewer.
    #[inline]
    pub fn fixed32(&mut self) -> Result<u32, Malformed> {
        let bytes: &[u8; 4] =
            self.bytes.get(self.at..).and_then(<[u8]>::first_chunk).ok_or(Malformed::Truncated)?;
        self.at += 4;
        Ok(u32::from_le_bytes(*bytes))
    }

    /// Whether nothing is left.
    pub const fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    /// The stretch that follows its length.
    ///
    /// # Errors
    /// When there are fewer bytes.
    #[inline]
    pub fn delimited(&mut self) -> Result<Span, Malformed> {
        let length = usize::try_from(self.varint()?).map_err(|_| Malformed::Truncated)?;
        if length > self.end - self.at {
            return Err(Malformed::Truncated);
        }
        let start = self.position();
        self.at += length;
        Ok(Span { start, end: self.position() })
    }

    /// Passes over a group whose start tag was read, and whose end is known.
    ///
    /// # Errors
    /// When it is deeper than decoders accept.
    pub(crate) const fn pass(&mut self, group: Group) -> Result<Span, Malformed> {
        if self.depth >= MAX_DEPTH {
            return Err(Malformed::TooDeep);
        }
        self.at = group.next as usize;
        Ok(group.span)
    }

    /// What stands before the end tag of group `number`, whose start tag was read; groups within are passed
    /// over.
    ///
    /// # Errors
    /// When it does not end, or not as it should.
    pub fn group(&mut self, number: u32) -> Result<Span, Malformed> {
        self.group_around(number, |_, _| ()).map(|group| group.span)
    }

    /// The same; `told` is called for each group in it: where what it holds begins, and the group.
    pub(crate) fn group_around(
        &mut self,
        number: u32,
        mut told: impl FnMut(u32, Group),
    ) -> Result<Group, Malformed> {
        let (start, depth) = (self.position(), self.depth + 1);
        if depth > MAX_DEPTH {
            return Err(Malformed::TooDeep);
        }
        // The groups that are open, by number and beginning, as a stack without allocation.
        let mut open = [(0_u32, 0_u32); MAX_DEPTH as usize];
        let mut within = 0_usize;
        loop {
            let before = self.position();
            if self.at >= self.end {
                return Err(Malformed::Truncated);
            }
            let key = self.varint()?;
            let found = field_number(key)?;
            match key & 7 {
                0 => _ = self.varint()?,
                1 => _ = self.fixed64()?,
                2 => _ = self.delimited()?,
                3 => {
                    let slot = open.get_mut(within).ok_or(Malformed::TooDeep)?;
                    *slot = (found, self.position());
                    within += 1;
                    if depth as usize + within > MAX_DEPTH as usize {
                        return Err(Malformed::TooDeep);
                    }
                }
                4 if within == 0 => {
                    return if found == number {
                        Ok(Group { span: Span { start, end: before }, next: self.position() })
                    } else {
                        Err(Malformed::Group)
                    };
                }
                4 => {
                    within -= 1;
                    match open.get(within) {
                        Some((number, start)) if *number == found => {
                            let span = Span { start: *start, end: before };
                            told(*start, Group { span, next: self.position() });
                        }
                        _ => return Err(Malformed::Group),
                    }
                }
                5 => _ = self.fixed32()?,
                _ => return Err(Malformed::WireType),
            }
        }
    }
}

#[inline]
fn field_number(key: u64) -> Result<u32, Malformed> {
    match u32::try_from(key) {
        Ok(key) if key >= 8 => Ok(key >> 3),
        _ => Err(Malformed::FieldNumber),
    }
}
