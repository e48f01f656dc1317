#include "auth_file.h"

PATCHBAY_PLUGIN(patchbay::auth_file::AuthFile)
