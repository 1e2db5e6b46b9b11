//! What an expression makes, as long as it lives.

use crate::ledger;
use std::{ops::Deref, rc::Rc};

/// What a text takes beside its bytes.
pub(in crate::cel) const TEXT: usize = 64;

/// A text, or bytes, that several values may share. The room that they take is given back with the last of them.
#[derive(Debug)]
pub(in crate::cel) struct Made<T: ?Sized + AsRef<[u8]>>(Rc<T>);

impl<T: ?Sized + AsRef<[u8]>> Made<T> {
    pub(in crate::cel) fn of(made: impl Into<Rc<T>>) -> Self {
        let made = made.into();
        ledger::take((*made).as_ref().len() + TEXT);
        Self(made)
    }
}

impl<T: ?Sized + AsRef<[u8]>> Clone for Made<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: ?Sized + AsRef<[u8]>> Deref for Made<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized + AsRef<[u8]>> Drop for Made<T> {
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 1 {
            ledger::give_back((*self.0).as_ref().len() + TEXT);
        }
    }
}
