//! Expressions as text again, for what is said about them.

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr, LiteralValue};

/// How much of an expression a message shows, in characters.
const SHOWN: usize = 60;

/// An expression as one would write it, cut where it is long.
pub(super) fn show(expression: &IdedExpr) -> String {
    let mut text = String::new();
    write(&mut text, expression);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn write(out: &mut String, expression: &IdedExpr) {
    // What is far beyond what is shown need not be written.
    if out.len() > 4 * SHOWN + 4 {
        return;
    }
    match &expression.expr {
        Expr::Unspecified => out.push('?'),
        Expr::Ident(name) => out.push_str(name),
        Expr::Literal(literal) => literal_text(out, literal),
        Expr::Select(select) => {
            out.push_str(if select.test { "has(" } else { "" });
            write(out, &select.operand);
            out.push('.');
            out.push_str(&select.field);
            out.push_str(if select.test { ")" } else { "" });
        }
        Expr::List(list) => write_all(out, "[", list.elements.iter(), "]"),
        Expr::Map(map) => entries(out, map.entries.iter().map(|entry| &entry.expr)),
        Expr::Struct(message) => {
            out.push_str(&message.type_name);
            entries(out, message.entries.iter().map(|entry| &entry.expr));
        }
        Expr::Comprehension(of) => {
            write(out, &of.iter_range);
            out.push_str(".…(");
            out.push_str(&of.iter_var);
            out.push_str(", …)");
        }
        Expr::Call(call) => write_call(out, &call.func_name, call.target.as_deref(), &call.args),
    }
}

fn write_call(out: &mut String, name: &str, target: Option<&IdedExpr>, arguments: &[IdedExpr]) {
    match (operator(name), arguments) {
        (Some("[]"), [of, index]) => {
            write(out, of);
            write_all(out, "[", std::iter::once(index), "]");
        }
        (Some("?:"), [condition, yes, no]) => {
            write(out, condition);
            out.push_str(" ? ");
            write(out, yes);
            out.push_str(" : ");
            write(out, no);
        }
        (Some(sign), [of]) => {
            out.push_str(sign);
            write(out, of);
        }
        (Some(sign), [left, right]) => {
            write(out, left);
            out.push_str(&format!(" {sign} "));
            write(out, right);
        }
        _ => {
            if let Some(target) = target {
                write(out, target);
                out.push('.');
            }
            out.push_str(name);
            write_all(out, "(", arguments.iter(), ")");
        }
    }
}

/// How an operator is written, of how the tree calls it.
pub(super) fn operator(name: &str) -> Option<&str> {
    match name {
        "@in" => Some("in"),
        "_[_]" => Some("[]"),
        "_?_:_" => Some("?:"),
        _ => name.strip_suffix('_').map(|name| name.strip_prefix('_').unwrap_or(name)),
    }
}

fn write_all<'e>(out: &mut String, open: &str, items: impl Iterator<Item = &'e IdedExpr>, close: &str) {
    out.push_str(open);
    for (index, item) in items.enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        write(out, item);
    }
    out.push_str(close);
}

fn entries<'e>(out: &mut String, entries: impl Iterator<Item = &'e EntryExpr>) {
    out.push('{');
    for (index, entry) in entries.enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        match entry {
            EntryExpr::StructField(field) => {
                out.push_str(&field.field);
                out.push_str(": ");
                write(out, &field.value);
            }
            EntryExpr::MapEntry(entry) => {
                write(out, &entry.key);
                out.push_str(": ");
                write(out, &entry.value);
            }
        }
    }
    out.push('}');
}

fn literal_text(out: &mut String, literal: &LiteralValue) {
    out.push_str(&match literal {
        LiteralValue::Boolean(value) => value.inner().to_string(),
        LiteralValue::Double(value) => format!("{:?}", value.inner()),
        LiteralValue::Int(value) => value.inner().to_string(),
        LiteralValue::UInt(value) => format!("{}u", value.inner()),
        LiteralValue::Null => "null".to_owned(),
        LiteralValue::String(value) => format!("{:?}", value.inner()),
        LiteralValue::Bytes(_) => "b\"…\"".to_owned(),
    });
}
