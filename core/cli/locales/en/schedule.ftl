# `wildcert schedule`.

schedule-absent = not installed
schedule-same = installed
schedule-older = installed, but for other settings; `wildcert schedule install` replaces it
schedule-edited = edited since it was installed, or made by somebody else
schedule-difference = what is there (-) and what `wildcert schedule install` would write (+):

schedule-file-written = { $path } is written
schedule-file-unchanged = { $path } is as it shall be
schedule-file-removed = { $path } is removed
schedule-file-absent = { $path } was not there

schedule-look = the timer runs: `systemctl{ $user } list-timers wildcert.timer` tells when next, `journalctl{ $user } -u wildcert` what came of it
schedule-linger = it runs while you are logged in; to have it run always: `loginctl enable-linger`
schedule-enable = to have it run: `systemctl{ $user } daemon-reload`, `systemctl{ $user } enable wildcert.timer`, `systemctl{ $user } start wildcert.timer`
schedule-cron = cron runs it; errors and warnings come by its mail, and --log-file keeps all that is told
