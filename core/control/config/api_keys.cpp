#include "config/key_field.h"

namespace patchbay::config {

namespace {

constexpr uint64_t kApiKiB = 1024;
constexpr uint64_t kApiMiB = kApiKiB * 1024;

constexpr KeyRow kApiKeys[] = {
    {.name = "api.bind",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, api.bind),
     .unit = "address:port",
     .help = "REST API, below /api/v5; \"\": off. Port 0: any free one."},
    {.name = "api.certfile",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, api.certfile),
     .help = "PEM file of the REST API's certificate and its chain; given: TLS. Read again on SIGHUP."},
    {.name = "api.keyfile",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, api.keyfile),
     .help = "PEM file of the certificate's key."},
    {.name = "api.hosts",
     .type = KeyType::string_list,
     .field = PATCHBAY_FIELD(Config, api.hosts),
     .help = "Names that requests may have in their header Host, besides addresses and localhost: those under which "
             "browsers and proxies reach the API. \"*\": any, which lets web pages reach it by names of their own."},
    {.name = "api.threads",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, api.threads),
     .min = 1,
     .max = 64,
     .help = "Requests that are handled at once."},
    {.name = "api.max_connections",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, api.max_connections),
     .min = 1,
     .max = 10'000,
     .help = "Connections of clients of the API. More push out the one that has been idle longest, or are closed."},
    {.name = "api.max_body_size",
     .type = KeyType::size,
     .field = PATCHBAY_FIELD(Config, api.max_body_size_bytes),
     .min = kApiKiB,
     .max = 256 * kApiMiB,
     .unit = "bytes",
     .help = "Larger bodies are refused with 413. Files of plugins have plugins.max_file_size."},
    {.name = "api.max_user_requests_per_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, api.max_user_requests_per_s),
     .min = 0,
     .max = 1'000'000,
     .unit = "requests/s",
     .help = "Of one user who has logged in; more are refused with 429. 0: no limit."},
    {.name = "api.max_key_requests_per_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, api.max_key_requests_per_s),
     .min = 0,
     .max = 1'000'000,
     .unit = "requests/s",
     .help = "Of one API key; more are refused with 429. 0: no limit."},
    {.name = "api.token_expiry_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, api.token_expiry_s),
     .min = 60,
     .max = 604'800,
     .unit = "s",
     .help = "A token from /login expires so long after its last use."},
    {.name = "api.login_max_attempts",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, api.login_max_attempts),
     .min = 1,
     .max = 1'000,
     .help = "Wrong passwords of a user from one address within login_window_s; then that pair is locked out."},
    {.name = "api.login_window_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, api.login_window_s),
     .min = 1,
     .max = 86'400,
     .unit = "s",
     .help = "How long wrong passwords are counted together."},
    {.name = "api.login_lock_s",
     .type = KeyType::integer,
     .field = PATCHBAY_FIELD(Config, api.login_lock_s),
     .min = 1,
     .max = 86'400,
     .unit = "s",
     .help = "How long a pair of user and address is locked out."},
    {.name = "api.bootstrap_file",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, api.bootstrap_file),
     .help = "File of API keys that are made at start if they are not there: lines `key:secret` or `key:secret:role`."},
    {.name = "api.admin_password",
     .type = KeyType::string,
     .field = PATCHBAY_FIELD(Config, api.admin_password),
     .secret = true,
     .help = "Password of the user admin, who is made at the first start; \"\": a random one, told once on standard "
             "error and kept in initial-admin until it is changed, which has to be done before anything else."},

    {.name = "prometheus.enable_basic_auth",
     .type = KeyType::boolean,
     .field = PATCHBAY_FIELD(Config, prometheus.enable_basic_auth),
     .reload = Reload::sighup,
     .help = "Who asks for /api/v5/prometheus/stats must be logged in or have an API key. false: anybody who reaches "
             "api.bind may read the metrics, as scrapers that know EMQX expect."},
};

}  // namespace

std::span<const KeyRow> api_keys() {
  return kApiKeys;
}

}  // namespace patchbay::config
