# 発行の各段階

label-provider = プロバイダー
label-account = アカウント
label-order = オーダー
label-zone = ゾーン
label-zones = ゾーン
label-records = レコード
label-server = サーバー
label-servers = サーバー
label-validation = 検証
label-certificate = 証明書
label-cleanup = 後片付け
label-requests = リクエスト

# ログやパイプ向けの行
run-provider = { $provider }({ $path })
run-account-registered = 登録しました: { $url }
run-order = { $url }(対象: { $names })
run-order-many = { $url }(対象: { $count } 個のドメイン名)
run-located = { $owner } はゾーン { $zone } にあります(サーバー: { $servers })
run-presenting = { $zone } に値を { $count } 個設定します
run-presented = { $owner } に値を { $count } 個設定しました
run-seen = { $server }: { $owner } の値 { $wanted } 個のうち { $found } 個を確認
run-propagated = { $owners } 個の名前の値 { $values } 個を { $servers } 台のサーバーで確認しました
run-answered = 検証を依頼しました(チャレンジ { $count } 個)
run-authorized = 検証に成功: { $names }
run-authorized-many = 検証に成功: { $all } 個のドメイン名のうち { $valid } 個
run-finalized = 発行を依頼しました
run-stored = { $path } に保存しました
run-removed = { $owner } の値を { $count } 個削除しました
run-removed-many = 値を { $count } 個削除しました
run-replaying = 中断した実行のレコード { $count } 個を削除します
run-requests = 認証局へ { $count } 回: { $each }

# 端末向けの表示
live-total = 合計 { $time }、認証局へのリクエスト { $requests } 回
live-names-more = { $names } ほか { $more } 個
live-zone = { $zone } にチャレンジ用の名前 { $owners } 個
live-zones = { $count } 個のゾーン: { $zones }
live-records-set = 値を { $count } 個設定しました
live-records = 値 { $all } 個のうち { $set } 個を設定しました
live-servers-done = すべての値が { $count } 台のサーバーにあります
live-servers = すべての値があるサーバー: { $count } 台のうち { $complete } 台
live-validation = { $all } 個のドメイン名のうち { $valid } 個
live-stored = 保存しました
live-cleanup = 値 { $all } 個のうち { $removed } 個を削除しました
live-not-asked = { $server } 未照会
live-lacking = { $server } { $wanted } 個中 { $found } 個
live-more-names = ほか { $count } 個の名前
