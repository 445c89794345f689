# サーバーが提示する証明書。

fault-no-endpoint = サーバーの指定がなく、wildcert.toml の配置先にもサーバーがありません
    .hint = `wildcert probe www.example.com:443` のように指定してください
endpoint-hint = `www.example.com@192.0.2.7:443` や `smtp://mx.example.com` のように、[プロトコル://][サーバー名@]ホスト[:ポート] の形で指定してください
fault-server-name = --name: `{ $name }` はサーバー名ではありません
    .hint = *.example.com の証明書であれば www.example.com のように、ホスト名を指定してください

probe-endpoint = 接続先
probe-certificate = 証明書
probe-until = 有効期限
probe-left = 残り
probe-result = 結果
probe-good = 正常

# 結果を短く表す語
probe-older = 古い証明書
probe-other = 別の証明書
probe-expired = 期限切れ
probe-early = 有効期間前
probe-name = 名前の不一致
probe-revoked = 失効済み
probe-key = 鍵の不一致
probe-missing = 中間証明書の不足
probe-extra = 余分な証明書
probe-order = 証明書の順序
probe-unresolved = アドレスなし
probe-nobody = 接続不可
probe-silent = 応答なし
probe-broken = 切断
probe-no-tls = TLSなし
probe-refused = ハンドシェイク不可
probe-unreadable = 読み取り不可
