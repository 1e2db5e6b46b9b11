//! Messages and their fields, enums and their values.

use super::{links::relative, markdown, rules, site::Site};
use contract::schema::{Cardinality, Enum, Field, FieldKind, Message, Presence};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Where something is shown.
pub(super) struct Here<'a> {
    pub(super) site: &'a Site,
    /// The page's path.
    pub(super) page: &'a str,
    /// The package that names are shortened to.
    pub(super) package: &'a str,
    /// The types that are on the page itself.
    pub(super) types: &'a BTreeSet<String>,
}

impl Here<'_> {
    /// A link to a type; its bare name where it is shown nowhere.
    pub(super) fn link(&self, name: &str) -> Markup {
        let short = self.short(name);
        let Some(home) = self.site.links.page(name) else { return html! { code { (short) } } };
        let page = if self.types.contains(name) { String::new() } else { relative(self.page, home) };
        html! { a href={ (page) "#" (name) } { (short) } }
    }

    /// Without the package, within it.
    pub(super) fn short<'n>(&self, name: &'n str) -> &'n str {
        let bare = name.strip_prefix(self.package).and_then(|rest| rest.strip_prefix('.'));
        bare.filter(|_| !self.package.is_empty()).unwrap_or(name)
    }

    /// All of these types, in order of their names.
    pub(super) fn types(&self, names: &BTreeSet<String>) -> Markup {
        html! {
            @for name in names {
                @if let Some(message) = self.site.schema.message(name) {
                    (self.message(message))
                } @else if let Some(of) = self.site.schema.enumeration(name) {
                    (self.enumeration(of))
                }
            }
        }
    }

    fn heading(&self, name: &str, kind: &str) -> Markup {
        let comment = self.site.comments.at(name);
        html! {
            h3 { a.anchor href={ "#" (name) } { (self.short(name)) } " " span.kind { (kind) } }
            @if let Some(comment) = comment {
                div.doc { (markdown::blocks(&comment.text)) }
                p.origin { (comment.origin) }
            }
        }
    }

    fn message(&self, message: &Message) -> Markup {
        let whole = rules::of_message(&self.site.schema, message);
        html! {
            article.card.entity id=(message.name) {
                (self.heading(&message.name, "message"))
                @if !whole.is_empty() {
                    ul.rules { @for rule in &whole { li { (rule) } } }
                }
                @if message.fields.is_empty() { p.none { "No fields." } }
                @else { (self.fields(message)) }
            }
        }
    }

    fn fields(&self, message: &Message) -> Markup {
        html! {
            div.scroll {
                table.fields {
                    thead { tr { th { "Field" } th { "Type" } th { "Meaning" } } }
                    tbody { @for field in &message.fields { (self.field(message, field)) } }
                }
            }
        }
    }

    fn field(&self, message: &Message, field: &Field) -> Markup {
        let schema = &self.site.schema;
        let name = format!("{}.{}", message.name, field.name);
        let said = rules::of_field(schema, field);
        let oneof = field.oneof.and_then(|at| message.oneofs.get(at));
        html! {
            tr id=(name) {
                td { code { (field.name) } span.number { (field.number) } }
                td {
                    (self.kind(field))
                    @if field.presence == Presence::Required { span.tag { "required" } }
                    @if field.masked { span.tag.private title="never shown in logs and traces" { "masked" } }
                    @if let Some(oneof) = oneof {
                        span.tag title="at most one of these is set" {
                            "oneof " (oneof.name)
                            @if rules::is_required(schema, oneof) { ", one is required" }
                        }
                    }
                }
                td {
                    (self.doc(&name))
                    @if !said.is_empty() {
                        ul.rules { @for rule in &said { li { (rule) } } }
                    }
                }
            }
        }
    }

    /// What is written at something, if there is anything.
    fn doc(&self, name: &str) -> Markup {
        let text = self.site.comments.text(name);
        html! { @if !text.is_empty() { div.doc { (markdown::blocks(text)) } } }
    }

    fn kind(&self, field: &Field) -> Markup {
        match field.cardinality {
            Cardinality::Map => {
                let entry = field.kind.message().map(|id| self.site.schema.message_at(id));
                let part = |number| entry.and_then(|entry| entry.field(number));
                html! {
                    "map<" @if let Some(key) = part(1) { (self.one(key.kind)) }
                    ", " @if let Some(value) = part(2) { (self.one(value.kind)) } ">"
                }
            }
            Cardinality::List => html! { span.word { "repeated " } (self.one(field.kind)) },
            Cardinality::Singular => {
                let optional = field.presence == Presence::Explicit
                    && field.oneof.is_none()
                    && field.kind.message().is_none();
                html! { @if optional { span.word { "optional " } } (self.one(field.kind)) }
            }
        }
    }

    fn one(&self, kind: FieldKind) -> Markup {
        let schema = &self.site.schema;
        match kind {
            FieldKind::Message(id) | FieldKind::Group(id) => self.link(&schema.message_at(id).name),
            FieldKind::Enum(id) => self.link(&schema.enum_at(id).name),
            scalar => html! { code.scalar { (format!("{scalar:?}").to_ascii_lowercase()) } },
        }
    }

    fn enumeration(&self, of: &Enum) -> Markup {
        html! {
            article.card.entity id=(of.name) {
                (self.heading(&of.name, "enum"))
                div.scroll {
                    table.fields {
                        thead { tr { th { "Value" } th { "Number" } th { "Meaning" } } }
                        tbody {
                            @for value in &of.values {
                                @let name = format!("{}.{}", of.name, value.name);
                                tr id=(name) {
                                    td { code { (value.name) } }
                                    td { (value.number) }
                                    td { (self.doc(&name)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
