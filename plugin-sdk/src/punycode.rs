//! Names as the DNS has them, where a vendor shows them as people read them.

use std::iter::once;

use crate::encoding::joined;

/// `name` with A-labels in place of labels that are not ASCII (RFC 5890); ASCII letters in lower case.
///
/// The name is a registered one, so it is not checked and its other letters are in lower case already.
pub(crate) fn a_labels(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if name.is_ascii() {
        return name;
    }
    let label = |label: &str| match label.is_ascii() {
        true => label.to_owned(),
        false => format!("xn--{}", encode(label)),
    };
    let labels: Vec<String> = name.split('.').map(label).collect();
    joined(labels.iter().map(String::as_str), ".")
}

/// Punycode (RFC 3492 §6.3).
fn encode(label: &str) -> String {
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let (mut done, mut least, mut delta, mut bias) = (basic, 128, 0_u32, 72);
    while let Some(next) = label.chars().map(u32::from).filter(|code| *code >= least).min() {
        delta = delta.saturating_add((next - least).saturating_mul(done + 1));
        for code in label.chars().map(u32::from) {
            if code < next {
                delta = delta.saturating_add(1);
            }
            if code == next {
                out.extend(digits(delta, bias).map(char::from));
                bias = adapted(delta, done + 1, done == basic);
                (delta, done) = (0, done + 1);
            }
        }
        delta = delta.saturating_add(1);
        least = next + 1;
    }
    out
}

/// A number in digits of varying weight.
fn digits(number: u32, bias: u32) -> impl Iterator<Item = u8> {
    let mut rest = Some(number);
    let mut weight = 0;
    once(()).cycle().map_while(move |()| {
        let number = rest?;
        weight += 36;
        let threshold = u32::saturating_sub(weight, bias).clamp(1, 26);
        let digit = if number < threshold {
            rest = None;
            number
        } else {
            rest = Some((number - threshold) / (36 - threshold));
            threshold + (number - threshold) % (36 - threshold)
        };
        Some(b"abcdefghijklmnopqrstuvwxyz0123456789"[digit as usize])
    })
}

/// The next bias (RFC 3492 §6.1).
fn adapted(delta: u32, points: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut bias = 0;
    while delta > 455 {
        delta /= 35;
        bias += 36;
    }
    bias + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3492 section 7.1, in lower case.
    #[test]
    fn samples_of_rfc_3492() {
        for (label, expected) in [
            ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
            ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            ("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"),
            ("なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"),
            ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
            ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
            ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"),
            ("そのスピードで", "d9juau41awczczp"),
        ] {
            assert_eq!(encode(label), expected, "{label}");
        }
    }

    #[test]
    fn ascii_stays() {
        assert_eq!(a_labels("Bücher.Example"), "xn--bcher-kva.example");
        assert_eq!(a_labels("xn--bcher-kva.example."), "xn--bcher-kva.example.");
        assert_eq!(a_labels(""), "");
    }
}
