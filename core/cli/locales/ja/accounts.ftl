# 認証局のアカウントと、短い名前のある認証局

fact-account = アカウント
fact-ca = 認証局
fact-contacts = 連絡先
fact-created = 作成日時
fact-status = 状態

accounts-valid = 有効
accounts-deactivated = 無効化済み
accounts-revoked = 失効済み
accounts-no-contacts = なし
accounts-sent = 注意: ファイルには { $words } の指定もあります。`wildcert run` で指定してください
accounts-unasked = 認証局から情報を得られないため、手元の情報を表示します: { $error }
accounts-unconfirmed = アカウント { $account } を無効化すると元に戻せませんが、確認がありません
accounts-hint-yes = --yes を付けて、もう一度実行してください
accounts-question = { $account } を無効化しますか? 元に戻せません。発行済みの証明書は、証明書自身の鍵でしか失効できなくなります。 [y/N]
accounts-resumed = 注意: アカウント鍵の変更が中断されていたため、どちらの鍵が有効かを認証局に確認します
accounts-dropped = 注意: 認証局は新しい鍵を受け付けていないため、以前の鍵を引き続き使います
accounts-kept = 何も変更していません
accounts-nothing = { $path } にアカウントはありません

cas-name = 名前
cas-title = 認証局
cas-eab = EAB
cas-keys = 鍵
cas-directory = ディレクトリーURL
cas-needed = 必要
cas-your-own = 契約者ごとに異なるか、提供が終了しています
cas-more = EABの「必要」は、認証局が契約者だけにアカウントを発行すること(外部アカウントバインディング)を表します。鍵は、認証局が明示している場合に、証明書に使える種類を示します。`wildcert cas --json` では、別名、認証情報の入手先、注意事項、参照したページも表示します。
