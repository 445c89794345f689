# 証明書: 処理の結果と、保存されている証明書の情報。

status-issued = 発行しました
status-renewed = 更新しました
status-unchanged = 変更なし (更新時期ではありません)
status-waiting = 更新時期です。メンテナンス時間帯 { $window } を { $until } まで待ちます
status-failed = 失敗
status-valid = 有効
status-due = 更新時期です
status-revoked = 失効済み

series-untried = { $count } 件の証明書は処理していません
series-waiting = 証明書 `{ $name }` は更新時期ですが、メンテナンス時間帯 { $window } を { $until } まで待ちます
series-failed = 証明書 `{ $name }` の処理に失敗しました:
series-counts = 発行 { $issued } 件、更新 { $renewed } 件、変更なし { $unchanged } 件、失敗 { $failed } 件

signal-stopping = 停止します。先に TXT レコードを削除します (もう一度押すと直ちに終了します)
pfx-question = PKCS#12 ファイルのパスワード:

renew-nothing = 更新する証明書はありません
renew-revoked = 証明書 `{ $name }` は失効済みのため更新しません。新しい証明書は `wildcert run` で取得できます

revoke-done = { $serial } ({ $domains }) を失効しました
revoke-nothing = 置き換え済みで有効期間中の証明書はありません
remove-done = `{ $name }` を一覧から外しました。ファイルは { $path } に残っています
remove-forgotten = `{ $name }` は発行されていません。試行の記録を消去しました

list-nothing = { $path } に証明書はありません
list-name = 名前
list-domains = ドメイン名
list-until = 有効期限
list-status = 状態
list-provider = プロバイダ
list-ca = 認証局
list-due = 更新時期、{ $left }
list-waiting = 更新時期、{ $until } まで待機、{ $left }
list-revoked = 失効済み
list-replaced = 証明書 `{ $name }` { $serial } は { $date } に置き換えられましたが、{ $until } まで有効です。`wildcert revoke --replaced { $name }` で失効できます

history-nothing = 履歴はまだありません
history-time = 日付
history-event = 処理
history-name = 名前
history-serial = シリアル番号
history-until = 有効期限
history-reason = 理由
event-issued = 発行
event-renewed = 更新
event-revoked = 失効
event-removed = 除外
event-other = その他

limits-passed-over = { $server } は { $until } まで待つように求めているため、次の認証局を使います: { $said }
limits-account = アカウント
limits-until = 解除日時
limits-names = 対象
limits-said = 認証局の応答
limits-all = すべて
