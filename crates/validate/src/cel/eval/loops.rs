//! `all`, `exists`, `exists_one`, `map` and `filter`.

use super::Machine;
use super::val::Val;
use crate::cel::fault::Fault;
use crate::cel::node::{Fold, Loop, Node};

impl<'v> Machine<'v, '_> {
    pub(super) fn fold(&mut self, of: &'v Loop) -> Result<Val<'v>, Fault> {
        let range = self.eval(&of.range)?;
        let mut state = State::default();
        if of.fold == Fold::Collect {
            return self.list(|machine| machine.steps(of, &range, &mut state));
        }
        self.steps(of, &range, &mut state)?;
        state.result(of.fold)
    }

    fn steps(&mut self, of: &'v Loop, range: &Val<'v>, state: &mut State) -> Result<(), Fault> {
        match range {
            Val::List(list) => {
                let mut walk = list.walk();
                while let Some(item) = self.next(&mut walk) {
                    // One that cannot be read matters only to a body that asks for it.
                    if self.step(of, item.unwrap_or_else(Val::Unreadable), state)? {
                        break;
                    }
                }
            }
            Val::Map(map) => {
                for (key, _) in &map.entries {
                    if self.step(of, key.clone(), state)? {
                        break;
                    }
                }
            }
            other => return Err(Fault::of(format!("no macro goes through {}", other.type_name()))),
        }
        Ok(())
    }

    /// One item. Whether the answer is known already.
    fn step(&mut self, of: &'v Loop, item: Val<'v>, state: &mut State) -> Result<bool, Fault> {
        self.spend(1)?;
        self.set(of.slot, item);
        let mark = self.mark();
        let holds = match &of.condition {
            Some(condition) => self.boolean(condition),
            None => Ok(true),
        };
        // An answer is no list.
        self.release(mark);
        match (of.fold, holds) {
            // A fault is one only if no other item decides.
            (Fold::All | Fold::Exists, Err(fault)) => {
                self.still_has_fuel()?;
                state.fault.get_or_insert(fault);
            }
            (Fold::All, Ok(holds)) => state.decided |= !holds,
            (Fold::Exists, Ok(holds)) => state.decided |= holds,
            (_, Err(fault)) => return Err(fault),
            (Fold::ExistsOne, Ok(holds)) => state.count += usize::from(holds),
            (Fold::Collect, Ok(true)) => {
                let item = self.transformed(of.transform.as_ref())?;
                self.add(item)?;
            }
            (Fold::Collect, Ok(false)) => {}
        }
        Ok(state.decided)
    }

    fn transformed(&mut self, transform: Option<&'v Node>) -> Result<Val<'v>, Fault> {
        match transform {
            Some(transform) => self.eval(transform),
            None => Ok(Val::Null),
        }
    }
}

#[derive(Default)]
struct State {
    decided: bool,
    fault: Option<Fault>,
    count: usize,
}

impl State {
    fn result<'v>(self, fold: Fold) -> Result<Val<'v>, Fault> {
        match (fold, self.decided, self.fault) {
            (Fold::All | Fold::Exists, false, Some(fault)) => Err(fault),
            (Fold::All, decided, _) => Ok(Val::Bool(!decided)),
            (Fold::Exists, decided, _) => Ok(Val::Bool(decided)),
            (Fold::ExistsOne, ..) => Ok(Val::Bool(self.count == 1)),
            (Fold::Collect, ..) => Err(Fault::new("a list is no answer")),
        }
    }
}
