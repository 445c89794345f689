# Providers, and the records that they left.

cleanup-nothing = nothing was left behind
cleanup-removed = removed { $count ->
    [one] 1 TXT record
   *[other] { $count } TXT records
}

provider-none = no providers are found; name their folder with --provider-dir
provider-id = id
provider-form = form
provider-contract = contract
provider-size = size
provider-needs = needs
provider-status = status
provider-file = file
provider-key = key
provider-unusable = unusable:
provider-native = native, unconfined
provider-also-native = { $form }, also native
provider-hidden = { $form }, hidden
provider-needs-nothing = nothing
provider-needs-or = { $set } or { $others ->
    [one] another set
   *[other] { $others } other sets
}

provider-homepage = homepage
provider-api = API
provider-module = module
provider-module-form = { $form }, { $size }, contract { $contract }
provider-reaches = reaches
provider-reaches-all = anything: a native module has all rights of wildcert
provider-reaches-none = nothing
provider-reaches-dns = { $server } by DNS
provider-keeps = keeps
provider-keeps-record = each TXT value as an object of its own
provider-keeps-rrset = all TXT values of a name as one object
provider-keeps-zone = the whole zone as one object
provider-ttl = { $default } s, { $minimum } to { $maximum } possible
provider-waits = waits
provider-waits-up-to = up to { $seconds } s for propagation
provider-settings = Settings
provider-settings-where = Environment variables; with _FILE behind the name, a file that holds the value.
provider-required = required
provider-secret = secret
provider-default = default { $value }
provider-aliases = also { $names }
provider-sets = One of these must be complete
provider-example = Example

provider-checked = the credentials are accepted and reach
provider-checked-only = the check found no fault; which zones the credentials reach cannot be told

provider-compiling = compiling { $id } ({ $size })
provider-loading = loading { $id }
provider-install = Install { $ids }? [y/N]
provider-from = from
provider-signature = signature
provider-hides = hides
provider-hidden-by = hidden by
provider-hidden-by-path = { $path }, which is found before it
provider-changes = changes
provider-unsigned = none
provider-signed = by the trusted key { $key }
provider-signed-unknown = by the key { $key }, which is not trusted: not checked
provider-installed = installed
provider-upgraded = upgraded
provider-unchanged = unchanged

provider-approved = approved `{ $path }`
provider-approved-digest = with SHA-256 { $digest }
provider-approved-reach = it may reach { $reach }
provider-removed = removed { $path }
provider-approval-removed = took back the approval of { $name }
provider-key-trusted = the key { $id } is trusted
provider-key-distrusted = the key { $id } is trusted no more
provider-no-keys = no key is trusted; `wildcert providers trust KEY` trusts one
