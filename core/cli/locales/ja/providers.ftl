# プロバイダーと、残されたレコード

cleanup-nothing = 残っているレコードはありません
cleanup-removed = TXTレコードを { $count } 件削除しました

provider-none = プロバイダーが見つかりません。--provider-dir でフォルダーを指定してください
provider-id = ID
provider-form = 形式
provider-contract = 契約
provider-size = サイズ
provider-needs = 必要な設定
provider-status = 状態
provider-file = ファイル
provider-key = 鍵
provider-unusable = 利用不可:
provider-native = native(隔離なし)
provider-also-native = { $form }、nativeもあり
provider-hidden = { $form }、使われません
provider-needs-nothing = なし
provider-needs-or = { $set }(ほかに{ $others }通り)

provider-homepage = Webサイト
provider-api = API
provider-module = モジュール
provider-module-form = { $form }、{ $size }、契約 { $contract }
provider-reaches = 接続先
provider-reaches-all = 制限なし(nativeモジュールはwildcertと同じ権限を持ちます)
provider-reaches-none = なし
provider-reaches-dns = { $server }(DNS)
provider-keeps = 管理単位
provider-keeps-record = TXTレコードの値ごと
provider-keeps-rrset = 名前ごと(TXTレコードのすべての値をまとめて)
provider-keeps-zone = ゾーン全体
provider-ttl = { $default } 秒({ $minimum } から { $maximum } まで設定可能)
provider-waits = 待ち時間
provider-waits-up-to = 反映を最大 { $seconds } 秒待ちます
provider-settings = 設定
provider-settings-where = 環境変数です。名前の後ろに _FILE を付けると、値を書いたファイルを指定できます。
provider-required = 必須
provider-secret = 秘密
provider-default = 既定値 { $value }
provider-aliases = 別名 { $names }
provider-sets = 次のいずれか1組がすべて必要です
provider-example = 例

provider-checked = 認証情報は有効です。扱えるゾーン:
provider-checked-only = 確認で問題は見つかりませんでした(扱えるゾーンは分かりません)

provider-compiling = { $id } をコンパイルしています({ $size })
provider-loading = { $id } を読み込んでいます
provider-install = { $ids } をインストールしますか? [y/N]
provider-from = 取得元
provider-signature = 署名
provider-hides = 置き換え
provider-hidden-by = 優先
provider-hidden-by-path = { $path } が先に見つかります
provider-changes = 変更点
provider-unsigned = なし
provider-signed = 信頼済みの鍵 { $key } による署名
provider-signed-unknown = 信頼されていない鍵 { $key } による署名(未検証)
provider-installed = インストール済み
provider-upgraded = 更新済み
provider-unchanged = 変更なし

provider-approved = `{ $path }` を承認しました
provider-approved-digest = SHA-256: { $digest }
provider-approved-reach = 接続先: { $reach }
provider-removed = { $path } を削除しました
provider-approval-removed = { $name } の承認を取り消しました
provider-key-trusted = 鍵 { $id } を信頼します
provider-key-distrusted = 鍵 { $id } の信頼を取り消しました
provider-no-keys = 信頼している鍵はありません。`wildcert providers trust KEY` で追加します
