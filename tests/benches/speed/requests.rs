//! ACME requests beside the protocol's minimum.

use crate::measure::Sample;

/// Prints how many requests of each kind the runs made, and how many RFC 8555 needs.
pub(crate) fn report(samples: &[Sample], names: usize, registers: bool) {
    for (kind, what, minimum) in minimum(names, registers) {
        let counts = samples.iter().map(|sample| count(sample, kind));
        let (least, most) = counts.fold((usize::MAX, 0), |(l, m), n| (l.min(n), m.max(n)));
        let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let remark = if most > minimum { "  ← more than needed" } else { "" };
        println!("      {what:<40} {range:>8}  needed {minimum}{remark}");
    }
}

/// Each kind of request in Pebble's log, what it is, and how many are needed at least.
fn minimum(names: usize, registers: bool) -> [(&'static str, &'static str, usize); 9] {
    [
        ("GET /dir", "directory", 1),
        ("HEAD /nonce-plz", "newNonce", 1),
        ("POST /sign-me-up", "newAccount", usize::from(registers)),
        ("POST /order-plz", "newOrder", 1),
        ("POST /authZ/", "authorizations", names),
        ("POST /chalZ/", "challenges", names),
        // Until it is ready, and after finalize until it is valid.
        ("POST /my-order/", "polls of the order", 2),
        ("POST /finalize-order/", "finalize", 1),
        ("POST /certZ/", "certificate", 1),
    ]
}

fn count(sample: &Sample, kind: &str) -> usize {
    sample.requests.iter().filter(|request| *request == kind).count()
}
