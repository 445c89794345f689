# `wildcert schedule`。

schedule-absent = 未設定
schedule-same = 設定済み
schedule-older = 設定済みですが内容が古くなっています。`wildcert schedule install` で置き換えられます
schedule-edited = 設定後に編集されたか、別の方法で作られています
schedule-difference = 現在の内容 (-) と `wildcert schedule install` が書き込む内容 (+):

schedule-file-written = { $path } に書き込みました
schedule-file-unchanged = { $path } は変更不要です
schedule-file-removed = { $path } を削除しました
schedule-file-absent = { $path } はありませんでした

schedule-look = タイマーを開始しました。次回の実行は `systemctl{ $user } list-timers wildcert.timer`、結果は `journalctl{ $user } -u wildcert` で確認できます
schedule-linger = ログイン中だけ実行されます。常に実行するには `loginctl enable-linger` を使ってください
schedule-enable = 実行を始めるには: `systemctl{ $user } daemon-reload`、`systemctl{ $user } enable wildcert.timer`、`systemctl{ $user } start wildcert.timer`
schedule-cron = cron が実行します。エラーと警告は cron のメールで届き、--log-file を使うとすべての記録が残ります
