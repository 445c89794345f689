#!/bin/sh
# The life of a certificate as JPRS' guide to its ACME service tells it: account, issue, facts, forced
# renewal, revocation. Each step is one command, to be used alone as well.
#
#   sh jprs.sh [OPTION of `wildcert run` …]
#
# JPRS gives out WILDCERT_EAB_KID and WILDCERT_EAB_HMAC_KEY; they are good for 14 days. Secrets of the
# provider come from the environment too: `wildcert providers show ID` names them.
set -eu
: "${WILDCERT_EAB_KID:?the key identifier}" "${WILDCERT_EAB_HMAC_KEY:?the HMAC key}"

export WILDCERT_SERVER="${SERVER:-jprs}"
domain=${DOMAIN:-example.jp}
email=${EMAIL:-you@example.jp}
dns=${DNS:-cloudflare}
setting=${DNS_OPT:-CLOUDFLARE_TTL=120}

# An account with one to six different contacts, and the terms agreed to.
wildcert accounts register --email "$email" --email "ops@$domain" --accept-tos
wildcert accounts show --email "$email"

# One certificate for several names. What it is like is shown, and again whenever it is asked for.
wildcert run --email "$email" -d "$domain" -d "www.$domain" -d "mail.$domain" \
    --dns "$dns" --dns-opt "$setting" "$@"
wildcert show "$domain"
wildcert show "$domain" --json

# Nothing is due; --force renews all the same.
wildcert renew "$domain"
wildcert renew "$domain" --force

# 1 keyCompromise, 3 affiliationChanged, 4 superseded, 5 cessationOfOperation, or 0 for none of them.
wildcert revoke "$domain" --reason cessationOfOperation
