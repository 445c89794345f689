//! The pages about error types, one for each language.

use wildcert_cli::{
    Lang,
    explain::{self, Explanation},
};

use super::{cell, put, title};

pub(super) fn page(lang: Lang) -> String {
    let words = Words::of(lang);
    let mut page = title(words.title, "what `wildcert explain` says");
    put(&mut page, words.head);
    for acme in [true, false] {
        put(&mut page, &format!("## {}\n", if acme { words.acme } else { words.ours }));
        put(&mut page, if acme { words.acme_columns } else { words.our_columns });
        put(&mut page, &format!("{}|", "|---".repeat(if acme { 5 } else { 3 })));
        for known in explain::ALL.iter().filter(|known| known.is_acme() == acme) {
            put(&mut page, &row(known, lang));
        }
        page.push('\n');
    }
    page
}

fn row(known: &Explanation, lang: Lang) -> String {
    let cause = cell(&format!("**{}**<br>{}", known.title(lang), known.cause(lang)));
    let remedy = cell(&known.hint(lang).replace("\n- ", "<br>• "));
    let name = known.name;
    match known.is_acme() {
        true => {
            let status = known.status.map(|status| status.to_string()).unwrap_or_default();
            format!("| `{name}` | {status} | {cause} | {remedy} | {} |", known.document)
        }
        false => format!("| `{name}` | {cause} | {remedy} |"),
    }
}

struct Words {
    title: &'static str,
    head: &'static str,
    acme: &'static str,
    acme_columns: &'static str,
    ours: &'static str,
    our_columns: &'static str,
}

impl Words {
    fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::Ja => &JAPANESE,
        }
    }
}

const ENGLISH: Words = Words {
    title: "Error types",
    head: "[日本語](errors.ja.md)\n\n`wildcert explain TYPE` prints the same. JPRS in the last column \
           means that the CA's own table has the type, and the status is the one it names.\n",
    acme: "Types of ACME",
    acme_columns: "| type | HTTP | cause | remedy | document |",
    ours: "Kinds of wildcert",
    our_columns: "| kind | cause | remedy |",
};

const JAPANESE: Words = Words {
    title: "エラータイプ",
    head: "[English](errors.md)\n\n`wildcert --lang ja explain タイプ` と同じ内容です。最後の列にJPRS\
           とあるタイプは認証局のエラー一覧にあり、HTTPステータスはその一覧の値です。\n",
    acme: "ACMEのタイプ",
    acme_columns: "| タイプ | HTTP | 原因 | 対処 | 文書 |",
    ours: "wildcertのエラー種別",
    our_columns: "| 種別 | 原因 | 対処 |",
};
