//! The errors of the DNS look-ups.

use wildcert::dns::{AddressFault, Error, NameFault};

use super::{Text, lines, shown};

pub(super) fn message(text: Text, error: &Error) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match error {
        Error::Address { text: given, fault } => {
            let fault = address_fault(text, fault).unwrap_or_else(|| fault.to_string());
            own("dns-error-address", &[("given", shown(given)), ("fault", fault.into())])
        }
        Error::AliasChain { owner, limit, last } => own(
            "dns-error-alias-chain",
            &[("owner", shown(owner)), ("limit", (*limit).into()), ("last", shown(last))],
        ),
        Error::AliasLoop { owner, last, again } => own(
            "dns-error-alias-loop",
            &[("owner", shown(owner)), ("last", shown(last)), ("again", shown(again))],
        ),
        Error::AliasTarget { owner, target, fault } => {
            let fault = name_fault(text, fault).unwrap_or_else(|| fault.to_string());
            own(
                "dns-error-alias-target",
                &[("owner", shown(owner)), ("target", shown(target)), ("fault", fault.into())],
            )
        }
        Error::Delegated { owner, child, server } => own(
            "dns-error-delegated",
            &[("owner", shown(owner)), ("child", shown(child)), ("server", shown(server))],
        ),
        Error::Name { name, fault } => {
            let fault = name_fault(text, fault).unwrap_or_else(|| fault.to_string());
            own("dns-error-name", &[("name", shown(name)), ("fault", fault.into())])
        }
        Error::NoAddress { host, reason } => {
            own("dns-error-no-address", &[("host", shown(host)), ("reason", shown(reason))])
        }
        Error::NoAnswer { owner, kind, tried } => own(
            "dns-error-no-answer",
            &[("owner", shown(owner)), ("kind", shown(kind)), ("tried", tried.join("; ").into())],
        ),
        Error::NoResolvers { reason } => {
            own("dns-error-no-resolvers", &[("reason", shown(reason))])
        }
        Error::NoServers { zone, reason } => {
            own("dns-error-no-servers", &[("zone", shown(zone)), ("reason", shown(reason))])
        }
        Error::NoZone { owner } => own("dns-error-no-zone", &[("owner", shown(owner))]),
        Error::Propagation { limit, servers } => {
            let told = own("dns-error-propagation", &[("limit", limit.as_secs().into())])?;
            Some(told + &lines(servers, ToString::to_string))
        }
        // No variant ends here: a test reads them from their source.
        _ => None,
    }
}

pub(super) fn hint(text: Text, error: &Error) -> Option<String> {
    let own = |id| text.own(id, &[]);
    match error {
        Error::AliasChain { .. } | Error::AliasLoop { .. } | Error::AliasTarget { .. } => {
            own("dns-hint-alias")
        }
        Error::Delegated { child, .. } => {
            text.own("dns-hint-delegated", &[("child", shown(child))])
        }
        Error::Name { fault: NameFault::Character(':' | '/'), .. } => own("dns-hint-name"),
        Error::NoAnswer { .. } | Error::NoServers { .. } => own("dns-hint-no-answer"),
        Error::NoResolvers { .. } => own("dns-hint-no-resolvers"),
        Error::NoZone { .. } => own("dns-hint-no-zone"),
        Error::Propagation { servers, .. } => {
            let mut lacking = servers.iter().flat_map(|server| &server.lacking);
            match lacking.any(|lack| lack.answered) {
                true => own("dns-hint-late"),
                false => own("dns-hint-silent"),
            }
        }
        _ => None,
    }
}

pub(super) fn name_fault(text: Text, fault: &NameFault) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match fault {
        NameFault::Character(c) => own("name-character", &[("character", shown(c))]),
        NameFault::Empty => own("name-empty", &[]),
        NameFault::EmptyLabel => own("name-empty-label", &[]),
        NameFault::Hyphen(label) => own("name-hyphen", &[("label", shown(label))]),
        NameFault::Idna(label) => own("name-idna", &[("label", shown(label))]),
        NameFault::IpAddress => own("name-ip-address", &[]),
        NameFault::Long { length, limit } => {
            own("name-long", &[("length", (*length).into()), ("limit", (*limit).into())])
        }
        NameFault::LongForChallenge { length, limit } => own(
            "name-long-for-challenge",
            &[("length", (*length).into()), ("limit", (*limit).into())],
        ),
        NameFault::LongLabel { label, length } => {
            own("name-long-label", &[("label", shown(label)), ("length", (*length).into())])
        }
        NameFault::SingleLabel => own("name-single-label", &[]),
        NameFault::Wildcard => own("name-wildcard", &[]),
        // No variant ends here: a test reads them from their source.
        _ => None,
    }
}

pub(super) fn address_fault(text: Text, fault: &AddressFault) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match fault {
        AddressFault::Bracket => own("address-bracket", &[]),
        AddressFault::Host(host) => own("address-host", &[("host", shown(host))]),
        AddressFault::NoHost => own("address-no-host", &[]),
        AddressFault::NoZone => own("address-no-zone", &[]),
        AddressFault::Port(port) => own("address-port", &[("port", shown(port))]),
        // No variant ends here: a test reads them from their source.
        _ => None,
    }
}
