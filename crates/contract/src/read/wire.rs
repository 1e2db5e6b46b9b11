//! The protobuf wire format, one record at a time.
//!
//! Just enough to look at untrusted bytes before anything is allocated for them.

/// One record's value. Fixed-width values carry nothing that is looked at here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64,
    Bytes(&'a [u8]),
    Fixed32,
}

/// The records of one encoded message. Groups, which descriptors never use, count as malformed.
#[derive(Clone)]
pub(crate) struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next record with its own bytes; `Some(None)` at the end, `None` where it is malformed.
    pub(crate) fn raw(&mut self) -> Option<Option<(&'a [u8], u32, Value<'a>)>> {
        let before = self.rest;
        if before.is_empty() {
            return Some(None);
        }
        let (number, value) = self.record().ok()?;
        let raw = before.get(..before.len() - self.rest.len())?;
        Some(Some((raw, number, value)))
    }

    fn record(&mut self) -> Result<(u32, Value<'a>), &'static str> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).map_err(|_| "a field number is too large")?;
        if number == 0 || number >= 1 << 29 {
            return Err("a field number is out of range");
        }
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed64)?,
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| TRUNCATED)?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed32)?,
            _ => return Err("a group or an unknown wire type"),
        };
        Ok((number, value))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(TRUNCATED)?;
            self.rest = rest;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a varint is longer than 64 bits")
    }
}

const TRUNCATED: &str = "it ends in the middle of a field";

impl<'a> Iterator for Records<'a> {
    type Item = Result<(u32, Value<'a>), &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = self.record();
        if record.is_err() {
            self.rest = &[];
        }
        Some(record)
    }
}
