# Certificates: what came of them, and what is told of those in the store.

status-issued = issued
status-renewed = renewed
status-unchanged = unchanged, not due
status-waiting = due, waits for its window { $window } until { $until }
status-failed = failed
status-valid = valid
status-due = due
status-revoked = revoked

series-untried = { $count ->
    [one] 1 certificate was
   *[other] { $count } certificates were
} not tried
series-waiting = certificate `{ $name }` is due; it waits for its window { $window } until { $until }
series-failed = certificate `{ $name }` failed:
series-counts = { $issued } issued, { $renewed } renewed, { $unchanged } unchanged, { $failed } failed

signal-stopping = stopping: the TXT records are removed first (again to quit at once)
pfx-question = Password of the PKCS#12 file:

renew-nothing = no certificates to renew
renew-revoked = certificate `{ $name }` is revoked and not renewed; `wildcert run` obtains a new one

revoke-done = revoked { $serial } for { $domains }
revoke-nothing = nothing that was replaced is still valid
remove-done = removed `{ $name }`; its files are kept in { $path }
remove-forgotten = `{ $name }` was never got; what was tried is forgotten

list-nothing = no certificates in { $path }
list-name = name
list-domains = domains
list-until = valid until
list-status = status
list-provider = provider
list-ca = CA
list-due = due, { $left }
list-waiting = due, waits until { $until }, { $left }
list-revoked = revoked
list-replaced = certificate `{ $name }` { $serial } was replaced on { $date } and is valid until { $until }; `wildcert revoke --replaced { $name }` ends it

history-nothing = nothing happened yet
history-time = date
history-event = event
history-name = name
history-serial = serial
history-until = valid until
history-reason = reason
event-issued = issued
event-renewed = renewed
event-revoked = revoked
event-removed = removed
event-other = other

limits-passed-over = { $server } wants to be left alone until { $until }, so the next CA is asked: { $said }
limits-account = account
limits-until = until
limits-names = names
limits-said = what it said
limits-all = all
