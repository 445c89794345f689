//! Certificates from a file: one line each.

use std::{collections::HashMap, path::Path};

use wildcert::{CertificateRequest, Faults, dns::Identifier};

/// A line of the file: what it asks for, or everything that is wrong with it.
pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: usize,
    pub(crate) request: Result<CertificateRequest, Faults>,
}

/// Reads the lines. Each has the domains of one certificate, separated by tabs or commas; empty lines
/// and those that begin with `#` are passed over. `base` is what all of them have in common.
pub(crate) fn lines(path: &Path, text: &str, base: &CertificateRequest) -> Vec<Line> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let used = numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    used.map(|(number, line)| {
        let place = |fault: &dyn std::fmt::Display| format!("{}:{number}: {fault}", path.display());
        let names = line.split(['\t', ',']).map(str::trim).filter(|name| !name.is_empty());
        let (mut identifiers, mut faults) = (Vec::new(), Vec::new());
        for name in names {
            match name.parse::<Identifier>() {
                Ok(identifier) => identifiers.push(identifier),
                Err(error) => faults.push(place(&error)),
            }
        }
        let request = CertificateRequest { identifiers, name: None, ..base.clone() };
        if faults.is_empty() {
            faults.extend(request.faults().0.iter().map(|fault| place(fault)));
        }
        if let (true, Some(first)) = (faults.is_empty(), seen.insert(request.store_name(), number))
        {
            let name = request.store_name();
            faults.push(place(&format!("certificate `{name}` is on line {first} already")));
        }
        let request = if faults.is_empty() { Ok(request) } else { Err(Faults(faults)) };
        Line { number, request }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use wildcert::{CaAccount, ProviderInstance};

    use super::*;

    #[test]
    fn each_line_is_a_certificate_and_faults_name_theirs() {
        let text = "\u{feff}# servers\na.test\t*.a.test\r\n\nb.test, www.b.test\nbad..name\tc.test\n\
                    a.test\nd.test,d.test\n";
        let ca = CaAccount::new("letsencrypt");
        let base = CertificateRequest::new(Vec::new(), ca, ProviderInstance::new("x"));
        let lines = lines(Path::new("names.tsv"), text, &base);
        let domains = |at: usize| lines[at].request.as_ref().unwrap().domains();
        assert_eq!((lines[0].number, domains(0).join(" ")), (2, "a.test *.a.test".to_owned()));
        assert_eq!((lines[1].number, domains(1).join(" ")), (4, "b.test www.b.test".to_owned()));
        let fault = |at: usize| lines[at].request.as_ref().unwrap_err().0.join("; ");
        assert!(fault(2).starts_with("names.tsv:5: `bad..name` is not"), "{}", fault(2));
        assert_eq!(fault(3), "names.tsv:6: certificate `a.test` is on line 2 already");
        assert_eq!(fault(4), "names.tsv:7: domain `d.test` is given twice");
        assert_eq!(lines.len(), 5);
    }
}
