# Libraries of the files in this folder, one line for each.
find_package(OpenSSL REQUIRED)
target_link_libraries(patchbay_plugin_support PUBLIC OpenSSL::Crypto)
