//! Packages, and the folders that they are in.

use super::{names::lower_snake, version::Version};
use crate::{
    lint::{
        judge::Judge,
        set::{FileAt, Set, options},
    },
    origin::Origin,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) fn check(set: &Set<'_>, judge: &mut Judge<'_>) {
    for file in set.targets() {
        alone(file, judge);
    }
    together(set, judge);
    same_options(set, judge);
    cycles(set, judge);
}

fn at(file: &FileAt<'_>) -> Origin {
    file.places.at(&[2])
}

fn folder<'a>(file: &FileAt<'a>) -> &'a str {
    file.file.name.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

fn alone(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    let package = &file.file.package;
    if package.is_empty() {
        let message = format!("`{}` has no package", file.file.name);
        judge.found("package-defined", file.places.file(), message, "write `package team.thing.v1;`");
        return;
    }
    let snake: Vec<String> = package.split('.').map(lower_snake).collect();
    let snake = snake.join(".");
    if snake != *package {
        let message = format!("the package `{package}` is not in lower_snake.case");
        judge.found("package-lower-snake-case", at(file), message, format!("write `{snake}`"));
    }
    if Version::of_package(package).is_none() {
        let message = format!("the package `{package}` has no version");
        let remedy = format!("write `{package}.v1`: what breaks callers gets a package of its own then");
        judge.found("package-version-suffix", at(file), message, remedy);
    }
    let wanted = package.replace('.', "/");
    if folder(file) != wanted {
        let message = format!(
            "files of the package `{package}` are in `{wanted}`, and this one is in `{}`",
            folder(file)
        );
        judge.found("package-directory-match", at(file), message, format!("move it to `{wanted}`"));
    }
}

fn together(set: &Set<'_>, judge: &mut Judge<'_>) {
    let (mut packages, mut folders): (HashMap<_, BTreeSet<_>>, HashMap<_, BTreeSet<_>>) = Default::default();
    for file in set.targets() {
        packages.entry(folder(file)).or_default().insert(file.file.package.as_str());
        folders.entry(file.file.package.as_str()).or_default().insert(folder(file));
    }
    let listed =
        |names: &BTreeSet<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    for file in set.targets() {
        if let Some(packages) = packages.get(folder(file)).filter(|packages| packages.len() > 1) {
            let message =
                format!("files of several packages are in `{}`: {}", folder(file), listed(packages));
            judge.found("directory-same-package", at(file), message, "give each package a folder of its own");
        }
        let of_package = folders.get(file.file.package.as_str()).filter(|folders| folders.len() > 1);
        if let Some(folders) = of_package.filter(|_| !file.file.package.is_empty()) {
            let message =
                format!("files of `{}` are in several folders: {}", file.file.package, listed(folders));
            judge.found("package-same-directory", at(file), message, "move them into one");
        }
    }
}

/// File options that a package's files share: rule, name, number.
const OPTIONS: [(&str, &str, u32); 7] = [
    ("package-same-csharp-namespace", "csharp_namespace", 37),
    ("package-same-go-package", "go_package", 11),
    ("package-same-java-multiple-files", "java_multiple_files", 10),
    ("package-same-java-package", "java_package", 1),
    ("package-same-php-namespace", "php_namespace", 41),
    ("package-same-ruby-package", "ruby_package", 45),
    ("package-same-swift-prefix", "swift_prefix", 39),
];

fn same_options(set: &Set<'_>, judge: &mut Judge<'_>) {
    for (rule, option, number) in OPTIONS {
        let value = |file: &FileAt<'_>| match number {
            10 => {
                options::varint(&file.file.options, number).map_or_else(String::new, |v| (v != 0).to_string())
            }
            _ => options::text(&file.file.options, number).unwrap_or_default().to_owned(),
        };
        let mut values: HashMap<&str, BTreeSet<String>> = HashMap::new();
        for file in set.targets().filter(|file| !file.file.package.is_empty()) {
            values.entry(&file.file.package).or_default().insert(value(file));
        }
        for file in set.targets() {
            let several = values.get(file.file.package.as_str()).filter(|values| values.len() > 1);
            let Some(several) = several else { continue };
            let said =
                |value: &String| if value.is_empty() { "nothing".to_owned() } else { format!("`{value}`") };
            let listed = several.iter().map(said).collect::<Vec<_>>().join(", ");
            let message = format!("files of `{}` differ in {option}: {listed}", file.file.package);
            let step = i32::try_from(number).unwrap_or_default();
            let origin = match file.places.location(&[8, step]) {
                Some(_) => file.places.at(&[8, step]),
                None => at(file),
            };
            judge.found(rule, origin, message, "write the same in all of them");
        }
    }
}

/// Packages that import each other, by whatever detour. Linear: strongly connected components.
fn cycles(set: &Set<'_>, judge: &mut Judge<'_>) {
    let package_of: HashMap<&str, &str> =
        set.files.iter().map(|file| (file.file.name.as_str(), file.file.package.as_str())).collect();
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in &set.files {
        let of_package = imports.entry(&file.file.package).or_default();
        let packages =
            file.file.dependency.iter().filter_map(|import| package_of.get(import.as_str()).copied());
        of_package.extend(packages.filter(|package| !package.is_empty() && *package != file.file.package));
    }
    let component = components(&imports);
    for file in set.targets() {
        for (position, import) in (0..).zip(&file.file.dependency) {
            let Some(package) = package_of.get(import.as_str()) else { continue };
            let (ours, theirs) = (component.get(file.file.package.as_str()), component.get(package));
            if *package != file.file.package && ours.is_some() && ours == theirs {
                let message = format!("`{}` and `{package}` import each other", file.file.package);
                let remedy = "move what both need into a package of its own";
                judge.found("package-no-import-cycle", file.places.at(&[3, position]), message, remedy);
            }
        }
    }
}

/// A number for each package; those that reach each other have the same one (Kosaraju, without recursion).
fn components<'a>(imports: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> HashMap<&'a str, usize> {
    let mut importers: HashMap<&str, Vec<&str>> = HashMap::new();
    for (from, to) in imports {
        to.iter().for_each(|to| importers.entry(to).or_default().push(from));
    }
    let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
    for start in imports.keys() {
        let mut pending = vec![(*start, false)];
        while let Some((package, done)) = pending.pop() {
            if done {
                order.push(package);
            } else if seen.insert(package) {
                pending.push((package, true));
                pending.extend(imports.get(package).into_iter().flatten().map(|next| (*next, false)));
            }
        }
    }
    let mut component = HashMap::new();
    for (number, start) in order.into_iter().rev().enumerate() {
        let mut pending = vec![start];
        while let Some(package) = pending.pop() {
            if !component.contains_key(package) {
                component.insert(package, number);
                pending.extend(importers.get(package).into_iter().flatten());
            }
        }
    }
    component
}
