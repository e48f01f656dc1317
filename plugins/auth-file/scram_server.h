#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scram_hash.h"

namespace patchbay::auth_file {

inline constexpr size_t kMaximumScramMessageBytes = 4096;

/// What the first message of a client says. (RFC 5802, section 5)
struct ScramClientFirst {
  std::string gs2_header;  ///< "n,," or "y,,", perhaps with the authorization identity
  std::string bare;        ///< the message behind it
  std::string user;        ///< decoded, and prepared as RFC 4013 says
  std::string nonce;
};
/// Nothing where the message is malformed, asks for channel binding, or wants to act for somebody else. [any-thread]
[[nodiscard]] std::optional<ScramClientFirst> parse_client_first(std::string_view message);

/// The server's half of one exchange: made of the client's first message, it gives the server's first message, then
/// judges the client's last one. Not thread-safe.
class ScramExchange {
 public:
  /// `known` false: there is no such user. The exchange then goes its way with a credential that looks like another,
  /// and fails at the end. `server_nonce`: random, printable, without ','.
  ScramExchange(ScramHash hash, ScramClientFirst first, ScramCredential credential, bool known,
                std::string_view server_nonce);

  [[nodiscard]] const std::string& user() const { return first_.user; }
  [[nodiscard]] const std::string& server_first() const { return server_first_; }

  enum class Outcome : uint8_t { proven, wrong, malformed };
  /// What the client's last message is worth; when proven, server_final() is what the client gets.
  [[nodiscard]] Outcome judge(std::string_view client_final);
  [[nodiscard]] const std::string& server_final() const { return server_final_; }

 private:
  ScramHash hash_;
  ScramClientFirst first_;
  ScramCredential credential_;
  bool known_;
  std::string nonce_;
  std::string server_first_;
  std::string server_final_;
};

/// Random, printable, 24 characters; empty where there are no random bytes. [any-thread]
[[nodiscard]] std::string make_scram_nonce();
/// A credential for a user that doesn't exist: always the same for one name, and for nobody who doesn't know
/// `secret` to be told from a real one by its first message. [any-thread]
[[nodiscard]] ScramCredential make_unknown_credential(ScramHash hash, std::string_view secret, std::string_view user,
                                                      uint32_t iterations);

}  // namespace patchbay::auth_file
