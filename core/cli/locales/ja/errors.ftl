# エラーの文です。英語ではエラー自身が持っているため、日本語だけにあります。

error-account-closed = アカウント { $account } は { $status } です(ファイル: `{ $path }`)
error-account-exists = `{ $path }` には別のアカウントの鍵があります
error-acme = { $doing }に失敗しました: { $source }
error-certificate = 認証局から届いた `{ $name }` の証明書を利用できません: { $reason }
error-check = 認証情報の確認に失敗しました: { $source }
deploy-error-command = { $step } のコマンド `{ $command }` { $source }
deploy-error-host = `{ $command }` { $source }
deploy-error-lacking = `{ $path }` に証明書の `{ $form }` をコピーする設定ですが、この証明書にはありません
deploy-error-no-group = グループ `{ $name }` がありません
deploy-error-no-user = ユーザー `{ $name }` がありません
deploy-error-probe = { $endpoint } がこの証明書を返しません: { $reason }
deploy-error-remote = 接続先での{ $doing }に失敗しました: { $source }
back-done = 元のファイルに戻しました
back-command-failed = 元のファイルに戻しましたが、再実行も失敗しました
back-command-failed-so = 元のファイルに戻しましたが、再実行も失敗しました: { $reason }
back-failed = 元のファイルに戻せませんでした: { $reason }
command-failed = は { $status } で終了しました{ $output }
command-start = を実行できませんでした: { $source }
command-slow = は { $seconds } 秒以内に終わらなかったため終了させました{ $output }
command-stopped = は停止の要求により終了させました
error-crypto = { $doing }に失敗しました: { $reason }
error-damaged = `{ $path }` が破損しています: { $reason }
error-external-account-required = 認証局 { $server } は契約者だけにアカウントを発行します(外部アカウントバインディング (EAB))
error-file = `{ $path }` の{ $doing }に失敗しました: { $source }
error-input = 入力が正しくありません: { $faults }
error-instance = プロバイダー設定 `{ $instance }`: { $source }
error-key-not-taken = { $server } は { $key } の鍵に対応していません(対応: { $taken })
error-left-behind = { $count } 件のTXTレコードを削除できず、ジャーナルに残しました: { $reason }
error-limited = { $server } が { $until } まで待つように求めています: { $said }
error-locked = 証明書 `{ $name }` は別のwildcertが処理中です
error-no-account = { $count ->
    [0] アカウントがありません
   *[other] その名前、認証局、または連絡先のアカウントがありません
}
error-no-dns-01 = 認証局は `{ $name }` にdns-01チャレンジを提供していません(提供: { $offered })
error-no-provider = `{ $owner }` のレコードを扱うプロバイダーがありません
error-provider = ゾーン `{ $zone }` の{ $doing }に失敗しました: { $source }
error-provider-answered = プロバイダー `{ $provider }`: { $answer }
error-provider-failed = プロバイダー `{ $provider }` のモジュール `{ $path }`: { $failure }
error-secret = { $place }: { $key }: 秘密情報を取得できません: { $source }
error-several-accounts = 該当するアカウントが複数あります: { $accounts }
error-stopped = { $signal } により停止しました
error-terms-not-agreed = 認証局はアカウントの作成前に利用規約への同意を求めています: { $terms }
error-trials = プロバイダーの試験が正常に終了しませんでした: { $reason }
error-unasked = 認証局が、要求していない `{ $name }` の認可を求めています

