# How everything stands, and the alerts when something is wrong.

overview-name = name
overview-left = time left
overview-renewal = renewal
overview-result = last result
overview-days = { $days ->
    [one] 1 day
   *[other] { $days } days
}
overview-none = none yet
overview-now = now
overview-no-renewal = none
overview-ok = ok { $date }
overview-never = never tried
overview-failed = failed since { $date }
overview-targets = { $count ->
    [one] 1 target fails
   *[other] { $count } targets fail
}
overview-target = `{ $name }` did not reach its target `{ $target }`, last tried on { $date }:
overview-revoked-on = revoked { $date }
overview-failing = `{ $name }` failed { $count ->
    [one] once, on { $date }
   *[other] { $count } times since { $date }
}: { $what }
overview-left-behind = { $count ->
    [one] 1 TXT record of `{ $name }` was
   *[other] { $count } TXT records of `{ $name }` were
} left behind in zone `{ $zone }`; `wildcert cleanup` removes what is left

alert-subject-failure = wildcert on { $host }: no new certificate for { $name }
alert-subject-expiry = wildcert on { $host }: { $name }: { $left }
alert-subject-deploy = wildcert on { $host }: { $name } did not reach { $target }
alert-subject-several = wildcert on { $host }: { $count } problems with certificates: { $names }
alert-failure = No new certificate could be got for `{ $name }`, since { $date }.
alert-expiry = The certificate `{ $name }` ends soon and was not renewed.
alert-deploy = The certificate `{ $name }` did not reach its target `{ $target }`.
alert-until = valid until
alert-until-days = { $date } ({ $left })
alert-target = target
alert-error = error
alert-hint = hint
alert-more = { $count ->
    [one] 1 more problem is
   *[other] { $count } more problems are
} not told here.
alert-footer = Each problem is told once. `wildcert status` on { $host } shows how everything stands.
alert-test-subject = wildcert on { $host }: a test of the alerts
alert-test-text = Somebody ran `wildcert alerts test` on { $host }. Nothing is wrong: when a certificate cannot be got or arrives nowhere, or ends soon, it is told here.
alert-unsent = failed to alert { $to }: { $reason }
alert-sent = told { $to }
alert-nobody = there is no `[[alerts]]` in the configuration
    .hint = see `wildcert config schema` for its keys, and the guide on monitoring
