# The configuration file.

config-good = { $path } is good: { $certificates ->
    [one] 1 certificate
   *[other] { $certificates } certificates
}, { $providers ->
    [one] 1 provider
   *[other] { $providers } providers
}
config-none = there is no configuration file
config-readable = others may read { $path } (mode { $mode }), and secrets stand in it: { $keys }; chmod 600 it, or name their source: file, env, command, credential

# The columns of `config show`.
config-key = key
config-value = value
config-origin = from
config-default = default
