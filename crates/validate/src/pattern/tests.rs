use super::*;

fn matches(pattern: &str, text: &str) -> bool {
    compile(pattern).unwrap().is_match(text)
}

#[test]
fn perl_classes_know_ascii_only() {
    assert!(matches(r"^\d+$", "42"));
    assert!(!matches(r"^\d+$", "٤٢"));
    assert!(!matches(r"^\w$", "é"));
    assert!(matches(r"^\W$", "é"));
    assert!(!matches(r"^\s$", "\u{b}"));
    assert!(matches(r"^[\d\s-]+$", "4 -2"));
    assert!(matches(r"^[^\D]$", "7"));
}

#[test]
fn brackets_hold_characters_and_not_sets() {
    assert!(matches("^[[a]+$", "[a"));
    assert!(matches("^[a&&b]+$", "a&b"));
    assert!(matches("^[a~~b]+$", "~"));
    assert!(matches("^[]a]+$", "]a"));
    assert!(matches("^[^]a]$", "b"));
    assert!(matches("^[[:alpha:]_]+$", "ab_"));
    assert!(matches("^[a-c-]+$", "a-"));
}

#[test]
fn escapes_are_re2s() {
    assert!(matches(r"^\Qa.b\E+$", "a.bb"));
    assert!(matches(r"^\<\>$", "<>"));
    assert!(matches(r"^\101\x42\x{43}$", "ABC"));
    assert!(matches(r"^\x{1F600}{2}[\x{e9}\x41]$", "\u{1f600}\u{1f600}\u{e9}"));
    assert!(matches(r"\bfoo\b", "a foo b"));
    assert!(matches(r"\B", "\u{3b1}") && !matches(r"\B", "a\u{3b1}b") && !matches(r"b+\B", "ab\u{e9}"));
    assert!(matches(r"^a\Bb", "ab") && !matches(r"\B$", "a"));
    assert!(matches(r"^\_\-\/$", "_-/"));
    assert!(matches(r"a\z", "a"));
    assert!(!matches(r"a$", "a\n"));
}

