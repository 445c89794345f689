//! The page about the conformance suite, from the comments of its trials.

use wildcert::plugin::conformance::Trial;

use super::{comments, put, title};

const SOURCE: &str = include_str!("../../../plugin-sdk/src/testing/conformance/trial.rs");

const HEAD: &str = "\
What every provider keeps, a trial each, in this order. The suite runs in three places:

| | |
|---|---|
| `cargo test` in the provider's folder | the provider in process, before the simulator of its vendor |
| `wildcert providers test FILE --simulator COMMAND` | the built module in the host that will run it, before the simulator |
| `wildcert providers test FILE --zone ZONE` | the built module before the real vendor, with your credentials |

Before a real vendor the trials whose last column says so run, below `_acme-challenge.wildcert-….ZONE`;
the others need a vendor that refuses, pauses or breaks off when it is told to. Their records are looked
for on the zone's authoritative servers, and taken away again.
";

const TAIL: &str = "
A result is `ok`, `not ok` or `SKIP`. Skipped is what needs a simulator where there is none, and what the
vendor's API makes impossible: the simulator names such a trial in `EXCEPTIONS`, with the reason, and a trial
that is excepted and passes all the same fails. A trial is not run, and counts as failed, when one before it failed that shows the same fault more
plainly. [Writing a provider](../guide/writing-a-provider.md) says how a simulator is made.
";

pub(super) fn page() -> String {
    let mut page = title("The conformance suite", "the suite's own source");
    put(&mut page, HEAD);
    put(&mut page, "| trial | what the provider keeps | before a real vendor |\n|---|---|---|");
    let comments = comments::items(SOURCE, "pub enum Trial {");
    for trial in Trial::ALL {
        let variant = format!("{trial:?}");
        let item = comments.iter().find(|item| item.line == variant);
        let item = item.unwrap_or_else(|| panic!("`{variant}` is not in the source"));
        let live = if trial.needs_simulator() { "" } else { "yes" };
        put(&mut page, &format!("| `{}` | {} | {live} |", trial.name(), item.comment));
    }
    page.push_str(TAIL);
    page
}
