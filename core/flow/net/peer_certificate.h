#pragma once

#include <openssl/x509.h>

#include "session/peer_info.h"

namespace patchbay::net {

/// What the broker uses of a client certificate. A common name with a zero byte in it counts as none.
[[nodiscard]] session::PeerCertificate describe_certificate(X509* certificate);

}  // namespace patchbay::net
