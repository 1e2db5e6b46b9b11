//! Where everything is declared, over several sets.

use super::file::{File, SetError, split};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Which set, in the order of adding.
pub(super) type SetNumber = usize;

/// A file, and the sets that hold it.
type Places = Vec<(SetNumber, Arc<File>)>;

/// All that is shown.
#[derive(Debug, Default)]
pub(super) struct Index {
    sets: SetNumber,
    services: BTreeSet<String>,
    /// The set that a shown service comes from.
    owners: HashMap<String, SetNumber>,
    files: HashMap<String, Places>,
    symbols: HashMap<String, Places>,
    /// By the extended message and the number.
    extensions: HashMap<String, BTreeMap<i32, Places>>,
    messages: BTreeSet<String>,
}

impl Index {
    /// Adds a set. Of its services, only those in `shown` are listed; `None` lists all.
    pub(super) fn add(&mut self, set: &[u8], shown: Option<&BTreeSet<String>>) -> Result<(), SetError> {
        let files = split(set)?;
        let number = self.sets;
        self.sets += 1;
        for file in files {
            self.add_file(number, file, shown);
        }
        Ok(())
    }

    fn add_file(&mut self, number: SetNumber, file: File, shown: Option<&BTreeSet<String>>) {
        let file = self.shared(file);
        for service in &file.services {
            if shown.is_none_or(|shown| shown.contains(service)) {
                self.services.insert(service.clone());
                self.owners.entry(service.clone()).or_insert(number);
            }
        }
        let place = || (number, file.clone());
        for symbol in &file.symbols {
            self.symbols.entry(symbol.clone()).or_default().push(place());
        }
        for (extended, extension) in &file.extensions {
            let numbers = self.extensions.entry(extended.clone()).or_default();
            numbers.entry(*extension).or_default().push(place());
        }
        self.messages.extend(file.messages.iter().cloned());
        self.files.entry(file.name.clone()).or_default().push(place());
    }

    /// The same file from another set is kept once.
    fn shared(&self, file: File) -> Arc<File> {
        let known = self.files.get(&file.name).into_iter().flatten();
        let same = known.map(|(_, known)| known).find(|known| known.bytes == file.bytes);
        same.cloned().unwrap_or_else(|| Arc::new(file))
    }

    /// The services that are shown, sorted.
    pub(super) fn services(&self) -> &BTreeSet<String> {
        &self.services
    }

    /// The file of this name, from the preferred set if that has one.
    pub(super) fn file(&self, name: &str, preferred: Option<SetNumber>) -> Option<(SetNumber, Arc<File>)> {
        choose(self.files.get(name)?, preferred)
    }

    /// The file that declares this symbol: of a shown service, from the set it is shown from.
    pub(super) fn symbol(&self, name: &str, preferred: Option<SetNumber>) -> Option<(SetNumber, Arc<File>)> {
        let service = name.rsplit_once('.').map_or(name, |(scope, _)| scope);
        let owner = self.owners.get(name).or_else(|| self.owners.get(service)).copied();
        choose(self.symbols.get(name)?, owner.or(preferred))
    }

    /// The file that declares this extension.
    pub(super) fn extension(
        &self,
        extended: &str,
        number: i32,
        preferred: Option<SetNumber>,
    ) -> Option<(SetNumber, Arc<File>)> {
        choose(self.extensions.get(extended)?.get(&number)?, preferred)
    }

    /// The numbers of all extensions of a message, sorted; `None` if there is no such message.
    pub(super) fn extension_numbers(&self, message: &str) -> Option<Vec<i32>> {
        let numbers = self.extensions.get(message).map(|numbers| numbers.keys().copied().collect());
        numbers.or_else(|| self.messages.contains(message).then(Vec::new))
    }
}

fn choose(places: &Places, preferred: Option<SetNumber>) -> Option<(SetNumber, Arc<File>)> {
    let in_preferred = places.iter().find(|(number, _)| Some(*number) == preferred);
    in_preferred.or_else(|| places.first()).cloned()
}
