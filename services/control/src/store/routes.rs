//! Where calls of namespaces go that have no provider of their own, as it is kept.

use super::{Route, Store, StoreError, read::Fault, schema::ROUTES};
use redb::{ReadTransaction, ReadableTable, TableError, WriteTransaction};
use std::collections::BTreeMap;

impl Store {
    /// By service and namespace.
    pub(crate) fn routes(&self) -> Result<BTreeMap<String, BTreeMap<String, Route>>, StoreError> {
        self.read(all)
    }
}

pub(super) fn all(read: &ReadTransaction) -> Result<BTreeMap<String, BTreeMap<String, Route>>, Fault> {
    let table = match read.open_table(ROUTES) {
        Ok(table) => table,
        // A store of the first versions.
        Err(TableError::TableDoesNotExist(_)) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.into()),
    };
    let mut routes: BTreeMap<String, BTreeMap<String, Route>> = BTreeMap::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        let (service, namespace) = key.value();
        let route = match value.value() {
            "" => Route::Nowhere,
            to => Route::To(to.parse().map_err(|_| Fault::Value(format!("`{to}` is no workload")))?),
        };
        routes.entry(service.to_owned()).or_default().insert(namespace.to_owned(), route);
    }
    Ok(routes)
}

/// Keeps where calls of a service go from a namespace; `None`: forgets it.
pub(super) fn keep(
    write: &WriteTransaction,
    service: &str,
    namespace: &str,
    route: Option<&Route>,
) -> Result<(), Fault> {
    let mut table = write.open_table(ROUTES)?;
    match route {
        Some(Route::To(to)) => table.insert((service, namespace), &*to.to_string())?,
        Some(Route::Nowhere) => table.insert((service, namespace), "")?,
        None => table.remove((service, namespace))?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Change;

    #[test]
    fn routes_are_kept_until_they_are_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::ca::tests::store(directory.path());
        let to = Route::To("demo/greeter".parse().unwrap());
        let route = |namespace: &str, route: Option<&Route>| Change::Route {
            namespace: namespace.to_owned(),
            service: "a.B".to_owned(),
            route: route.cloned(),
        };
        store.commit(&[route("one", Some(&to)), route("two", Some(&Route::Nowhere))]).unwrap();
        let kept = [("one".to_owned(), to), ("two".to_owned(), Route::Nowhere)];
        assert_eq!(store.routes().unwrap(), [("a.B".to_owned(), kept.into())].into());
        store.commit(&[route("one", None), route("two", None)]).unwrap();
        assert!(store.routes().unwrap().is_empty());
    }

    #[test]
    fn a_store_of_the_first_versions_has_none() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::ca::tests::store(directory.path());
        let write = store.database.begin_write().unwrap();
        assert!(write.delete_table(ROUTES).unwrap());
        write.commit().unwrap();
        assert!(store.routes().unwrap().is_empty());
    }
}
