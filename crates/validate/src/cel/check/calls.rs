//! Calls of functions.

use super::{Checker, Typed};
use crate::cel::eval::Val;
use crate::cel::fault::Fault;
use crate::cel::functions;
use crate::cel::node::{Const, Node};
use crate::cel::overloads::{Func, OVERLOADS, Overload};
use crate::cel::types::Ty;
use cel::IdedExpr;
use cel::common::ast::CallExpr;

impl Checker<'_> {
    pub(super) fn call(&mut self, whole: &IdedExpr, call: &CallExpr) -> Result<Typed, String> {
        let Some(target) = &call.target else {
            return match self.operator(whole, &call.func_name, &call.args) {
                Some(checked) => checked,
                None => self.function(whole, &call.func_name, false, call.args.iter()),
            };
        };
        // `strings.quote(…)` reads like a call on `strings`, which is no value.
        if let Some(space) = self.free_name(target) {
            let name = format!("{space}.{}", call.func_name);
            if OVERLOADS.iter().any(|overload| overload.name == name) {
                return self.function(whole, &name, false, call.args.iter());
            }
        }
        self.function(whole, &call.func_name, true, std::iter::once(&**target).chain(&call.args))
    }

    fn function<'c>(
        &mut self,
        whole: &IdedExpr,
        name: &str,
        member: bool,
        arguments: impl Iterator<Item = &'c IdedExpr>,
    ) -> Result<Typed, String> {
        let name = name.strip_prefix('.').unwrap_or(name);
        if !OVERLOADS.iter().any(|overload| overload.name == name && overload.member == member) {
            let kind = if member { "method" } else { "function" };
            return Err(format!("there is no {kind} `{name}`"));
        }
        let arguments = arguments.map(|argument| self.expression(argument)).collect::<Result<Vec<_>, _>>()?;
        let takes = |overload: &&Overload| {
            overload.name == name
                && overload.member == member
                && overload.arguments.len() == arguments.len()
                && arguments.iter().zip(overload.arguments).all(|(found, wanted)| found.ty.fits(&wanted.ty()))
        };
        let mut forms = OVERLOADS.iter().filter(takes);
        let Some(first) = forms.next() else {
            let types: Vec<_> = arguments.iter().map(|argument| &argument.ty).collect();
            return Err(self.mismatch(whole, name, &types));
        };
        let ty = forms.fold(first.result.ty(), |ty, form| ty.join(form.result.ty()));
        self.special(first.func, arguments, ty)
    }

    /// What more can be known of some functions before there is a value.
    fn special(&mut self, func: Func, arguments: Vec<Typed>, ty: Ty) -> Result<Typed, String> {
        if func == Func::GetField
            && let [of, name] = arguments.as_slice()
            && let (Ty::Message(id), Node::Const(Const::String(name))) = (&of.ty, &name.node)
        {
            let (index, _) = self.field(*id, name)?;
            return Ok(Typed::new(Node::Field(Box::new(of.node.clone()), index), Ty::Dyn));
        }
        if func == Func::GetField {
            // Of a message that only the value will tell, or a field that only it will name.
            self.masked |= match arguments.get(1).map(|name| &name.node) {
                Some(Node::Const(Const::String(name))) => self.may_be_masked(name),
                _ => self.knows_masked(),
            };
        }
        if func == Func::Format {
            functions::check_format(&arguments, self.schema)?;
        }
        let nodes: Vec<Node> = arguments.into_iter().map(|argument| argument.node).collect();
        match (func, nodes.as_slice()) {
            (Func::Matches, [of, Node::Const(Const::String(text))]) => {
                let pattern = self.patterns.compile(text)?;
                return Ok(Typed::new(Node::Matches(Box::new(of.clone()), pattern), ty));
            }
            (_, [Node::Const(of)]) if is_conversion(func) => {
                let value = convert(func, of).map_err(Fault::into_reason)?;
                return Ok(Typed::new(Node::Const(value), ty));
            }
            (Func::ToDyn, _) => {
                if let Some(node) = nodes.into_iter().next() {
                    return Ok(Typed::new(node, Ty::Dyn));
                }
                return Err("`dyn` takes one value".to_owned());
            }
            _ => {}
        }
        if let [_, Node::Const(Const::String(zone))] = nodes.as_slice()
            && functions::is_of_clock(func)
        {
            functions::check_zone(zone).map_err(Fault::into_reason)?;
        }
        Ok(Typed::new(Node::Call(func, nodes), ty))
    }
}

/// Conversions are done at once where the value is known: `timestamp("…")` costs nothing later, and one that
/// cannot succeed is found before the first message.
const fn is_conversion(func: Func) -> bool {
    matches!(
        func,
        Func::ToBool
            | Func::ToBytes
            | Func::ToDouble
            | Func::ToDuration
            | Func::ToInt
            | Func::ToString
            | Func::ToTimestamp
            | Func::ToUint
    )
}

fn convert(func: Func, of: &Const) -> Result<Const, Fault> {
    match functions::convert(func, &Val::of_const(of))? {
        Val::Bool(value) => Ok(Const::Bool(value)),
        Val::Int(value) => Ok(Const::Int(value)),
        Val::Uint(value) => Ok(Const::Uint(value)),
        Val::Double(value) => Ok(Const::Double(value)),
        Val::String(value) => Ok(Const::String(value.as_str().into())),
        Val::Bytes(value) => Ok(Const::Bytes(value.as_slice().into())),
        Val::Duration(value) => Ok(Const::Duration(value)),
        Val::Timestamp(value) => Ok(Const::Timestamp(value)),
        _ => Err(Fault::new("a conversion has no value")),
    }
}
