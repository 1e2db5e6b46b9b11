//! The rules of one family (`StringRules`, `Int32Rules` …) to what they check.

use super::{
    examples::example,
    format::{Format, HEADER, Variant, WELL_KNOWN},
    octets::Octets,
    rules::{Check, Mask, Now, Rule},
    said::Said,
    set::{HIGH, LOW, Set, of_double, of_float},
    show,
};
use contract::schema::{FieldKind, Schema};
use validate::value::Value;

/// One family's message.
pub(super) struct Family<'a, 's> {
    pub(super) name: &'static str,
    pub(super) prefix: &'static str,
    pub(super) kind: FieldKind,
    pub(super) said: &'a Said<'s>,
    pub(super) rules: Vec<Rule>,
}

impl Family<'_, '_> {
    pub(super) fn add(&mut self, number: u32, name: &str, shown: &str, check: Check) {
        let id = format!("{}{}.{name}", self.prefix, self.name);
        let shown = format!("{id} = {shown}");
        self.rules.push(Rule { check, shown, id, path: self.said.at(number), expression: None });
    }

    /// What is said that is none of the `known` rules, nor an example: predefined rules.
    pub(super) fn predefined(&mut self, family: u32, known: &[u32]) {
        let example = example(family);
        for number in self.said.numbers().into_iter().filter(|n| !known.contains(n) && *n != example) {
            // What the extension says of itself is the rule; what is said here is its argument.
            let rule = self.said.extension(family, number);
            let meant = rule.map(|rule| rule.options.to_vec()).unwrap_or_default();
            let raw = [number.to_be_bytes().to_vec(), self.said.raw(number), meant].concat();
            let shown =
                rule.map_or_else(|| format!("(rule {number})"), |rule| format!("(rule `{}`)", rule.name));
            self.add(number, "predefined", &shown, Check::Opaque(raw));
        }
    }

