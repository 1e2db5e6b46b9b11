//! The warehouse of the tests: right books, and faults to order.

use super::{BEANS, STOCK};
use contracts::shop::inventory::v1::ReservationLine;
use shop_base::status::{self, Unmet};
use shop_orders::neighbours::Warehouse;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;
use tonic::{Status, async_trait};

/// What the warehouse is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Hold,
    Release,
    Commit,
}

/// When something happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before it has its effect, which it has only if the call goes on.
    Before,
    /// After its effect, before its answer.
    After,
}

/// Where a call waits until the test lets it go on, if ever.
#[derive(Clone, Default)]
pub struct Gate {
    pub reached: Arc<Notify>,
    pub open: Arc<Notify>,
}

/// What happens to the next call of a kind.
#[derive(Clone)]
pub enum Fault {
    Wait(Gate),
    Fail(Status),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goods {
    Held,
    Released,
    Committed,
}

/// The warehouse's books and its faults. Outlives a crash of the orders.
#[derive(Clone, Default)]
pub struct Books(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    taken: i32,
    reservations: BTreeMap<String, (Goods, i32)>,
    faults: Vec<(Ask, When, Fault)>,
}

impl Books {
    pub fn fault(&self, ask: Ask, when: When, fault: Fault) {
        self.0.lock().unwrap().faults.push((ask, when, fault));
    }

    /// A fault by which the next such call waits.
    pub fn gate(&self, ask: Ask, when: When) -> Gate {
        let gate = Gate::default();
        self.fault(ask, when, Fault::Wait(gate.clone()));
        gate
    }

    pub fn reservations(&self) -> BTreeMap<String, (Goods, i32)> {
        self.0.lock().unwrap().reservations.clone()
    }

    pub fn available(&self) -> i32 {
        STOCK - self.0.lock().unwrap().taken
    }

    /// So many more beans come in.
    pub fn restock(&self, beans: i32) {
        self.0.lock().unwrap().taken -= beans;
    }

    async fn suffer(&self, ask: Ask, when: When) -> Result<(), Status> {
        let fault = {
            let mut inner = self.0.lock().unwrap();
            let found = inner.faults.iter().position(|(a, w, _)| (*a, *w) == (ask, when));
            found.map(|index| inner.faults.remove(index).2)
        };
        match fault {
            Some(Fault::Wait(gate)) => {
                gate.reached.notify_one();
                gate.open.notified().await;
                Ok(())
            }
            Some(Fault::Fail(status)) => Err(status),
            None => Ok(()),
        }
    }

    async fn ask(
        &self,
        ask: Ask,
        effect: impl FnOnce(&mut Inner) -> Result<(), Status>,
    ) -> Result<(), Status> {
        self.suffer(ask, When::Before).await?;
        effect(&mut self.0.lock().unwrap())?;
        self.suffer(ask, When::After).await
    }
}

#[async_trait]
impl Warehouse for Books {
    async fn hold(&self, order: &str, lines: Vec<ReservationLine>) -> Result<(), Status> {
        let wanted = lines.iter().map(|line| line.quantity).sum::<i32>();
        self.ask(Ask::Hold, |inner| match inner.reservations.get(order) {
            Some((Goods::Released, _)) => Err(Status::failed_precondition("released")),
            Some(_) => Ok(()),
            None if inner.taken + wanted > STOCK => Err(too_little(wanted, STOCK - inner.taken)),
            None => {
                inner.taken += wanted;
                inner.reservations.insert(order.to_owned(), (Goods::Held, wanted));
                Ok(())
            }
        })
        .await
    }

    async fn release(&self, order: &str) -> Result<(), Status> {
        self.ask(Ask::Release, |inner| {
            let entry = inner.reservations.entry(order.to_owned()).or_insert((Goods::Released, 0));
            match entry.0 {
                Goods::Committed => Err(Status::failed_precondition("committed")),
                Goods::Released => Ok(()),
                Goods::Held => {
                    entry.0 = Goods::Released;
                    inner.taken -= entry.1;
                    Ok(())
                }
            }
        })
        .await
    }

    async fn commit(&self, order: &str) -> Result<(), Status> {
        self.ask(Ask::Commit, |inner| match inner.reservations.get_mut(order) {
            Some((Goods::Released, _)) | None => Err(Status::failed_precondition("not held")),
            Some((held, _)) => {
                *held = Goods::Committed;
                Ok(())
            }
        })
        .await
    }
}

fn too_little(wanted: i32, available: i32) -> Status {
    let description = format!("{wanted} wanted, {available} available");
    let unmet = Unmet { kind: "STOCK", subject: BEANS.to_owned(), description };
    status::precondition("INSUFFICIENT_STOCK", "too little stock", vec![unmet], &[])
}
