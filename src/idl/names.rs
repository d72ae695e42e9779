//! "Did you mean": which known name is nearest to one that is not known.

/// How many names are compared; beyond, a hint is not worth its time.
const MAX_COMPARED: usize = 20_000;

/// The name that differs in the fewest characters, where those are about a third of `wanted`'s at most.
pub(super) fn closest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.is_empty() || wanted.len() > 64 {
        return None;
    }
    let limit = (wanted.chars().count() + 1) / 3;
    let scored = known.take(MAX_COMPARED).filter_map(|name| Some((distance(wanted, name, limit)?, name)));
    scored.min().map(|(_, name)| name)
}

/// How many characters must be inserted, removed, replaced or exchanged with their neighbour; `None` beyond `limit`.
fn distance(left: &str, right: &str, limit: usize) -> Option<usize> {
    if left.eq_ignore_ascii_case(right) {
        return Some(usize::from(left != right));
    }
    if left.len().abs_diff(right.len()) > limit * 4 || right.len() > 256 {
        return None;
    }
    let right: Vec<char> = right.chars().collect();
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = '\0';
    for (row, character) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(character != *other);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && character == right[column - 1] && previous == *other {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        previous = character;
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|score| *score <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearby_names_are_found_and_far_ones_are_not() {
        let known = ["Work", "Operation", "InvalidOperation"];
        assert_eq!(closest("Wrok", known.into_iter()), Some("Work"));
        assert_eq!(closest("operation", known.into_iter()), Some("Operation"));
        assert_eq!(closest("Zebra", known.into_iter()), None);
    }
}
