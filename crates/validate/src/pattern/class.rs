//! What stands between brackets: characters, ranges of them, and classes.
//!
//! A range begins with a character that a `-` follows, unless that `-` is the last before the bracket; everything
//! else is an item by itself, a `-` behind a class too. All of it is written with its code point, so that nothing in
//! it has a meaning for whoever reads it next.

use super::{
    escape::{self, Escape, NOTHING},
    names,
    translate::Translation,
};

impl Translation<'_> {
    /// What follows an opening bracket, with its end.
    pub(super) fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.takes("^") {
            self.out.push('^');
        }
        // A bracket right at the beginning is no end.
        let mut first = true;
        while first || !self.takes("]") {
            first = false;
            if let Some(group) = self.group()? {
                self.out.push_str(&group);
                continue;
            }
            match self.item()? {
                Escape::Class(class) => self.out.push_str(&class),
                Escape::Character(low) => {
                    let high = self.end_of_range()?.unwrap_or(low);
                    if high < low {
                        return Err("a range of a class ends before it begins".to_owned());
                    }
                    self.out.push_str(&range(low, high));
                }
            }
        }
        self.out.push(']');
        Ok(())
    }

    fn takes(&mut self, wanted: &str) -> bool {
        match self.rest.as_str().strip_prefix(wanted) {
            Some(after) => {
                self.rest = after.chars();
                true
            }
            None => false,
        }
    }

    fn item(&mut self) -> Result<Escape, String> {
        match self.rest.next() {
            None => Err("a `[` is not closed".to_owned()),
            Some('\\') => escape::escape(&mut self.rest),
            Some(c) => Ok(Escape::Character(c.into())),
        }
    }

    /// What a `-` leads to, if it is one of a range.
    fn end_of_range(&mut self) -> Result<Option<u32>, String> {
        let rest = self.rest.as_str();
        if !rest.starts_with('-') || rest.len() < 2 || rest.starts_with("-]") {
            return Ok(None);
        }
        self.rest.next();
        match self.item()? {
            Escape::Character(high) => Ok(Some(high)),
            Escape::Class(_) => Err("a range of a class ends with a class".to_owned()),
        }
    }

    /// `[:alpha:]`. Without its end, it is the two characters.
    fn group(&mut self) -> Result<Option<String>, String> {
        let rest = self.rest.as_str();
        let Some((name, after)) = rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
            return Ok(None);
        };
        if !names::is_group(name.strip_prefix('^').unwrap_or(name)) {
            return Err(format!("`[:{name}:]` is no class that RE2 knows"));
        }
        self.rest = after.chars();
        Ok(Some(format!("[:{name}:]")))
    }
}

/// A range of code points. Halves of characters are in it by number only.
pub(super) fn range(low: u32, high: u32) -> String {
    const HALVES: std::ops::RangeInclusive<u32> = 0xd800..=0xdfff;
    let low = if HALVES.contains(&low) { HALVES.end() + 1 } else { low };
    let high = if HALVES.contains(&high) { HALVES.start() - 1 } else { high };
    if low > high {
        return NOTHING.to_owned();
    }
    if low == high { format!(r"\x{{{low:x}}}") } else { format!(r"\x{{{low:x}}}-\x{{{high:x}}}") }
}
