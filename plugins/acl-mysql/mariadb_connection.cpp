#include "mariadb_connection.h"

#include <errmsg.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "result_reader.h"

namespace patchbay::acl_mysql {

namespace {

constexpr unsigned long kMaximumPacket = 1 << 20;
/// Methods that don't show the password to whoever answers at the server's address.
constexpr const char* kMethods = "mysql_native_password,client_ed25519,caching_sha2_password,sha256_password";
constexpr const char* kTlsVersions = "TLSv1.2,TLSv1.3";

/// The library counts in whole seconds.
unsigned whole_seconds(std::chrono::milliseconds length) {
  return static_cast<unsigned>((length.count() + 999) / 1000);
}

/// Errors with these numbers are the library's own: the connection, not the query.
bool is_of_connection(unsigned number) {
  return number >= CR_MIN_ERROR && number <= CR_MAX_ERROR;
}

const char* unless_empty(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

void set_limits(MYSQL* connection, const Settings& settings) {
  const unsigned connect_s = whole_seconds(settings.connect_timeout);
  const unsigned query_s = whole_seconds(settings.query_timeout) + 1;
  ::mysql_options(connection, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
  ::mysql_options(connection, MYSQL_OPT_READ_TIMEOUT, &query_s);
  ::mysql_options(connection, MYSQL_OPT_WRITE_TIMEOUT, &query_s);
  ::mysql_options(connection, MYSQL_OPT_MAX_ALLOWED_PACKET, &kMaximumPacket);
  const unsigned no = 0;
  const my_bool never = 0;
  ::mysql_options(connection, MYSQL_OPT_LOCAL_INFILE, &no);
  ::mysql_options(connection, MYSQL_OPT_RECONNECT, &never);
  ::mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  ::mysql_options(connection, MARIADB_OPT_RESTRICTED_AUTH, kMethods);
}

void set_tls(MYSQL* connection, const TlsSettings& settings) {
  const my_bool wanted = settings.mode != "off" ? 1 : 0;
  const my_bool verified = settings.mode == "verify" ? 1 : 0;
  if (wanted != 0) {
    ::mysql_options(connection, MYSQL_OPT_SSL_CA, unless_empty(settings.ca_file));
    ::mysql_options(connection, MYSQL_OPT_SSL_CERT, unless_empty(settings.cert_file));
    ::mysql_options(connection, MYSQL_OPT_SSL_KEY, unless_empty(settings.key_file));
    ::mysql_options(connection, MARIADB_OPT_TLS_VERSION, kTlsVersions);
    ::mysql_options(connection, MYSQL_OPT_SSL_ENFORCE, &wanted);
  }
  ::mysql_options(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified);
}

/// Parameters as the library wants them; they must live as long.
std::vector<MYSQL_BIND> bind_all(const std::vector<Value>& parameters) {
  std::vector<MYSQL_BIND> binds(parameters.size());
  for (size_t index = 0; index < parameters.size(); ++index) {
    MYSQL_BIND& bind = binds[index];
    bind = {};
    bind.buffer_type = parameters[index] ? MYSQL_TYPE_STRING : MYSQL_TYPE_NULL;
    if (!parameters[index]) continue;
    bind.buffer = const_cast<char*>(parameters[index]->data());
    bind.buffer_length = parameters[index]->size();
  }
  return binds;
}

class MariadbConnector final : public Connector {
 public:
  explicit MariadbConnector(const Settings& settings)
      : settings_(settings), address_(read_server(settings.server).value_or(ServerAddress{})) {}
  std::unique_ptr<Connection> open(std::string& error) override {
    return MariadbConnection::open(settings_, address_, error);
  }

 private:
  Settings settings_;
  ServerAddress address_;
};

}  // namespace

std::shared_ptr<Connector> make_connector(const Settings& settings) {
  return std::make_shared<MariadbConnector>(settings);
}

std::unique_ptr<MariadbConnection> MariadbConnection::open(const Settings& settings, const ServerAddress& address,
                                                           std::string& error) {
  std::unique_ptr<MYSQL, Close> handle(::mysql_init(nullptr));
  if (!handle) {
    error = "no memory";
    return nullptr;
  }
  set_limits(handle.get(), settings);
  const bool local = !address.unix_socket.empty();
  if (!local) set_tls(handle.get(), settings.tls);
  // Without this, the name "localhost" would mean a socket file.
  const unsigned protocol = local ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
  ::mysql_options(handle.get(), MYSQL_OPT_PROTOCOL, &protocol);
  if (::mysql_real_connect(handle.get(), unless_empty(address.host), settings.username.c_str(),
                           settings.password.c_str(), unless_empty(settings.database), address.port,
                           unless_empty(address.unix_socket), 0) == nullptr) {
    error = ::mysql_error(handle.get());
    return nullptr;
  }
  if (!local && settings.tls.mode != "off" && ::mysql_get_ssl_cipher(handle.get()) == nullptr) {
    error = "the connection is not encrypted, although tls.mode wants it";
    return nullptr;
  }
  std::unique_ptr<MariadbConnection> made(new MariadbConnection(std::move(handle)));
  if (!made->limit_queries(settings.query_timeout, error)) return nullptr;
  return made;
}

MariadbConnection::MariadbConnection(std::unique_ptr<MYSQL, Close> connection)
    : connection_(std::move(connection)),
      own_socket_(::fcntl(static_cast<int>(::mysql_get_socket(connection_.get())), F_DUPFD_CLOEXEC, 0)) {}

MariadbConnection::~MariadbConnection() {
  statements_.clear();
  connection_.reset();
  if (own_socket_ >= 0) ::close(own_socket_);
}

bool MariadbConnection::limit_queries(std::chrono::milliseconds limit, std::string& error) {
  const bool mariadb =
      std::string_view(::mysql_get_server_info(connection_.get())).find("MariaDB") != std::string_view::npos;
  std::string milliseconds = std::to_string(limit.count() % 1000);
  milliseconds.insert(0, 3 - milliseconds.size(), '0');
  const std::string text =
      mariadb ? "SET SESSION max_statement_time = " + std::to_string(limit.count() / 1000) + "." + milliseconds
              : "SET SESSION max_execution_time = " + std::to_string(limit.count());
  if (::mysql_real_query(connection_.get(), text.data(), text.size()) == 0) return true;
  error = ::mysql_error(connection_.get());
  return false;
}

Outcome MariadbConnection::run(const Query& query, const std::vector<Value>& parameters) {
  if (spoilt_) return {Fault::lost, "rows of an earlier answer were left", {}};
  Outcome outcome;
  MYSQL_STMT* statement = execute(query, parameters, outcome);
  if (statement == nullptr) return outcome;
  ResultReader reader(*statement);
  switch (reader.read(query.maximum_rows, outcome.rows, outcome.error)) {
    case ResultReader::End::complete:
      // A procedure's own status comes behind its rows.
      while (::mysql_stmt_free_result(statement) == 0 && ::mysql_stmt_next_result(statement) == 0) continue;
      return outcome;
    case ResultReader::End::failed:
      outcome = failure(*statement);
      statements_[query.number].reset();
      return outcome;
    case ResultReader::End::too_much:
      break;
  }
  return spoilt(outcome.error);
}

MYSQL_STMT* MariadbConnection::execute(const Query& query, const std::vector<Value>& parameters, Outcome& outcome) {
  if (statements_.size() <= query.number) statements_.resize(query.number + 1);
  StatementHandle& kept = statements_[query.number];
  const bool first = !kept;
  if (first) kept.reset(::mysql_stmt_init(connection_.get()));
  if (!kept) {
    outcome = {Fault::lost, "no memory", {}};
    return nullptr;
  }
  std::vector<MYSQL_BIND> binds = bind_all(parameters);
  bool done = true;
  if (first) {
    const auto count = static_cast<unsigned>(binds.size());
    ::mysql_stmt_attr_set(kept.get(), STMT_ATTR_PREBIND_PARAMS, &count);
  }
  if (!binds.empty()) done = ::mysql_stmt_bind_param(kept.get(), binds.data()) == 0;
  // The first time, preparing and executing go out together: one way to the server and back in place of two.
  if (done && first) done = ::mariadb_stmt_execute_direct(kept.get(), query.sql.data(), query.sql.size()) == 0;
  if (done && !first) done = ::mysql_stmt_execute(kept.get()) == 0;
  if (done && same_count(*kept, parameters)) return kept.get();
  outcome = done ? spoilt("the query has another number of parameters than placeholders") : failure(*kept);
  kept.reset();
  return nullptr;
}

bool MariadbConnection::same_count(MYSQL_STMT& statement, const std::vector<Value>& parameters) {
  return ::mysql_stmt_param_count(&statement) == parameters.size();
}

Outcome MariadbConnection::failure(MYSQL_STMT& statement) {
  const unsigned number = ::mysql_stmt_errno(&statement);
  const bool lost = is_of_connection(number) || number == 0;
  return {lost ? Fault::lost : Fault::refused, ::mysql_stmt_error(&statement), {}};
}

/// The connection can't be used again, and another would fare no better with this query.
Outcome MariadbConnection::spoilt(std::string error) {
  spoilt_ = true;
  abort();
  return {Fault::refused, std::move(error), {}};
}

bool MariadbConnection::ping() {
  return !spoilt_ && ::mysql_ping(connection_.get()) == 0;
}

void MariadbConnection::abort() noexcept {
  if (own_socket_ >= 0) ::shutdown(own_socket_, SHUT_RDWR);
}

}  // namespace patchbay::acl_mysql
