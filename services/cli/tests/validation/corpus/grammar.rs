//! Expressions that nobody would write, but that type-check.

use super::Random;

/// The types that expressions are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Ints,
    Texts,
    Time,
    Span,
}

use Type::{Bool, Bytes, Double, Int, Ints, Span, Text, Texts, Time, Uint};

/// A condition on the subject of the expressions.
pub(super) fn condition(random: &mut Random) -> String {
    Grammar { random, names: Vec::new() }.make(Bool, 4)
}

struct Grammar<'a> {
    random: &'a mut Random,
    /// Variables of the loops around.
    names: Vec<(String, Type)>,
}

impl Grammar<'_> {
    fn make(&mut self, wanted: Type, depth: u32) -> String {
        if depth == 0 || self.random.chance(15) {
            return self.leaf(wanted);
        }
        let shape = *self.random.pick(shapes(wanted));
        self.fill(shape, depth - 1)
    }

    /// Replaces `{i}` and its like by expressions of these types; `{x:…}` is the body of a loop.
    fn fill(&mut self, shape: &str, depth: u32) -> String {
        let mut made = String::new();
        let mut rest = shape;
        while let Some((before, after)) = rest.split_once('{') {
            made.push_str(before);
            let (hole, after) = after.split_once('}').unwrap();
            rest = after;
            let filled = match hole {
                "loop-ints" => self.looped(Int, depth),
                "loop-texts" => self.looped(Text, depth),
                hole => self.make(type_of(hole), depth),
            };
            made.push_str(&filled);
        }
        made + rest
    }

    /// `x, condition on x`.
    fn looped(&mut self, of: Type, depth: u32) -> String {
        let name = format!("x{}", self.names.len());
        self.names.push((name.clone(), of));
        let body = self.make(Bool, depth);
        self.names.pop();
        format!("{name}, {body}")
    }

    fn leaf(&mut self, wanted: Type) -> String {
        let bound: Vec<String> =
            self.names.iter().filter(|(_, of)| *of == wanted).map(|(name, _)| name.clone()).collect();
        if !bound.is_empty() && self.random.chance(60) {
            return self.random.pick(&bound).clone();
        }
        (*self.random.pick(leaves(wanted))).to_owned()
    }
}

fn type_of(hole: &str) -> Type {
    match hole {
        "b" => Bool,
        "i" => Int,
        "u" => Uint,
        "d" => Double,
        "s" => Text,
        "y" => Bytes,
        "li" => Ints,
        "ls" => Texts,
        "t" => Time,
        "du" => Span,
        other => panic!("`{other}` is no type"),
    }
}

fn leaves(wanted: Type) -> &'static [&'static str] {
    match wanted {
        Bool => &[
            "this.b",
            "true",
            "false",
            "has(this.n)",
            "has(this.oi)",
            "has(this.left)",
            "has(this.li)",
            "has(this.sv)",
        ],
        Int => &[
            "this.i",
            "this.l",
            "this.z",
            "this.n.i",
            "this.oi",
            "this.right.i",
            "0",
            "1",
            "-7",
            "this.e",
            "this.n.maybe",
        ],
        Uint => &["this.u", "this.ul", "this.x", "0u", "3u"],
        Double => &["this.d", "this.f", "0.5", "-1.0", "1e3"],
        Text => &["this.s", "this.n.s", "this.os", "this.left", "'foo'", "''", "'\\u00e9'", "this.sv"],
        Bytes => &["this.y", "b'foo'", "b''", "b'\\xff'"],
        Ints => &["this.li", "[1, 2, 3]", "[]", "[this.i, 7]"],
        Texts => &["this.ls", "['a', 'foo']", "this.fm.paths", "[this.s]"],
        Time => &["this.t", "timestamp('2023-11-14T22:13:20Z')", "timestamp(0)"],
        Span => &["this.du", "duration('90s')", "duration('-1.5s')"],
    }
}

const fn shapes(wanted: Type) -> &'static [&'static str] {
    match wanted {
        Bool => CONDITIONS,
        Int => INTEGERS,
        Uint => UNSIGNED,
        Double => DOUBLES,
        Text => TEXTS,
        Bytes => BLOBS,
        Ints => LISTS_OF_INTEGERS,
        Texts => LISTS_OF_TEXTS,
        Time => TIMES,
        Span => SPANS,
    }
}

