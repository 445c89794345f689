# コマンドラインの誤り。

fault-not-address = `{ $text }` はメールアドレスではありません
fault-given-twice = `{ $text }` が重複しています
fault-not-number = `{ $text }` は整数ではありません
fault-not-utf8 = 値がUTF-8ではありません
fault-not-read = `{ $path }` を読み込めません: { $error }
fault-not-time = `{ $text }` は 2027-01-31T00:00:00Z のような日時ではありません
fault-not-pair = 「名前=値」の形式ではありません
fault-not-switch = `{ $text }` は1でも0でもありません
fault-eab-missing = 外部アカウントバインディング (EAB): { $missing ->
    [both] --eab-kid と --eab-hmac-key
    [kid] --eab-kid
   *[key] --eab-hmac-key
} がありません
    .hint = キー識別子とHMAC鍵は、認証局から一組で発行されます
fault-no-home = 状態を保存するホームフォルダがありません
    .hint = --path でフォルダを指定してください
fault-several-providers = --dns-opt: 複数のプロバイダーが設定されています
    .hint = 対象のプロバイダーを --dns NAME で指定してください
fault-no-provider = TXTレコードを設定するプロバイダーが指定されていません
    .hint = --dns ID で指定してください。`wildcert providers list` で利用できるプロバイダーを確認できます
fault-not-renewable = 証明書 `{ $name }` はありません
    .hint = 保存されている証明書は `wildcert list` で確認できます。新規の取得には `run` を使います
fault-no-certificate = 証明書 `{ $name }` はありません
    .hint = 保存されている証明書は `wildcert list` で確認できます
fault-nothing-named = 証明書が指定されていません
    .hint = `wildcert list` に表示される名前、PEMファイル、または --serial を指定してください
fault-empty-list = --from: `{ $path }` に証明書の指定がありません
    .hint = 1行に1枚の証明書のドメイン名を、タブ区切りで書いてください
fault-no-file = 証明書 `{ $name }`: 設定ファイルがありません
fault-not-in-file = `{ $path }` に証明書 `{ $name }` の設定がありません
fault-near = { $names } の誤りではありませんか
fault-no-model = --model がありません
    .hint = --model には record、rrset、zone のいずれかを指定してください
fault-http = --http: ドメイン名の検証に使えるのはDNSレコード (dns-01) だけです
    .hint = 代わりに --dns ID を指定してください。`wildcert providers list` で利用できるプロバイダーを確認できます
fault-no-unit-folder = スケジュールのファイルを置くフォルダがありません
    .hint = --dir でフォルダを指定してください
fault-no-folder = フォルダ `{ $path }` がありません
    .hint = 他のクライアントのフォルダを指定してください: ~/.acme.sh、/etc/letsencrypt、/etc/dehydrated、.lego、~/.config/Posh-ACME
fault-not-there = `{ $path }` に証明書 `{ $name }` はありません
    .hint = 名前を指定せずに `wildcert import --dry-run` を実行すると、一覧を確認できます
fault-nothing-there = `{ $path }` に { $client } のアカウントも証明書もありません
    .hint = 他のクライアントのアカウントがあるフォルダを指定してください
