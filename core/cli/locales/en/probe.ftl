# What servers serve.

fault-no-endpoint = no server is named, neither here nor by a deploy target of wildcert.toml
    .hint = name one, as in `wildcert probe www.example.com:443`
endpoint-hint = write [PROTOCOL://][NAME@]HOST[:PORT], as in `www.example.com@192.0.2.7:443` or `smtp://mx.example.com`
fault-server-name = --name: `{ $name }` is no server name
    .hint = name a host, such as www.example.com for a certificate for *.example.com

probe-endpoint = endpoint
probe-certificate = certificate
probe-until = valid until
probe-left = time left
probe-result = result
probe-good = as it should be

# Findings, and reasons why nothing is seen, in a word or two.
probe-older = older certificate
probe-other = wrong certificate
probe-expired = expired
probe-early = not valid yet
probe-name = name not covered
probe-revoked = revoked
probe-key = wrong key
probe-missing = chain incomplete
probe-extra = chain too long
probe-order = chain out of order
probe-unresolved = no address
probe-nobody = nobody there
probe-silent = no answer
probe-broken = connection ended
probe-no-tls = no TLS
probe-refused = no handshake
probe-unreadable = unreadable
