#!/bin/sh
# A program for the providers that start one: keeps the values in a file beside it, one on a line.
cd "$(dirname "$0")" || exit 1
case $1 in
present | cleanup) action=$1 owner=$2 value=$3 ;;
auth) action=present owner=_acme-challenge.$CERTBOT_DOMAIN. value=$CERTBOT_VALIDATION ;;
clean) action=cleanup owner=_acme-challenge.$CERTBOT_DOMAIN. value=$CERTBOT_VALIDATION ;;
deploy_challenge) action=present owner=_acme-challenge.$2. value=$4 ;;
clean_challenge) action=cleanup owner=_acme-challenge.$2. value=$4 ;;
# dehydrated wants unknown words to be taken in silence.
*) exit 0 ;;
esac
if [ -e refuse ]; then
    : >refused
    echo 'the disk is full' >&2
    exit 1
fi
case $action in
present) grep -qxF -- "$owner $value" values || printf '%s %s\n' "$owner" "$value" >>values ;;
cleanup)
    grep -vxF -- "$owner $value" values >rest
    mv rest values
    ;;
esac
