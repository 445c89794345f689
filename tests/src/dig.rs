//! Asking a DNS server on loopback.

use crate::program;

/// A DNS server on a loopback port.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    pub(crate) port: u16,
}

impl Server {
    /// `127.0.0.1:PORT`.
    pub fn address(self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The port.
    pub fn port(self) -> u16 {
        self.port
    }

    /// The TXT values at `owner`, sorted, without quotes.
    pub fn txt(self, owner: &str) -> Vec<String> {
        let answer = self.dig(owner, "TXT");
        let values = answer.lines().filter_map(|line| line.strip_prefix('"'));
        let mut values: Vec<String> =
            values.filter_map(|line| line.strip_suffix('"')).map(str::to_owned).collect();
        values.sort();
        values
    }

    pub(crate) fn has_soa(self, zone: &str) -> bool {
        !self.dig(zone, "SOA").trim().is_empty()
    }

    fn dig(self, name: &str, kind: &str) -> String {
        let output = program::command("dig")
            .args(["@127.0.0.1", "-p", &self.port.to_string()])
            .args(["+short", "+time=1", "+tries=1", "+norecurse", name, kind])
            .output()
            .expect("dig runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // With +short, dig puts its complaints beside the answers.
        text.lines().filter(|line| !line.starts_with(';')).map(|line| format!("{line}\n")).collect()
    }
}
