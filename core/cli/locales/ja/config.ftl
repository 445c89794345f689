# 設定ファイル。

config-good = { $path } に問題はありません: 証明書 { $certificates } 件、プロバイダー { $providers } 件
config-none = 設定ファイルがありません
config-readable = { $path } は他のユーザーも読めますが(モード { $mode })、秘密情報が書かれています: { $keys }。chmod 600 を実行するか、file、env、command、credential で入手先を指定してください

# `config show` の列。
config-key = キー
config-value = 値
config-origin = 入手元
config-default = 既定値
