//! `all`, `exists`, `exists_one`, `map` and `filter`.

use super::Machine;
use super::val::Val;
use crate::cel::fault::Fault;
use crate::cel::node::{Fold, Loop, Node};

impl<'v> Machine<'v, '_> {
    pub(super) fn fold(&mut self, of: &'v Loop) -> Result<Val<'v>, Fault> {
        let range = self.eval(&of.range)?;
        let mut state = State::default();
        match &range {
            Val::List(list) => {
                for item in list.iter() {
                    if self.step(of, item?, &mut state)? {
                        break;
                    }
                }
            }
            Val::Map(map) => {
                for (key, _) in &map.entries {
                    if self.step(of, key.clone(), &mut state)? {
                        break;
                    }
                }
            }
            other => return Err(Fault::of(format!("no macro goes through {}", other.type_name()))),
        }
        state.result(of.fold)
    }

    /// One item. Whether the answer is known already.
    fn step(&mut self, of: &'v Loop, item: Val<'v>, state: &mut State<'v>) -> Result<bool, Fault> {
        self.spend(1)?;
        self.set(of.slot, item);
        let holds = match &of.condition {
            Some(condition) => self.boolean(condition),
            None => Ok(true),
        };
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
                state.items.push(item);
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
struct State<'v> {
    decided: bool,
    fault: Option<Fault>,
    count: usize,
    items: Vec<Val<'v>>,
}

impl<'v> State<'v> {
    fn result(self, fold: Fold) -> Result<Val<'v>, Fault> {
        match (fold, self.decided, self.fault) {
            (Fold::All | Fold::Exists, false, Some(fault)) => Err(fault),
            (Fold::All, decided, _) => Ok(Val::Bool(!decided)),
            (Fold::Exists, decided, _) => Ok(Val::Bool(decided)),
            (Fold::ExistsOne, ..) => Ok(Val::Bool(self.count == 1)),
            (Fold::Collect, ..) => Ok(Val::list(self.items)),
        }
    }
}
