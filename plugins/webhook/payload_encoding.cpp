#include "payload_encoding.h"

#include "support/base64.h"

namespace patchbay::webhook {

namespace {

void append_digit(std::string& out, unsigned value) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345678";
  if (value < kDigits.size()) {
    out += kDigits[value];
    return;
  }
  out += '9';
  out += static_cast<char>('A' + (value - kDigits.size()));
}

}  // namespace

std::optional<PayloadEncoding> payload_encoding_of(std::string_view name) {
  if (name == "plain") return PayloadEncoding::plain;
  if (name == "base64") return PayloadEncoding::base64;
  if (name == "base62") return PayloadEncoding::base62;
  return {};
}

std::string base62(std::string_view bytes) {
  std::string out;
  unsigned bits = 0;  // how many of `pending` wait
  unsigned pending = 0;
  for (const char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    bits += 8;
    for (; bits >= 6; bits -= 6) append_digit(out, (pending >> (bits - 6)) & 63);
    pending &= (1U << bits) - 1;
  }
  if (bits > 0) append_digit(out, pending);  // the last two or four bits are a number of their own, not filled up
  return out;
}

std::string encoded_payload(std::string_view payload, PayloadEncoding encoding) {
  switch (encoding) {
    case PayloadEncoding::base64:
      return support::base64(payload);
    case PayloadEncoding::base62:
      return base62(payload);
    case PayloadEncoding::plain:
      break;
  }
  return std::string(payload);
}

}  // namespace patchbay::webhook
