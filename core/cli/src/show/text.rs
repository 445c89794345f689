//! Small pieces of text.

use std::time::Duration;

use console::{Style, measure_text_width};
use time::{OffsetDateTime, macros::format_description};
use wildcert::dns::Identifier;

/// Colours, when the stream wants them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    pub(crate) fn good(self, text: &str) -> String {
        self.apply(Style::new().green(), text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.apply(Style::new().red().bold(), text)
    }

    pub(crate) fn warn(self, text: &str) -> String {
        self.apply(Style::new().yellow().bold(), text)
    }

    pub(crate) fn hint(self, text: &str) -> String {
        self.apply(Style::new().cyan().bold(), text)
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.apply(Style::new().bold(), text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.apply(Style::new().dim(), text)
    }

    fn apply(self, style: Style, text: &str) -> String {
        style.force_styling(self.0).apply_to(text).to_string()
    }
}

/// `0.12s`, `12.3s`, `2m05s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match time.as_secs() {
        0..10 => format!("{seconds:.2}s"),
        10..60 => format!("{seconds:.1}s"),
        whole => format!("{}m{:02}s", whole / 60, whole % 60),
    }
}

/// `1 name`, `2 names`.
pub(crate) fn count(number: usize, singular: &str) -> String {
    if number == 1 { format!("1 {singular}") } else { format!("{number} {singular}s") }
}

/// Text of others, in which nothing steers the terminal or turns the direction of writing.
pub(crate) fn printable(text: &str) -> String {
    let steers = |c: char| {
        let turns = matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || (c.is_control() && c != '\n')
    };
    let mut printable = String::new();
    for c in text.chars() {
        if steers(c) { printable.extend(c.escape_unicode()) } else { printable.push(c) }
    }
    printable
}

/// Paragraphs filled to `width` behind an indentation; lists and what is indented stay as they are.
pub(crate) fn filled(text: &str, indent: usize, width: usize) -> String {
    let indent = " ".repeat(indent);
    let mut lines: Vec<String> = Vec::new();
    let mut filling = false;
    for line in text.lines() {
        let kept = line.is_empty() || line.starts_with([' ', '\t', '-', '|', '#']);
        if kept {
            lines.push(format!("{indent}{line}").trim_end().to_owned());
        }
        for (index, (space, piece)) in pieces(line.trim()).filter(|_| !kept).enumerate() {
            let gap = if space || index == 0 { " " } else { "" };
            let fits = |last: &str| {
                measure_text_width(last) + gap.len() + measure_text_width(piece) <= width
            };
            match lines.last_mut() {
                Some(last) if filling && fits(last) => {
                    last.push_str(gap);
                    last.push_str(piece);
                }
                _ => lines.push(format!("{indent}{piece}")),
            }
            filling = true;
        }
        filling = !kept;
    }
    lines.join("\n")
}

/// A line broken where it would be wider than `width`, between words or between the characters of
/// a script without spaces; what follows is indented.
pub(crate) fn hanging(line: &str, indent: usize, width: usize) -> String {
    let text = line.trim_start();
    let mut column = line.len() - text.len();
    let mut broken = " ".repeat(column);
    for (index, (space, piece)) in pieces(text).enumerate() {
        let length = measure_text_width(piece);
        if index > 0 && column + usize::from(space) + length > width {
            broken.push('\n');
            broken.push_str(&" ".repeat(indent));
            column = indent;
        } else if space {
            broken.push(' ');
            column += 1;
        }
        broken.push_str(piece);
        column += length;
    }
    broken
}

/// The parts of a text that stay together, each with whether a space stands before it.
fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split(' ').enumerate().flat_map(|(index, word)| {
        let mut rest = Some(word);
        let mut first = true;
        std::iter::from_fn(move || {
            let (piece, more) = cut(rest?);
            rest = more;
            Some((std::mem::take(&mut first) && index > 0, piece))
        })
    })
}

