#include <openssl/core_names.h>
#include <openssl/err.h>

#include <nlohmann/json.hpp>

#include "base64url.h"
#include "json_document.h"
#include "key_set.h"
#include "openssl_handles.h"

namespace patchbay::auth_jwt {

namespace {

std::optional<std::string> bytes_member(const Json& key, std::string_view name) {
  const auto text = text_member(key, name);
  return text ? from_base64url(*text) : std::nullopt;
}

const unsigned char* octets(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

PublicKey make_key(const char* type, OSSL_PARAM_BLD* from) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(from));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return PublicKey(made);
}

/// RFC 7518, 6.3.1.
PublicKey rsa_key(const Json& key) {
  const auto modulus = bytes_member(key, "n");
  const auto exponent = bytes_member(key, "e");
  // An exponent of 32 bits is more than anybody uses, and a long one would make each login dear.
  if (!modulus || !exponent || modulus->size() > kMaximumRsaBits / 8 || exponent->size() > 4) return nullptr;
  const BigNumber n(BN_bin2bn(octets(*modulus), static_cast<int>(modulus->size()), nullptr));
  const BigNumber e(BN_bin2bn(octets(*exponent), static_cast<int>(exponent->size()), nullptr));
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1 || BN_is_odd(n.get()) == 0 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return make_key("RSA", builder.get());
}

struct Curve {
  std::string_view name;  // RFC 7518, 6.2.1.1
  const char* group;
  size_t coordinate_bytes;
};
constexpr Curve kCurves[] = {{"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}};

/// RFC 7518, 6.2.1. A point that is not on its curve is refused.
PublicKey ec_key(const Json& key) {
  const auto name = text_member(key, "crv");
  const auto x = bytes_member(key, "x");
  const auto y = bytes_member(key, "y");
  if (!name || !x || !y) return nullptr;
  for (const Curve& curve : kCurves) {
    // RFC 7518, 6.2.1.2: the length is that of the curve, always.
    if (curve.name != *name || x->size() != curve.coordinate_bytes || y->size() != curve.coordinate_bytes) continue;
    const std::string point = "\x04" + *x + *y;  // uncompressed
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
      return nullptr;
    }
    PublicKey made = make_key("EC", builder.get());
    const KeyContext check(made ? EVP_PKEY_CTX_new_from_pkey(nullptr, made.get(), nullptr) : nullptr);
    return check && EVP_PKEY_public_check(check.get()) == 1 ? std::move(made) : nullptr;
  }
  return nullptr;
}

/// RFC 8037, section 2.
PublicKey edwards_key(const Json& key) {
  const auto name = text_member(key, "crv");
  const auto x = bytes_member(key, "x");
  if (!name || !x) return nullptr;
  const char* type = *name == "Ed25519" ? "ED25519" : *name == "Ed448" ? "ED448" : nullptr;
  if (type == nullptr) return nullptr;
  return PublicKey(EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, octets(*x), x->size()));
}

/// RFC 7517, 4.2 and 4.3: not for anything but signatures.
bool is_for_signatures(const Json& key) {
  if (const Json* use = member(key, "use"); use != nullptr && *use != "sig") return false;
  const Json* operations = member(key, "key_ops");
  if (operations == nullptr) return true;
  if (!operations->is_array()) return false;
  for (const Json& each : *operations) {
    if (each == "verify") return true;
  }
  return false;
}

std::optional<VerificationKey> read_key(const Json& from) {
  if (!from.is_object() || !is_for_signatures(from)) return std::nullopt;
  const auto type = text_member(from, "kty");
  const PublicKey key = !type            ? nullptr
                        : *type == "RSA" ? rsa_key(from)
                        : *type == "EC"  ? ec_key(from)
                        : *type == "OKP" ? edwards_key(from)
                                         : nullptr;
  std::string problem;
  auto made = key ? VerificationKey::from_public_key(key, problem) : std::nullopt;
  if (!made) return std::nullopt;
  if (const auto id = text_member(from, "kid")) made->set_key_id(*id);
  if (member(from, "alg") == nullptr) return made;
  const auto name = text_member(from, "alg");
  const auto algorithm = name ? algorithm_named(*name) : std::nullopt;
  if (!algorithm || !made->fits(*algorithm)) return std::nullopt;
  made->restrict_to(*algorithm);
  return made;
}

}  // namespace

ReadKeys read_jwks(std::string_view text) {
  const auto document = parse_object(text);
  if (!document) return {nullptr, "it is no JSON object, or too deep, or has a member twice"};
  const Json* list = member(*document, "keys");
  if (list == nullptr || !list->is_array()) return {nullptr, "it has no list \"keys\""};
  if (list->size() > KeySet::kMaximumKeys) return {nullptr, "it has more than 100 keys"};
  auto keys = std::make_shared<KeySet>();
  for (const Json& each : *list) {
    if (auto key = read_key(each)) keys->add(std::move(*key));
  }
  ERR_clear_error();
  if (keys->size() == 0) return {nullptr, "none of its keys can check signatures"};
  const size_t skipped = list->size() - keys->size();
  return {std::move(keys), {}, skipped};
}

}  // namespace patchbay::auth_jwt
