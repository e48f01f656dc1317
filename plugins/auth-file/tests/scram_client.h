#pragma once

#include <string>

#include "scram_hash.h"
#include "support/base64.h"

namespace patchbay::auth_file {

/// The client's half of SCRAM. (RFC 5802, section 3)
class ScramClient {
 public:
  ScramClient(ScramHash hash, std::string user, std::string password, std::string nonce = "rOprNGfwEbeRWgbNEkqO")
      : hash_(hash), password_(std::move(password)), bare_("n=" + std::move(user) + ",r=" + std::move(nonce)) {}

  std::string first() const { return "n,," + bare_; }
  std::string last(const std::string& server_first) {
    const auto part = [&](const char* mark) {
      const size_t at = server_first.find(mark) + 3;
      return server_first.substr(at, server_first.find(',', at) - at);
    };
    const std::string nonce = server_first.substr(2, server_first.find(',') - 2);
    const auto iterations = static_cast<uint32_t>(std::stoul(part(",i=")));
    const std::string salted = scram_hi(hash_, password_, support::from_base64(part(",s=")).value(), iterations);
    const std::string client_key = scram_hmac(hash_, salted, "Client Key");
    const std::string without_proof = "c=biws,r=" + nonce;
    const std::string auth_message = bare_ + "," + server_first + "," + without_proof;
    const std::string signature = scram_hmac(hash_, scram_h(hash_, client_key), auth_message);
    expected_ = "v=" + support::base64(scram_hmac(hash_, scram_hmac(hash_, salted, "Server Key"), auth_message));
    return without_proof + ",p=" + support::base64(scram_xor(client_key, signature));
  }
  /// What a server that knows the password says at the end.
  const std::string& expected() const { return expected_; }

 private:
  ScramHash hash_;
  std::string password_;
  std::string bare_;
  std::string expected_;
};

}  // namespace patchbay::auth_file
