//! What a comment says about findings.

/// Whose form it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `treaty:ignore rule-id, rule-id: reason`
    Ours,
    /// `buf:lint:ignore RULE_ID`, with or without a reason behind it.
    Buf,
}

/// A line of a comment that suppresses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    pub(super) form: Form,
    /// Within the comment, from 0.
    pub(super) line: usize,
    pub(super) rules: Vec<&'a str>,
    pub(super) reason: &'a str,
}

impl<'a> Comment<'a> {
    /// Every one in the text of a comment, without its slashes.
    pub(super) fn all(text: &'a str) -> impl Iterator<Item = Self> {
        text.lines().enumerate().filter_map(|(line, text)| {
            let (form, rest) = suppression(text)?;
            let (rules, reason) = match form {
                Form::Ours => rest.split_once(':').unwrap_or_else(|| first_word(rest)),
                Form::Buf => first_word(rest),
            };
            let reason = if form == Form::Ours && !rest.contains(':') { "" } else { reason.trim() };
            let rules = rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()).collect();
            Some(Self { form, line, rules, reason })
        })
    }
}

/// The form that a line of a comment has, and what follows.
fn suppression(line: &str) -> Option<(Form, &str)> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '/')).trim_end();
    let (form, rest) = match line.strip_prefix("treaty:ignore") {
        Some(rest) => (Form::Ours, rest),
        None => (Form::Buf, line.strip_prefix("buf:lint:ignore")?),
    };
    (rest.is_empty() || rest.starts_with([' ', '\t', ':'])).then(|| (form, rest.trim_start()))
}

/// Whether a line of a comment is for the lint, and nothing for readers.
pub(crate) fn is_suppression(line: &str) -> bool {
    suppression(line).is_some()
}

fn first_word(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let text =
            " Prose.\n treaty:ignore one-rule, other: because: it is so\n * buf:lint:ignore FIELD_X legacy\n";
        let all: Vec<_> = Comment::all(text).collect();
        assert_eq!(
            (all[0].line, &all[0].rules[..], all[0].reason),
            (1, &["one-rule", "other"][..], "because: it is so")
        );
        assert_eq!((all[1].form, &all[1].rules[..], all[1].reason), (Form::Buf, &["FIELD_X"][..], "legacy"));
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn what_only_mentions_one_is_none() {
        for text in ["see treaty:ignore", "treaty:ignored x: y", "// a treaty:ignore rule: reason"] {
            assert_eq!(Comment::all(text).count(), 0, "{text}");
        }
        let bare: Vec<_> = Comment::all("treaty:ignore one-rule because").collect();
        assert_eq!((&bare[0].rules[..], bare[0].reason), (&["one-rule"][..], ""));
        assert!(Comment::all("treaty:ignore").next().unwrap().rules.is_empty());
    }
}
