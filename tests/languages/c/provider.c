// Hands each value to a web server of the user's, by lego's httpreq protocol. Nothing is
// freed: each call gets a fresh instance.
#include <stdlib.h>
#include <string.h>

#include "dns_provider.h"

typedef exports_wildcert_provider_provider_options_t config_t;
typedef exports_wildcert_provider_provider_txt_record_t record_t;
typedef exports_wildcert_provider_provider_provider_error_t error_t;
typedef dns_provider_string_t string_t;

static void append(string_t *to, const void *text, size_t length) {
  to->ptr = realloc(to->ptr, to->len + length);
  memcpy(to->ptr + to->len, text, length);
  to->len += length;
}

// Both without a quote or a backslash: names by the contract, values because they are base64url.
static void append_member(string_t *to, const char *before, const string_t *value) {
  append(to, before, strlen(before));
  append(to, value->ptr, value->len);
}

static string_t setting(const config_t *config, const char *name) {
  for (size_t i = 0; i < config->len; i++) {
    const string_t *key = &config->ptr[i].f0;
    if (key->len == strlen(name) && memcmp(key->ptr, name, key->len) == 0) return config->ptr[i].f1;
  }
  return (string_t){0};
}

// True when the server has done it; else `error` says what came back.
static bool post(const config_t *config, const char *path, const record_t *record, error_t *error) {
  wildcert_provider_http_request_t request = {0};
  wildcert_provider_http_response_t answer;
  dns_provider_tuple2_string_string_t type;
  string_t url = setting(config, "HOOK_URL"), target = {0}, body = {0};

  append(&target, url.ptr, url.len);
  append(&target, path, strlen(path));
  append_member(&body, "{\"fqdn\":\"", &record->owner);
  append_member(&body, "\",\"value\":\"", &record->value);
  append(&body, "\"}", 2);
  dns_provider_string_set(&type.f0, "content-type");
  dns_provider_string_set(&type.f1, "application/json");
  dns_provider_string_set(&request.method, "POST");
  request.url = target;
  request.headers.ptr = &type;
  request.headers.len = 1;
  request.body.ptr = body.ptr;
  request.body.len = body.len;

  // The host's error is of the same type, and already says what was tried.
  if (!wildcert_provider_http_send(&request, &answer, error)) return false;
  if (answer.status >= 200 && answer.status < 300) return true;
  memset(error, 0, sizeof *error);
  bool credentials = answer.status == 401 || answer.status == 403;
  dns_provider_string_dup(&error->kind, answer.status >= 500 ? "transient"
                                        : credentials        ? "auth"
                                                             : "permanent");
  append(&error->message, target.ptr, target.len);
  append(&error->message, ": ", 2);
  append(&error->message, answer.body.ptr, answer.body.len < 200 ? answer.body.len : 200);
  error->status.is_some = true;
  error->status.val = answer.status;
  return false;
}

bool exports_wildcert_provider_provider_check(config_t *config, dns_provider_list_string_t *zones,
                                              error_t *error) {
  // The protocol has no request that changes nothing, and none that lists zones.
  zones->ptr = NULL;
  zones->len = 0;
  return true;
}

void exports_wildcert_provider_provider_present(
    config_t *config, exports_wildcert_provider_provider_list_txt_record_t *records,
    exports_wildcert_provider_provider_list_result_option_string_provider_error_t *results) {
  results->len = records->len;
  results->ptr = calloc(records->len, sizeof *results->ptr);
  for (size_t i = 0; i < records->len; i++) {
    results->ptr[i].is_err = !post(config, "/present", &records->ptr[i], &results->ptr[i].val.err);
    // No handle: the value says which record it is.
    if (!results->ptr[i].is_err) results->ptr[i].val.ok.is_some = false;
  }
}

void exports_wildcert_provider_provider_remove(
    config_t *config,
    exports_wildcert_provider_provider_list_tuple2_txt_record_option_string_t *removals,
    exports_wildcert_provider_provider_list_result_void_provider_error_t *results) {
  results->len = removals->len;
  results->ptr = calloc(removals->len, sizeof *results->ptr);
  for (size_t i = 0; i < removals->len; i++) {
    results->ptr[i].is_err =
        !post(config, "/cleanup", &removals->ptr[i].f0, &results->ptr[i].val.err);
  }
}
