# What the dns_*.sh scripts of acme.sh find around them, after the guide for their authors:
# https://github.com/acmesh-official/acme.sh/wiki/DNS-API-Dev-Guide
#
# sh driver.sh SCRIPT add|rm FULLDOMAIN TXTVALUE
# sh driver.sh SCRIPT check
#
# WILDCERT_FOLDER is a private folder of this call, WILDCERT_SAVED one for what scripts save. Functions
# whose body stands in parentheses are subshells, so that their variables are never a script's. No
# secret may stand in the arguments of a program, which every user of the machine can read: `printf`
# and `echo` are part of the shell, all else reads pipes and private files.
umask 077
exec 3>&1
HTTP_HEADER=$WILDCERT_FOLDER/header
LE_WORKING_DIR=$WILDCERT_SAVED
LE_CONFIG_HOME=$WILDCERT_SAVED
DEBUG_LEVEL_1=1 DEBUG_LEVEL_2=2 DEBUG_LEVEL_3=3
: "${ACME_OPENSSL_BIN:=openssl}" "${USER_AGENT:=wildcert}"
: >"$HTTP_HEADER"
case $DEBUG in
'' | *[!0-9]*) wildcert_debug=0 ;;
*) wildcert_debug=$DEBUG ;;
esac

# --- Messages: all to the log, also from within `$(…)`; complaints are standard error.

_info() { printf '%s\n' "$*" >&3; }
_log() { _info "$@"; }
_usage() { _err "$@"; }
_err() { printf '%s\n' "$*" >&2; }
__green() { printf '%s' "$1"; }
__red() { printf '%s' "$1"; }
_debug() { [ "$wildcert_debug" -lt 1 ] || _info "$@"; }
_debug2() { [ "$wildcert_debug" -lt 2 ] || _info "$@"; }
_debug3() { [ "$wildcert_debug" -lt 3 ] || _info "$@"; }
# What they show is secret: only its name.
_secure_debug() { _debug "$1" '****'; }
_secure_debug2() { _debug2 "$1" '****'; }
_secure_debug3() { _debug3 "$1" '****'; }

# --- Values that scripts keep: a file each.

_wc_saved_file() {
    case $2 in
    '' | *[!A-Za-z0-9_.-]* | .*) _err "\`$2\` is no name for a saved value" && return 1 ;;
    esac
    printf '%s/%s/%s' "$WILDCERT_SAVED" "$1" "$2"
}
_wc_save() (
    file=$(_wc_saved_file "$1" "$2") && mkdir -p "${file%/*}" || exit 1
    printf '%s' "$3" >"$file.$$" && mv -f "$file.$$" "$file"
)
_wc_saved() (
    file=$(_wc_saved_file "$1" "$2") || exit 1
    [ ! -f "$file" ] || cat "$file"
)
_wc_forget() (
    file=$(_wc_saved_file "$1" "$2") && rm -f "$file"
)
_saveaccountconf() { _wc_save account "$1" "$2"; }
_saveaccountconf_mutable() { _wc_save account "$1" "$2"; }
_readaccountconf() { _wc_saved account "$1"; }
_readaccountconf_mutable() { _wc_saved account "$1"; }
_clearaccountconf() { _wc_forget account "$1"; }
_clearaccountconf_mutable() { _wc_forget account "$1"; }
_savedomainconf() { _wc_save "domain/$wildcert_fulldomain" "$1" "$2"; }
_readdomainconf() { _wc_saved "domain/$wildcert_fulldomain" "$1"; }
_cleardomainconf() { _wc_forget "domain/$wildcert_fulldomain" "$1"; }

# --- Texts. Patterns are basic regular expressions, as scripts expect.

_contains() { printf '%s\n' "$1" | grep -e "$2" >/dev/null; }
_startswith() { printf '%s\n' "$1" | grep -e "^$2" >/dev/null; }
_endswith() { printf '%s\n' "$1" | grep -e "$2\$" >/dev/null; }
_egrep_o() { grep -E -o -e "$1"; }
_head_n() { head -n "$1"; }
_tail_n() { tail -n "$1"; }
_lower_case() { tr '[:upper:]' '[:lower:]'; }
_upper_case() { tr '[:lower:]' '[:upper:]'; }
_getfield() { printf '%s\n' "$1" | cut -d "${3:-,}" -f "$2"; }
_sed_i() (
    copy=$(_mktemp) && sed "$1" "$2" >"$copy" && cat "$copy" >"$2"
    result=$?
    rm -f "$copy"
    exit "$result"
)

# Without line ends, and without blanks at the begin of lines and around the colon before a text, an
# object or a list.
_normalizeJson() { sed -e 's/^ *//' -e 's/" *: *\(["{[]\)/":\1/g' | tr -d '\r\n'; }
_json_encode() {
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e "s/$(printf '\t')/\\\\t/g" | awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }'
}
_json_decode() {
    # A backslash of its own is put aside first.
    sed -e "s/\\\\\\\\/$(printf '\001')/g" -e 's#\\/#/#g' -e 's/\\"/"/g' -e "s/\\\\t/$(printf '\t')/g" \
        -e 's/\\n/\
/g' -e "s/$(printf '\001')/\\\\/g"
}

