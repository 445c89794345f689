# サーバーへの配備

deploy-doing = { $name } を配備しています
deploy-done = { $name } を { $target } に配備しました
deploy-undone = { $name } を { $target } に配備できませんでした
deploy-failed = 証明書 `{ $name }`、配備先 `{ $target }`:
deploy-delayed = { $name } は { $target } への配備を { $time } 待ちます
deploy-nothing = 配備するものはありません
deploy-post-hook = 終了時のフックが失敗しました:

signal-deploy = 停止します。実行中のものを終了し、元に戻しています(もう一度押すとすぐに終了します)

fault-hook-shell = { $option }: `{ $sign }` はシェルだけが解釈しますが、シェルは使われません
    .hint = { $option } "sh -c '…'" のようにシェルを指定するか、記号をもう一重の引用符で囲んでください
fault-hook-empty = { $option }: 空です
fault-hook-open = { $option }: 引用符が閉じられていません
fault-not-span = `{ $text }` は 90s、10m、1h30m のような形式ではありません
fault-no-targets = 証明書 `{ $name }` に配備先がありません
    .hint = wildcert.toml の `[[certificates.{ $name }.deploy]]` に書くか、`wildcert run` に --deploy-hook を指定してください
