//! Room for the lists that expressions make, kept by each thread from one evaluation to the next.

use super::Machine;
use super::val::{List, Val};
use crate::cel::fault::Fault;
use crate::ledger;
use crate::value::Items;
use std::cell::Cell;
use std::ops::Range;

/// How many values are kept room for; what one evaluation needed beyond is given back.
const KEPT: usize = 4 * 1024;
/// What an item takes, in bytes.
pub(in crate::cel) const ITEM: usize = size_of::<Val<'static>>();
/// How many items all lists together may have that one evaluation makes.
const MAX_ITEMS: usize = 1 << 20;

thread_local! {
    static KEPT_ROOM: Cell<Room<'static>> = const { Cell::new(Room::NEW) };
}

/// Where values are while an expression runs.
pub(in crate::cel) struct Room<'v> {
    /// The items of lists that are made, each list in one stretch.
    made: Vec<Val<'v>>,
    /// The items of lists while they are being made, those of the innermost list last.
    making: Vec<Val<'v>>,
    /// Variables of loops, and what is kept while they run.
    pub(super) slots: Vec<Option<Val<'v>>>,
    /// Items before here are kept in a slot.
    pinned: usize,
}

impl<'v> Room<'v> {
    const NEW: Room<'static> = Room { made: Vec::new(), making: Vec::new(), slots: Vec::new(), pinned: 0 };

    /// This thread's, for an evaluation with so many slots.
    pub(in crate::cel) fn take(slots: usize) -> Self {
        let mut room: Self = KEPT_ROOM.replace(Room::NEW);
        room.slots.resize(slots, None);
        room
    }

    /// For the next evaluation.
    pub(in crate::cel) fn give_back(self) {
        KEPT_ROOM.set(Room {
            made: emptied(self.made),
            making: emptied(self.making),
            slots: emptied(self.slots),
            pinned: 0,
        });
    }
}

/// Without its values, which nothing then outlives: the same room, for values that live longer.
fn emptied<T, U>(mut values: Vec<T>) -> Vec<U> {
    values.clear();
    values.shrink_to(KEPT);
    // Between types of one layout this moves nothing and allocates nothing.
    values.into_iter().filter_map(|_| None).collect()
}

/// The items of a list, in order.
pub(in crate::cel) enum Walk<'v> {
    Field(Items<'v>),
    Made(Range<usize>),
}

impl<'v> Machine<'v, '_> {
    /// The next item. It may fail to be read: an `Any` of an unknown type, say.
    pub(in crate::cel) fn next(&mut self, walk: &mut Walk<'v>) -> Option<Result<Val<'v>, Fault>> {
        match walk {
            Walk::Field(items) => {
                let item = items.next().map(Val::of);
                match self.pay() {
                    Ok(()) => item,
                    Err(fault) => Some(Err(fault)),
                }
            }
            Walk::Made(range) => self.room.made.get(range.next()?).cloned().map(Val::readable),
        }
    }

    /// The item of a list that was made.
    pub(super) fn made_item(&self, position: usize) -> Option<Val<'v>> {
        self.room.made.get(position).cloned()
    }

    /// A list of what `fill` adds.
    pub(in crate::cel) fn list(
        &mut self,
        fill: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<Val<'v>, Fault> {
        let base = self.room.making.len();
        let filled = fill(self);
        let start = self.room.made.len();
        let fits = start + (self.room.making.len() - base) <= MAX_ITEMS;
        if filled.is_err() || !fits {
            self.forget(base);
            filled?;
            return Err(self.exhaust());
        }
        self.room.made.extend(self.room.making.drain(base..));
        Ok(Val::List(List::Made(start..self.room.made.len())))
    }

    /// Adds an item to the list that is being made.
    pub(in crate::cel) fn add(&mut self, item: Val<'v>) -> Result<(), Fault> {
        if self.room.making.len() >= MAX_ITEMS {
            return Err(self.exhaust());
        }
        self.room.making.push(item);
        ledger::take(ITEM);
        self.pay()
    }

    /// The items of a list that will not be.
    fn forget(&mut self, base: usize) {
        ledger::give_back(self.room.making.len().saturating_sub(base).saturating_mul(ITEM));
        self.room.making.truncate(base);
    }

    /// How much is made so far.
    pub(super) fn mark(&self) -> usize {
        self.room.made.len()
    }

    /// Forgets the lists that were made since, but for what is kept.
    pub(super) fn release(&mut self, mark: usize) {
        let kept = mark.max(self.room.pinned);
        ledger::give_back(self.room.made.len().saturating_sub(kept).saturating_mul(ITEM));
        self.room.made.truncate(kept);
    }

    /// What was made so far stays.
    pub(super) fn pin(&mut self) {
        self.room.pinned = self.room.made.len();
    }

    /// Whether the items that `fill` adds all differ, as `order` tells them apart.
    pub(in crate::cel) fn all_differ(
        &mut self,
        fill: impl FnOnce(&mut Self) -> Result<(), Fault>,
        order: impl Fn(&Val<'v>, &Val<'v>) -> std::cmp::Ordering,
    ) -> Result<bool, Fault> {
        let base = self.room.making.len();
        let filled = fill(self);
        let items = self.room.making.get_mut(base..).unwrap_or_default();
        items.sort_unstable_by(&order);
        let differ = items.windows(2).all(|pair| match pair {
            [one, other] => order(one, other).is_ne(),
            _ => true,
        });
        self.forget(base);
        filled.map(|()| differ)
    }
}