const CONDITIONS: &[&str] = &[
    "({b} && {b})",
    "({b} || {b})",
    "!({b})",
    "({b} ? {b} : {b})",
    "{i} < {i}",
    "{i} == {i}",
    "{i} != {i}",
    "{i} >= {i}",
    "{u} <= {u}",
    "{u} == {u}",
    "{d} > {d}",
    "{d} == {d}",
    "{s} == {s}",
    "{s} < {s}",
    "{y} == {y}",
    "{y} > {y}",
    "{s}.startsWith({s})",
    "{s}.endsWith({s})",
    "{s}.contains({s})",
    "{y}.startsWith({y})",
    "{y}.contains({y})",
    "{i} in {li}",
    "{s} in {ls}",
    "{s} in this.m",
    "{i} in this.mi",
    "{li} == {li}",
    "{ls} != {ls}",
    "{li}.all({loop-ints})",
    "{li}.exists({loop-ints})",
    "{li}.exists_one({loop-ints})",
    "{ls}.all({loop-texts})",
    "{ls}.exists({loop-texts})",
    "this.m.all({loop-texts})",
    "{li}.unique()",
    "{ls}.unique()",
    "{t} < {t}",
    "{t} == {t}",
    "{du} >= {du}",
    "{s}.isHostname()",
    "{s}.isIp()",
    "{d}.isNan()",
    "{d}.isInf()",
    "{i} == {u}",
    "{d} < {i}",
    "{u} > {i}",
    "{li}.filter({loop-ints}) == {li}",
    "has(this.ln[0].maybe)",
    "this.ln.exists(n, n.i == {i})",
    "{s}.matches('^[a-f]*$')",
    "bool('true')",
];

const INTEGERS: &[&str] = &[
    "({i} + {i})",
    "({i} - {i})",
    "({i} * {i})",
    "({i} / {i})",
    "({i} % {i})",
    "-({i})",
    "({b} ? {i} : {i})",
    "size({s})",
    "{y}.size()",
    "{li}.size()",
    "size({ls})",
    "{li}[{i}]",
    "int({d})",
    "int({u})",
    "int({s})",
    "this.m[{s}]",
    "size(this.mi)",
    "{t}.getFullYear()",
    "{t}.getDayOfYear()",
    "{t}.getHours()",
    "{du}.getSeconds()",
    "{du}.getMinutes()",
    "{s}.indexOf({s})",
    "int({t})",
    "{du}.getMilliseconds()",
    "{t}.getDayOfWeek()",
    "{li}.filter({loop-ints}).size()",
    "{s}.lastIndexOf({s})",
];

const UNSIGNED: &[&str] = &[
    "({u} + {u})",
    "({u} - {u})",
    "({u} * {u})",
    "({u} / {u})",
    "({u} % {u})",
    "uint({i})",
    "({b} ? {u} : {u})",
    "uint({d})",
];

const DOUBLES: &[&str] = &[
    "({d} + {d})",
    "({d} - {d})",
    "({d} * {d})",
    "({d} / {d})",
    "-({d})",
    "double({i})",
    "double({u})",
    "double({s})",
];

const TEXTS: &[&str] = &[
    "({s} + {s})",
    "({b} ? {s} : {s})",
    "{ls}[{i}]",
    "string({i})",
    "string({u})",
    "string({b})",
    "string({y})",
    "this.mi[{i}]",
    "{s}.lowerAscii()",
    "{s}.upperAscii()",
    "{s}.trim()",
    "{s}.replace({s}, {s})",
    "{s}.substring({i})",
    "{s}.substring({i}, {i})",
    "{s}.charAt({i})",
    "{ls}.join({s})",
    "string({du})",
    "string({t})",
    "'%s|%d'.format([{s}, {i}])",
    "'%x'.format([{u}])",
    "'%s'.format([{li}])",
];

const BLOBS: &[&str] = &["({y} + {y})", "bytes({s})", "({b} ? {y} : {y})"];

const LISTS_OF_INTEGERS: &[&str] = &[
    "({li} + {li})",
    "{li}.map(x, x + {i})",
    "{li}.filter({loop-ints})",
    "{ls}.map(s, s.size())",
    "({b} ? {li} : {li})",
];

const LISTS_OF_TEXTS: &[&str] =
    &["({ls} + {ls})", "{ls}.filter({loop-texts})", "{s}.split({s})", "{li}.map(x, string(x))"];

const TIMES: &[&str] = &["({t} + {du})", "({t} - {du})", "timestamp({i})", "({b} ? {t} : {t})"];

const SPANS: &[&str] =
    &["({du} + {du})", "({du} - {du})", "({t} - {t})", "duration({s})", "({b} ? {du} : {du})"];
