//! The released contract does not change: neither the WIT file nor the tables of native modules.

use sha2::{Digest, Sha256};

/// A difference means that a released file was edited. Put it back; additions go into a new file.
#[test]
fn the_released_wit_is_as_it_was() {
    let digest = Sha256::digest(include_bytes!("../wit/0.1.0/provider.wit"));
    let hex: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(hex, "8e1f4fea4b83bc09b5abf136cab74a7ac1cdf229d11239d1ec6256b83e3f329c");
}

/// Fields are appended, never moved: modules built with an older SDK rely on these places.
#[cfg(target_pointer_width = "64")]
#[test]
fn the_tables_of_native_modules_are_as_they_were() {
    use std::mem::offset_of;

    use wildcert_plugin_sdk::abi::table::{
        Given, HostTable, Lent, ProviderTable, SYMBOL, TABLE_ABI,
    };

    assert_eq!((SYMBOL, TABLE_ABI), ("wildcert_provider_0_1", 1));

    assert_eq!([offset_of!(Lent, ptr), offset_of!(Lent, len)], [0, 8]);
    assert_eq!(size_of::<Lent>(), 16);

    let given = [offset_of!(Given, ptr), offset_of!(Given, len), offset_of!(Given, capacity)];
    assert_eq!(given, [0, 8, 16]);
    assert_eq!(size_of::<Given>(), 24);

    let provider = [
        offset_of!(ProviderTable, size),
        offset_of!(ProviderTable, abi),
        offset_of!(ProviderTable, manifest),
        offset_of!(ProviderTable, check),
        offset_of!(ProviderTable, present),
        offset_of!(ProviderTable, remove),
        offset_of!(ProviderTable, free),
    ];
    assert_eq!(provider, [0, 4, 8, 24, 32, 40, 48]);
    assert_eq!(size_of::<ProviderTable>(), 56);

    let host = [
        offset_of!(HostTable, size),
        offset_of!(HostTable, abi),
        offset_of!(HostTable, context),
        offset_of!(HostTable, send),
        offset_of!(HostTable, exchange),
        offset_of!(HostTable, now),
        offset_of!(HostTable, sleep),
        offset_of!(HostTable, random),
        offset_of!(HostTable, log),
        offset_of!(HostTable, cache_get),
        offset_of!(HostTable, cache_put),
        offset_of!(HostTable, free),
    ];
    assert_eq!(host, [0, 4, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80]);
    assert_eq!(size_of::<HostTable>(), 88);
}