hint-account-closed = `wildcert accounts register -m アドレス` で別の連絡先のアカウントを登録してください。連絡先を変えない場合は、先にそのフォルダーの名前を変えてください
hint-account-exists = -m アドレス で別の連絡先を指定してください
hint-command-failed = 原因を取り除いてください。次の実行では新しいオーダーを作らずにやり直します。`wildcert deploy --failed` ではすぐにやり直せます
hint-command-slow = 入力を求めるコマンドは使えません。時間がかかる場合は `timeout` を長くしてください
hint-command-start = プログラムを絶対パスで指定してください。シェルは使われず、サービスのPATHは短いためです
hint-deploy-folder = 先にフォルダーを作成し、所有者とモードを設定してください
hint-deploy-host = wildcertを実行するユーザーで `ssh -o BatchMode=yes ホスト true` が質問なしに成功することを確認してください
hint-deploy-key = CSRを外部から受け取った証明書なので、秘密鍵はここにありません
hint-deploy-pfx = --pfx または wildcert.toml の `pfx` で、PKCS #12でも保存してください
hint-deploy-probe = サーバーがこれらのファイルを読んでいるか、コマンドで再読み込みされるかを確認してください
hint-external-account-required = 認証局から鍵識別子とHMAC鍵を受け取り、--eab-kid と --eab-hmac-key、または --eab-file を指定してください。多くは1回の登録だけに使え、有効期間が短いものもあります(JPRSとその販売事業者では14日間)
hint-key-not-taken = -k { $key } を付けるか、別の認証局を使ってください
hint-known-accounts = あるもの: { $known }
hint-limited = その時刻の後にもう一度実行するか、--server a,b で別の認証局も指定してください
hint-no-account = `wildcert accounts register` で登録してください
hint-no-provider = いずれかのプロバイダーにこのゾーンを設定するか、ゾーンを指定しないプロバイダーを1つ用意してください(残りのすべてのゾーンを扱います)
hint-several-accounts = アカウントの名前、または -m アドレス で連絡先を指定してください
hint-left-behind = 原因を取り除くと、`wildcert cleanup` で削除できます
hint-locked = 終了を待ってから、もう一度実行してください
hint-terms-not-agreed = 利用規約を読み、--accept-tos を付けてください
hint-provider-rights = 必要な権限は `wildcert providers show { $provider }` で表示します
hint-provider-credentials = { $credentials } を確認してください。必要な権限は `wildcert providers show { $provider }` で表示します
hint-provider-settings = 各設定の説明は `wildcert providers show { $provider }` で表示します
hint-provider-wait = しばらく待ってから、もう一度実行してください
hint-provider-zones = 扱えるゾーンは `wildcert providers check { $provider }` で表示します

# 何をしようとしたか
doing-bring-back = 復元
doing-bring-old-back = 元のファイルの復元
doing-keep-old = 元のファイルの保存
doing-remove-old = 元のファイルの削除
doing-write-files = ファイルの書き込み
doing-add-records = TXTレコードの追加
doing-answer = チャレンジへの応答
doing-order = オーダーの作成
doing-resume-order = 中断したオーダーの再開
doing-authorizations = 認可の取得
doing-find-ca = 認証局の特定
doing-find-folder = フォルダの検索
doing-find-program = 実行中のプログラムの特定
doing-validate = ドメイン名の検証
doing-lock = ロック
doing-ask-account = アカウント情報の取得
doing-change-contacts = アカウントの連絡先の変更
doing-change-key = アカウント鍵の変更
doing-deactivate = アカウントの無効化
doing-which-key = 二つの鍵のどちらがアカウントの鍵かの確認
doing-find-account = { $place } での、鍵に対応するアカウントの検索
doing-read-account-key = アカウント鍵の読み込み
doing-account-key = アカウント鍵の生成
doing-certificate-key = 証明書の鍵の生成
doing-folder = フォルダーの作成
doing-reach = 認証局 { $place } への接続
doing-read = 読み込み
doing-read-bundle = CA証明書ファイルの読み込み
doing-read-folder = フォルダーの読み込み
doing-read-journal = ジャーナルの読み込み
doing-register = { $place } でのアカウント登録
doing-remove = 削除
doing-remove-records = TXTレコードの削除
doing-rename = 名前の変更
doing-get = 証明書の取得
doing-revoke = シリアル番号 { $place } の証明書の失効
doing-save-folder = フォルダーの保存
doing-connection = 接続の準備
doing-switch = 切り替え
doing-write = 書き込み
doing-write-journal = ジャーナルの書き込み

