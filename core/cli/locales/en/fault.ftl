# What is wrong with the command line.

fault-not-address = `{ $text }` is not an e-mail address
fault-given-twice = `{ $text }` is given twice
fault-not-number = `{ $text }` is not a whole number
fault-not-utf8 = its value is not UTF-8
fault-not-read = `{ $path }` cannot be read: { $error }
fault-not-time = `{ $text }` is no time such as 2027-01-31T00:00:00Z
fault-not-pair = it is not of the form NAME=VALUE
fault-not-switch = `{ $text }` is neither 1 nor 0
fault-eab-missing = external account binding: { $missing ->
    [both] --eab-kid and --eab-hmac-key are missing
    [kid] --eab-kid is missing
   *[key] --eab-hmac-key is missing
}
    .hint = the CA gives out both, key identifier and HMAC key, together
fault-no-home = there is no home folder to keep the state in
    .hint = name a folder with --path
fault-several-providers = --dns-opt: several providers are configured
    .hint = name the one that is meant with --dns NAME
fault-no-provider = no provider is named to set the TXT records
    .hint = name it with --dns ID; `wildcert providers list` shows those that are here
fault-not-renewable = there is no certificate `{ $name }`
    .hint = `wildcert list` names those that there are; `run` obtains one
fault-no-certificate = there is no certificate `{ $name }`
    .hint = `wildcert list` names those that there are
fault-nothing-named = no certificate is named
    .hint = name one of `wildcert list`, a PEM file, or a --serial
fault-empty-list = --from: `{ $path }` asks for no certificate
    .hint = each line has the domains of one, separated by tabs
fault-no-file = certificate `{ $name }`: there is no configuration file
fault-not-in-file = `{ $path }` has no certificate `{ $name }`
fault-near = did you mean { $names }?
fault-no-model = --model is missing
    .hint = --model is record, rrset or zone
fault-http = --http: names are proved by DNS records only (dns-01)
    .hint = put --dns ID in its place; `wildcert providers list` shows the providers
fault-no-unit-folder = there is no folder for the files of the schedule
    .hint = name one with --dir
fault-no-folder = there is no folder `{ $path }`
    .hint = name the other client's folder: ~/.acme.sh, /etc/letsencrypt, /etc/dehydrated, .lego or ~/.config/Posh-ACME
fault-not-there = `{ $path }` has no certificate `{ $name }`
    .hint = `wildcert import --dry-run` without names tells what there is
fault-nothing-there = `{ $path }` holds neither accounts nor certificates of { $client }
    .hint = name the folder that has the other client's accounts
