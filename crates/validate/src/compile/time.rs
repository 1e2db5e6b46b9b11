//! Rules of the well-known messages: durations, timestamps, field masks, `Any`.

use super::{
    Compiler, display,
    number::{Checks, range},
    options::Rules,
    standard::{Family, types},
    text::Said,
};
use crate::{
    failure::CompileError,
    rules::{Listed, Mask, Moment, Number, Paths, Text},
    violation::PathElement,
};

/// The numbers that [`Compiler::duration`] reads.
pub(super) const KNOWN_DURATION: [u32; 7] = [2, 3, 4, 5, 6, 7, 8];
/// The numbers that [`Compiler::timestamp`] reads.
pub(super) const KNOWN_TIMESTAMP: [u32; 8] = [2, 3, 4, 5, 6, 7, 8, 9];
/// The numbers that [`Compiler::mask`] reads.
pub(super) const KNOWN_MASK: [u32; 3] = [1, 2, 3];
/// The numbers that [`Compiler::any`] reads.
pub(super) const KNOWN_ANY: [u32; 2] = [2, 3];

const NAMES: [&str; 9] = ["", "const", "lt", "lte", "gt", "gte", "in", "not_in", "within"];

/// Seconds (1) and nanoseconds (2), in nanoseconds.
fn nanos(message: &Rules<'_>) -> i128 {
    let (seconds, nanos) = (message.signed(1).unwrap_or_default(), message.signed(2).unwrap_or_default());
    i128::from(seconds) * 1_000_000_000 + i128::from(nanos)
}

/// The durations or timestamps of these numbers.
fn times(rules: &Rules<'_>, numbers: &[u32]) -> Result<Vec<(u32, i128)>, CompileError> {
    let mut found = Vec::new();
    for number in numbers {
        if let Some(message) = rules.message(*number)? {
            found.push((*number, nanos(&message)));
        }
    }
    Ok(found)
}

/// Number, name, and what is said of values that are in a list, or are not; and the rule.
type List<T> = (u32, &'static str, &'static str, fn(Vec<String>) -> T);

impl<'s> Compiler<'s> {
    pub(super) fn duration(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<Checks<Number<i128>>, CompileError> {
        let mut checks = self.fixed_times(family, rules, prefix, display::duration)?;
        for (number, words) in [(7, "must be"), (8, "must not be")] {
            let list: Vec<i128> = rules.messages(number)?.iter().map(nanos).collect();
            if list.is_empty() {
                continue;
            }
            let message =
                format!("{words} in list {}", display::list(&list, |time| display::duration(*time)));
            let name = if number == 7 { "in" } else { "not_in" };
            let said = Said { number, name, type_number: types::MESSAGE, id: name };
            let list = Listed::of(list);
            let check = if number == 7 { Number::In(list) } else { Number::NotIn(list) };
            checks.push((check, self.said(family, rules, prefix, said, message)));
        }
        Ok(checks)
    }

    pub(super) fn timestamp(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<Checks<Moment>, CompileError> {
        let fixed = self.fixed_times(family, rules, prefix, display::timestamp)?;
        let mut checks: Vec<_> =
            fixed.into_iter().map(|(number, site)| (Moment::Fixed(number), site)).collect();
        let now = [
            (7, [3, 4, 7], "lt_now", "must be less than now", Moment::BeforeNow),
            (8, [5, 6, 8], "gt_now", "must be greater than now", Moment::AfterNow),
        ];
        for (number, oneof, name, message, check) in now {
            let is_set = |member: &u32| match *member {
                7 | 8 => rules.flag(*member).is_some(),
                other => rules.message(other).is_ok_and(|message| message.is_some()),
            };
            if rules.chosen(&oneof).find(is_set) == Some(number) && rules.flag(number) == Some(true) {
                let said = Said { number, name, type_number: types::BOOL, id: name };
                checks.push((check, self.said(family, rules, prefix, said, message.to_owned())));
            }
        }
        if let Some(within) = rules.message(9)? {
            let distance = nanos(&within);
            let said = Said { number: 9, name: "within", type_number: types::MESSAGE, id: "within" };
            let message = format!("must be within {} of now", display::duration(distance));
            checks.push((Moment::NearNow(distance), self.said(family, rules, prefix, said, message)));
        }
        Ok(checks)
    }

    /// `const`, and the range; `rules` of durations and timestamps number them alike.
    fn fixed_times(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
        show: fn(i128) -> String,
    ) -> Result<Checks<Number<i128>>, CompileError> {
        let found = times(rules, &[2, 3, 4, 5, 6])?;
        let value = |wanted: u32| found.iter().find(|(number, _)| *number == wanted).map(|(_, time)| *time);
        let mut checks = Vec::new();
        if let Some(constant) = value(2) {
            let said = Said { number: 2, name: "const", type_number: types::MESSAGE, id: "const" };
            let message = format!("must equal {}", show(constant));
            checks.push((Number::Const(constant), self.said(family, rules, prefix, said, message)));
        }
        if let Some(range) = range(rules, [3, 4, 5, 6], value, show) {
            let name = NAMES.get(range.number as usize - 1).copied().unwrap_or_default();
            let said = Said { number: range.number, name, type_number: types::MESSAGE, id: range.id };
            checks.push((range.check, self.said(family, rules, prefix, said, range.message)));
        }
        Ok(checks)
    }

    pub(super) fn mask(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<Checks<Mask>, CompileError> {
        let mut checks = Vec::new();
        if let Some(constant) = rules.message(1)? {
            let paths = constant.texts(1);
            let said = Said { number: 1, name: "const", type_number: types::MESSAGE, id: "const" };
            let message = format!("must equal paths {}", display::list(&paths, String::clone));
            checks.push((Mask::Const(paths), self.said(family, rules, prefix, said, message)));
        }
        let lists: [List<Mask>; 2] = [
            (2, "in", "must only contain paths in", |paths| Mask::In(Paths::of(paths))),
            (3, "not_in", "must not contain any paths in", |paths| Mask::NotIn(Paths::of(paths))),
        ];
        for (number, name, words, check) in lists {
            let paths = rules.texts(number);
            if !paths.is_empty() {
                let said = Said { number, name, type_number: types::STRING, id: name };
                let message = format!("{words} {}", display::list(&paths, String::clone));
                checks.push((check(paths), self.said(family, rules, prefix, said, message)));
            }
        }
        Ok(checks)
    }

    pub(super) fn any(&mut self, family: Family, rules: &Rules<'s>, prefix: &[PathElement]) -> Checks<Text> {
        let lists: [List<Text>; 2] = [
            (2, "in", "type URL must be in the allow list", Text::In),
            (3, "not_in", "type URL must not be in the block list", Text::NotIn),
        ];
        let mut checks = Vec::new();
        for (number, name, message, check) in lists {
            let mut urls = rules.texts(number);
            if !urls.is_empty() {
                urls.sort_unstable();
                let said = Said { number, name, type_number: types::STRING, id: name };
                checks.push((check(urls), self.said(family, rules, prefix, said, message.to_owned())));
            }
        }
        checks
    }
}
