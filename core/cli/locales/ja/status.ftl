# 全体の状態と、問題が起きたときの通知。

overview-name = 名前
overview-left = 残り期間
overview-renewal = 次回更新
overview-result = 前回の結果
overview-days = { $days } 日
overview-none = 未発行
overview-now = 更新時期
overview-no-renewal = なし
overview-ok = 成功 { $date }
overview-failed = { $date } から失敗
overview-targets = 配置先 { $count } 件で失敗
overview-target = `{ $name }` を配置先 `{ $target }` に配置できません (最後の試行 { $date }):
overview-revoked-on = 失効 { $date }
overview-failing = `{ $name }` は { $date } から { $count } 回失敗しています: { $what }
overview-left-behind = `{ $name }` のTXTレコード { $count } 件がゾーン `{ $zone }` に残っています。`wildcert cleanup` で削除できます

alert-subject-failure = wildcert ({ $host }): { $name } の新しい証明書を取得できません
alert-subject-expiry = wildcert ({ $host }): { $name }: { $left }
alert-subject-deploy = wildcert ({ $host }): { $name } を { $target } に配置できません
alert-subject-several = wildcert ({ $host }): 証明書に関する問題 { $count } 件: { $names }
alert-failure = { $date } から、`{ $name }` の新しい証明書を取得できません。
alert-expiry = 証明書 `{ $name }` の有効期限が近づいていますが、更新されていません。
alert-deploy = 証明書 `{ $name }` を配置先 `{ $target }` に配置できません。
alert-until = 有効期限
alert-until-days = { $date } ({ $left })
alert-target = 配置先
alert-error = エラー
alert-hint = ヒント
alert-more = ほかに { $count } 件の問題があります。
alert-footer = 同じ問題は一度だけ通知します。全体の状態は { $host } の `wildcert status` で確認できます。
alert-test-subject = wildcert ({ $host }): 通知のテスト
alert-test-text = { $host } で `wildcert alerts test` が実行されました。問題はありません。証明書を取得または配置できないとき、および有効期限が近づいたときに、ここに通知します。
alert-unsent = { $to } に通知できません: { $reason }
alert-sent = { $to } に通知しました
alert-nobody = 設定に `[[alerts]]` がありません
    .hint = 設定できるキーは `wildcert config schema` で表示します。監視のガイドも参照してください