# --- Numbers, time, programs

# Where the shell is bash, arithmetic on a text of the vendor's would run commands in it.
_math() {
    case $* in
    *[!0-9\ +*/%\(\)-]*) _err "\`$*\` is no sum" && return 1 ;;
    esac
    printf '%s' "$(($*))"
}
_time() { date -u +%s; }
_utc_date() { date -u '+%Y-%m-%d %H:%M:%S'; }
_sleep() { sleep "$1"; }
_exists() { command -v "$1" >/dev/null 2>&1; }
_mktemp() { mktemp "$WILDCERT_FOLDER/XXXXXX"; }
_idn() (
    if [ -z "$(printf '%s' "$1" | LC_ALL=C tr -d '\001-\177')" ]; then
        printf '%s' "$1"
    elif _exists idn2; then
        idn2 "$1"
    elif _exists idn; then
        idn --quiet "$1"
    else
        _err "\`$1\` needs \`idn2\` or \`idn\`, and neither is installed"
        exit 1
    fi
)

# --- Octets

_hex_dump() { od -A n -v -t x1 | tr -s ' \n' ' '; }
# The escape by which `printf %b` writes the octet of this number.
_wc_escape() { escape="\\0$(($1 / 64))$(($1 / 8 % 8))$(($1 % 8))"; }
_h2b() (
    hex=$(tr -d ' \t\r\n')
    while [ -n "$hex" ]; do
        rest=${hex#??}
        _wc_escape "$((0x${hex%"$rest"}))"
        printf %b "$escape"
        hex=$rest
    done
)
_url_encode() (
    for octet in $(_hex_dump); do
        case $octet in
        2[de] | 3[0-9] | 4[1-9a-f] | 5[0-9af] | 6[1-9a-f] | 7[0-9ae])
            _wc_escape "$((0x$octet))"
            printf %b "$escape"
            ;;
        *) [ "$1" = upper-hex ] && printf '%%%s' "$(printf '%s' "$octet" | _upper_case)" || printf '%%%s' "$octet" ;;
        esac
    done
)
_url_replace() { tr '/+' '_-' | tr -d '= '; }
_base64() {
    if [ "$1" ]; then
        "$ACME_OPENSSL_BIN" base64 -e
    else
        "$ACME_OPENSSL_BIN" base64 -e -A
    fi
}
_dbase64() { tr -d ' \r\n' | "$ACME_OPENSSL_BIN" base64 -d -A; }

# Octets as a digest is given out: in hexadecimal where $1 is set, else in base64.
_wc_printed() {
    if [ "$1" ]; then
        _hex_dump | tr -d ' '
    else
        _base64
    fi
}
_digest() { "$ACME_OPENSSL_BIN" dgst "-$1" -binary | _wc_printed "$2"; }
# The key, in hexadecimal and filled up to a block of $2 octets, combined with the octet $3 (RFC 2104).
_wc_padded() (
    hex=$1 left=$2
    while [ "$left" -gt 0 ]; do
        rest=${hex#??}
        octet=${hex%"$rest"}
        _wc_escape "$((0x${octet:-0} ^ $3))"
        printf %b "$escape"
        hex=$rest left=$((left - 1))
    done
)
# Two digests in place of `openssl dgst -hmac KEY`, which shows the key to every user of the machine.
_hmac() (
    case $1 in
    md5 | sha1 | sha256) block=64 ;;
    sha384 | sha512) block=128 ;;
    *) _err "no HMAC with \`$1\`" && exit 1 ;;
    esac
    key=$2
    [ "${#key}" -le "$((2 * block))" ] || key=$(printf '%s' "$key" | _h2b | _digest "$1" hex)
    inner() { "$ACME_OPENSSL_BIN" dgst "-$algorithm" -binary; }
    algorithm=$1
    {
        _wc_padded "$key" "$block" 92
        { _wc_padded "$key" "$block" 54 && cat; } | inner
    } | inner | _wc_printed "$3"
)
# $2 may hold options behind the name of the digest.
_sign() { _wc_sign_with "$1" $2; }
_wc_sign_with() (
    key=$1 digest=$2
    shift 2
    "$ACME_OPENSSL_BIN" dgst "-$digest" -sign "$key" "$@" | _base64
)
_isRSA() { "$ACME_OPENSSL_BIN" rsa -in "$1" -noout 2>/dev/null; }

# --- HTTP: `curl` or GNU `wget`. Any status is an answer; its head goes to $HTTP_HEADER.

