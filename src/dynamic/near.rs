//! Which known name a person may have meant. It decides nothing.

use std::collections::BTreeSet;

/// Names that are listed where none is near.
const LISTED_MAX: usize = 24;

/// What to say about a name that nothing has: the known one that is near it, or else all there are.
pub(super) fn hint<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: BTreeSet<&str> = known.into_iter().collect();
    let wanted = name.to_lowercase();
    // One slip in a short name, up to three in a long one.
    let near_enough = 3.min(1 + wanted.chars().count() / 4);
    let distances = known.iter().map(|known| (strsim::damerau_levenshtein(&known.to_lowercase(), &wanted), *known));
    match distances.min() {
        None => "there are none".into(),
        Some((distance, near)) if distance <= near_enough => format!("did you mean {near:?}?"),
        Some(_) => {
            let more = if known.len() > LISTED_MAX { ", ..." } else { "" };
            format!("there are: {}{more}", known.into_iter().take(LISTED_MAX).collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_meant_or_else_all_are_shown() {
        assert_eq!(hint("ad", ["add", "subtract"]), "did you mean \"add\"?");
        assert_eq!(hint("ADD", ["add", "subtract"]), "did you mean \"add\"?");
        assert_eq!(hint("substarct", ["add", "subtract"]), "did you mean \"subtract\"?");
        assert_eq!(hint("x", ["get", "put"]), "there are: get, put");
        assert_eq!(hint("x", []), "there are none");
        let many: Vec<String> = (0..30).map(|n| format!("name{n:02}")).collect();
        assert!(hint("x", many.iter().map(String::as_str)).ends_with("name23, ..."));
    }
}
