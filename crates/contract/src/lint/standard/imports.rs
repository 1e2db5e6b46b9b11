//! How a file imports.

use crate::lint::{judge::Judge, set::FileAt};

pub(super) fn check(file: &FileAt<'_>, judge: &mut Judge<'_>) {
    let written = [
        ("import-no-public", "public", &file.file.public_dependency),
        ("import-no-weak", "weak", &file.file.weak_dependency),
    ];
    for (rule, how, imports) in written {
        for import in imports {
            let name = usize::try_from(*import).ok().and_then(|at| file.file.dependency.get(at));
            let message = format!("the import of `{}` is {how}", name.map_or("", String::as_str));
            judge.found(rule, file.places.at(&[3, *import]), message, format!("take `{how}` away"));
        }
    }
}
