//! What functions cost.

use super::{BYTES_A_STEP, Estimate, Estimator, Spent};
use crate::cel::eval::{ITEM, TEXT};
use crate::cel::extent::{ASSUMED_ITEMS, Extent};
use crate::cel::functions::is_of_clock;
use crate::cel::node::Node;
use crate::cel::overloads::Func;

/// What compiling a pattern costs that only the message knows.
const PATTERN: usize = 1 << 20;
/// How long a number or a time is, written out.
const WRITTEN: usize = 40;
/// What reading or writing one costs.
const CONVERTED: usize = 16;
/// What a clause of a format costs besides.
const CLAUSE: usize = 40;
/// What looking at the clock costs.
const CLOCK: usize = 64;
/// What a part of a text costs that is split.
const PART: usize = 10;
/// What reading a field costs of which nothing is known.
const FIELD: usize = 256;

impl Estimator<'_> {
    pub(super) fn of_call(&mut self, func: Func, arguments: &[Node]) -> (Spent, Extent) {
        let arguments: Vec<Estimate> = arguments.iter().map(|argument| self.of(argument)).collect();
        let spent = Spent::sum(arguments.iter().map(|argument| argument.spent));
        let first = arguments.first().map_or(Extent::One, |argument| argument.extent.clone());
        let other = |at: usize| arguments.get(at).map_or(0, |argument| argument.extent.bytes());
        let (work, extent) = match func {
            Func::LowerAscii
            | Func::UpperAscii
            | Func::Trim
            | Func::Reverse
            | Func::CharAt
            | Func::Substring
            | Func::Quote
            | Func::IndexOf
            | Func::LastIndexOf
            | Func::Split
            | Func::Replace => of_text(func, first.bytes(), other(2)),
            Func::Join => of_join(&first, other(1)),
            Func::Format => {
                let list = arguments.get(1).map_or(Extent::One, |argument| argument.extent.clone());
                of_format(&first, &list)
            }
            _ => of_other(func, first, other(1)),
        };
        (spent.and(work), extent)
    }
}

fn of_other(func: Func, first: Extent, second: usize) -> (Spent, Extent) {
    let (weight, bytes) = (first.weight(), first.bytes());
    let part = second / BYTES_A_STEP;
    match func {
        Func::Matches => (Spent::steps(PATTERN.saturating_add(weight)), Extent::One),
        Func::GetField => (Spent::steps(FIELD), Extent::Unknown),
        Func::ToDyn => (Spent::default(), first),
        Func::ToBool | Func::ToDouble | Func::ToDuration | Func::ToInt | Func::ToTimestamp | Func::ToUint => {
            (Spent::steps(weight.saturating_mul(9).saturating_add(CONVERTED)), Extent::One)
        }
        Func::ToString | Func::ToBytes => {
            let made = bytes.max(WRITTEN);
            let steps = weight.saturating_mul(9).saturating_add(CONVERTED);
            (Spent::steps(steps).making(made.saturating_add(TEXT)), Extent::Text(made))
        }
        Func::Unique => {
            let items = first.items();
            let steps = items.saturating_mul(2 + first.item().bytes()).saturating_add(first.walk());
            (Spent::steps(steps).making(items.saturating_mul(ITEM)), Extent::One)
        }
        // Items are counted, and not looked at.
        Func::Size if matches!(first, Extent::List(_)) => (Spent::steps(first.walk()), Extent::One),
        Func::Size => (Spent::steps(first.walk().saturating_add(weight)), Extent::One),
        Func::IsEmail | Func::IsHostAndPort | Func::IsHostname | Func::IsUri | Func::IsUriRef => {
            (Spent::steps(weight.saturating_mul(4)), Extent::One)
        }
        Func::IsIp | Func::IsIpPrefix => (Spent::steps(weight.saturating_mul(4)), Extent::One),
        _ if is_of_clock(func) => (Spent::steps(CLOCK + 1), Extent::One),
        _ => (Spent::steps(weight.saturating_add(part)), Extent::One),
    }
}

/// `new`: what replaces what is found.
fn of_text(func: Func, bytes: usize, new: usize) -> (Spent, Extent) {
    // Read, and room for twice as much made sure of.
    let read = bytes.saturating_add(bytes / 8).saturating_add(1);
    match func {
        Func::IndexOf | Func::LastIndexOf => (Spent::steps(read.saturating_add(bytes)), Extent::One),
        Func::Split => {
            let parts = bytes.saturating_add(1);
            let made = parts.saturating_mul(ITEM + TEXT).saturating_add(bytes);
            let steps = read.saturating_add(parts.saturating_mul(PART));
            (Spent::steps(steps).making(made), Extent::list(parts, Extent::Text(1)))
        }
        Func::Replace => {
            let made = bytes.saturating_add(1).saturating_mul(new.max(1)).saturating_add(bytes);
            let steps = read.saturating_add(made).saturating_add(made / BYTES_A_STEP);
            (Spent::steps(steps).making(made.saturating_add(TEXT)), Extent::Text(made))
        }
        _ => {
            let made = if func == Func::Quote { bytes.saturating_mul(2).saturating_add(2) } else { bytes };
            (Spent::steps(read).making(made.saturating_add(TEXT)), Extent::Text(made))
        }
    }
}

fn of_join(list: &Extent, separator: usize) -> (Spent, Extent) {
    let made = list.items().saturating_mul(list.item().bytes().saturating_add(separator));
    let steps = list.items().saturating_mul(2).saturating_add(made / 4).saturating_add(list.walk());
    (Spent::steps(steps).making(made.saturating_mul(2).saturating_add(TEXT)), Extent::Text(made))
}

fn of_format(format: &Extent, list: &Extent) -> (Spent, Extent) {
    let made = list.items().saturating_mul(list.item().bytes().max(WRITTEN)).saturating_add(format.bytes());
    let steps =
        list.items().saturating_mul(shown(&list.item()).saturating_add(CLAUSE)).saturating_add(list.walk());
    let steps = steps.saturating_add(made / BYTES_A_STEP).saturating_add(format.bytes());
    (Spent::steps(steps).making(made.saturating_mul(4).saturating_add(TEXT)), Extent::Text(made))
}

/// What showing a value costs.
fn shown(value: &Extent) -> usize {
    const SHOWN: usize = 24;
    match value {
        Extent::One | Extent::Message(_) => SHOWN,
        Extent::Text(bytes) => bytes.saturating_mul(2).saturating_add(SHOWN),
        Extent::List(list) => {
            list.items.saturating_mul(shown(&list.item)).saturating_add(value.walk()).saturating_add(SHOWN)
        }
        Extent::Map(entries, of) => {
            entries.saturating_mul(shown(&of.0).saturating_add(shown(&of.1))).saturating_add(SHOWN)
        }
        Extent::Unknown => ASSUMED_ITEMS.saturating_mul(SHOWN),
    }
}
