# The steps of a run.

label-provider = provider
label-account = account
label-order = order
label-zone = zone
label-zones = zones
label-records = records
label-server = server
label-servers = servers
label-validation = validation
label-certificate = certificate
label-cleanup = clean-up
label-requests = requests

# In lines, for logs and pipes.
run-provider = { $provider } from { $path }
run-account-registered = registered { $url }
run-order = { $url } for { $names }
run-order-many = { $url } for { $count ->
    [one] 1 name
   *[other] { $count } names
}
run-located = { $zone } holds { $owner }, on { $servers }
run-presenting = setting { $count ->
    [one] 1 value
   *[other] { $count } values
} in { $zone }
run-presented = set { $count ->
    [one] 1 value
   *[other] { $count } values
} at { $owner }
run-seen = { $server } has { $found } of { $wanted } at { $owner }
run-propagated = { $values ->
    [one] 1 value
   *[other] { $values } values
} at { $owners ->
    [one] 1 name
   *[other] { $owners } names
}, on { $servers ->
    [one] 1 server
   *[other] { $servers } servers
}
run-answered = asked for, { $count ->
    [one] 1 challenge
   *[other] { $count } challenges
}
run-authorized = passed: { $names }
run-authorized-many = passed: { $valid } of { $all } names
run-finalized = asked for
run-stored = stored in { $path }
run-removed = removed { $count ->
    [one] 1 value
   *[other] { $count } values
} at { $owner }
run-removed-many = removed { $count ->
    [one] 1 value
   *[other] { $count } values
}
run-replaying = removing { $count ->
    [one] 1 record
   *[other] { $count } records
} of a run that died
run-requests = { $count } to the CA: { $each }

# On terminals.
live-total = { $time } in all, { $requests } requests to the CA
live-names-more = { $names } and { $more } more
live-zone = { $zone } holds { $owners ->
    [one] 1 challenge name
   *[other] { $owners } challenge names
}
live-zones = { $count ->
    [one] 1 zone
   *[other] { $count } zones
} of { $zones }
live-records-set = { $count ->
    [one] 1 value
   *[other] { $count } values
} set
live-records = { $set } of { $all } values set
live-servers-done = every value is on { $count ->
    [one] 1 server
   *[other] { $count } servers
}
live-servers = { $complete } of { $count ->
    [one] 1 server
   *[other] { $count } servers
} with every value
live-validation = { $valid } of { $all } names
live-stored = stored
live-cleanup = { $removed } of { $all } values removed
live-not-asked = { $server } not asked yet
live-lacking = { $server } { $found } of { $wanted }
live-more-names = and { $count } more names
