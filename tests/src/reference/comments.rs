//! The doc comments of a source file.

/// A field or variant with what its comment says.
pub(super) struct Item {
    /// Its line in the source, without the comma.
    pub(super) line: String,
    /// The attributes in front of it, one a line.
    pub(super) attributes: String,
    /// The comment, on one line.
    pub(super) comment: String,
}

/// What stands between the line `opening` of `source` and the `}` that closes it.
pub(super) fn items(source: &str, opening: &str) -> Vec<Item> {
    let lines = source.lines().skip_while(|line| *line != opening).skip(1);
    let (mut items, mut comment, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines.take_while(|line| *line != "}").map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            comment.push(text.trim());
        } else if line.starts_with("#[") {
            attributes.push(line);
        } else if !line.is_empty() {
            items.push(Item {
                line: line.trim_end_matches(',').to_owned(),
                attributes: std::mem::take(&mut attributes).join("\n"),
                comment: std::mem::take(&mut comment).join(" "),
            });
        }
    }
    assert!(!items.is_empty(), "no `{opening}` in the source");
    items
}
