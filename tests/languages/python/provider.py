"""Example DNS keeps each TXT record as an object of its own."""

import json

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import http
from wit_world.imports.types import ProviderError


class Provider(exports.Provider):
    def check(self, config):
        return [f"{zone}." for zone in Api(config).zones()]

    def present(self, config, records):
        api = Api(config)
        return [settled(present, api, record) for record in records]

    def remove(self, config, records):
        api = Api(config)
        return [settled(remove, api, record, handle) for record, handle in records]


def present(api, record):
    found = [there["id"] for there in api.records(record) if there["value"] == record.value]
    return found[0] if found else api.create(record)


def remove(api, record, handle):
    if handle:
        ids = [handle]
    else:
        ids = [there["id"] for there in api.records(record) if there["value"] == record.value]
    for id in ids:
        api.delete(record, id)


class Api:
    """The API, https://dns.example.com/api, with the user's settings."""

    def __init__(self, config):
        settings = dict(config)
        self.url = settings["EXAMPLEDNS_URL"].rstrip("/")
        self.token = settings["EXAMPLEDNS_TOKEN"]
        self.known_zones = None

    def zones(self):
        """The zones that the token reaches, without the trailing dot."""
        if self.known_zones is None:
            zones, page = [], 1
            while page:
                answer = self.call("GET", f"/zones?page={page}")
                zones += answer["zones"]
                page = answer["next"]
            self.known_zones = zones
        return self.known_zones

    def records(self, record):
        """The TXT records at the owner name of `record`."""
        return self.call("GET", f"{self.path(record)}?type=TXT&name={relative(record.owner)}")

    def create(self, record):
        body = {
            "type": "TXT",
            "name": relative(record.owner),
            "value": record.value,
            "ttl": record.ttl,
        }
        return self.call("POST", self.path(record), body)["id"]

    def delete(self, record, id):
        # What is not there counts as removed.
        self.call("DELETE", f"{self.path(record)}/{id}", accepted=[404])

    def path(self, record):
        """Where the records of the zone are that holds the owner name: of several, the longest."""
        name = relative(record.owner)
        holding = [zone for zone in self.zones() if name == zone or name.endswith(f".{zone}")]
        if not holding:
            seen = ", ".join(self.zones()) or "none"
            raise failure(
                "zone-not-found", f"no zone for `{record.owner}`; the token reaches: {seen}"
            )
        return f"/zones/{max(holding, key=len)}/records"

    def call(self, method, path, body=None, accepted=()):
        headers = [("authorization", f"Bearer {self.token}")]
        if body:
            headers.append(("content-type", "application/json"))
        sent = json.dumps(body).encode() if body else b""
        answer = http.send(http.Request(method, self.url + path, headers, sent, []))
        if answer.status >= 300 and answer.status not in accepted:
            raise refused(f"{method} {path}", answer)
        try:
            return json.loads(answer.body) if answer.body else None
        except ValueError as error:
            raise failure("permanent", f"{method} {path}: {error}", answer.status)


def relative(name):
    """The vendor's names have no trailing dot."""
    return name[:-1]


def refused(doing, answer):
    """The contract's error for an answer that is no success."""
    kinds = {401: "auth", 403: "auth", 429: "rate-limited"}
    kind = kinds.get(answer.status, "transient" if answer.status >= 500 else "permanent")
    seconds = dict(answer.headers).get("retry-after", "")
    wait = int(seconds) * 1000 if seconds.isdecimal() else None
    text = answer.body[:200].decode(errors="replace")
    return failure(kind, f"{doing}: {text}", answer.status, wait)


def failure(kind, message, status=None, retry_after_ms=None):
    return Err(ProviderError(kind, message, status, retry_after_ms, []))


def settled(operation, *arguments):
    """Each record has a result of its own."""
    try:
        return Ok(operation(*arguments))
    except Err as error:
        return error