/// The first piece of a word, and what follows it: a line may end beside a wide character, unless
/// the signs there belong together (JIS X 4051).
fn cut(word: &str) -> (&str, Option<&str>) {
    let pairs = word.char_indices().zip(word.char_indices().skip(1));
    let mut ends = pairs.filter(|((_, before), (_, after))| {
        (is_wide(*before) || is_wide(*after))
            && !NOT_LAST.contains(*before)
            && !NOT_FIRST.contains(*after)
    });
    match ends.next() {
        Some((_, (end, _))) => {
            let (piece, rest) = word.split_at(end);
            (piece, Some(rest))
        }
        None => (word, None),
    }
}

fn is_wide(c: char) -> bool {
    !c.is_ascii() && measure_text_width(c.encode_utf8(&mut [0; 4])) == 2
}

/// What no line begins with.
const NOT_FIRST: &str =
    "、。，．・：；？！ー々）」』】〕］｝ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}`";
/// What no line ends with.
const NOT_LAST: &str = "（「『【〔［｛([{";

/// `2026-11-22`, in UTC.
pub(crate) fn date(time: OffsetDateTime) -> String {
    time.to_offset(time::UtcOffset::UTC)
        .format(format_description!("[year]-[month]-[day]"))
        .unwrap_or_default()
}

/// `2026-11-22 09:30:00 UTC`.
pub(crate) fn moment(time: OffsetDateTime) -> String {
    time.to_offset(time::UtcOffset::UTC)
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"))
        .unwrap_or_default()
}

/// A domain as certificates have it and, where that differs, as people write it.
pub(crate) fn domain(ascii: &str) -> String {
    match ascii.parse::<Identifier>().map(|name| name.unicode()) {
        Ok(unicode) if unicode != ascii => format!("{ascii} ({unicode})"),
        _ => ascii.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_three_digits() {
        let table = [
            (0, "0.00s"),
            (123, "0.12s"),
            (9_870, "9.87s"),
            (12_340, "12.3s"),
            (60_000, "1m00s"),
            (125_000, "2m05s"),
        ];
        for (milliseconds, expected) in table {
            assert_eq!(duration(Duration::from_millis(milliseconds)), expected);
        }
    }

    #[test]
    fn paragraphs_are_filled_and_code_is_kept() {
        let text = "one two three\nfour\n\n    code  stays as it is\n- item\nfive";
        let expected = "  one two\n  three four\n\n      code  stays as it is\n  - item\n  five";
        assert_eq!(filled(text, 2, 12), expected);
    }

    #[test]
    fn text_of_others_steers_no_terminal() {
        let text = "a\u{1b}[2Kb\nc\u{202e}d\u{7}é例";
        assert_eq!(printable(text), "a\\u{1b}[2Kb\nc\\u{202e}d\\u{7}é例");
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        assert_eq!(hanging("error: one two three", 2, 12), "error: one\n  two three");
        assert_eq!(
            hanging("  a word-that-is-too-long b", 4, 9),
            "  a\n    word-that-is-too-long\n    b"
        );
        assert_eq!(hanging("short", 2, 80), "short");
    }

    #[test]
    fn japanese_is_broken_between_characters_but_not_before_signs() {
        let line = "原因: 認証局がTXTレコードを確認できません。";
        assert_eq!(hanging(line, 2, 18), "原因: 認証局がTXT\n  レコードを確認で\n  きません。");
        // The full stop would be the nineteenth and twentieth column.
        assert_eq!(hanging("確認できませんでし。た", 0, 18), "確認できませんで\nし。た");
        assert_eq!(hanging("鍵（長い名前）と", 0, 4), "鍵\n（長\nい名\n前）\nと");
        for width in 8..40 {
            let broken = hanging(line, 2, width);
            assert!(broken.lines().all(|line| measure_text_width(line) <= width), "{broken}");
        }
        assert_eq!(filled("認証局の文書", 0, 6), "認証局\nの文書");
    }

    #[test]
    fn colours_come_only_when_wanted() {
        assert_eq!(Paint(false).bad("x"), "x");
        assert_eq!(Paint(true).good("x"), "\u{1b}[32mx\u{1b}[0m");
    }
}
