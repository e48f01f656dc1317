#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>

namespace patchbay::auth_jwt {

template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using Bio = std::unique_ptr<BIO, OpensslFree<&BIO_free_all>>;
using BigNumber = std::unique_ptr<BIGNUM, OpensslFree<&BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, OpensslFree<&ECDSA_SIG_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, OpensslFree<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, OpensslFree<&EVP_MD_CTX_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, OpensslFree<&OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, OpensslFree<&OSSL_PARAM_free>>;
using X509Certificate = std::unique_ptr<X509, OpensslFree<&X509_free>>;

}  // namespace patchbay::auth_jwt
