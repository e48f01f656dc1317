#include "auth_jwt.h"

PATCHBAY_PLUGIN(patchbay::auth_jwt::AuthJwt<&patchbay::auth_jwt::download_jwks>)
