//! Names that somebody may have meant.

/// How many names are offered.
const OFFERED: usize = 3;

/// Those of `known` that `name` is a typing error of, the nearest first.
pub(crate) fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    // One error in three letters: fewer makes every short name near every other.
    let limit = name.chars().count().div_ceil(3);
    let lower = name.to_lowercase();
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(OFFERED).map(|(_, name)| name.to_owned()).collect()
}
