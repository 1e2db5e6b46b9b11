//! Names that were probably meant.

/// The name that is nearest to `name`, if any is near: at most a third of it differs.
pub(super) fn closest<'n>(name: &str, among: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let near = name.chars().count().div_ceil(3);
    among
        .map(|other| (distance(name, other), other))
        .filter(|(far, _)| *far <= near)
        .min()
        .map(|(_, other)| other)
}

/// How many characters must be added, taken away or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = (0..=other.len()).collect();
    for (row, char) in one.chars().enumerate() {
        let mut line = vec![row + 1];
        for (column, (wanted, pair)) in other.iter().zip(before.windows(2)).enumerate() {
            let (diagonal, above) = (pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0));
            let left = line.get(column).copied().unwrap_or(0);
            line.push((diagonal + usize::from(char != *wanted)).min(above + 1).min(left + 1));
        }
        before = line;
    }
    before.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = ["ListOrders", "PlaceOrders", "Cancel"];
        assert_eq!(closest("PlaceOrder", names.into_iter()), Some("PlaceOrders"));
        assert_eq!(closest("Watch", names.into_iter()), None);
        assert_eq!((distance("", "ab"), distance("abc", "abx"), distance("kitten", "sitting")), (2, 1, 3));
    }
}
