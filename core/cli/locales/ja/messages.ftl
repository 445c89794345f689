# 結果の前後に表示する文

word-error = エラー:
word-warning = 警告:
word-cause = 原因:
word-hint = 対処:
word-cause-of = 原因 ({ $type }):
word-hint-of = 対処 ({ $type }):

note-first-use = 注意: プロバイダー `{ $id }` は初めて使われるため、providers.lock に記録しました
note-first-use-path = ファイル: { $path }
note-first-use-reach = 接続先: { $reach }
note-compiling = 注意: プロバイダー `{ $id }` をコンパイルしています(初回のみ、数秒かかります)

signal-quit = 直ちに終了します。TXTレコードが残っている可能性があります。ジャーナルに記録があるため、`wildcert cleanup` で削除できます

terms-where = 認証局の利用規約: { $url }
terms-question = 利用規約に同意しますか? [Y/n]

fact-certificate = 証明書
fact-subject = 主体者
fact-domains = ドメイン名
fact-serial = シリアル番号
fact-valid = 有効期間
fact-valid-range = { $from } から { $until } まで({ $left })
fact-key = 鍵
fact-issuer = 発行者
fact-files = ファイル
days-left = 残り { $days } 日
days-expired = 有効期限切れ({ $days } 日前)

explain-type = タイプ
explain-status = HTTP
explain-meaning = 意味
explain-document = 文書
explain-cause = 原因
explain-hint = 対処
explain-kind = wildcertのエラー種別
explain-condition = { $condition }{ $remedy }
explain-more = それぞれの原因と対処は `wildcert explain タイプ` で表示します。
explain-unknown = `{ $type }` というエラータイプはありません
explain-near = { $names } のことですか?
explain-list = `wildcert explain` で一覧を表示します
hint-visit = `{ $page }` を開いてください
program-hint-approve = 上の内容を確認し、--yes を付けてもう一度実行してください
program-hint-demo = `make build` でプロバイダーがプログラムと同じ場所に用意されます。別の場所にある場合は --provider-dir で指定してください
program-hint-edited = 違いは `wildcert schedule show` で確認できます。--force を付けると置き換えまたは削除します
program-hint-crontab = systemd も cron もない場合は、`wildcert renew` を1日2回実行するように別の方法で設定してください

# ログファイル
log-begin = 開始: wildcert { $version } { $name }
log-end = 終了: 終了コード { $code }、{ $time }
log-certificate = { $name }: { $status }
log-certificate-until = { $name }: { $status }、有効期限 { $until } ({ $left })
log-unwritten = ログファイル { $path } に書き込めないため、この実行は記録されません: { $error }
