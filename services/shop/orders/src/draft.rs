//! A PlaceOrderRequest, read and found sound.

use contracts::shop::orders::v1::{Customer, Order, OrderLine, PlaceOrderRequest};
use prost::Message as _;
use shop_base::{input::Complaints, name};
use std::collections::BTreeSet;

/// What a customer wants, of sound shape. Not `Debug`: it is about a person.
#[derive(Clone, PartialEq)]
pub(crate) struct Draft {
    /// `None` if the request has no name.
    pub(crate) request_id: Option<String>,
    /// Customer, lines and note; of the lines product and quantity; nothing else.
    pub(crate) wanted: Order,
}

const MAX_LINES: usize = 50;

impl Draft {
    /// Reads the request.
    pub(crate) fn parse(request: PlaceOrderRequest) -> Result<Self, Complaints> {
        let mut complaints = Complaints::new();
        complaints.require_short(&request.request_id, 64, "request_id");
        let order = request.order.unwrap_or_default();
        let customer = order.customer.unwrap_or_default();
        check_customer(&customer, &mut complaints);
        complaints.require_short(&order.note, 500, "order.note");
        let lines = wanted_lines(order.lines, &mut complaints);
        complaints.check()?;
        let request_id = Some(request.request_id).filter(|id| !id.is_empty());
        let wanted = Order { customer: Some(customer), lines, note: order.note, ..Order::default() };
        Ok(Self { request_id, wanted })
    }

    /// Equal for equal drafts, to tell a repeated request from another one.
    pub(crate) fn content(&self) -> Vec<u8> {
        self.wanted.encode_to_vec()
    }
}

fn check_customer(customer: &Customer, complaints: &mut Complaints) {
    let field = "order.customer.email";
    let parts = customer.email.split_once('@');
    let sound = parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let sound = sound && !customer.email.contains(char::is_whitespace);
    complaints.require(sound, field, "must be an e-mail address, such as \"ada@example.com\"");
    complaints.require_short(&customer.email, 254, field);
    complaints.require_short(&customer.display_name, 200, "order.customer.display_name");
    complaints.require_short(&customer.address, 500, "order.customer.address");
}

fn wanted_lines(lines: Vec<OrderLine>, complaints: &mut Complaints) -> Vec<OrderLine> {
    complaints.require((1..=MAX_LINES).contains(&lines.len()), "order.lines", "must be 1 to 50");
    let mut seen = BTreeSet::new();
    let mut wanted = Vec::with_capacity(lines.len().min(MAX_LINES));
    for (index, OrderLine { product, quantity, .. }) in lines.into_iter().enumerate().take(MAX_LINES) {
        let field = format!("order.lines[{index}]");
        if name::id("products", &product).is_none() {
            complaints.add(format!("{field}.product"), name::complaint("products"));
        } else if !seen.insert(product.clone()) {
            complaints.add(format!("{field}.product"), "must not be named twice");
        }
        let few = (1..=1000).contains(&quantity);
        complaints.require(few, &format!("{field}.quantity"), "must be 1 to 1000");
        wanted.push(OrderLine { product, quantity, ..OrderLine::default() });
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(email: &str, lines: &[(&str, i32)]) -> PlaceOrderRequest {
        let line = |&(product, quantity): &(&str, i32)| OrderLine {
            product: product.to_owned(),
            quantity,
            ..OrderLine::default()
        };
        let customer = Customer { email: email.to_owned(), ..Customer::default() };
        let order = Order {
            name: "orders/forged".to_owned(),
            customer: Some(customer),
            lines: lines.iter().map(line).collect(),
            ..Order::default()
        };
        PlaceOrderRequest { request_id: String::new(), order: Some(order) }
    }

    fn complaints(request: PlaceOrderRequest) -> String {
        Draft::parse(request).err().map(|complaints| complaints.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_is_output_only_is_not_taken() {
        let draft = Draft::parse(request("ada@example.com", &[("products/sencha", 2)])).ok().unwrap();
        assert_eq!(draft.wanted.name, "");
        assert_eq!(draft.request_id, None);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let lines = [("sencha", 0), ("products/a", 1), ("products/a", i32::MAX)];
        assert_eq!(
            complaints(request("ada", &lines)),
            "order.customer.email must be an e-mail address, such as \"ada@example.com\"; \
             order.lines[0].product must be \"products/{id}\", where the id is lower case letters, digits \
             and hyphens; \
             order.lines[0].quantity must be 1 to 1000; \
             order.lines[2].product must not be named twice; \
             order.lines[2].quantity must be 1 to 1000"
        );
        assert!(complaints(PlaceOrderRequest::default()).contains("order.lines must be 1 to 50"));
    }

    #[test]
    fn complaints_do_not_repeat_what_is_about_a_person() {
        let said = complaints(request(&"ada lovelace ".repeat(30), &[("products/a", 1)]));
        assert!(!said.contains("lovelace"), "{said}");
    }
}
