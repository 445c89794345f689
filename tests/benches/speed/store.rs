//! What very many certificates cost, beside a plain reading of their files.

use std::{path::Path, process::Command};

use wildcert_sandbox::Policy;
use wildcert_tests::{SandboxRig, built, multiply};

use crate::measure::{median, run, timed};

const MANY: usize = 10_000;
const RUNS: usize = 5;

/// Prints time and memory of `list` and of `renew` with nothing due.
pub(crate) fn report() {
    let rig = SandboxRig::start(Policy::default());
    let issued = rig.run().domains(["example.test"]).run();
    assert_eq!(issued.code, Some(0), "{issued}");
    let asked = rig.renew().run();
    assert_eq!(asked.code, Some(0), "{asked}");
    multiply(&rig.path(), "example.test", MANY);

    let certificates = rig.path().join("certificates");
    let find = |folder: &str| {
        let mut command = timed(Path::new("find"), rig.home());
        command.arg(certificates.join(folder)).args(["-name", "*.json"]);
        command.args(["-exec", "cat", "{}", "+"]);
        command
    };
    let wildcert = |subcommand: &str| {
        let mut command = timed(&built("wildcert"), rig.home());
        command.args([subcommand, "--path"]).arg(rig.path());
        command
    };
    line("find and cat, what list reads", &rig, || find(".archive"));
    line("wildcert list", &rig, || wildcert("list"));
    line("find and cat, what renew reads", &rig, || find(""));
    line("wildcert renew, nothing due", &rig, || wildcert("renew"));
}

fn line(what: &str, rig: &SandboxRig, command: impl Fn() -> Command) {
    let samples: Vec<(f64, f64)> = (0..RUNS).map(|_| run(command(), rig.home())).collect();
    let seconds = median(samples.iter().map(|sample| sample.0));
    let mebibytes = median(samples.iter().map(|sample| sample.1));
    println!("  {what:<40} {seconds:>9.3} s {mebibytes:>7.1} MB");
}