# ACME
acme-error-answer = `{ $url }` の応答({ $operation })を利用できません: { $reason }
acme-error-broken = { $operation } の途中で `{ $url }` との接続が切れました: { $reason }
acme-error-certificate = 証明書を利用できません: { $reason }
acme-error-client = HTTPクライアントを準備できません: { $reason }
acme-error-connect = `{ $url }` に接続できません: { $reason }
acme-error-directory = `{ $url }` はACMEのディレクトリーではありません: { $reason }
acme-error-encode = リクエストをJSONに変換できません: { $source }
acme-error-external-account = 外部アカウント(EAB) `{ $kid }` を利用できません: { $reason }
acme-error-insecure = `{ $url }` はhttpsではありません(httpはループバックアドレスだけで使えます)
acme-error-key = アカウント鍵を利用できません: { $reason }
acme-error-key-in-use = 新しい鍵はすでにアカウント `{ $account }` の鍵です
acme-error-order = オーダー `{ $order }` の状態が { $status } になりました
acme-error-problem = 認証局が { $operation }(`{ $url }`)を拒否しました
acme-error-status = `{ $url }` が { $operation } にHTTPステータス { $status } を返しました
acme-error-still-pending = オーダー `{ $order }` は { $limit }待っても { $status } のままです
acme-error-terms-not-agreed = 認証局は利用規約 `{ $terms }` に同意したアカウントだけを登録します
acme-error-timeout = `{ $url }` から { $operation } の応答が{ $limit }以内にありませんでした
acme-error-tls = `{ $url }` とTLS接続を確立できません: { $reason }
acme-error-unknown = `{ $name }` は利用できません({ $what })
acme-error-unsupported = 認証局は { $operation } を提供していません(ディレクトリーにURLがありません)
acme-error-url = `{ $url }` は認証局を表していません: { $reason }
acme-error-validation = 認証局が { $count } 個のドメイン名を検証できませんでした
acme-error-failed = `{ $name }`: 状態は { $status } です
acme-error-later = ({ $wait }後に再試行できます)

