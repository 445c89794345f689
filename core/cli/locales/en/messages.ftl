# What the program says around its results.

word-error = error:
word-warning = warning:
word-cause = cause:
word-hint = hint:
# With the type that it is about, where there are several.
word-cause-of = cause ({ $type }):
word-hint-of = hint ({ $type }):

note-first-use = note: provider `{ $id }` is used for the first time and recorded in providers.lock
note-first-use-path = it is { $path }
note-first-use-reach = it may reach { $reach }
note-compiling = note: provider `{ $id }` is compiled, which takes some seconds, once

signal-quit = quit at once: TXT records may be left; the journal has them, and `wildcert cleanup` removes them

terms-where = The CA's terms of service are at { $url }
terms-question = Do you agree to them? [Y/n]

fact-certificate = certificate
fact-subject = subject
fact-domains = domains
fact-serial = serial
fact-valid = valid
fact-valid-range = { $from } to { $until } ({ $left })
fact-key = key
fact-issuer = issuer
fact-files = files
days-left = { $days ->
    [one] 1 day
   *[other] { $days } days
} left
days-expired = expired { $days ->
    [one] 1 day
   *[other] { $days } days
} ago

explain-type = type
explain-status = HTTP
explain-meaning = what it says
explain-document = document
explain-cause = cause
explain-hint = remedy
explain-kind = error kind of wildcert
explain-condition = { $condition } { $remedy }
explain-more = `wildcert explain TYPE` tells the cause and the remedy of each.
explain-unknown = `{ $type }` is no error type that is known here
explain-near = did you mean { $names }?
explain-list = `wildcert explain` lists all of them
hint-visit = visit `{ $page }`
program-hint-approve = look at what is said above, then repeat it with --yes
program-hint-demo = `make build` puts the providers beside the program; otherwise name their folder with --provider-dir
program-hint-edited = `wildcert schedule show` tells what is other than it would be; --force replaces or removes it
program-hint-crontab = without systemd and cron, have whatever starts programs here run `wildcert renew` twice a day

# The log file.
log-begin = begin: wildcert { $version } { $name }
log-end = end: exit code { $code } after { $time }
log-certificate = { $name }: { $status }
log-certificate-until = { $name }: { $status }, valid until { $until } ({ $left })
log-unwritten = the log file { $path } cannot be written, and nothing is kept of this run: { $error }
