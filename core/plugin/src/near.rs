//! Names that somebody may have meant.

/// How many names are offered.
const OFFERED: usize = 3;

/// Those of `known` that `name` is a typing error of, the nearest first.
pub fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
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
    // Beside a very near name the others are no help.
    let nearest = found.first().map_or(0, |(distance, _)| *distance);
    let offered = found.into_iter().take_while(|(distance, _)| *distance <= nearest + 1);
    offered.take(OFFERED).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn typing_errors_are_near_and_other_names_are_not() {
        let known = ["pdns", "rfc2136", "cloudflare", "cloudns", "PDNS_API_KEY"];
        assert_eq!(near("clodflare", known), ["cloudflare"]);
        assert_eq!(near("rcf2136", known), ["rfc2136"]);
        assert_eq!(near("pdns_api_kye", known), ["PDNS_API_KEY"]);
        assert!(near("hetzner", known).is_empty());
    }
}
