//! Names that somebody may have meant.

/// The one of `known` that `name` is most likely a typing error of.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&name, &known.to_lowercase());
    let (distance, found) =
        known.into_iter().map(|known| (distance(known), known)).min_by_key(|(far, _)| *far)?;
    // One error in three letters: beyond it, it is another word.
    (distance <= name.chars().count().div_ceil(3)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typing_errors_are_near_and_other_words_are_not() {
        let known = ["letsencrypt", "zerossl", "jprs"];
        assert_eq!(nearest("letsencypt", known), Some("letsencrypt"));
        assert_eq!(nearest("ZeroSLL", known), Some("zerossl"));
        assert_eq!(nearest("acme", known), None);
        assert_eq!(nearest("", known), None);
    }
}
