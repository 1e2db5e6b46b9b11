//! Requests, read and found sound.

use crate::store::{Delivery, Quantities};
use contracts::shop::inventory::v1::{CreateReservationRequest, DeliverStockRequest};
use shop_base::{input::Complaints, name};

const MAX_LINES: usize = 50;
const MAX_QUANTITY: i32 = 10_000;
const QUANTITY: &str = "must be 1 to 10000";

/// The last part of "`collection`/{id}".
pub(crate) fn id(collection: &str, name: &str) -> Result<String, Complaints> {
    let id = name::id(collection, name).map(str::to_owned);
    id.ok_or_else(|| Complaints::one("name", name::complaint(collection)))
}

/// The id and the lines of a reservation.
pub(crate) fn reservation(request: CreateReservationRequest) -> Result<(String, Quantities), Complaints> {
    let mut complaints = Complaints::new();
    let id = request.reservation_id;
    complaints.require(
        name::is_id(&id) && id.len() >= 4,
        "reservation_id",
        "must be 4 to 63 lower case letters, digits and hyphens",
    );
    let lines = request.reservation.unwrap_or_default().lines;
    complaints.require((1..=MAX_LINES).contains(&lines.len()), "reservation.lines", "must be 1 to 50");
    let mut quantities = Quantities::new();
    for (index, line) in lines.iter().enumerate().take(MAX_LINES) {
        let field = format!("reservation.lines[{index}]");
        let product = product(&line.product, &format!("{field}.product"), &mut complaints);
        let quantity = (1..=MAX_QUANTITY).contains(&line.quantity);
        complaints.require(quantity, &format!("{field}.quantity"), QUANTITY);
        if quantities.insert(product, line.quantity).is_some() {
            complaints.add(format!("{field}.product"), "must not be named twice");
        }
    }
    complaints.check()?;
    Ok((id, quantities))
}

/// A delivery as it comes in, parcel by parcel.
#[derive(Debug, Default)]
pub(crate) struct Parcels {
    delivery: Delivery,
    count: i32,
    total: i64,
}

impl Parcels {
    /// One more parcel.
    pub(crate) fn add(&mut self, parcel: DeliverStockRequest) -> Result<(), Complaints> {
        let mut complaints = Complaints::new();
        let first = self.count == 0;
        let named_here = first || parcel.request_id.is_empty();
        complaints.require(named_here, "request_id", "must be on the first message only");
        complaints.require_short(&parcel.request_id, 64, "request_id");
        complaints.require(self.count < 10_000, "", "a delivery must not have more than 10000 parcels");
        complaints.require((1..=MAX_QUANTITY).contains(&parcel.quantity), "quantity", QUANTITY);
        let product = product(&parcel.product, "product", &mut complaints);
        complaints.check()?;
        if first {
            self.delivery.request_id = parcel.request_id;
        }
        self.count = self.count.saturating_add(1);
        self.total = self.total.saturating_add(parcel.quantity.into());
        let quantity = self.delivery.quantities.entry(product).or_default();
        // 10,000 parcels of 10,000 are far from i32::MAX.
        *quantity = quantity.saturating_add(parcel.quantity);
        Ok(())
    }

    /// What is to be booked, how many parcels it was, and how many pieces.
    pub(crate) fn finish(self) -> Result<(Delivery, i32, i64), Complaints> {
        if self.count == 0 {
            return Err(Complaints::one("product", "is required: a delivery has at least one parcel"));
        }
        Ok((self.delivery, self.count, self.total))
    }
}

fn product(name: &str, field: &str, complaints: &mut Complaints) -> String {
    if let Some(id) = name::id("products", name) {
        return id.to_owned();
    }
    complaints.add(field, name::complaint("products"));
    String::new()
}
