#include "acl_file.h"

PATCHBAY_PLUGIN(patchbay::acl_file::AclFile)
