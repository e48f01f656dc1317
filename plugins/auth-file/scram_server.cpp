#include "scram_server.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

#include "saslprep.h"
#include "support/base64.h"
#include "support/password_hash.h"

namespace patchbay::auth_file {

namespace {

constexpr size_t kNonceBytes = 18;  // 24 characters of base64

// RFC 5802, section 7: printable ASCII without ','.
bool is_printable(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F && c != ','; });
}

// RFC 5802, section 5.1: "=2C" and "=3D" stand for ',' and '='; no other '=' may stand in a name, nor a NUL.
std::optional<std::string> decode_name(std::string_view name) {
  std::string out;
  for (size_t at = 0; at < name.size(); ++at) {
    if (name[at] == '\0' || name[at] == ',') return std::nullopt;
    if (name[at] != '=') {
      out += name[at];
    } else if (name.substr(at, 3) == "=2C" || name.substr(at, 3) == "=3D") {
      out += name[at + 2] == 'C' ? ',' : '=';
      at += 2;
    } else {
      return std::nullopt;
    }
  }
  if (out.empty()) return std::nullopt;
  return out;
}

// An attribute "x=..." up to the next ',', taken off the front; nothing where another stands there.
std::optional<std::string_view> take_attribute(std::string_view& rest, std::string_view mark) {
  if (!rest.starts_with(mark)) return std::nullopt;
  const size_t end = std::min(rest.find(','), rest.size());
  const std::string_view value = rest.substr(mark.size(), end - mark.size());
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

}  // namespace

std::optional<ScramClientFirst> parse_client_first(std::string_view message) {
  if (message.size() > kMaximumScramMessageBytes) return std::nullopt;
  // 'n': no channel binding; 'y': the client could, but thinks that the server can't, which is so. 'p' asks for it.
  if (!message.starts_with("n,") && !message.starts_with("y,")) return std::nullopt;
  const size_t header_end = message.find(',', 2);
  if (header_end == std::string_view::npos) return std::nullopt;
  ScramClientFirst first;
  const std::string_view authorization = message.substr(2, header_end - 2);
  first.gs2_header = message.substr(0, header_end + 1);
  first.bare = message.substr(header_end + 1);
  std::string_view rest = first.bare;
  const auto name = take_attribute(rest, "n=");  // also refuses "m=", which is reserved for extensions
  const auto nonce = take_attribute(rest, "r=");
  if (!name || !nonce || !is_printable(*nonce)) return std::nullopt;
  const auto sent = decode_name(*name);
  if (!sent) return std::nullopt;
  // RFC 5802, section 5.1: the name is prepared before it is compared, and the exchange fails where it can't be.
  auto user = saslprep(*sent, SaslprepUse::query);
  if (!user) return std::nullopt;
  if (!authorization.empty()) {
    if (!authorization.starts_with("a=") || decode_name(authorization.substr(2)) != sent) return std::nullopt;
  }
  first.user = std::move(*user);
  first.nonce = *nonce;
  return first;
}

ScramExchange::ScramExchange(ScramHash hash, ScramClientFirst first, ScramCredential credential, bool known,
                             std::string_view server_nonce)
    : hash_(hash),
      first_(std::move(first)),
      credential_(std::move(credential)),
      known_(known),
      nonce_(first_.nonce + std::string(server_nonce)),
      server_first_("r=" + nonce_ + ",s=" + support::base64(credential_.salt) +
                    ",i=" + std::to_string(credential_.iterations)) {}

ScramExchange::Outcome ScramExchange::judge(std::string_view client_final) {
  if (client_final.size() > kMaximumScramMessageBytes) return Outcome::malformed;
  const size_t proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) return Outcome::malformed;
  const auto proof = support::from_base64(client_final.substr(proof_at + 3));
  const std::string without_proof(client_final.substr(0, proof_at));
  std::string_view rest = without_proof;
  const auto binding = take_attribute(rest, "c=");
  const auto nonce = take_attribute(rest, "r=");
  if (!proof || !binding || !nonce || proof->size() != credential_.stored_key.size()) return Outcome::malformed;
  // The header and both nonces, as they were sent: RFC 5802, sections 5.1 and 6.
  if (support::from_base64(*binding) != first_.gs2_header || *nonce != nonce_) return Outcome::malformed;

  const std::string auth_message = first_.bare + "," + server_first_ + "," + without_proof;
  const std::string signature = scram_hmac(hash_, credential_.stored_key, auth_message);
  const std::string stored_key = scram_h(hash_, scram_xor(*proof, signature));
  const bool equal = support::equal_in_constant_time(stored_key, credential_.stored_key);
  if (!equal || !known_) return Outcome::wrong;
  server_final_ = "v=" + support::base64(scram_hmac(hash_, credential_.server_key, auth_message));
  return Outcome::proven;
}

std::string make_scram_nonce() {
  std::array<unsigned char, kNonceBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  return support::base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

ScramCredential make_unknown_credential(ScramHash hash, std::string_view secret, std::string_view user,
                                        uint32_t iterations) {
  const auto part = [&](const char* what) { return scram_hmac(hash, secret, what + std::string(user)); };
  return {iterations, part("salt:").substr(0, kScramSaltBytes), part("stored:"), part("server:")};
}

}  // namespace patchbay::auth_file
