//! The macro that makes a module of a provider.

/// Exports a [`Provider`](crate::Provider) as a module that wildcert loads, native or WebAssembly,
/// and embeds the crate's provider.toml in it.
///
/// Once per crate: `export_provider!(Records<MyVendor>);`
#[macro_export]
macro_rules! export_provider {
    ($provider:ty) => {
        /// provider.toml, as it is embedded in the module.
        pub const MANIFEST: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/provider.toml"));

        /// The provider of this crate.
        pub type Exported = $provider;

        const _: () = {
            const TEXT: &[u8] = MANIFEST.as_bytes();

            // In a section of its own, so that it is read without running anything.
            #[used]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,.wildcert"))]
            #[cfg_attr(windows, unsafe(link_section = ".wildcer"))]
            #[cfg_attr(
                not(any(target_vendor = "apple", windows)),
                unsafe(link_section = ".wildcert")
            )]
            static SECTION: [u8; TEXT.len()] = {
                let mut bytes = [0; TEXT.len()];
                bytes.copy_from_slice(TEXT);
                bytes
            };

            #[cfg(target_arch = "wasm32")]
            type Component = $crate::abi::wasm::Component<$provider>;
            #[cfg(target_arch = "wasm32")]
            $crate::abi::wasm::export_component!(Component with_types_in $crate::abi::wasm::bindings);

            #[cfg(not(target_arch = "wasm32"))]
            static TABLE: $crate::abi::table::ProviderTable =
                $crate::abi::native::table::<$provider>(MANIFEST);

            /// The module's table of operations.
            #[cfg(not(target_arch = "wasm32"))]
            #[unsafe(no_mangle)]
            pub extern "C" fn wildcert_provider_0_1() -> *const $crate::abi::table::ProviderTable {
                $crate::abi::native::keep_panics_quiet();
                // Keeps the section through the linker's clean-up of what nobody refers to.
                std::hint::black_box(&SECTION);
                &TABLE
            }
        };
    };
}
