//! What openssl makes and reads, as the independent witness of the tests.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

/// What `openssl ARGUMENTS` prints when `input` is its standard input.
pub(crate) fn openssl(arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("openssl does not run ({error}): `.ci/setup test`"));
    // One that reads nothing has closed its end already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}
