# Bringing certificates to servers.

deploy-doing = deploying { $name }
deploy-done = { $name } is at { $target }
deploy-undone = { $name } is not at { $target }
deploy-failed = certificate `{ $name }`, target `{ $target }`:
deploy-delayed = { $name } waits { $time } before it goes to { $target }
deploy-nothing = nothing to deploy
deploy-post-hook = a hook in the end failed:

signal-deploy = stopping: what is under way is ended and taken back (again to quit at once)

fault-hook-shell = { $option }: `{ $sign }` means something to a shell only, and there is none
    .hint = ask for a shell, { $option } "sh -c '…'", or quote the sign once more
fault-hook-empty = { $option }: it is empty
fault-hook-open = { $option }: a quotation mark is not closed
fault-not-span = `{ $text }` is not written as 90s, 10m or 1h30m
fault-no-targets = certificate `{ $name }` has no targets
    .hint = name them in wildcert.toml, `[[certificates.{ $name }.deploy]]`, or give `wildcert run` a --deploy-hook