# _post BODY URL [BASE64-THE-ANSWER] [METHOD] [CONTENT-TYPE]
_post() {
    if [ "$3" ]; then
        _wc_send "${4:-POST}" "$2" "$5" "$1" | _base64
    else
        _wc_send "${4:-POST}" "$2" "$5" "$1"
    fi
}
# _get URL [ONLY-THE-HEAD] [TIMEOUT]
_get() (
    wildcert_limit=$3
    if [ "$2" ]; then
        _wc_send HEAD "$1" >/dev/null && cat "$HTTP_HEADER"
    else
        _wc_send GET "$1"
    fi
)
_resethttp() { :; }

# _wc_send METHOD URL [CONTENT-TYPE] [BODY]
_wc_send() (
    # What a vendor said may be part of them, and a line of its own would be an order to `curl`.
    method=$(_wc_one_line "$1") url=$(_wc_one_line "$2") type=$3 body= limit=${wildcert_limit:-120}
    [ "$#" -lt 4 ] || body=$WILDCERT_FOLDER/body
    [ -z "$body" ] || printf '%s' "$4" >"$body"
    : >"$HTTP_HEADER"
    if _exists curl; then
        _wc_curl
    elif _exists wget; then
        _wc_wget
    else
        _err 'neither `curl` nor `wget` is installed'
        exit 1
    fi
    result=$?
    rm -f "$WILDCERT_FOLDER/body" "$WILDCERT_FOLDER/request"
    exit "$result"
)
_wc_one_line() { printf '%s' "$1" | tr -d '\r\n'; }
# The header lines of the request, each after $1 and before $2.
_wc_headers() {
    for header in "$_H1" "$_H2" "$_H3" "$_H4" "$_H5" "${type:+Content-Type: $type}"; do
        [ -z "$header" ] || printf '%s%s%s\n' "$1" "$(_wc_one_line "$header" | "$3")" "$2"
    done
}
_wc_quoted() { sed -e 's/\\/\\\\/g' -e 's/"/\\"/g'; }
_wc_curl() {
    {
        printf 'url = "%s"\n' "$(printf '%s' "$url" | _wc_quoted)"
        _wc_headers 'header = "' '"' _wc_quoted
        printf 'user-agent = "%s"\n' "$(_wc_one_line "$USER_AGENT" | _wc_quoted)"
        case $method in
        GET) ;;
        HEAD) echo head ;;
        *) printf 'request = "%s"\n' "$method" ;;
        esac
        [ "$method" = HEAD ] || [ -z "$body" ] || printf 'data-binary = "@%s"\n' "$body"
        [ "$ACME_HTTP_NO_REDIRECTS" ] || echo location
        [ -z "$HTTPS_INSECURE" ] || echo insecure
    } | curl --disable --config - --silent --show-error --globoff --proto =http,https \
        --max-time "$limit" --dump-header "$HTTP_HEADER"
}
_wc_wget() {
    printf '%s\n' "$url" >"$WILDCERT_FOLDER/url"
    {
        _wc_headers 'header = ' '' cat
        printf 'user_agent = %s\n' "$(_wc_one_line "$USER_AGENT")"
        [ "$method" = GET ] || printf 'method = %s\n' "$method"
        [ "$method" = HEAD ] || [ -z "$body" ] || printf 'body_file = %s\n' "$body"
        [ -z "$ACME_HTTP_NO_REDIRECTS" ] || echo 'max_redirect = 0'
        [ -z "$HTTPS_INSECURE" ] || echo 'check_certificate = off'
    } >"$WILDCERT_FOLDER/request"
    wget --config="$WILDCERT_FOLDER/request" --input-file="$WILDCERT_FOLDER/url" --tries=1 \
        --timeout="$limit" --server-response --content-on-error --output-document=- \
        --output-file="$WILDCERT_FOLDER/said"
    result=$?
    sed -n 's/^  \([^ ]\)/\1/p' "$WILDCERT_FOLDER/said" >"$HTTP_HEADER"
    rm -f "$WILDCERT_FOLDER/url"
    # 8: the server answered with an error, which is an answer.
    [ "$result" -eq 0 ] || [ "$result" -eq 8 ] || { tail -n 1 "$WILDCERT_FOLDER/said" >&2 && return "$result"; }
}

# --- The call

_wc_lacks() {
    _err "$wildcert_script defines no function $1"
    exit 1
}
wildcert_script=$1
wildcert_action=$2
wildcert_fulldomain=$3
wildcert_txtvalue=$4
wildcert_name=${1##*/}
wildcert_name=${wildcert_name%.sh}
set --
. "$wildcert_script"
case $wildcert_action in
check)
    _exists "${wildcert_name}_add" || _wc_lacks "${wildcert_name}_add"
    _exists "${wildcert_name}_rm" || _wc_lacks "${wildcert_name}_rm"
    ;;
add | rm)
    _exists "${wildcert_name}_$wildcert_action" || _wc_lacks "${wildcert_name}_$wildcert_action"
    "${wildcert_name}_$wildcert_action" "$wildcert_fulldomain" "$wildcert_txtvalue"
    ;;
esac
