//! Tables of plain text.

use console::{measure_text_width, pad_str};

use super::text::Paint;

/// Rows under headings, each column as wide as it must be; the last is not padded.
pub(crate) fn table(paint: Paint, headings: &[impl AsRef<str>], rows: &[Vec<String>]) -> String {
    let headings: Vec<String> =
        headings.iter().map(|heading| heading.as_ref().to_owned()).collect();
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| {
            let cells = rows.iter().chain([&headings]).filter_map(|row| row.get(column));
            cells.map(|cell| measure_text_width(cell)).max().unwrap_or_default()
        })
        .collect();
    let mut text = paint.dim(&line(&headings, &widths));
    for row in rows {
        text.push('\n');
        text.push_str(&line(row, &widths));
    }
    text
}

/// Names and values, one below the other; further lines of a value are indented as the first.
pub(crate) fn facts(paint: Paint, facts: &[(impl AsRef<str>, String)]) -> String {
    let widths = facts.iter().map(|(name, _)| measure_text_width(name.as_ref()));
    let width = widths.max().unwrap_or_default();
    let mut lines = Vec::new();
    for (name, value) in facts {
        for (index, part) in value.lines().enumerate() {
            let name = if index == 0 { name.as_ref() } else { "" };
            let name = pad_str(name, width, console::Alignment::Left, None).into_owned();
            lines.push(format!("{}  {part}", paint.dim(&name)));
        }
    }
    lines.join("\n")
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let padded: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| pad_str(cell, *width, console::Alignment::Left, None).into_owned())
        .collect();
    padded.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["a".to_owned(), "例え.jp".to_owned(), "x".to_owned()],
            vec!["long".to_owned(), "b".to_owned(), String::new()],
        ];
        let text = table(Paint(false), &["id", "name", "size"], &rows);
        assert_eq!(text, "id    name     size\na     例え.jp  x\nlong  b");
    }

    #[test]
    fn a_fact_of_several_lines_is_indented() {
        let text = facts(Paint(false), &[("name", "x".into()), ("to", "a\nb".into())]);
        assert_eq!(text, "name  x\nto    a\n      b");
    }
}
