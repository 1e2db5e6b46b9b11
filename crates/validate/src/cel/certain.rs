//! What fails whatever the message is, found before there is one.

use super::eval::{Arena, Machine, Setting, Val};
use super::fault::Fault;
use super::node::Node;
use crate::ledger;
use crate::steps::{self, Steps};
use contract::schema::Schema;
use std::time::UNIX_EPOCH;

/// Evaluates what depends on nothing, and is evaluated each time that the expression is.
///
/// # Errors
/// Why it cannot be evaluated.
pub(super) fn refuse_faults(node: &Node, schema: &Schema, slots: usize) -> Result<(), Fault> {
    if is_constant(node) {
        return evaluate(node, schema, slots);
    }
    always(node).into_iter().try_for_each(|child| refuse_faults(child, schema, slots))
}

/// Of what stands directly within it, that without which it has no value: one side of `&&` may decide alone, and a loop
/// may have nothing to go through.
fn always(node: &Node) -> Vec<&Node> {
    match node {
        Node::And(..) | Node::Or(..) => Vec::new(),
        Node::Conditional(parts) => parts.iter().take(1).collect(),
        Node::Loop(of) => vec![&of.range],
        node => node.children(),
    }
}

fn is_constant(node: &Node) -> bool {
    !matches!(node, Node::This | Node::Now | Node::Rules | Node::Rule)
        && node.children().into_iter().all(is_constant)
}

fn evaluate(node: &Node, schema: &Schema, slots: usize) -> Result<(), Fault> {
    if node.is_const() {
        return Ok(());
    }
    let (arena, mut steps) = (Arena::default(), Steps::of(Steps::of_any_message()));
    ledger::open(steps::ROOM);
    let setting = Setting { schema, rules: None, rule: None, now: UNIX_EPOCH, arena: &arena };
    let mut machine = Machine::new(setting, Val::Null, slots, &mut steps);
    let evaluated = machine.eval(node).map(drop);
    machine.finish();
    // What it costs is another question.
    if steps.are_spent() { Ok(()) } else { evaluated }
}
