//! Comments, which may be Markdown, as HTML. Whoever wrote them is not trusted: HTML within is text, links lead
//! to the web or to this site only, and nothing is loaded.

use maud::{Escaper, Markup, PreEscaped};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::fmt::Write as _;

/// A comment as paragraphs, lists and code.
pub(super) fn blocks(comment: &str) -> Markup {
    render(comment, true)
}

/// A short text as one run of words.
pub(super) fn inline(comment: &str) -> Markup {
    render(comment, false)
}

fn render(comment: &str, with_blocks: bool) -> Markup {
    let mut out = String::new();
    let mut closing = Vec::new();
    let mut in_head = false;
    for event in Parser::new_ext(comment, Options::ENABLE_TABLES) {
        match event {
            Event::Start(tag) => {
                in_head = matches!(tag, Tag::TableHead) || in_head && !matches!(tag, Tag::TableRow);
                let (open, close) = tags(&tag, with_blocks, in_head);
                out.push_str(&open);
                closing.push(close);
            }
            Event::End(end) => {
                out.push_str(closing.pop().unwrap_or_default());
                if !with_blocks
                    && matches!(
                        end,
                        TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_) | TagEnd::TableCell
                    )
                {
                    out.push(' ');
                }
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => escape(&mut out, &text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                out.push_str("<code>");
                escape(&mut out, &text);
                out.push_str("</code>");
            }
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push_str(if with_blocks { "<br>" } else { " " }),
            Event::Rule if with_blocks => out.push_str("<hr>"),
            Event::Rule | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }
    PreEscaped(out.trim_end().to_owned())
}

/// What opens and what closes a tag.
fn tags(tag: &Tag<'_>, with_blocks: bool, in_head: bool) -> (String, &'static str) {
    let plain = |open: &str, close| (open.to_owned(), close);
    match tag {
        Tag::Emphasis => plain("<em>", "</em>"),
        Tag::Strong => plain("<strong>", "</strong>"),
        Tag::Link { dest_url, .. } => match safe(dest_url) {
            Some(url) => {
                let mut open = "<a rel=\"noopener noreferrer\" href=\"".to_owned();
                escape(&mut open, url);
                open.push_str("\">");
                (open, "</a>")
            }
            None => plain("", ""),
        },
        _ if !with_blocks => plain("", ""),
        Tag::Paragraph => plain("<p>", "</p>"),
        // A comment's headings stand below those of the page.
        Tag::Heading { level, .. } if *level <= HeadingLevel::H2 => plain("<h5>", "</h5>"),
        Tag::Heading { .. } => plain("<h6>", "</h6>"),
        Tag::BlockQuote(_) => plain("<blockquote>", "</blockquote>"),
        Tag::CodeBlock(_) => plain("<pre><code>", "</code></pre>"),
        Tag::List(None) => plain("<ul>", "</ul>"),
        Tag::List(Some(start)) => (format!("<ol start=\"{start}\">"), "</ol>"),
        Tag::Item => plain("<li>", "</li>"),
        Tag::Table(_) => plain("<div class=\"scroll\"><table>", "</table></div>"),
        Tag::TableHead => plain("<thead><tr>", "</tr></thead>"),
        Tag::TableRow => plain("<tr>", "</tr>"),
        Tag::TableCell if in_head => plain("<th>", "</th>"),
        Tag::TableCell => plain("<td>", "</td>"),
        // Images are not loaded: what they are called is shown.
        _ => plain("", ""),
    }
}

/// Links that lead to the web, and nowhere else.
fn safe(url: &str) -> Option<&str> {
    let lower = url.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")).then_some(url)
}

fn escape(out: &mut String, text: &str) {
    // Writing into a text does not fail.
    let _ = Escaper::new(out).write_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_shown_and_html_is_text() {
        let shown = |text: &str| blocks(text).into_string();
        assert_eq!(
            shown("One `order`,\nof *two*.\n\n- a\n- b <b>c</b>"),
            "<p>One <code>order</code>, of <em>two</em>.</p><ul><li>a</li><li>b &lt;b&gt;c&lt;/b&gt;</li></ul>"
        );
        assert_eq!(
            shown("<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>"),
            "&lt;script&gt;alert(1)&lt;/script&gt;\n&lt;img src=x onerror=alert(1)&gt;"
        );
    }

    #[test]
    fn tables_are_tables() {
        let table = "| code | means |\n|---|---|\n| `A` | a <b> |\n";
        assert_eq!(
            blocks(table).into_string(),
            "<div class=\"scroll\"><table><thead><tr><th>code</th><th>means</th></tr></thead>\
             <tr><td><code>A</code></td><td>a &lt;b&gt;</td></tr></table></div>"
        );
        assert_eq!(inline(table).into_string(), "code means <code>A</code> a &lt;b&gt;");
    }

    #[test]
    fn links_lead_to_the_web_only() {
        let shown = |text: &str| blocks(text).into_string();
        assert_eq!(shown("[x](javascript:alert(1))"), "<p>x</p>");
        assert_eq!(shown("[x](data:text/html,y)"), "<p>x</p>");
        assert_eq!(shown("![x](https://example.com/a.png)"), "<p>x</p>");
        assert_eq!(
            shown("[x](https://example.com/?a=\"><b>)"),
            "<p><a rel=\"noopener noreferrer\" href=\"https://example.com/?a=&quot;&gt;&lt;b&gt;\">x</a></p>"
        );
        assert!(shown("<https://example.com/a&b>").contains("href=\"https://example.com/a&amp;b\""));
    }

    #[test]
    fn a_short_text_has_no_blocks() {
        assert_eq!(inline("# A\n\nb `c`").into_string(), "A b <code>c</code>");
    }
}
