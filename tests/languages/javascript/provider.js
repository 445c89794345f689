// Example DNS keeps each TXT record as an object of its own.
import { send } from 'wildcert:provider/http@0.1.0';

export const provider = {
  check(config) {
    return new Api(config).zones().map((zone) => `${zone}.`);
  },

  present(config, records) {
    const api = new Api(config);
    return records.map((record) => settled(() => {
      const found = api.records(record).find(({ value }) => value === record.value);
      return found?.id ?? api.create(record);
    }));
  },

  remove(config, removals) {
    const api = new Api(config);
    return removals.map(([record, handle]) => settled(() => {
      const found = () => api.records(record).filter(({ value }) => value === record.value);
      const ids = handle ? [handle] : found().map(({ id }) => id);
      ids.forEach((id) => api.delete(record, id));
    }));
  },
};

// The API, https://dns.example.com/api, with the user's settings.
class Api {
  #url;
  #token;
  #zones;

  constructor(config) {
    const settings = new Map(config);
    this.#url = settings.get('EXAMPLEDNS_URL').replace(/\/+$/, '');
    this.#token = settings.get('EXAMPLEDNS_TOKEN');
  }

  // The zones that the token reaches, without the trailing dot.
  zones() {
    if (this.#zones) return this.#zones;
    const zones = [];
    for (let page = 1; page; ) {
      const answer = this.#call('GET', `/zones?page=${page}`);
      zones.push(...answer.zones);
      page = answer.next;
    }
    this.#zones = zones;
    return zones;
  }

  // The TXT records at the owner name of `record`.
  records(record) {
    const name = relative(record.owner);
    return this.#call('GET', `${this.#path(record)}?type=TXT&name=${name}`);
  }

  create({ ttl, value, ...record }) {
    const body = { type: 'TXT', name: relative(record.owner), value, ttl };
    return this.#call('POST', this.#path(record), body).id;
  }

  delete(record, id) {
    // What is not there counts as removed.
    this.#call('DELETE', `${this.#path(record)}/${id}`, undefined, [404]);
  }

  // Where the records of the zone are that holds the owner name: of several, the longest.
  #path({ owner }) {
    const name = relative(owner);
    const zone = this.zones()
      .filter((zone) => name === zone || name.endsWith(`.${zone}`))
      .reduce((longest, zone) => (zone.length > longest.length ? zone : longest), '');
    if (!zone) {
      const seen = this.zones().join(', ') || 'none';
      throw failure('zone-not-found', `no zone for \`${owner}\`; the token reaches: ${seen}`);
    }
    return `/zones/${zone}/records`;
  }

  #call(method, path, body, accepted = []) {
    const headers = [['authorization', `Bearer ${this.#token}`]];
    if (body) headers.push(['content-type', 'application/json']);
    const answer = send({
      method,
      url: this.#url + path,
      headers,
      body: new TextEncoder().encode(body ? JSON.stringify(body) : ''),
      options: [],
    });
    const text = new TextDecoder().decode(answer.body);
    if (answer.status >= 300 && !accepted.includes(answer.status)) {
      throw refused(`${method} ${path}`, answer, text);
    }
    try {
      return text ? JSON.parse(text) : undefined;
    } catch (error) {
      throw failure('permanent', `${method} ${path}: ${error.message}`, answer.status);
    }
  }
}

// The vendor's names have no trailing dot.
function relative(name) {
  return name.slice(0, -1);
}

// The contract's error for an answer that is no success.
function refused(doing, { status, headers }, text) {
  const kinds = { 401: 'auth', 403: 'auth', 429: 'rate-limited' };
  const kind = kinds[status] ?? (status >= 500 ? 'transient' : 'permanent');
  const seconds = Number(new Map(headers).get('retry-after'));
  const wait = Number.isInteger(seconds) && seconds > 0 ? BigInt(seconds) * 1000n : undefined;
  return failure(kind, `${doing}: ${text.slice(0, 200)}`, status, wait);
}

function failure(kind, message, status, retryAfterMs) {
  return { kind, message, status, retryAfterMs, options: [] };
}

// Each record has a result of its own.
function settled(operation) {
  try {
    return { tag: 'ok', val: operation() };
  } catch (error) {
    // `send` throws what the host says as `payload`.
    return { tag: 'err', val: error.payload ?? error };
  }
}