acme-hint-certificate = 鍵やCSRではなく、証明書そのものを指定してください
acme-hint-connect = URLを確認してください。プロキシがある場合はHTTPS_PROXY(例外はNO_PROXY)を設定してください
acme-hint-directory = ディレクトリーのURLは認証局の文書に記載されています
acme-hint-external-account = 認証局のWebページから鍵識別子とHMAC鍵を確認し、--eab-kid と --eab-hmac-key に指定してください
acme-hint-insecure = 認証局はディレクトリーのhttps URLで指定してください
acme-hint-key = アカウント鍵はPEMファイル(PKCS#8、`EC PRIVATE KEY`、または `RSA PRIVATE KEY`)です
acme-hint-key-in-use = 別の新しい鍵を作成してください
acme-hint-still-pending = 認証局の処理に時間がかかっています。数分後にもう一度実行してください
acme-hint-terms-not-agreed = 利用規約を読み、--accept-tos で同意してください
acme-hint-tls = 認証局または途中のプロキシが独自のルート証明書を使う場合は、--ca-bundle で指定してください
acme-hint-unknown = 指定できるもの: { $known }
acme-hint-unsupported = 認証局のWebページまたはサポート窓口で手続きできることがあります
acme-hint-url = 認証局は短い名前またはディレクトリーのhttps URLで指定してください
acme-hint-validation = TXTレコードは認証局が自ら検索します。認証局のメッセージとゾーンの内容を比べてください

span-seconds = { $large } 秒
span-minutes = { $large } 分 { $small } 秒
span-hours = { $large } 時間 { $small } 分
span-days = { $large } 日 { $small } 時間

# DNS
dns-error-address = `{ $given }` はDNSサーバーを表していません: { $fault }
dns-error-alias-chain = `{ $owner }` から { $limit } 個を超えるCNAMEレコードが続いています(最後は `{ $last }`)
dns-error-alias-loop = `{ $owner }` のCNAMEレコードが循環しています: `{ $last }` が `{ $again }` に戻ります
dns-error-alias-target = `{ $owner }` のCNAMEレコードが利用できない名前 `{ $target }` を指しています: { $fault }
dns-error-delegated = `{ $server }` は `{ $owner }` を管理しておらず、子ゾーン `{ $child }` のサーバーを示しました
dns-error-name = `{ $name }` は利用できるドメイン名ではありません: { $fault }
dns-error-no-address = DNSサーバー `{ $host }` のアドレスがありません: { $reason }
dns-error-no-answer = `{ $owner } { $kind }` に応答したサーバーがありません: { $tried }
dns-error-no-resolvers = リゾルバーが設定されていません: { $reason }
dns-error-no-servers = ゾーン `{ $zone }` に問い合わせできる権威DNSサーバーがありません: { $reason }
dns-error-no-zone = `{ $owner }` を含むゾーンがありません(SOAレコードが見つかりません)
dns-error-propagation = { $limit } 秒以内に、TXTレコードがすべての権威DNSサーバーに反映されませんでした

dns-hint-alias = CNAMEレコードを修正するか、削除してください。削除すると、その場所にTXTレコードを設定します
dns-hint-delegated = 子ゾーンのサーバーも `--nameserver { $child }=ホスト:ポート` で指定してください
dns-hint-name = スキーム、ポート、パスを付けず、名前だけを指定してください
dns-hint-no-answer = この環境のDNSが外部と異なる場合は、`--nameserver ゾーン=ホスト:ポート` でゾーンのサーバーを、または `--dns-resolvers ホスト:ポート` で別のリゾルバーを指定してください
dns-hint-no-resolvers = `--dns-resolvers ホスト:ポート` でリゾルバーを、または `--nameserver ゾーン=ホスト:ポート` でゾーンのサーバーを指定してください
dns-hint-no-zone = ドメイン名が登録済みで綴りが正しいこと、`--nameserver` で指定したサーバーがそのゾーンを持つことを確認してください
dns-hint-late = 値を返さないサーバーはまだ更新されていません。待ち時間を長くし、プロバイダーがこれらのサーバーのゾーンに書き込んでいることを確認してください
dns-hint-silent = ゾーンについて応答しないサーバーはNSレコードから外してください。このマシンからだけ接続できない場合は、問い合わせ先を `--nameserver ゾーン=ホスト:ポート` で指定してください

name-character = `{ $character }` が含まれています
name-empty = 名前が空です
name-empty-label = 空のラベルがあります(ドットが連続しているか、先頭にあります)
name-hyphen = ラベル `{ $label }` の先頭または末尾がハイフンです
name-idna = ラベル `{ $label }` は国際化ドメイン名(IDNA、UTS #46)として正しくありません
name-ip-address = IPアドレスです(dns-01で検証できるのはドメイン名だけです)
name-long = { $length } 文字あります(上限は { $limit } 文字です)
name-long-for-challenge = { $length } 文字あります(先頭に `_acme-challenge.` が付くため、上限は { $limit } 文字です)
name-long-label = ラベル `{ $label }` が { $length } 文字あります(上限は63文字です)
name-single-label = ラベルが1つしかなく、証明書を発行できません
name-wildcard = `*` は `*.example.com` のように、先頭のラベル全体としてだけ使えます

address-bracket = 角括弧には `[2001:db8::1]:53` のようにIPv6アドレスを指定してください
address-host = `{ $host }` はIPアドレスでも名前でもありません
address-no-host = ホストがありません
address-no-zone = `example.com=192.0.2.1:53` のようにゾーンを指定してください
address-port = `{ $port }` はポート番号(1から65535)ではありません

# プログラム自身
program-configuration = 設定ファイルに { $count } 件の誤りがあります:{ $faults }
program-configuration-unread = 設定ファイルを利用できません: { $source }
program-demo = デモで問題が見つかりました:{ $faults }
program-demo-provider = デモはプロバイダー `rfc2136` を使います: { $source }
program-input = コマンドラインに { $count } 件の誤りがあります:{ $faults }
program-not-approved = { $ids } は承認されなかったため、インストールしませんでした
program-output = 結果を標準出力に書き込めません: { $source }
program-system = { $doing }に失敗しました: { $source }

doing-answer-read = 回答の読み込み
doing-listen = シグナルの待ち受け
doing-manual = マニュアルページの書き込み
doing-sdk = SDKの検索
doing-simulator = シミュレーターの起動
doing-temporary = 一時フォルダーの作成
doing-threads = スレッドの開始

error-window = `{ $text }` はメンテナンス時間帯として読み取れません: { $faults }
error-window-hint = `Sun 02:00-05:00 Asia/Tokyo`、`Mon-Fri 03:00-04:00`、`daily 22:00-02:00 UTC` のように書いてください
error-window-form = 「曜日 HH:MM-HH:MM [タイムゾーン]」の形式ではありません
error-window-day = `{ $word }` は `Sun`、`Mon-Fri`、`Sat,Sun`、`daily` のような曜日ではありません
error-window-time = `{ $word }` は 00:00 から 24:00 までの時刻ではありません
error-window-empty = 開始と終了が同じ時刻です (一日中は 00:00-24:00)
error-window-zone = タイムゾーン `{ $name }` はありません
error-window-zone-near = タイムゾーン `{ $name }` はありません ({ $near } の誤りではありませんか)

# サーバーの確認 (wildcert probe)
endpoint-error = `{ $given }` は接続先を表していません: { $fault }
endpoint-name = `{ $name }` はサーバー名ではありません
endpoint-protocol = `{ $given }` は tls、https、smtp、imap、pop3、ftp のいずれでもありません
probe-error-unresolved = `{ $host }` のアドレスが見つかりません: { $source }
probe-error-nobody = 接続できません: { $source }
probe-error-silent = { $waiting }に対し、{ $limit } 秒以内に応答がありませんでした
probe-error-broken = { $waiting }の後に接続が切れました: { $source }
probe-error-not-started = { $protocol } でTLSを開始できません: { $said }
probe-error-no-tls = 接続先はTLSを話しません
probe-error-no-tls-said = 接続先はTLSを話しません(応答: `{ $said }`)
probe-error-refused = TLSハンドシェイクができません: { $reason }
probe-error-unreadable = 提示されたものを読み取れません: { $reason }
probe-step-connection = 接続要求
probe-step-greeting = 接続
probe-step-start-tls = TLS開始の要求
probe-step-handshake = TLSハンドシェイク
probe-hint-dropped = サーバーが動作していること、ファイアウォールが接続を破棄していないことを確認してください
probe-hint-at-once = すぐにTLSを始めるポートかもしれません。`smtp://` などを付けずに指定してください
probe-hint-later = TLSを後から始めるポートかもしれません。{ $protocol }://ホスト:ポート と指定してください
probe-hint-port = TLSのポートであることを確認してください
probe-hint-outdated = サーバーでTLS 1.2または1.3を有効にしてください。現在のクライアントはそれより古いものを拒否します
probe-hint-nobody = サーバーが動作し、そのアドレスで待ち受けていることを確認してください
finding-older = 提示されている `{ $name }` の { $serial } は、{ $newest } より古いものです
finding-removed = 提示されている `{ $name }` の { $serial } は、一覧から外されたものです
finding-other = { $wanted } ではなく、{ $issuer } が発行した { $names } の { $serial } が提示されています
finding-foreign = { $issuer } が発行した { $names } の { $serial } が提示されていますが、保存されていない証明書です
finding-no-name = 名前なし
finding-expired = { $date } に期限が切れました
finding-early = { $date } から有効になります
finding-name = { $names } の証明書で、`{ $asked }` には使えません
finding-revoked = { $date } に失効されています
finding-key = サーバーが証明書に対応する鍵を持っていません
finding-missing = 中間証明書 { $subjects } が不足しています
finding-extra = 余分な証明書 { $subjects } があります
finding-order = 証明書の並び順が、保存されているものと異なります
finding-hint-older = 配置するか、サーバーを再読み込みしてください。古いファイルを読み込んだままかもしれません
finding-hint-other = この名前に対するサーバーの証明書の設定を確認してください
finding-hint-name = 名前@ホスト:ポート、または --name で別のサーバー名を指定してください
finding-hint-chain = 保存されている fullchain.pem をそのままサーバーに設定してください
finding-hint-key = 同じフォルダーの privkey.pem と fullchain.pem をサーバーに設定してください

program-edited = { $files } は `wildcert schedule install` の後に編集されているため、変更していません
program-failed = `{ $command }` が失敗しました: { $said }
