//! What a loop need not evaluate anew for every item.
//!
//! `this.items.all(i, i.price <= this.limit)` would otherwise read `this.limit` from the bytes once for each
//! item, and a message of n bytes would cost n².

use super::node::Node;

/// Marks, within loops, what depends on no item of any loop. `slots` is how many slots there are; those that
/// are added are counted in.
pub(super) fn keep_invariants(node: &mut Node, slots: &mut usize) {
    if let Node::Loop(of) = node {
        keep_invariants(&mut of.range, slots);
        for part in of.condition.iter_mut().chain(&mut of.transform) {
            within_loop(part, slots);
        }
        return;
    }
    for child in node.children_mut() {
        keep_invariants(child, slots);
    }
}

fn within_loop(node: &mut Node, slots: &mut usize) {
    if !depends_on_item(node) {
        if is_dear(node) {
            // What is kept is evaluated once, but a loop in it is a loop.
            keep_invariants(node, slots);
            let kept = std::mem::replace(node, Node::This);
            *node = Node::Kept(*slots, Box::new(kept));
            *slots += 1;
        }
        return;
    }
    for child in node.children_mut() {
        within_loop(child, slots);
    }
}

fn depends_on_item(node: &Node) -> bool {
    matches!(node, Node::Local(_)) || node.children().into_iter().any(depends_on_item)
}

/// Whether keeping it is cheaper than doing it again.
fn is_dear(node: &Node) -> bool {
    match node {
        Node::Const(_) | Node::This | Node::Now | Node::Rules | Node::Rule | Node::Local(_) => false,
        Node::Kept(..) => false,
        Node::List(items) => !items.iter().all(Node::is_const),
        _ => true,
    }
}
