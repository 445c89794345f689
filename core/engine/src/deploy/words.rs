//! Commands as people write them: words, without a shell.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// A program with its arguments, or a text for a shell. Without a shell nothing in it is expanded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CommandLine {
    /// For the shell of the machine where it runs: `sh`, on Windows `cmd`.
    Shell(String),
    /// The program and its arguments; at least one.
    Words(Vec<String>),
}

/// Why a text is no command.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    /// It has no words.
    #[error("it is empty")]
    Empty,
    /// A quotation mark is not closed, or a backslash stands at the end.
    #[error("a quotation mark is not closed")]
    Open,
    /// It holds what only a shell would understand.
    #[error("`{0}` means something to a shell only, and there is none")]
    Shell(&'static str),
}

impl WordsError {
    /// What to write instead.
    pub fn hint(&self) -> Option<String> {
        let hint = "ask for a shell, sh -c '…', or put quotation marks around the sign";
        matches!(self, Self::Shell(_)).then(|| hint.to_owned())
    }
}

impl CommandLine {
    /// A program with its arguments, as they are.
    ///
    /// # Errors
    /// When there is no program.
    pub fn new(words: Vec<String>) -> Result<Self, WordsError> {
        match words.first() {
            Some(program) if !program.is_empty() => Ok(Self::Words(words)),
            _ => Err(WordsError::Empty),
        }
    }

    /// The program and its arguments on this machine.
    pub(crate) fn here(&self) -> Vec<String> {
        let shell = if cfg!(windows) { ["cmd", "/C"] } else { POSIX_SHELL };
        self.words(shell)
    }

    /// The same on a machine that has a POSIX shell.
    pub(crate) fn there(&self) -> Vec<String> {
        self.words(POSIX_SHELL)
    }

    fn words(&self, shell: [&str; 2]) -> Vec<String> {
        match self {
            Self::Words(words) => words.clone(),
            Self::Shell(text) => {
                shell.into_iter().chain([text.as_str()]).map(str::to_owned).collect()
            }
        }
    }
}

/// Splits a text as a POSIX shell would (XCU §2.2); what more a shell would do with it is refused.
impl FromStr for CommandLine {
    type Err = WordsError;

    fn from_str(text: &str) -> Result<Self, WordsError> {
        let words = shlex::split(text).ok_or(WordsError::Open)?;
        match shell_sign(text) {
            Some(sign) => Err(WordsError::Shell(sign)),
            None => Self::new(words),
        }
    }
}

/// The words, quoted where they need it.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(self.there().iter().map(String::as_str)))
    }
}

/// Words as a POSIX shell reads them back.
pub(super) fn quoted<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    // With a NUL allowed nothing is refused; no program could be given one.
    shlex::Quoter::new().allow_nul(true).join(words).unwrap_or_default()
}

/// The first sign in a text that a shell would act upon.
fn shell_sign(text: &str) -> Option<&'static str> {
    let mut quote = None;
    let mut word = false;
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        let sign = match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                None
            }
            (Some(open), c) if c == open => {
                quote = None;
                None
            }
            (Some('\''), _) => None,
            (_, '\\') => {
                chars.next();
                None
            }
            (_, '`') => Some("`"),
            (_, '$') => match chars.peek() {
                Some('(') => Some("$("),
                Some('{') => Some("${"),
                Some(next) if next.is_ascii_alphanumeric() || *next == '_' => Some("$"),
                _ => None,
            },
            (Some(_), _) => None,
            (None, '&') if chars.peek() == Some(&'&') => Some("&&"),
            (None, '|') if chars.peek() == Some(&'|') => Some("||"),
            (None, '&') => Some("&"),
            (None, '|') => Some("|"),
            (None, ';') => Some(";"),
            (None, '<') => Some("<"),
            (None, '>') => Some(">"),
            (None, '\n') => Some("a line's end"),
            (None, '#') if !word => Some("#"),
            (None, _) => None,
        };
        if sign.is_some() {
            return sign;
        }
        word = !c.is_whitespace();
    }
    None
}

/// A time as people write it: `10m`, `1h30m`, `90s`, or a number of seconds; units are `d`, `h`, `m`
/// and `s`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not written as 30s, 10m or 1h30m");
        let mut seconds: u64 = 0;
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (number, more) = rest.split_at(digits);
            let number: u64 = number.parse().map_err(|_| wrong())?;
            let mut units = more.chars();
            let factor = match units.next() {
                None if rest.len() == text.trim().len() => 1,
                Some('s') => 1,
                Some('m') => 60,
                Some('h') => 60 * 60,
                Some('d') => 24 * 60 * 60,
                _ => return Err(wrong()),
            };
            rest = units.as_str();
            let part = number.checked_mul(factor).ok_or_else(wrong)?;
            seconds = seconds.checked_add(part).filter(|all| *all <= LONGEST).ok_or_else(wrong)?;
        }
        Ok(Self(Duration::from_secs(seconds)))
    }
}

const POSIX_SHELL: [&str; 2] = ["sh", "-c"];
/// Thirty days, in seconds.
const LONGEST: u64 = 30 * 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<String>, WordsError> {
        text.parse().map(|command: CommandLine| command.here())
    }

    #[test]
    fn a_text_is_split_as_a_shell_would() {
        let table: [(&str, &[&str]); 5] = [
            ("systemctl reload nginx", &["systemctl", "reload", "nginx"]),
            ("/opt/my\\ hook 'a b' \"c;d\"", &["/opt/my hook", "a b", "c;d"]),
            ("sh -c 'a && b | c > $HOME/x'", &["sh", "-c", "a && b | c > $HOME/x"]),
            ("awk '{print $1}' cost=5$ a#b", &["awk", "{print $1}", "cost=5$", "a#b"]),
            ("a \\; b", &["a", ";", "b"]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        for text in ["", "  ", "''"] {
            assert_eq!(words(text), Err(WordsError::Empty), "{text:?}");
        }
        assert_eq!(words("a 'b"), Err(WordsError::Open));
    }

    #[test]
    fn what_only_a_shell_understands_is_refused() {
        let table = [
            ("a && b", "&&"),
            ("a||b", "||"),
            ("a | b", "|"),
            ("a;b", ";"),
            ("a > b", ">"),
            ("a < b", "<"),
            ("a &", "&"),
            ("a $(b)", "$("),
            ("a \"$(b)\"", "$("),
            ("cp $RENEWED_LINEAGE/fullchain.pem /x", "$"),
            ("cp \"${RENEWED_LINEAGE}/x\" /y", "${"),
            ("a `b`", "`"),
            ("a #b", "#"),
            ("a\nb", "a line's end"),
        ];
        for (text, sign) in table {
            assert_eq!(words(text), Err(WordsError::Shell(sign)), "{text}");
        }
    }

    #[test]
    fn words_are_read_back_by_a_shell() {
        let command = CommandLine::new(["a", "it's", "", "b c"].map(str::to_owned).to_vec());
        let text = command.as_ref().unwrap().to_string();
        assert_eq!(shlex::split(&text).unwrap(), command.unwrap().here());
    }

    #[test]
    fn times_have_units() {
        let seconds = |text: &str| text.parse::<Span>().map(|span| span.0.as_secs());
        let table =
            [("300", 300), ("0", 0), ("30s", 30), ("10m", 600), ("1h30m", 5400), ("2m0s", 120)];
        for (text, expected) in table {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "m", "10x", "1h30", "-5s", "1.5h", "999999d", "5 m"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