    pub(super) fn list(&mut self) -> &'static [u32] {
        self.counts(["min_items", "max_items"]);
        if self.said.flag(3) == Some(true) {
            self.add(3, "unique", "true", Check::Unique);
        }
        &[1, 2, 3, 4]
    }

    pub(super) fn map(&mut self) -> &'static [u32] {
        self.counts(["min_pairs", "max_pairs"]);
        &[1, 2, 4, 5]
    }

    fn counts(&mut self, [least, most]: [&str; 2]) {
        if let Some(count) = self.said.count(1) {
            self.add(1, least, &count.to_string(), Check::Count(Set::between(count.into(), HIGH)));
        }
        if let Some(count) = self.said.count(2) {
            self.add(2, most, &count.to_string(), Check::Count(Set::between(0, count.into())));
        }
    }

    /// Numbers of a kind as positions; `None` for NaN.
    pub(super) fn positions(&self, number: u32) -> Vec<Option<i128>> {
        let values = self.said.values(number, self.kind).into_iter();
        values
            .map(|value| match value {
                Value::Int(value) => Some(value.into()),
                Value::Uint(value) => Some(value.into()),
                Value::Double(value) if value.is_nan() => None,
                #[allow(clippy::cast_possible_truncation, reason = "it was a float")]
                Value::Double(value) if self.kind == FieldKind::Float => Some(of_float(value as f32)),
                Value::Double(value) => Some(of_double(value)),
                _ => None,
            })
            .collect()
    }

    pub(super) fn number(&mut self) -> &'static [u32] {
        let kind = self.kind;
        let one = |family: &Self, number| family.positions(number).pop();
        if let Some(constant) = one(self, 1) {
            let shown = constant.map_or("nan".to_owned(), |value| show::number(kind, value));
            self.add(1, "const", &shown, Check::Number(Set::of(constant)));
        }
        self.range([2, 3, 4, 5], |family, number| one(family, number).flatten(), |v| show::number(kind, v));
        for (number, name) in [(6, "in"), (7, "not_in")] {
            let list: Vec<i128> = self.positions(number).into_iter().flatten().collect();
            if !self.positions(number).is_empty() {
                let shown = show::list(&list, |value| show::number(kind, *value));
                let set = Set::of(list);
                self.add(
                    number,
                    name,
                    &shown,
                    Check::Number(if number == 6 { set } else { set.complement() }),
                );
            }
        }
        if !matches!(kind, FieldKind::Float | FieldKind::Double) {
            return &[1, 2, 3, 4, 5, 6, 7];
        }
        if self.said.flag(8) == Some(true) {
            let most = if kind == FieldKind::Float { of_float(f32::MAX) } else { of_double(f64::MAX) };
            self.add(8, "finite", "true", Check::Number(Set::between(-most, most)));
        }
        &[1, 2, 3, 4, 5, 6, 7, 8]
    }

    /// The range that `lt`, `lte`, `gt` and `gte` make together; `numbers` are theirs, in this order.
    fn range(
        &mut self,
        numbers: [u32; 4],
        value: impl Fn(&Self, u32) -> Option<i128>,
        show: impl Fn(i128) -> String,
    ) {
        let [lt, lte, gt, gte] = numbers;
        let end = |one, other| {
            let number = self.said.chosen(&[one, other])?;
            Some((number, value(self, number)?))
        };
        let high =
            end(lt, lte).map(|(number, value)| (number, if number == lt { value - 1 } else { value }, value));
        let low =
            end(gt, gte).map(|(number, value)| (number, if number == gt { value + 1 } else { value }, value));
        let name = |number| match number {
            n if n == lt => "lt",
            n if n == lte => "lte",
            n if n == gt => "gt",
            _ => "gte",
        };
        let (most, least) = (high.map_or(HIGH, |high| high.1), low.map_or(LOW, |low| low.1));
        let set = match (low, high) {
            (None, None) => return,
            (Some(low), Some(high)) if high.2 < low.2 => {
                Set::between(LOW, most).or(&Set::between(least, HIGH))
            }
            _ => Set::between(least, most),
        };
        let ends: Vec<_> = low.into_iter().chain(high).collect();
        let Some(first) = ends.first().copied() else { return };
        let shown: Vec<_> =
            ends.iter().map(|(n, _, value)| format!("{} = {}", name(*n), show(*value))).collect();
        self.add(first.0, name(first.0), "", Check::Number(set));
        if let Some(rule) = self.rules.last_mut() {
            rule.shown = format!("{}{} {{ {} }}", self.prefix, self.name, shown.join(", "));
        }
    }

    pub(super) fn bool(&mut self) -> &'static [u32] {
        if let Some(constant) = self.said.flag(1) {
            self.add(1, "const", &constant.to_string(), Check::Number(Set::of([i128::from(constant)])));
        }
        &[1]
    }

    pub(super) fn enumeration(&mut self, schema: &Schema) -> &'static [u32] {
        if let Some(constant) = self.integers(1).pop() {
            self.add(1, "const", &constant.to_string(), Check::Number(Set::of([constant])));
        }
        if let (Some(true), FieldKind::Enum(id)) = (self.said.flag(2), self.kind) {
            let numbers = schema.enum_at(id).numbers.iter().map(|number| i128::from(*number));
            self.add(2, "defined_only", "true", Check::Number(Set::of(numbers)));
        }
        for (number, name) in [(3, "in"), (4, "not_in")] {
            let list = self.integers(number);
            if !list.is_empty() {
                let shown = show::list(&list, i128::to_string);
                let set = Set::of(list);
                self.add(
                    number,
                    name,
                    &shown,
                    Check::Number(if number == 3 { set } else { set.complement() }),
                );
            }
        }
        &[1, 2, 3, 4]
    }

    pub(super) fn integers(&self, number: u32) -> Vec<i128> {
        let values = self.said.values(number, FieldKind::Int32).into_iter();
        values.filter_map(|v| if let Value::Int(v) = v { Some(v.into()) } else { None }).collect()
    }

    pub(super) fn octets(&mut self, number: u32, name: &str, shown: &str, octets: Octets) {
        self.add(number, name, shown, Check::Octets(octets));
    }

    /// Lengths: number, name, and the least and most of it that is meant.
    fn lengths(&mut self, numbers: &[(u32, &str, bool, bool)], of: fn(Set) -> Octets) {
        for (number, name, least, most) in numbers {
            if let Some(length) = self.said.count(*number) {
                let low = if *least { length.into() } else { 0 };
                let high = if *most { length.into() } else { HIGH };
                self.octets(*number, name, &length.to_string(), of(Set::between(low, high)));
            }
        }
    }

    pub(super) fn text(&mut self) -> &'static [u32] {
        let lengths = [(19, "len", true, true), (2, "min_len", true, false), (3, "max_len", false, true)];
        self.lengths(&lengths, Octets::Characters);
        let lengths =
            [(20, "len_bytes", true, true), (4, "min_bytes", true, false), (5, "max_bytes", false, true)];
        self.lengths(&lengths, Octets::Bytes);
        let parts: [Part; 5] = [
            (1, "const", |part| Octets::In(vec![part])),
            (7, "prefix", Octets::Prefix),
            (8, "suffix", Octets::Suffix),
            (9, "contains", Octets::Contains),
            (23, "not_contains", Octets::NotContains),
        ];
        for (number, name, of) in parts {
            if let Some(part) = self.said.text(number) {
                self.octets(number, name, &format!("{part:?}"), of(part.into_bytes()));
            }
        }
        self.pattern(6);
        for (number, name, of) in LISTS {
            let list = self.said.texts(number);
            self.members(number, name, &list.into_iter().map(String::into_bytes).collect::<Vec<_>>(), of);
        }
        self.format();
        &[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
            27, 28, 29, 30, 31, 32, 33, 35, 37, 38,
        ]
    }

    fn pattern(&mut self, number: u32) {
        if let Some(pattern) = self.said.text(number) {
            self.octets(number, "pattern", &format!("{pattern:?}"), Octets::Pattern(pattern));
        }
    }

    fn members(&mut self, number: u32, name: &str, list: &[Vec<u8>], of: fn(Vec<Vec<u8>>) -> Octets) {
        if !list.is_empty() {
            let shown = show::list(list, |entry| show::octets(entry));
            self.octets(number, name, &shown, of(list.to_vec()));
        }
    }

    fn format(&mut self) {
        let Some(number) = self.said.chosen(&WELL_KNOWN) else { return };
        let strict = self.said.flag(25).unwrap_or(true);
        let format = match (number, self.said.count(number)) {
            (HEADER, Some(1)) if strict => Format { number, variant: Variant::HeaderName },
            (HEADER, Some(1)) => Format { number, variant: Variant::LooseHeaderName },
            (HEADER, Some(2)) if strict => Format { number, variant: Variant::HeaderValue },
            (HEADER, Some(2)) => Format { number, variant: Variant::LooseHeaderValue },
            (HEADER, _) => return,
            (_, Some(1..)) => Format::of(number),
            _ => return,
        };
        let shown = match format.variant {
            Variant::Only => "true",
            Variant::HeaderName => "KNOWN_REGEX_HTTP_HEADER_NAME",
            Variant::LooseHeaderName => "KNOWN_REGEX_HTTP_HEADER_NAME, strict = false",
            Variant::HeaderValue => "KNOWN_REGEX_HTTP_HEADER_VALUE",
            Variant::LooseHeaderValue => "KNOWN_REGEX_HTTP_HEADER_VALUE, strict = false",
        };
        self.octets(number, format.name(), shown, Octets::Format(format));
    }

    pub(super) fn blob(&mut self) -> &'static [u32] {
        let lengths = [(13, "len", true, true), (2, "min_len", true, false), (3, "max_len", false, true)];
        self.lengths(&lengths, Octets::Bytes);
        let parts: [Part; 4] = [
            (1, "const", |part| Octets::In(vec![part])),
            (5, "prefix", Octets::Prefix),
            (6, "suffix", Octets::Suffix),
            (7, "contains", Octets::Contains),
        ];
        for (number, name, of) in parts {
            if let Some(part) = self.said.blobs(number).pop() {
                self.octets(number, name, &show::octets(&part), of(part));
            }
        }
        self.pattern(4);
        for (number, name, of) in [(8, "in", Octets::one_of as fn(_) -> _), (9, "not_in", Octets::none_of)] {
            let list = self.said.blobs(number);
            self.members(number, name, &list, of);
        }
        let formats: [(u32, &str, &[i128]); 4] =
            [(10, "ip", &[4, 16]), (11, "ipv4", &[4]), (12, "ipv6", &[16]), (15, "uuid", &[16])];
        let chosen = self.said.chosen(&formats.map(|format| format.0));
        if let Some((number, name, lengths)) = formats.into_iter().find(|format| Some(format.0) == chosen)
            && self.said.flag(number) == Some(true)
        {
            self.octets(number, name, "true", Octets::Bytes(Set::of(lengths.iter().copied())));
        }
        &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15]
    }

    pub(super) fn any(&mut self) -> &'static [u32] {
        for (number, name, of) in [(2, "in", Octets::one_of as fn(_) -> _), (3, "not_in", Octets::none_of)] {
            let list = self.said.texts(number);
            self.members(number, name, &list.into_iter().map(String::into_bytes).collect::<Vec<_>>(), of);
        }
        &[2, 3]
    }

    fn times(&mut self, show: fn(i128) -> String) {
        let one = |family: &Self, number| family.said.message(number).map(|time| time.nanos());
        if let Some(constant) = one(self, 2) {
            self.add(2, "const", &show(constant), Check::Number(Set::of([constant])));
        }
        self.range([3, 4, 5, 6], one, show);
    }

    pub(super) fn duration(&mut self) -> &'static [u32] {
        self.times(show::duration);
        for (number, name) in [(7, "in"), (8, "not_in")] {
            let list: Vec<i128> = self.said.messages(number).iter().map(Said::nanos).collect();
            if !list.is_empty() {
                let shown = show::list(&list, |time| show::duration(*time));
                let set = Set::of(list);
                self.add(
                    number,
                    name,
                    &shown,
                    Check::Number(if number == 7 { set } else { set.complement() }),
                );
            }
        }
        &[2, 3, 4, 5, 6, 7, 8]
    }

    pub(super) fn timestamp(&mut self) -> &'static [u32] {
        self.times(show::timestamp);
        for (number, oneof, name, now) in
            [(7, [3, 4, 7], "lt_now", Now::Before), (8, [5, 6, 8], "gt_now", Now::After)]
        {
            if self.said.chosen(&oneof) == Some(number) && self.said.flag(number) == Some(true) {
                self.add(number, name, "true", Check::Now(now));
            }
        }
        if let Some(within) = self.said.message(9).map(|time| time.nanos()) {
            self.add(9, "within", &show::duration(within), Check::Now(Now::Within(within)));
        }
        &[2, 3, 4, 5, 6, 7, 8, 9]
    }

    pub(super) fn mask(&mut self) -> &'static [u32] {
        let shown = |paths: &[String]| show::list(paths, |path| format!("{path:?}"));
        if let Some(paths) = self.said.message(1).map(|mask| mask.texts(1)) {
            self.add(1, "const", &shown(&paths), Check::Mask(Mask::Const(paths)));
        }
        for (number, name, of) in [(2, "in", Mask::In as fn(_) -> _), (3, "not_in", Mask::NotIn)] {
            let paths = self.said.texts(number);
            if !paths.is_empty() {
                self.add(number, name, &shown(&paths), Check::Mask(of(paths)));
            }
        }
        &[1, 2, 3]
    }
}

/// Parts of strings and bytes: number, name, rule.
type Part = (u32, &'static str, fn(Vec<u8>) -> Octets);

/// Lists of strings: number, name, rule.
type List = (u32, &'static str, fn(Vec<Vec<u8>>) -> Octets);
const LISTS: [List; 2] = [(10, "in", Octets::one_of), (11, "not_in", Octets::none_of)];
