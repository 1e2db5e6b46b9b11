//! Text to syntax tree, by the `cel` crate.
//!
//! Its hand-written parser rather than the ANTLR one: same trees, a tenth of the time, and recursion that can
//! be bounded. Expressions come from descriptor sets of strangers, so that size and nesting are bounded here
//! before it sees them.

use cel::IdedExpr;
use cel::parser::PrattParser;

/// The longest expression, in bytes.
const MAX_LENGTH: usize = 16 * 1024;
/// How many signs may nest one thing into another: each is at most one level of the tree.
const MAX_OPERATORS: usize = 512;
/// How deep parentheses, brackets and arguments may nest.
const MAX_DEPTH: u16 = 48;
/// How many nodes the tree may have, after macros.
const MAX_NODES: usize = 8 * 1024;

/// Parses an expression and expands its macros.
///
/// # Errors
/// The first thing that is wrong, in one line, with its line and column where known.
pub(super) fn parse(expression: &str) -> Result<IdedExpr, String> {
    if expression.len() > MAX_LENGTH {
        return Err(format!("the expression has {} bytes; at most {MAX_LENGTH} are read", expression.len()));
    }
    if operators(expression) > MAX_OPERATORS {
        return Err(format!("the expression has more than {MAX_OPERATORS} operators; split it into rules"));
    }
    // The crate knows a younger name of the macro, which the official runtimes do not.
    if code(expression)?.contains(".existsOne(") {
        return Err("there is no macro `existsOne`; write `exists_one`".to_owned());
    }
    let parser = PrattParser::new()
        .max_recursion_depth(MAX_DEPTH)
        .max_expression_node_count(MAX_NODES)
        .enable_ident_escape_syntax(true);
    parser.parse(expression).map_err(|errors| match errors.errors.first() {
        Some(error) => describe(error),
        None => "the expression cannot be parsed".to_owned(),
    })
}

fn describe(error: &cel::ParseError) -> String {
    let message = error.msg.lines().next().unwrap_or_default();
    match error.pos {
        (line, column) if line > 0 => format!("{message}, at {line}:{column} of the expression"),
        _ => message.to_owned(),
    }
}

/// An upper bound of how many operators there are: what stands in strings counts as well.
fn operators(expression: &str) -> usize {
    let signs = expression.bytes().filter(|byte| b".[({?!-+*/%<>=&|".contains(byte)).count();
    signs + expression.split(|c: char| !c.is_alphanumeric()).filter(|word| *word == "in").count()
}

/// The expression without blanks, comments, and what stands in strings. Refuses what the crate reads and the official
/// runtimes do not.
fn code(expression: &str) -> Result<String, String> {
    let mut code = String::new();
    // Where the last word may begin: behind a blank that was left out.
    let mut begin = 0;
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '/' if after.starts_with('/') => {
                begin = code.len();
                after.split_once('\n').map_or("", |(_, after)| after)
            }
            '"' | '\'' => {
                let prefix = last_word(&code, begin);
                if prefix.len() == 2 && prefix.eq_ignore_ascii_case("rb") {
                    return Err(format!(
                        "there are no strings `{prefix}{c}`; write `b{c}`, or `br{c}` for raw bytes"
                    ));
                }
                let is_raw = is_raw(prefix);
                // What stood before is no longer next to what comes.
                code.push(' ');
                behind_string(rest, c, is_raw)
            }
            c if c.is_whitespace() => {
                begin = code.len();
                after
            }
            'X' if last_word(&code, begin) == "0" => {
                return Err("a hexadecimal number begins with `0x`, not `0X`".to_owned());
            }
            c => {
                code.push(c);
                after
            }
        };
    }
    Ok(code)
}

fn last_word(code: &str, begin: usize) -> &str {
    let is_sign = |c: char| !c.is_alphanumeric() && c != '_';
    code.get(begin..).and_then(|rest| rest.rsplit(is_sign).next()).unwrap_or_default()
}

/// Whether what stands before a quote says that backslashes in it are nothing but that.
fn is_raw(prefix: &str) -> bool {
    matches!(prefix, "r" | "R" | "br" | "bR" | "Br" | "BR")
}

/// What follows the string that a text begins with.
fn behind_string(text: &str, quote: char, is_raw: bool) -> &str {
    let thrice = [quote; 3].iter().collect::<String>();
    let end = if text.starts_with(&thrice) { thrice } else { quote.to_string() };
    let mut rest = text.get(end.len()..).unwrap_or_default();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(end.as_str()) {
            return after;
        }
        let mut chars = rest.chars();
        if chars.next() == Some('\\') && !is_raw {
            chars.next();
        }
        rest = chars.as_str();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_is_too_much_is_refused_in_a_line() {
        for source in [
            "(".repeat(600) + "1" + &")".repeat(600),
            "[".repeat(400) + &"]".repeat(400),
            "x".to_owned() + &".map(x, x".repeat(200) + &")".repeat(200),
            "true ? 1 : ".repeat(600) + "1",
            "1 in ".repeat(600) + "1",
            "x".to_owned() + &".y".repeat(3000),
            "'".to_owned() + &"a".repeat(20_000) + "'",
        ] {
            let error = parse(&source).unwrap_err();
            assert!(error.lines().count() == 1 && error.len() < 200, "{error}");
        }
    }

    #[test]
    fn what_is_deep_but_allowed_fits_a_small_stack() {
        for source in [
            "(".repeat(500) + "1" + &")".repeat(500),
            "x".to_owned() + &".map(x, x".repeat(45) + &")".repeat(45),
            "true ? 1 : ".repeat(400) + "1",
            "1 + ".repeat(500) + "1",
            "x".to_owned() + &".y".repeat(500) + ".map(z, z)",
            "!".repeat(500) + "true",
        ] {
            drop(parse(&source).unwrap());
        }
    }

    #[test]
    fn a_macro_that_is_none_is_told_from_a_text() {
        for source in [
            "this != 'x.existsOne(y)'",
            r#"this != "it's \" .existsOne(y)""#,
            "this != r'\\' && this != '.existsOne('",
            "this != '''a'.existsOne(''' // .existsOne(",
            "this.existsOne",
        ] {
            assert!(parse(source).is_ok(), "{source}");
        }
        for source in
            ["this.existsOne(x, x)", "this != 'a' && this . existsOne (x, x)", "'\\''.existsOne(x, x)"]
        {
            assert!(parse(source).unwrap_err().contains("write `exists_one`"), "{source}");
        }
    }

    #[test]
    fn spellings_that_the_official_runtimes_do_not_know_are_refused() {
        for source in [
            "0X1F == 31",
            "1 in[0X1F]",
            "2 + 0X1 == 3",
            "rb'a' == b'a'",
            "b'a' in [Rb\"a\"]",
            "1 ==RB'''a'''",
        ] {
            let error = parse(source).unwrap_err();
            assert!(error.contains("`0x`") || error.contains("`br"), "{error}");
        }
        for source in [
            "0x1F == 31",
            "a0X.b",
            "'0X1' == \"rb'\"",
            "br'a' == b'a'",
            "rb == 'a'",
            "a ? rb : 'b'",
            "0 /*X*/",
            "this in r'\\'",
        ] {
            let known = parse(source);
            assert!(known.is_ok() || source.contains('*'), "{source}: {known:?}");
        }
    }

    #[test]
    fn an_error_has_its_place() {
        let error = parse("this.a &&\n  == 1").unwrap_err();
        assert!(error.contains("at 2:3"), "{error}");
    }
}