#[test]
fn what_is_no_pattern_is_told() {
    assert_eq!(compile(r"(a)\1").unwrap_err(), r"`\1` refers back, which RE2 does not");
    assert_eq!(compile("a(").unwrap_err(), "no pattern of RE2's syntax: unclosed group");
    assert_eq!(compile("[a").unwrap_err(), "a `[` is not closed");
    assert_eq!(compile("a\\").unwrap_err(), "the pattern ends with a backslash");
    assert!(compile(r"(?=a)").is_err());
    assert!(compile("(a{1000}){1000}").unwrap_err().starts_with("the pattern repeats something"));
    for pattern in ["(?u)a", "(?x)a", "(?R)a", "(?#a)", "(?P=a)", "(?P<a-b>x)", "(?P<>x)", "(?<a", "(?"] {
        assert!(compile(pattern).is_err(), "{pattern}");
    }
    for pattern in ["a**", "a+*", "a{2}{3}", "a{2}*", "a???", "a{1001}", "a{2,1}", "((a{10}){10}){11}", "*a"]
    {
        assert!(compile(pattern).is_err(), "{pattern}");
    }
    for pattern in [r"\u0061", r"\y", r"\e", r"\E", r"\Z", r"\p{nothing}"] {
        assert!(compile(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn repetitions_and_groups_are_re2s() {
    assert!(matches(r"^a{,5}$", "a{,5}"));
    assert!(matches(r"^{a{$", "{a{"));
    for (pattern, text) in
        [("^a{02}$", "a{02}"), ("^[0-9]{03}$", "7{03}"), ("^a{0,02}$", "a{0,02}"), ("^x{00}$", "x{00}")]
    {
        assert!(matches(pattern, text) && !matches(pattern, "aa") && !matches(pattern, "123"), "{pattern}");
    }
    assert!(matches("^a{0}b{0,1}c{10}$", "cccccccccc"));
    assert!(matches("^(a{02}*)+$", "a{02}}}"));
    assert!(matches(r"^a{2,}?b{1,2}c{2}$", "aaabcc"));
    assert!(matches(r"^(a{10}){100}$", &"a".repeat(1000)));
    assert!(matches(r"^(?P<x>a)(?<x>b)(?P<1>c)$", "abc"));
    assert!(matches(r"^(?i)A(?-i:b)(?s-m:.)$", "ab\n"));
    assert!(matches(r"^\p{^Greek}\P{^Latin}\pL$", "aaa"));
    assert!(matches(r"^()(a|)$", "a"));
}

#[test]
fn what_nests_deep_is_a_pattern_all_the_same() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + "a" + &close.repeat(depth);
    // On whatever stack is left.
    let small = std::thread::Builder::new().stack_size(256 << 10);
    let judged = small.spawn(move || {
        for pattern in [
            nested("(", ")", 250),
            nested("(", ")", 999),
            nested("(?:", ")", 999),
            nested("(b?", ")", 499),
            nested("(?:b?", "|c)*", 249),
        ] {
            assert!(matches(&pattern, "bab"), "{} bytes", pattern.len());
        }
        for pattern in [nested("(", ")", 1001), nested("(?:b?", "|c)*", 600)] {
            assert!(compile(&pattern).unwrap_err().contains("nest"), "{} bytes", pattern.len());
        }
    });
    judged.unwrap().join().unwrap();
}

#[test]
fn a_class_takes_a_dash_for_what_re2_does() {
    let finds = |pattern: &str, yes: &[&str], no: &[&str]| {
        for text in yes {
            assert!(matches(pattern, text), "{pattern} finds nothing in {text:?}");
        }
        for text in no {
            assert!(!matches(pattern, text), "{pattern} finds something in {text:?}");
        }
    };
    // Behind a class, it is itself, whatever follows.
    finds(r"^[a-z\s-_]+$", &["a-b", "a _"], &["ADMIN", "a/../b", "'"]);
    finds(r"^[\w-~]+$", &["a-b", "a~"], &["a{|}b", "}"]);
    finds(r"^[\w-.]+$", &["a-b.c"], &["a/b"]);
    finds(r"^[\w-+]+$", &["a-b+c"], &["a,b"]);
    finds(r"^[\p{L}-' ]+$", &["O'Brien-\u{c9} x"], &["a(b"]);
    finds(r"^[\pL-a]+$", &["\u{e9}-"], &["1"]);
    finds(r"^[[:alpha:]-z]+$", &["a-z"], &["1", "."]);
    finds(r"^[^\w-!]$", &[" ", "\u{e9}"], &["-", "!", "a"]);
    // At either end, it is itself too.
    finds("^[-a]+$", &["-a"], &["b"]);
    finds("^[a-]+$", &["-a"], &["b"]);
    finds("^[^-a]+$", &["b"], &["-", "a"]);
    // Between characters, it is a range, be they dashes.
    finds("^[#--]+$", &["#&'-"], &[".", "\""]);
    finds("^[--/]+$", &["-./"], &[",", "0"]);
    finds("^[---]+$", &["-"], &[",", "."]);
    finds("^[a-c-e]+$", &["abc-e"], &["d"]);
    finds(r"^[\x41-\x{43}]+$", &["ABC"], &["D", "-"]);
    finds(r"^[\101-\103\-]+$", &["ABC-"], &["D"]);
    finds(r"^[!-\/]+$", &["#/"], &["0"]);
    for pattern in ["[9--]", "[a-c-a--0]", "[z-a]", r"[a-\d]", r"[--\w]", r"[a-[:alpha:]]", r"[a-\pL]", "[a-"]
    {
        drop(compile(pattern).unwrap_err());
    }
}

#[test]
fn a_class_is_no_set_of_sets() {
    assert!(matches("^[)[:]+$", ")[:"));
    assert!(matches("^[[:a]+$", "[:a"));
    assert!(matches("^[[:]+$", "[:"));
    assert!(matches("^[a[:digit:]&&[:upper:]b]+$", "7&Zb"));
    assert!(matches("^[[a]]$", "[]"));
    assert!(matches(r"^[\\\]^.$|()*+?{}#]+$", r"\]^.$|()*+?{}#"));
    assert!(matches("(?i)^[a-c\u{17f}]+$", "ABCsS"));
    assert!(matches(r"(?i)^[\w]+$", "\u{212a}") && matches(r"(?i)^\w+$", "\u{212a}"));
    for pattern in ["[[:nope:]]", "[[:Alpha:]]", r"[\b]", r"[\A]", r"[\Qa\E]", r"[\z]", "[", "[]", "[^]"] {
        drop(compile(pattern).unwrap_err());
    }
}

#[test]
fn escapes_of_what_is_not_ascii_are_none() {
    for pattern in [r"\é", r"[\é]", r"\x", r"\x4", r"\x{}", r"\x{110000}", r"\x{4", r"\x{+4}", r"\8"] {
        drop(compile(pattern).unwrap_err());
    }
    // Halves of characters are in no text, but may be written.
    assert!(!matches(r"\x{d800}", "a") && matches(r"^[\x{d800}-\x{e001}]$", "\u{e000}"));
    assert!(!matches(r"\p{Cs}", "a") && matches(r"^\P{Cs}$", "a"));
}

#[test]
fn classes_of_unicode_have_the_names_that_re2_knows() {
    assert!(matches(r"^\p{Lu}\p{Greek}\pN[\p{^Lu}\PZ]$", "A\u{3b1}7b"));
    for pattern in
        [r"\p{Alphabetic}", r"\p{greek}", r"\p{Letter}", r"\p{sc=Greek}", r"\p{Grek}", r"\pQ", r"\p", r"\p{L"]
    {
        drop(compile(pattern).unwrap_err());
    }
}

#[test]
fn flags_may_come_again() {
    assert!(matches("^(?ii)A(?i-i:b)$", "ab") && !matches("^(?i-i:b)$", "B"));
    assert!(matches("^(?)a(?:b)$", "ab"));
    for pattern in ["(?i-)a", "(?-)a", "(?-:a)", "(?i-s-m)a"] {
        drop(compile(pattern).unwrap_err());
    }
}

#[test]
fn what_re2_has_room_for_compiles() {
    let long = "\u{e9}".repeat(255);
    assert!(matches(r"^\p{L}{1,255}$", &long));
    assert!(!matches(r"^\p{L}{1,255}$", &format!("{long}\u{e9}")));
    assert!(matches(r"^\pN{1000}$", &"7".repeat(1000)));
    assert!(matches(r"^[\p{L}\p{M}\p{N} '.-]{1,300}$", "Jos\u{e9} O'Brien-Smith 3."));
    assert!(
        compile(r"\p{L}{1000}\PL{1000}\p{L}{1000}\PL{1000}")
            .unwrap_err()
            .starts_with("the pattern needs more than")
    );
}

#[test]
fn a_pattern_never_takes_more_than_it_may() {
    // A thousand places at which a match may have begun: every text makes states of its own.
    let pattern = compile("[ab]*a[ab]{500}[cd]").unwrap();
    let text = scattered(200_000);
    let mut steps = Steps::for_message(text.len());
    assert_eq!(pattern.is_match_within(&text, &mut steps), Err(Exhausted));
    // What is usual is paid from the smallest purse.
    let mut few = Steps::of(200_000);
    let usual = compile(r"^[a-z0-9]+([._-][a-z0-9]+)*$").unwrap();
    assert_eq!(usual.is_match_within(&"ab-7".repeat(10_000), &mut few), Ok(true));
}

#[test]
fn a_full_room_changes_no_answer() {
    // Each text makes states of its own, so that the room is filled time and again.
    let pattern = compile(r"^[\w-]*a[\w-]{40}$").unwrap();
    let (mut seed, mut found) = (7_u64, 0);
    for _ in 0..4000 {
        let text: String = (0..60)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(b"abc-"[(seed >> 62) as usize])
            })
            .collect();
        let expected = text.as_bytes()[60 - 41] == b'a';
        assert_eq!(pattern.is_match(&text), expected, "{text}");
        found += usize::from(expected);
    }
    assert!((500..1500).contains(&found), "{found}");
}

#[test]
fn where_no_word_ends_is_found_in_linear_time() {
    let texts = "|a|ab| |  |é|éé|aé|éa|é é|a b|€|€€a|_|a_b|\u{10ffff}|x é|ab€cd";
    for source in
        [r"\B", r"\B\B", r"\Bb", r"a\B", r"\B.\B", r"^\B", r"\B$", r"é\B|\Bé", r"(\B|a)+b", r"\B(?:)\B"]
    {
        let pattern = compile(source).unwrap();
        let other = regex::bytes::Regex::new(pattern.translated()).unwrap();
        for text in texts.split('|') {
            // Only an empty match can begin within a character: everything else reads whole ones.
            let expected = other.find_iter(text.as_bytes()).any(|found| text.is_char_boundary(found.start()));
            assert_eq!(pattern.is_match(text), expected, "{source} on {text:?}");
        }
    }
    drop(compile(r"a)(\Bb").unwrap_err());
    // As long as there is room for the states, a byte costs next to nothing; where there is not, they are paid for.
    let mut steps = Steps::of(10_000);
    assert_eq!(compile(r"\Bx$").unwrap().is_match_within(&"ab ".repeat(20_000), &mut steps), Ok(false));
    let wide = compile(r"\B[ab]*a[ab]{500}c").unwrap();
    let text = format!("c{}", scattered(400_000));
    assert_eq!(wide.is_match_within(&text, &mut Steps::for_message(text.len())), Err(Exhausted));
}

/// Of a and b, at random.
fn scattered(length: usize) -> String {
    let mut seed = 7_u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if seed >> 63 == 0 { 'a' } else { 'b' }
    };
    (0..length).map(|_| next()).collect()
}
