//! Rules of numbers, and of `bool`.

use super::{
    Compiler, display,
    options::Rules,
    standard::{Family, types},
};
use crate::{
    failure::CompileError,
    rules::{Bound, Listed, Number, SiteId},
    value::Value,
    violation::PathElement,
};
use contract::schema::FieldKind;

/// What rules of numbers speak of.
pub(super) trait Numeric: PartialOrd + Copy {
    fn of(value: &Value<'_>) -> Option<Self>;
    fn show(self) -> String;
    fn is_nan(self) -> bool {
        false
    }
}

impl Numeric for i64 {
    fn of(value: &Value<'_>) -> Option<Self> {
        if let Value::Int(number) = value { Some(*number) } else { None }
    }
    fn show(self) -> String {
        self.to_string()
    }
}

impl Numeric for u64 {
    fn of(value: &Value<'_>) -> Option<Self> {
        if let Value::Uint(number) = value { Some(*number) } else { None }
    }
    fn show(self) -> String {
        self.to_string()
    }
}

impl Numeric for f64 {
    fn of(value: &Value<'_>) -> Option<Self> {
        if let Value::Double(number) = value { Some(*number) } else { None }
    }
    fn show(self) -> String {
        display::double(self)
    }
    fn is_nan(self) -> bool {
        Self::is_nan(self)
    }
}

impl Numeric for bool {
    fn of(value: &Value<'_>) -> Option<Self> {
        if let Value::Bool(flag) = value { Some(*flag) } else { None }
    }
    fn show(self) -> String {
        self.to_string()
    }
}

/// Checks with their sites.
pub(super) type Checks<T> = Vec<(T, SiteId)>;

/// The numbers that [`Compiler::numbers`] reads.
pub(super) const KNOWN: [u32; 7] = [1, 2, 3, 4, 5, 6, 7];

impl<'s> Compiler<'s> {
    /// The rules of a number of this kind.
    pub(super) fn numbers<T: Numeric>(
        &mut self,
        family: Family,
        kind: FieldKind,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Result<Checks<Number<T>>, CompileError> {
        let type_number = kind.type_number();
        let all = |number: u32| -> Vec<T> { rules.values(number, kind).iter().filter_map(T::of).collect() };
        let mut checks = Vec::new();
        let mut add = |compiler: &mut Self, number: u32, id: &str, message: String, check: Number<T>| {
            let name = NAMES.get(number as usize - 1).copied().unwrap_or_default();
            let path = [prefix, &family.path(number, name, type_number)].concat();
            let id = format!("{}.{id}", family.name);
            let site = compiler.site(path, id, message, &rules.place.within(number));
            checks.push((check, site));
        };
        if let Some(constant) = all(1).pop() {
            add(self, 1, "const", format!("must equal {}", constant.show()), Number::Const(constant));
        }
        if let Some(range) = range(rules, [2, 3, 4, 5], |number| all(number).pop(), T::show) {
            if range.ends.iter().any(|end| end.is_nan()) {
                return Err(rules.place.within(range.number).error("NaN is the end of no range"));
            }
            add(self, range.number, range.id, range.message, range.check);
        }
        let (list, refused) = (all(6), all(7));
        if !list.is_empty() {
            let message = format!("must be in list {}", display::list(&list, |value| value.show()));
            add(self, 6, "in", message, Number::In(Listed::of(list)));
        }
        if !refused.is_empty() {
            let message = format!("must not be in list {}", display::list(&refused, |value| value.show()));
            add(self, 7, "not_in", message, Number::NotIn(Listed::of(refused)));
        }
        Ok(checks)
    }

    /// `finite` of floating-point numbers.
    pub(super) fn finite(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Option<(Number<f64>, SiteId)> {
        if rules.flag(8) != Some(true) {
            return None;
        }
        let path = [prefix, &family.path(8, "finite", types::BOOL)].concat();
        let id = format!("{}.finite", family.name);
        let site = self.site(path, id, "must be finite".to_owned(), &rules.place.within(8));
        Some((Number::Finite, site))
    }

    /// `const` of `bool`.
    pub(super) fn flags(
        &mut self,
        family: Family,
        rules: &Rules<'s>,
        prefix: &[PathElement],
    ) -> Checks<Number<bool>> {
        let Some(constant) = rules.flag(1) else { return Vec::new() };
        let path = [prefix, &family.path(1, "const", types::BOOL)].concat();
        let message = format!("must equal {constant}");
        vec![(Number::Const(constant), self.site(path, "bool.const", message, &rules.place.within(1)))]
    }
}

const NAMES: [&str; 7] = ["const", "lt", "lte", "gt", "gte", "in", "not_in"];

/// A range, with what is reported where it is left.
pub(super) struct Range<T> {
    /// The number of the rule that is reported: the lower end's, if there is one.
    pub(super) number: u32,
    /// "gt_lt_exclusive".
    pub(super) id: &'static str,
    pub(super) message: String,
    pub(super) check: Number<T>,
    pub(super) ends: Vec<T>,
}

/// The range that `lt`, `lte`, `gt` and `gte` make together; `numbers` are theirs, in this order.
pub(super) fn range<T: PartialOrd + Copy>(
    rules: &Rules<'_>,
    numbers: [u32; 4],
    value: impl Fn(u32) -> Option<T>,
    show: impl Fn(T) -> String,
) -> Option<Range<T>> {
    let [lt, lte, gt, gte] = numbers;
    let high = rules.chosen(&[lt, lte]).find_map(|number| Some((number == lte, number, value(number)?)));
    let low = rules.chosen(&[gt, gte]).find_map(|number| Some((number == gte, number, value(number)?)));
    let bound = |inclusive, value| if inclusive { Bound::Inclusive(value) } else { Bound::Exclusive(value) };
    let below = |inclusive, value| {
        format!("less than {}{}", if inclusive { "or equal to " } else { "" }, show(value))
    };
    let above = |inclusive, value| {
        format!("greater than {}{}", if inclusive { "or equal to " } else { "" }, show(value))
    };
    Some(match (low, high) {
        (None, None) => return None,
        (None, Some((inclusive, number, value))) => Range {
            number,
            id: if inclusive { "lte" } else { "lt" },
            message: format!("must be {}", below(inclusive, value)),
            check: Number::Between(Bound::None, bound(inclusive, value)),
            ends: vec![value],
        },
        (Some((inclusive, number, value)), None) => Range {
            number,
            id: if inclusive { "gte" } else { "gt" },
            message: format!("must be {}", above(inclusive, value)),
            check: Number::Between(bound(inclusive, value), Bound::None),
            ends: vec![value],
        },
        (Some((includes_low, number, low)), Some((includes_high, _, high))) => {
            let outside = high < low;
            let (low_end, high_end) = (bound(includes_low, low), bound(includes_high, high));
            let word = if outside { "or" } else { "and" };
            let (above, below) = (above(includes_low, low), below(includes_high, high));
            Range {
                number,
                id: both(includes_low, includes_high, outside),
                message: format!("must be {above} {word} {below}"),
                check: if outside {
                    Number::Outside(low_end, high_end)
                } else {
                    Number::Between(low_end, high_end)
                },
                ends: vec![low, high],
            }
        }
    })
}

const fn both(includes_low: bool, includes_high: bool, outside: bool) -> &'static str {
    match (includes_low, includes_high, outside) {
        (false, false, false) => "gt_lt",
        (false, false, true) => "gt_lt_exclusive",
        (false, true, false) => "gt_lte",
        (false, true, true) => "gt_lte_exclusive",
        (true, false, false) => "gte_lt",
        (true, false, true) => "gte_lt_exclusive",
        (true, true, false) => "gte_lte",
        (true, true, true) => "gte_lte_exclusive",
    }
}
